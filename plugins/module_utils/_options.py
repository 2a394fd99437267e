# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The only room that knows Ansible's argument handling. Private to this collection."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable, TypeVar

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ._certificates import check_ca_path
from ._client import Client
from ._connection import REQUESTS_IMPORT_ERROR
from ._elements import VENDORS, Vendor, is_secret
from ._errors import BadInput
from ._find import AT_ONCE
from ._input import check_configuration, desired
from ._instance import Desired
from ._message import Message, Own
from ._secrets import leaves
from ._select import Selection
from ._spec import Checker, Spec, dictionary
from ._stamp import Stamps
from ._strings import has_loose_ends
from ._urls import web_address
from ._wire import Settings

T = TypeVar("T")

DEFAULT_BASE_URL = "https://api.cloud-elements.com/elements/api-v2"
API_PATH = "/elements/api-v2"
OTHER_API_PATH = re.compile(r"/elements(/api(-v\d+)?)?")
"""The end of a path that is a part of the right one, or that of another version."""


def from_environment(*names: str) -> str:
    """Return the first of these variables that is not empty: controllers set the variables of empty fields to ''."""
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    raise AnsibleFallbackNotFound


def _with_environment(name: str, **option: Any) -> dict[str, Any]:
    return {**option, "fallback": (from_environment, [name])}


def _vendor_spec(vendor: Vendor, environment: bool, hub: bool) -> dict[str, Any]:
    options: Spec = {}
    if hub and len(vendor.elements) > 1:
        options["hub"] = {"type": "str", "choices": list(vendor.elements), "required": True}
    for field in vendor.fields:
        option = {"type": "str", "no_log": field.secret}
        options[field.option] = _with_environment(field.environment, **option) if environment else option
    return {"type": "dict", "options": options}


CONNECTION: Spec = {
    "base_url": _with_environment("CLOUD_ELEMENTS_BASE_URL", type="str", default=DEFAULT_BASE_URL),
    "user_secret": _with_environment("CLOUD_ELEMENTS_USER_SECRET", type="str", no_log=True),
    "organization_secret": _with_environment("CLOUD_ELEMENTS_ORGANIZATION_SECRET", type="str", no_log=True),
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 60},
    "retries": {"type": "int", "default": 4},
    "stamp_key": _with_environment("CLOUD_ELEMENTS_STAMP_KEY", type="str", no_log=True),
}
ITEM: Spec = {
    "name": {"type": "str"},
    "id": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "element": {"type": "str"},
    **{option: _vendor_spec(vendor, environment=False, hub=True) for option, vendor in VENDORS.items()},
    "configuration": {"type": "dict"},
    "secrets": {"type": "dict", "no_log": True},
    "provider_data": {"type": "dict", "no_log": True},
    "external_authentication": {"type": "str"},
    "events": {
        "type": "dict",
        "options": {
            "enabled": {"type": "bool"},
            "callback_url": {"type": "str"},
            "refresh_interval": {"type": "int"},
            "resources": {"type": "list", "elements": "str"},
            "poller_configuration": {"type": "dict"},
            "signature_key": {"type": "str", "no_log": True},
            "basic_username": {"type": "str"},
            "basic_password": {"type": "str", "no_log": True},
        },
    },
    "tags": {"type": "list", "elements": "str"},
    "purge_tags": {"type": "bool", "default": True},
    "enabled": {"type": "bool"},
    "owner": {"type": "str"},
    "update_secrets": {
        "type": "str",
        "choices": ["on_change", "always", "on_create"],
        "default": "on_change",
        "no_log": False,
    },
    "verify": {"type": "str", "choices": ["on_change", "always", "never"], "default": "on_change"},
    "create_confirm_timeout": {"type": "int", "default": 120},
    "create_settle": {"type": "int", "default": 0},
}
INSTANCE: Spec = {
    **CONNECTION,
    **ITEM,
    **{option: _vendor_spec(vendor, environment=True, hub=True) for option, vendor in VENDORS.items()},
    # Not for the items of a list: the result of a list is shown.
    "return_token": {"type": "bool", "default": False, "no_log": False},
}
FLEET: Spec = {
    **CONNECTION,
    "instances": {"type": "list", "elements": "dict"},
    "instances_file": {"type": "path"},
    "owner": {"type": "str"},
    "prune": {"type": "bool", "default": False},
    "max_delete": {"type": "str", "default": "10%"},
    "concurrency": {"type": "int", "default": 8},
    "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
    "return_all": {"type": "bool", "default": False},
    "progress": {"type": "bool", "default": True},
    **{
        option: {**_vendor_spec(vendor, environment=True, hub=False), "apply_defaults": True}
        for option, vendor in VENDORS.items()
    },
}
TOKEN: Spec = {
    **{name: option for name, option in CONNECTION.items() if name != "stamp_key"},
    "element": {"type": "str"},
    "id": {"type": "int"},
}
"""The options of the lookup that reads a token."""
TOKEN_FILE: Spec = {
    **CONNECTION,
    "path": {"type": "path", "required": True},
    "vault_id": {"type": "str"},
    "instances": FLEET["instances"],
    "instances_file": FLEET["instances_file"],
}


SELECTION: Spec = {
    "name": {"type": "str"},
    "id": {"type": "int"},
    "element": {"type": "str"},
    "tags": {"type": "list", "elements": "str"},
    "owner": {"type": "str"},
    "enabled": {"type": "bool"},
    "valid": {"type": "bool"},
}
INSTANCE_INFO: Spec = {**CONNECTION, **SELECTION, "configuration": {"type": "list", "elements": "str", "default": []}}
INSTANCE_EXPORT: Spec = {
    **CONNECTION,
    **SELECTION,
    "logins": {"type": "str", "choices": ["variables", "environment"], "default": "variables"},
    "show": {"type": "bool", "default": False},
}
ELEMENT_INFO: Spec = {**CONNECTION, "element": {"type": "str"}}


def connect(params: Mapping[str, Any]) -> Client:
    """Make the client that the connection options describe.

    :raises BadInput: an option is missing or wrong
    """
    if REQUESTS_IMPORT_ERROR:
        raise BadInput(missing_required_lib("requests"))
    _check_secrets(params)
    if params["ca_path"]:
        check_ca_path(params["ca_path"])
    for option, least in (("timeout", 1), ("retries", 0), ("concurrency", 1)):
        if params.get(option, least) < least:
            raise BadInput(
                "{option} is {number}: give {least} or more.", option=Own(option), number=params[option], least=least
            )
    client = Client(
        Settings(
            base_url=api_address(params["base_url"] or DEFAULT_BASE_URL),
            verify=(params["ca_path"] or True) if params["validate_certs"] else False,
            timeout=params["timeout"],
            retries=params["retries"],
            concurrency=params.get("concurrency", AT_ONCE),
            user_secret=params["user_secret"],
            organization_secret=params["organization_secret"],
        )
    )
    return client.knowing(params.get("stamp_key") or "")


def _check_secrets(params: Mapping[str, Any]) -> None:
    for option in ("user_secret", "organization_secret"):
        value = params[option] or ""
        if not value:
            raise BadInput(
                "{option} is missing or empty: set it, or the variable {variable}.",
                option=Own(option),
                variable=Own(f"CLOUD_ELEMENTS_{option.upper()}"),
            )
        if re.search(r"[\s,]", value) or not value.isprintable():
            raise BadInput(
                "{option} holds a space, a line break, a comma or a character that cannot be seen: copy it again, "
                "without what is around it.",
                option=Own(option),
            )
    if has_loose_ends(params.get("stamp_key") or ""):
        # Another job, without the line break, would see other secrets on every run, and so would this one.
        raise BadInput(
            "stamp_key starts or ends with white space, a line break or another character that cannot be seen: remove "
            "it, for example with the filter trim, everywhere."
        )


def selection(params: Mapping[str, Any]) -> Selection:
    """Return what is asked about; an empty text asks for nothing special."""
    return Selection(**{option: None if params[option] == "" else params[option] for option in SELECTION})


def stamps(params: Mapping[str, Any]) -> Stamps:
    """Return the maker of stamps: with the stamp key, or the organization secret, which all users share."""
    return Stamps(params["stamp_key"] or params["organization_secret"])


def single(params: Mapping[str, Any]) -> list[Desired]:
    """Return the desired instance of a task, as a list of one.

    :raises BadInput: an option is wrong; the instance is named
    """
    try:
        return [desired(params)]
    except BadInput as error:
        raise BadInput("{what}: {error}", what=_named("instance", params), error=error) from None


def refuse_shown_secrets(params: Mapping[str, Any]) -> None:
    """Refuse a task whose arguments show a secret, before anything prints them.

    :raises BadInput: the instance is named
    """
    try:
        check_configuration(params)
    except BadInput as error:
        raise BadInput("{what}: {error}", what=_named("instance", params), error=error) from None


def named(names: Sequence[str], arguments: Mapping[str, Any]) -> tuple[list[Desired], Mapping[str, Any]]:
    """Return the instances that a lookup asks for, and its checked options.

    :param names: of instances of one element; none where an id is given
    :raises BadInput: an option is missing or wrong
    """
    params = Checker(TOKEN)(arguments)
    if params["id"] is not None:
        if names:
            raise BadInput("A name and id exclude each other: give one of them.")
        return [Desired(params["element"] or None, id=params["id"])], params
    if not names or not params["element"]:
        lacking = "element" if names else "The name"
        raise BadInput(
            "{lacking} is missing: an instance is known by its element and name, or by id.", lacking=Own(lacking)
        )
    return [Desired(params["element"], name) for name in names], params


def fleet(arguments: Mapping[str, Any]) -> tuple[list[Desired], Mapping[str, Any]]:
    """Return the desired instances of a list, and the checked options beside it.

    :param arguments: the raw arguments; items take what they lack from those beside the list
    :raises BadInput: an option is wrong; an item is named by its place and name
    """
    params = Checker(FLEET)(arguments)
    items = _items(params)
    if params["prune"]:
        _check_prune(params)
    most_deleted(params["max_delete"], 0)
    checked = Checker(ITEM)
    return [
        _item(number, item, lambda item: desired(checked(item), params)) for number, item in enumerate(items)
    ], params


def identities(arguments: Mapping[str, Any]) -> tuple[list[Desired], Mapping[str, Any]]:
    """Return which instances a list wants to be there, without what it says of them, and the options beside it.

    :param arguments: the raw arguments; items need no credentials
    :raises BadInput: an option is wrong; an item is named by its place and name
    """
    params = Checker(TOKEN_FILE)(arguments)
    checked = Checker(ITEM)

    def identity(item: Mapping[str, Any]) -> Desired | None:
        options = checked(item)
        # Whatever shall not be there needs no credentials.
        known = desired({**options, "state": "absent"})
        wanted = options["state"] == "present"
        return Desired(known.element, known.name, known.id, unused=known.unused) if wanted else None

    found = [_item(number, item, identity) for number, item in enumerate(_items(params))]
    return [known for known in found if known], params


def _items(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if params["instances"] is None:
        raise BadInput("instances is missing: give the list, or with instances_file the file that holds it.")
    items: list[Mapping[str, Any]] = params["instances"]
    return items


def _check_prune(params: Mapping[str, Any]) -> None:
    if not params["owner"]:
        raise BadInput("prune needs owner: only what carries the owner's tag is ever deleted.")
    if not params["instances"]:
        raise BadInput("prune with an empty list would delete everything: name what shall stay, or leave prune out.")
    for number, item in enumerate(params["instances"]):
        if item.get("owner") not in (None, "", params["owner"]):
            raise BadInput(
                "{what} has another owner than the list: prune looks after one only.",
                what=_named(f"instances[{number}]", item),
            )


def most_deleted(text: str, total: int) -> int:
    """Return how many instances may be pruned; at least one of a small owner's, whatever the percentage.

    :param text: ``max_delete``: a number, or a percentage such as ``10%``
    :param total: how many the owner has
    :raises BadInput: it is neither
    """
    number, percent, rest = text.strip().partition("%")
    if not number.isascii() or not number.isdecimal() or rest:
        raise BadInput("max_delete is {text}: give a number, or a percentage such as 10%.", text=text)
    share = int(number)
    return max(share * total // 100, min(share, 1)) if percent else share


def _item(number: int, item: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> T:
    try:
        return read(item)
    except BadInput as error:
        raise BadInput("{what}: {error}", what=_named(f"instances[{number}]", item), error=error) from None


def _named(what: str, params: Mapping[str, Any]) -> Message:
    name = params.get("name")
    # Anything else than a text may hold a secret, and is refused.
    return Message('{what} "{name}"', what=Own(what), name=name) if name and isinstance(name, str) else Message(what)


def api_address(text: str) -> str:
    """Return the address of the API, with its path.

    :param text: ``base_url``
    :raises BadInput: it is another address; it is not told, because it may have a password in it
    """
    parts = web_address(text.strip())
    if parts is None or parts.username is not None or parts.query or parts.fragment:
        raise BadInput(
            "base_url must look like {example}: a scheme, a host and a path, and nothing else.",
            example=Own(DEFAULT_BASE_URL),
        )
    if (parts.scheme, parts.port) == ("http", 443):
        raise BadInput("base_url has http:// and the port of HTTPS, 443: write https://, or another port.")
    return f"{parts.scheme}://{parts.netloc}{_base_path(parts.path.rstrip('/'))}"


def _base_path(path: str) -> str:
    """Return the path of the API. Before it may be others, for example of a gateway."""
    if f"{API_PATH}/" in path:
        raise BadInput(
            "base_url goes on after {path}: leave out what follows, which the collection adds itself.",
            path=Own(API_PATH),
        )
    last = OTHER_API_PATH.search(path)
    if last and last.end() == len(path) and not path.endswith(API_PATH):
        raise BadInput(
            "base_url ends with {end}: let it end with {path}, or leave the path out.",
            end=Own(last[0]),
            path=Own(API_PATH),
        )
    return path or API_PATH


def secret_words(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Yield every text that is, in raw arguments or in the environment, where a secret belongs."""
    variables = [name for option in SECRET_OPTIONS.values() for name in option.get("fallback", (None, ()))[1]]
    yield from _words(arguments)
    yield from (os.environ[name] for name in variables if name in os.environ)


def _secret_options(spec: Spec) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the options that must not be logged, and those in other options: the specification is the only list."""
    for name, option in spec.items():
        if option.get("no_log"):
            yield name, option
        yield from _secret_options(option.get("options", {}))


SECRET_OPTIONS = dict(_secret_options(INSTANCE))


def _words(arguments: Mapping[str, Any]) -> list[str]:
    words = []
    for option, value in arguments.items():
        if option in SECRET_OPTIONS:
            # A dictionary may be given as one text: of that, each value is a secret too.
            is_text = isinstance(value, str) and SECRET_OPTIONS[option]["type"] == "dict"
            words += [*leaves(value), *(leaves(dictionary(value)) if is_text else ())]
        elif option == "configuration":
            words += _words_of_configuration(value, str(arguments.get("element") or ""))
        elif isinstance(value, Mapping):
            words += _words(value)
        elif option == "instances" and isinstance(value, (list, tuple)):
            items = (dictionary(item) if isinstance(item, str) else item for item in value)
            words += [word for item in items if isinstance(item, Mapping) for word in _words(item)]
        elif isinstance(value, str) and INSTANCE.get(option, {}).get("type") == "dict":
            words += _words_of_text(value)
    return words


def _words_of_configuration(value: Any, element: str) -> list[str]:
    """Return the secrets that are, by mistake, in the readable configuration."""
    given = dictionary(value) if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        return _words_of_text(value) if isinstance(value, str) else []
    return [word for key, inner in given.items() if is_secret(element, str(key)) for word in leaves(inner)]


def _words_of_text(text: str) -> list[str]:
    """Return the secrets in a dictionary that is given as one text; of another text, all that looks like a value."""
    found = dictionary(text)
    return re.findall(r"=\s*([^\s,]+)", text) if found is None else _words(found)
