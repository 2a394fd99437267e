# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Element instances: the value, its configuration, and the form of both in answers. Pure.

Held is only what was once written, as text; the element's defaults stand behind it. So 20,000 instances stay small.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .elements import Catalogue, ConfigKey, Element
from .wire import bad_request, compact

MASK = "********"
# Shorter than a stamp.
CUT_TAG, CUT_NAME = 32, 8

Held = Mapping[str, "str | None"]
_USER = {"id": 3570, "emailAddress": "user@example.com", "firstName": "Example", "lastName": "User"}
_OWNER = {"organizationId": 1190, "accountId": 2380, "userId": 3570, "user": _USER}


@dataclass(frozen=True)
class Instance:
    """One instance of the platform.

    `held`: the configuration that was written, in clear, without defaults. `in_use`: a formula instance needs it.
    `traced_until`: seconds since the epoch up to which trace logging is on. `created`, `updated`: ISO 8601, UTC.
    """

    id: int
    name: str
    element_key: str
    token: str
    tags: tuple[str, ...]
    held: Held
    external_authentication: str = "none"
    valid: bool = True
    disabled: bool = False
    in_use: bool = False
    traced_until: float = 0.0
    created: str = ""
    updated: str = ""

    @cached_property
    def searched(self) -> str:
        """The searchable text: the name and the element's key, with a separator that no search text contains."""
        return f"{self.name.casefold()}\0{self.element_key}"


class View(enum.Enum):
    """The parts of an instance that an answer shows."""

    WHOLE = "everything"
    TAGGED = "no configuration"
    BARE = "neither configuration nor tags"
    SHORT = "an empty configuration, no tags, no `disabled`, no hub, and `valid` whatever is true"


def instance_json(instance: Instance, catalogue: Catalogue, view: View, now: float) -> str:
    body = compact(_body(instance, catalogue, view, now))
    # The element is most of the answer and always the same, so its text is appended and not encoded again.
    return f'{body[:-1]},"element":{catalogue.json_in_instance(instance.element_key, view is View.SHORT)}}}'


def list_json(instances: Iterable[Instance], catalogue: Catalogue, view: View, now: float) -> str:
    return f"[{','.join(instance_json(instance, catalogue, view, now) for instance in instances)}]"


def _body(instance: Instance, catalogue: Catalogue, view: View, now: float) -> dict[str, Any]:
    element = catalogue.find(instance.element_key)
    body: dict[str, Any] = {
        "id": instance.id,
        "name": instance.name,
        "createdDate": instance.created,
        "updatedDate": instance.updated,
        "token": instance.token,
        "elementId": catalogue.id(element),
        "valid": instance.valid,
        "disabled": instance.disabled,
        "maxCacheSize": 0,
        "cacheTimeToLive": 0,
        "cachingEnabled": False,
        "authenticationType": element.authentication,
        "eventsEnabled": in_clear(element, instance.held, "event.notification.enabled") == "true",
        "traceLoggingEnabled": now < instance.traced_until,
        "externalAuthentication": instance.external_authentication,
        **_OWNER,
    }
    if view in (View.WHOLE, View.TAGGED):
        body["tags"] = list(instance.tags)
    if view is View.WHOLE:
        body["configuration"] = {key.key: shown(key, instance.held) for key in element.keys}
    if view is View.SHORT:
        del body["disabled"]
        body.update(configuration={}, valid=True)
    return body


def shown(key: ConfigKey, held: Held) -> str | None:
    """Return the value of a key as in answers: masked if necessary, and null for an empty secret."""
    value = held.get(key.key, key.default)
    if not key.masked:
        return value
    return MASK if value else None


def effective(element: Element, held: Held) -> dict[str, str | None]:
    """Return every key of the element with its value in clear: the stored one, or else the default."""
    return {key.key: held.get(key.key, key.default) for key in element.keys}


def in_clear(element: Element, held: Held, name: str) -> str | None:
    """Return the value of one key in clear; None also if the element has no such key."""
    return held.get(name, element.by_key[name].default) if name in element.by_key else None


def merged(element: Element, held: Held, given: Any, strict_masks: bool) -> dict[str, str | None]:
    """Return the stored configuration after `given` was sent: key by key, unknown keys ignored, values as strings.

    A mask sent back for a masked key means "unchanged", unless `strict_masks`, which stores it literally.
    Raise a 400 when `given` is not an object, or required keys are left without a value.
    """
    if not isinstance(given, Mapping):
        raise bad_request("configuration must be an object")
    result = dict(held)
    for name, value in given.items():
        key = element.by_key.get(name)
        if key and (strict_masks or not key.masked or value != MASK):
            result[name] = as_text(value)
    missing_keys = [key.key for key in element.keys if key.required and not result.get(key.key, key.default)]
    if missing_keys:
        raise bad_request(f"Missing required configuration: {', '.join(missing_keys)}")
    return result


def as_text(value: Any) -> str | None:
    """Return a configuration value as it is stored: booleans, numbers and JSON become strings, null stays null."""
    if value is None or isinstance(value, str):
        return value
    return compact(value)


def clean_name(value: Any, mode: str) -> str:
    """Return the name as stored, or raise a 400 if it is not a string, or if nothing of it remains.

    `mode`: of the setting `names`.
    """
    name = _without_html(value) if isinstance(value, str) else ""
    if not name.strip():
        raise bad_request("Element instance name is required")
    return name[:CUT_NAME] if mode == "cut" else _MODES[mode](name)


def clean_tags(value: Any, mode: str) -> tuple[str, ...]:
    """Return the tags as stored: without markup, empty and repeated tags, in order. Raise a 400 for other than strings.

    `mode`: of the setting `tags`.
    """
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise bad_request("tags must be a list of strings")
    stored_tags = (_MODES[mode](_without_html(tag)) for tag in value)
    return tuple(dict.fromkeys(tag for tag in stored_tags if tag))


_MODES: Mapping[str, Callable[[str], str]] = {
    "kept": str,
    "cut": lambda text: text[:CUT_TAG],
    "lowered": str.lower,
    "dropped": lambda _text: "",
}


def _without_html(text: str) -> str:
    return re.sub("<[^>]*>", "", text)
