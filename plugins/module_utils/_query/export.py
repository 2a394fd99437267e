# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From the instances that exist to the options that describe them. Pure. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Callable

from .._model.element import ROTATED_BY_SERVER, WRITTEN_BY_SERVER, Element, urls_of
from .._model.errors import BadInput
from .._model.instance import RESERVED, Actual
from .._model.names import check_tags, check_text
from .._model.redact import ENCODED_FROM, Redactor
from .._model.urls import is_web_address
from .._model.values import is_mask, values_equal
from .._model.vendors import VENDORS
from .export_logins import login_of, vendors_of
from .export_variables import Place, variables_of

NO_ELEMENT = (
    "Cloud Elements no longer has an element with this key, so the collection cannot know which values are secrets."
)
ROTATED = (
    "Cloud Elements renews this token itself. To create the instance elsewhere, put a refresh token of its own in "
    "secrets, or give consent again and set provider_data."
)
OF_THE_SERVER = "Cloud Elements sets this value itself."
NO_URL = "It is not a URL: the scheme or the host is missing."
REVEALING = "It contains a secret of this instance."
UNWRITABLE = "It contains half of a surrogate pair, which is not a character and cannot be written to a file."
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
SEVERAL_OWNERS = "The instance has the tags of several owners. Remove all but one."


def export_instances(
    found: Iterable[Actual],
    duplicates: Iterable[Mapping[str, Any]],
    elements: Mapping[str, Element],
    served: Container[int] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Return ``instances``, the options that describe what was found; and ``secrets``, ``logins`` and ``left_out``.

    :param duplicates: what shares its element and name with another, as ``select`` returns it
    :param elements: by their keys; an instance of any other is left out
    :param served: the ids of instances whose vendor login the environment gives
    """
    shared = {(each["element"], each["name"]) for each in duplicates}
    exported: dict[str, list[dict[str, Any]]] = {"instances": [], "secrets": [], "logins": [], "left_out": []}
    places: dict[Place, dict[str, Any]] = {}
    for actual in found:
        element = elements.get(actual.element, Element(actual.element))
        hides = _hider(actual, element)
        identity = {"id": actual.id, "name": hides(actual.name), "element": actual.element}
        without: dict[str, str] = {}
        if actual.element in elements:
            item, of_item = _described(
                actual, element, (actual.element, actual.name) in shared, hides=hides, without=without
            )
            exported["instances"].append(item)
            login = _without_login(item) if actual.id in served else None
            if login is None:
                places.update(dict.fromkeys(of_item, identity))
            else:
                exported["logins"] += [login] if login not in exported["logins"] else []
                places.update(dict.fromkeys((place for place in of_item if place.option == "secrets"), identity))
        else:
            without["instance"] = NO_ELEMENT
        exported["left_out"] += [{**identity, "what": what, "why": why} for what, why in without.items()]
    for (place, identity), variable in zip(places.items(), variables_of([*places])):
        place.item[place.option][place.name] = placeholder(variable)
        exported["secrets"].append({"variable": variable, **identity, "key": place.key})
    return exported


def _without_login(item: dict[str, Any]) -> dict[str, Any] | None:
    """Take the readable login out of an item's vendor option, and return it; None where the item has no such option."""
    for option, vendor in VENDORS.items():
        if option in item:
            names = [field.option for field in vendor.fields if field.option in item[option]]
            return {"option": option, "login": {name: item[option].pop(name) for name in names}}
    return None


def placeholder(variable: str) -> str:
    """Return what stands for a secret: a template for Ansible."""
    return f"{{{{ {variable} }}}}"


def _hider(actual: Actual, element: Element) -> Callable[[str], str]:
    """Return what takes those secrets of an instance out of a text that the platform answers in clear."""
    held = (actual.configuration or {}).items()
    clear = [
        value
        for key, value in held
        if value and element.hides(key) and not is_mask(value) and not values_equal(_default(element, key), value)
    ]
    # A short one would be found in any text.
    return Redactor(value for value in clear if len(value) >= ENCODED_FROM).redact_text


def _described(
    actual: Actual, element: Element, shared: bool, *, hides: Callable[[str], str], without: dict[str, str]
) -> tuple[dict[str, Any], list[Place]]:
    """Return the options of one instance, and where its secrets belong.

    :param shared: others have its element and name
    :param without: is told what is left out, and why
    """
    readable: dict[str, str] = {}
    secrets: list[str] = []
    for key, value in sorted((actual.configuration or {}).items()):
        secret = element.hides(key) or is_mask(value or "")
        # What the element starts with is no secret of this instance.
        starts_so = bool(value) and values_equal(_default(element, key), value)
        why = None if starts_so else _not_told(actual.element, key, value or "", secret, hides)
        if why:
            without[key] = why
        elif not secret:
            readable[key] = value or ""
        elif value and not starts_so:
            secrets.append(key)
    item = _named(actual, shared, hides, without)
    places = _credentials(actual, item, readable, secrets)
    configuration = {key: value for key, value in readable.items() if not values_equal(_default(element, key), value)}
    if configuration:
        item["configuration"] = configuration
    rest = [key for key in secrets if key not in {place.key for place in places}]
    if rest:
        item["secrets"] = dict.fromkeys(rest, "")
    _add_settings(actual, item, hides, without)
    return item, [*places, *(Place(actual.id, item, "secrets", key, key) for key in rest)]


def _not_told(element: str, key: str, value: str, secret: bool, hides: Callable[[str], str]) -> str | None:
    """Return why a value is not exported, or None."""
    if not value:
        return None
    if _HALF_A_CHARACTER.search(key + value):
        return UNWRITABLE
    if key in ROTATED_BY_SERVER:
        return ROTATED
    if key in WRITTEN_BY_SERVER:
        return OF_THE_SERVER
    if key in urls_of(element) and not is_mask(value) and not is_web_address(value):
        return NO_URL
    return REVEALING if not secret and hides(value) != value else None


def _named(actual: Actual, shared: bool, hides: Callable[[str], str], without: dict[str, str]) -> dict[str, Any]:
    """Return how the instance is known: by its name if that is possible, and by its id where it must be."""
    revealing = REVEALING if hides(actual.name) != actual.name else None
    refusal = _refusal(check_text, "name", actual.name) or revealing
    if refusal:
        without["name"] = f"{refusal} The list identifies the instance by its id. To rename it, add a name."
        return {"id": actual.id}
    return {"id": actual.id, "name": actual.name} if shared else {"name": actual.name}


def _credentials(actual: Actual, item: dict[str, Any], readable: dict[str, str], secrets: Sequence[str]) -> list[Place]:
    """Add what the instance authenticates: a vendor's option if all of its fields are there, or the element.

    :param readable: the readable configuration; what the vendor's option says is taken out
    """
    for option, hub, vendor in vendors_of(actual.element):
        keys = {field.option: field.key.format(hub=hub) for field in vendor.fields}
        public = [field.option for field in vendor.fields if not field.secret]
        private = [field.option for field in vendor.fields if field.secret]
        if all(readable.get(keys[name]) for name in public) and all(keys[name] in secrets for name in private):
            item[option] = {**({"hub": hub} if hub else {}), **{name: readable.pop(keys[name]) for name in public}}
            login = login_of(actual, option, hub)
            shared = login if login.is_identified else None
            return [Place(actual.id, item, option, name, keys[name], shared) for name in private]
    item["element"] = actual.element
    return []


def _default(element: Element, key: str) -> str:
    known = element.keys.get(key)
    return (known.default if known else None) or ""


def _add_settings(actual: Actual, item: dict[str, Any], hides: Callable[[str], str], without: dict[str, str]) -> None:
    """Add the tags, the owner and whether it is disabled."""
    # The tag that equals the name is the platform's own.
    tags = [tag for tag in actual.tags or () if tag != actual.name and not tag.startswith(RESERVED)]
    revealing = REVEALING if any(hides(tag) != tag for tag in tags) else None
    refusal = _refusal(check_tags, tags, None) or revealing
    if refusal:
        without["tags"] = refusal
    elif tags:
        item["tags"] = sorted(set(tags))
    for owner in sorted(actual.owners):
        refusal = SEVERAL_OWNERS if len(actual.owners) > 1 else _refusal(check_tags, (), owner)
        if refusal:
            without["owner"] = refusal
        else:
            item["owner"] = owner
    if not actual.enabled:
        item["enabled"] = False


def _refusal(check: Callable[..., None], *arguments: Any) -> str | None:
    """Return what the collection would say of an option, or None when it takes it."""
    try:
        check(*arguments)
    except BadInput as error:
        return str(error)
    return None
