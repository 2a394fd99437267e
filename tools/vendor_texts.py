# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return the text about each vendor for files of the collection, from its profile. Reads and writes no file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from textwrap import wrap

from plugins.module_utils._model.vendors import VENDORS, Field, Vendor

WIDTH = 120
# The check of licences reads this file too, and must not find this line in it.
_SPDX = "-".join(("SPDX", "License", "Identifier"))
LICENCE = f"""\
# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# {_SPDX}: GPL-3.0-or-later
"""
_SOURCE = "Written by tools/vendor_docs.py from the profiles in plugins/module_utils/_model/vendors.py."
_FROM_CREDENTIAL = "If empty, the job's credential is used"
_NOT_KEPT = ". The job does not store it, so update the credential or vault file too"


def lines_for_each(template: str) -> str:
    """Return a template once for each vendor, with its option for ``<option>`` and its title for ``<title>``."""
    return "".join(
        f"{template.replace('<option>', option).replace('<title>', _scalar(vendor.title))}\n"
        for option, vendor in VENDORS.items()
    )


# Documentation


def doc_fragment() -> str:
    """Return the documentation fragments: the options of one instance, and those that the items of a list share."""
    return f'''{LICENCE}
# {_SOURCE}

from __future__ import annotations


class ModuleDocFragment:
    """The credentials of each vendor: for one instance, and shared by the items of a list."""

    DOCUMENTATION = r"""
options:
{_options(shared=False)}"""

    SHARED = r"""
options:
{_options(shared=True)}"""
'''


def _options(*, shared: bool) -> str:
    return "".join(_option(option, vendor, shared) for option, vendor in VENDORS.items())


def _option(option: str, vendor: Vendor, shared: bool) -> str:
    text = [
        f"  {option}:",
        *_described(_shared(option, vendor) if shared else _credentials(vendor), 4),
        "    type: dict",
        "    suboptions:",
    ]
    if hubs_of(vendor) and not shared:
        text += [
            "      hub:",
            f"        description: {_scalar(f'Which {vendor.title} element to use.')}",
            "        type: str",
            f"        choices: {_flow(hubs_of(vendor))}",
            "        required: true",
        ]
    for field in vendor.fields:
        unset = f"If unset, the environment variable E({field.environment}) is used."
        text += [f"      {field.option}:", *_described(f"{_description(field)} {unset}", 8), "        type: str"]
    return as_lines(text)


def _credentials(vendor: Vendor) -> str:
    only_secrets = all(field.secret for field in vendor.fields)
    return f"The credentials of {vendor.account}.{' All of them are secrets.' if only_secrets else ''}"


def _shared(option: str, vendor: Vendor) -> str:
    rest = "then only need the C(hub)" if hubs_of(vendor) else "may then be empty"
    return (
        f"Shared credentials for all items with C({option}), which {rest}. A value in an item overrides the shared one."
    )


def _description(field: Field) -> str:
    return f"{field.description}{f', such as V({field.example})' if field.example else ''}."


def argument_specs() -> str:
    """Return the role's variables for credentials."""
    return "".join(_variable(option, vendor) for option, vendor in VENDORS.items())


def _variable(option: str, vendor: Vendor) -> str:
    names = _join_names([f"E({field.environment})" for field in vendor.fields])
    text = (
        f"The {vendor.title} credentials that items of the list share. Unset values are taken from the environment "
        f"variable{'s' if len(vendor.fields) > 1 else ''} {names}."
    )
    spec = [f"instances_{option}:", *_described(text, 2), "  type: dict", "  default: {}", "  options:"]
    for field in vendor.fields:
        spec += [f"    {field.option}:", f"      description: {_scalar(_description(field))}", "      type: str"]
    return as_lines(spec)


def rows_of_types() -> str:
    """Return the rows of the table of credential types in the guide for controllers."""
    return "".join(_row(vendor) for vendor in VENDORS.values())


def _row(vendor: Vendor) -> str:
    labels = ", ".join(in_sentence(field.label) for field in vendor.fields)
    variables = ", ".join(f":ansenvvar:`{field.environment}`" for field in vendor.fields)
    return as_lines([f"* - {vendor.title}", *_item(labels, 2), *_item(variables, 2)])


# The controller


def credential_type(vendor: Vendor) -> str:
    """Return the file with a vendor's credential type."""
    text = [
        f"name: {_scalar(vendor.title)}",
        f"description: {_scalar(_for_instances(vendor))}",
        "kind: cloud",
        "inputs:",
        "  fields:",
    ]
    for field in vendor.fields:
        text += [f"    - id: {field.option}", *(f"      {line}" for line in _input(field))]
    text += [
        f"  required: {_flow(field.option for field in vendor.fields)}",
        "injectors:",
        "  env:",
        *(f'    {field.environment}: !unsafe "{{{{ {field.option} }}}}"' for field in vendor.fields),
    ]
    about = "# For the items of a list that set no credentials of their own."
    return f"---\n{LICENCE}\n# {_SOURCE}\n{about}\n{as_lines(text)}"


def _for_instances(vendor: Vendor) -> str:
    one = vendor.login.startswith(("A ", "An "))
    return f"{vendor.login}, for the element instances that use {'it' if one else 'them'}"


def _input(field: Field) -> list[str]:
    text = [f"label: {_scalar(field.label)}", "type: string"]
    if field.secret:
        text.append("secret: true")
    if field.url:
        text += [
            "# The controller refuses a value without a scheme, and an empty one too, so the field has to be required.",
            "format: url",
        ]
    if field.help:
        example = f", such as {field.example}" if field.example else ""
        text.append(f"help_text: {_scalar(f'{field.help}{example}.')}")
    return text


def questions_to_authenticate(vendor: Vendor) -> str:
    """Return the questions about a vendor in the form that authenticates an instance."""
    text: list[str] = []
    if hubs := hubs_of(vendor):
        answers = (f"choices: {_flow(hubs)}", "required: true", f"default: {hubs[0]}")
        about = f"Which part of {vendor.title} to connect"
        text += _question("authenticate_hub", "Hub", about, "multiplechoice", *answers)
    for field in vendor.fields:
        ask = _question_for_secret if field.secret else _question_for_text
        text += ask(f"authenticate_{field.option}", field.label, _where_from(field))
    return as_lines(text)


def questions_to_rotate(vendor: Vendor) -> str:
    """Return the questions about a vendor in the form that rotates its credentials: who logs in, and each secret."""
    secrets = [field for field in vendor.fields if field.secret]
    changed = f"The login whose {' or '.join(in_sentence(field.label) for field in secrets)} has changed"
    text: list[str] = []
    for field in vendor.fields:
        if field.secret:
            about = f"{_FROM_CREDENTIAL}{_NOT_KEPT if field is secrets[0] else ''}"
            text += _question_for_secret(f"rotate_{field.option}", f"New {in_sentence(field.label)}", about)
        elif field.option == "username":
            text += _question_for_text("rotate_username", field.label, f"{changed}; {in_sentence(_FROM_CREDENTIAL)}")
    return as_lines(text)


def _where_from(field: Field) -> str:
    if not field.url:
        return _FROM_CREDENTIAL
    return f"{field.help}, with https://, such as {field.example}; {in_sentence(_FROM_CREDENTIAL)}"


def _question_for_text(variable: str, name: str, about: str) -> list[str]:
    return _question(variable, name, about, "text", "required: false", 'default: ""')


def _question_for_secret(variable: str, name: str, about: str) -> list[str]:
    # A form shows the default, so a secret has none, not even an empty one.
    return _question(variable, name, about, "password", "required: false")


def _question(variable: str, name: str, about: str, kind: str, *answers: str) -> list[str]:
    return [
        f"- variable: {variable}",
        f"  question_name: {_scalar(name)}",
        f"  question_description: {_scalar(about)}",
        f"  type: {kind}",
        *(f"  {line}" for line in answers),
    ]


# Words and lines


def hubs_of(vendor: Vendor) -> Sequence[str]:
    """Return the hubs to choose from; none if the vendor has one element."""
    return list(vendor.elements) if len(vendor.elements) > 1 else []


def in_sentence(words: str) -> str:
    """Return words as they are written inside a sentence: an abbreviation at the beginning keeps its letters."""
    return words if words[1:2].isupper() else f"{words[:1].lower()}{words[1:]}"


def _join_names(names: Sequence[str]) -> str:
    return " and ".join(", ".join(part) for part in (names[:-1], names[-1:]) if part)


def _flow(words: Iterable[str]) -> str:
    return f"[{', '.join(words)}]"


def _scalar(text: str) -> str:
    """Return a string as YAML, quoted if YAML would otherwise read something else."""
    return text if re.match(r"[A-Za-z]", text) and not re.search(r": |:$| #", text) else json.dumps(text)


def _described(text: str, depth: int) -> list[str]:
    return [f"{' ' * depth}description:", *_item(_scalar(text), depth + 2)]


def _item(text: str, depth: int) -> list[str]:
    """Return an item of a list in lines, which YAML and reStructuredText read as one."""
    return wrap(
        text,
        WIDTH,
        initial_indent=" " * depth + "- ",
        subsequent_indent=" " * depth + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_lines(lines: Iterable[str]) -> str:
    """Return the lines as one string."""
    return "".join(f"{line}\n" for line in lines)
