# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Build the options that describe existing instances. No secret is ever among them. Pure. Private."""

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
from .._model.vendors import VENDORS, vendors_of
from .export_logins import login_of
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
    instances: Iterable[Actual],
    duplicates: Iterable[Mapping[str, Any]],
    elements: Mapping[str, Element],
    environment_ids: Container[int] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Return ``instances``, the options that describe each instance, and ``secrets``, ``logins`` and ``left_out``.

    :param instances: the instances to export
    :param duplicates: the instances that share their element and name with another, as ``select`` returns them
    :param elements: by their keys; an instance of any other element is left out
    :param environment_ids: the ids of instances whose vendor login comes from the environment
    """
    duplicate_names = {(each["element"], each["name"]) for each in duplicates}
    result: dict[str, list[dict[str, Any]]] = {"instances": [], "secrets": [], "logins": [], "left_out": []}
    places: dict[Place, dict[str, Any]] = {}
    for actual in instances:
        element = elements.get(actual.element, Element(actual.element))
        redact = _redact_function(actual, element)
        identity = {"id": actual.id, "name": redact(actual.name), "element": actual.element}
        left_out: dict[str, str] = {}
        if actual.element in elements:
            item, item_places = _describe(
                actual, element, (actual.element, actual.name) in duplicate_names, redact=redact, left_out=left_out
            )
            result["instances"].append(item)
            login = _take_login(item) if actual.id in environment_ids else None
            if login is None:
                places.update(dict.fromkeys(item_places, identity))
            else:
                result["logins"] += [login] if login not in result["logins"] else []
                places.update(dict.fromkeys((place for place in item_places if place.option == "secrets"), identity))
        else:
            left_out["instance"] = NO_ELEMENT
        result["left_out"] += [{**identity, "what": what, "why": reason} for what, reason in left_out.items()]
    for (place, identity), variable in zip(places.items(), variables_of([*places])):
        place.item[place.option][place.name] = placeholder(variable)
        result["secrets"].append({"variable": variable, **identity, "key": place.key})
    return result


def _take_login(item: dict[str, Any]) -> dict[str, Any] | None:
    """Remove the readable login from an item's vendor option, and return it; None if the item has no such option."""
    for option, vendor in VENDORS.items():
        if option in item:
            names = [field.option for field in vendor.fields if field.option in item[option]]
            return {"option": option, "login": {name: item[option].pop(name) for name in names}}
    return None


def placeholder(variable: str) -> str:
    """Return the template that the list has in place of a secret."""
    return f"{{{{ {variable} }}}}"


def _redact_function(actual: Actual, element: Element) -> Callable[[str], str]:
    """Return a function that removes the instance's secrets from a text: those that the platform returns in clear."""
    configuration = (actual.configuration or {}).items()
    readable_secrets = [
        value
        for key, value in configuration
        if value and element.hides(key) and not is_mask(value) and not values_equal(_default(element, key), value)
    ]
    # A short secret could be part of any word.
    return Redactor(value for value in readable_secrets if len(value) >= ENCODED_FROM).redact_text


def _describe(
    actual: Actual, element: Element, is_duplicate: bool, *, redact: Callable[[str], str], left_out: dict[str, str]
) -> tuple[dict[str, Any], list[Place]]:
    """Return the options of one instance, and where its secrets belong.

    :param is_duplicate: whether another instance has the same element and name
    :param redact: removes the secrets of this instance from a text
    :param left_out: gets an entry with the reason for each part that is left out
    """
    readable: dict[str, str] = {}
    secrets: list[str] = []
    for key, value in sorted((actual.configuration or {}).items()):
        secret = element.hides(key) or is_mask(value or "")
        # A default of the element is not a secret of this instance.
        is_default = bool(value) and values_equal(_default(element, key), value)
        reason = None if is_default else _omission_reason(actual.element, key, value or "", secret, redact)
        if reason:
            left_out[key] = reason
        elif not secret:
            readable[key] = value or ""
        elif value and not is_default:
            secrets.append(key)
    item = _identity(actual, is_duplicate, redact, left_out)
    places = _credentials(actual, item, readable, secrets)
    configuration = {key: value for key, value in readable.items() if not values_equal(_default(element, key), value)}
    if configuration:
        item["configuration"] = configuration
    other_secrets = [key for key in secrets if key not in {place.key for place in places}]
    if other_secrets:
        item["secrets"] = dict.fromkeys(other_secrets, "")
    _add_settings(actual, item, redact, left_out)
    return item, [*places, *(Place(actual.id, item, "secrets", key, key) for key in other_secrets)]


def _omission_reason(element: str, key: str, value: str, secret: bool, redact: Callable[[str], str]) -> str | None:
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
    return REVEALING if not secret and redact(value) != value else None


def _identity(
    actual: Actual, is_duplicate: bool, redact: Callable[[str], str], left_out: dict[str, str]
) -> dict[str, Any]:
    """Return what identifies the instance: its name, or its id if the name is refused, or both if it is not unique."""
    revealing = REVEALING if redact(actual.name) != actual.name else None
    refusal = _refusal(check_text, "name", actual.name) or revealing
    if refusal:
        left_out["name"] = f"{refusal} The list identifies the instance by its id. To rename it, add a name."
        return {"id": actual.id}
    return {"id": actual.id, "name": actual.name} if is_duplicate else {"name": actual.name}


def _credentials(actual: Actual, item: dict[str, Any], readable: dict[str, str], secrets: Sequence[str]) -> list[Place]:
    """Add the vendor's option, if all of its fields are set, or else the element. Return where its secrets belong.

    The fields of the vendor's option are removed from ``readable``.
    """
    for option, hub, vendor in vendors_of(actual.element):
        keys = {field.option: field.key.format(hub=hub) for field in vendor.fields}
        readable_options = [field.option for field in vendor.fields if not field.secret]
        secret_options = [field.option for field in vendor.fields if field.secret]
        if all(readable.get(keys[name]) for name in readable_options) and all(
            keys[name] in secrets for name in secret_options
        ):
            item[option] = {
                **({"hub": hub} if hub else {}),
                **{name: readable.pop(keys[name]) for name in readable_options},
            }
            login = login_of(actual, option, hub)
            shared_login = login if login.is_identified else None
            return [Place(actual.id, item, option, name, keys[name], shared_login) for name in secret_options]
    item["element"] = actual.element
    return []


def _default(element: Element, key: str) -> str:
    definition = element.keys.get(key)
    return (definition.default if definition else None) or ""


def _add_settings(actual: Actual, item: dict[str, Any], redact: Callable[[str], str], left_out: dict[str, str]) -> None:
    """Add the tags, the owner, and whether the instance is disabled."""
    # The platform itself adds the name as a tag.
    tags = [tag for tag in actual.tags or () if tag != actual.name and not tag.startswith(RESERVED)]
    revealing = REVEALING if any(redact(tag) != tag for tag in tags) else None
    refusal = _refusal(check_tags, tags, None) or revealing
    if refusal:
        left_out["tags"] = refusal
    elif tags:
        item["tags"] = sorted(set(tags))
    for owner in sorted(actual.owners):
        refusal = SEVERAL_OWNERS if len(actual.owners) > 1 else _refusal(check_tags, (), owner)
        if refusal:
            left_out["owner"] = refusal
        else:
            item["owner"] = owner
    if not actual.enabled:
        item["enabled"] = False


def _refusal(check: Callable[..., None], *arguments: Any) -> str | None:
    """Return why the collection would refuse a value, or None if it accepts it."""
    try:
        check(*arguments)
    except BadInput as error:
        return str(error)
    return None
