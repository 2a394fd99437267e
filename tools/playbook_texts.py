# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return the lines about vendors in the playbooks that take plain answers. Reads and writes no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from vendor_texts import as_lines, hubs_of, in_sentence

from plugins.module_utils._model.vendors import VENDORS, Field, Vendor

_COLUMN = 26
"""The width of the names of variables in a comment."""


def to_authenticate() -> list[str]:
    """Return the blocks of the playbook that authenticates one instance."""
    return [as_lines(_answers_of_instance()), as_lines(_variables_of_instance()), as_lines(_options_of_instance())]


def to_rotate() -> list[str]:
    """Return the blocks of the playbook that sends new credentials to the instances that use them."""
    return [
        as_lines(_answers_of_login()),
        as_lines(_variables_of_login()),
        as_lines(_readable_keys()),
        as_lines(_secrets_of_vendors()),
    ]


# The playbook authenticate


def _answers_of_instance() -> Iterator[str]:
    for option, vendor in VENDORS.items():
        yield f"# {vendor.title}, with authenticate_vendor={option}:"
        if hubs := hubs_of(vendor):
            yield _answer("authenticate_hub", f"{', '.join(hubs)}  [{hubs[0]}]")
        for field in vendor.fields:
            yield _answer(f"authenticate_{field.option}", f"{in_sentence(field.label)}  [{field.environment}]")


def _variables_of_instance() -> Iterator[str]:
    hub = ["hub"] if any(map(hubs_of, VENDORS.values())) else []
    names = [*hub, *_options(vendor.fields for vendor in VENDORS.values())]
    yield f"authenticate__vendors: [{', '.join(VENDORS)}]"
    yield from (_user_value("authenticate", name) for name in names)
    yield from _joined("authenticate", names)
    for option, vendor in VENDORS.items():
        yield f"authenticate__of_{option}:"
        if hubs := hubs_of(vendor):
            yield f"  hub: \"{{{{ authenticate__hub or '{hubs[0]}' }}}}\""
        yield from (f'  {field.option}: "{{{{ authenticate__{field.option} }}}}"' for field in vendor.fields)


def _options_of_instance() -> Iterator[str]:
    for option in VENDORS:
        yield f"{option}: \"{{{{ authenticate__of_{option} if authenticate__vendor == '{option}' else '' }}}}\""


# The playbook rotate


def _answers_of_login() -> Iterator[str]:
    for option, vendor in VENDORS.items():
        login = _login(vendor)
        yield f"# {vendor.title}, with rotate_vendor={option}:"
        if login:
            yield _answer("rotate_username", f"the login whose password has changed  [{login.environment}]")
        else:
            yield _answer("rotate_owner, rotate_name, rotate_tags, rotate_instance", "")
            yield _answer("", "one of them is required, because the instances do not show which keys they use")
        for field in _secrets(vendor):
            yield _answer(f"rotate_{field.option}", f"the new {in_sentence(field.label)}  [{field.environment}]")


def _variables_of_login() -> Iterator[str]:
    logins = {option: login.environment for option, vendor in VENDORS.items() if (login := _login(vendor))}
    secrets = list(_options(map(_secrets, VENDORS.values())))
    yield f"rotate__vendors: [{', '.join(VENDORS)}]"
    yield "# The vendors whose instances show their user name, and the environment variables with it."
    yield f"rotate__logins: {{{', '.join(f'{option}: {variable}' for option, variable in logins.items())}}}"
    yield from (_user_value("rotate", name) for name in secrets)
    yield from _joined("rotate", secrets)


def _readable_keys() -> Iterator[str]:
    """Yield the configuration keys that show which instances use a login."""
    for vendor in VENDORS.values():
        for hub in vendor.elements:
            yield from (f"- {field.key.format(hub=hub)}" for field in vendor.fields if not field.secret)


def _secrets_of_vendors() -> Iterator[str]:
    for option, vendor in VENDORS.items():
        yield f"{option}:"
        yield from (f'  {field.option}: "{{{{ rotate__{field.option} }}}}"' for field in _secrets(vendor))


# Words and lines


def _user_value(playbook: str, name: str) -> str:
    """Return a variable with the user's value, or '' if there is none."""
    given = f"{playbook}_{name}"
    return f"{playbook}__{name}: \"{{{{ {given} if lookup('ansible.builtin.varnames', '^{given}$') else '' }}}}\""


def _joined(playbook: str, names: Iterable[str]) -> Iterator[str]:
    yield "# Evaluates all of them, so that a broken one is an error before anything is sent."
    yield f"{playbook}__answers: >-"
    joined = f"{{{{ {' ~ '.join(f'{playbook}__{name}' for name in names)} }}}}"
    yield from wrap(joined, 100, initial_indent="  ", subsequent_indent="  ")


def _answer(variables: str, description: str) -> str:
    """Return the line of a comment that describes a variable."""
    return f"#   {variables:{_COLUMN}}  {description}".rstrip()


def _options(fields: Iterable[Iterable[Field]]) -> Iterable[str]:
    """Return the options of these credentials, each once."""
    return dict.fromkeys(field.option for of_vendor in fields for field in of_vendor)


def _login(vendor: Vendor) -> Field | None:
    """Return the credential that shows which instances use a login, or None."""
    return next((field for field in vendor.fields if field.option == "username" and not field.secret), None)


def _secrets(vendor: Vendor) -> list[Field]:
    return [field for field in vendor.fields if field.secret]
