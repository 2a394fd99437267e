# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of an instance: what is held, what is shown, what is missing. Pure.

Held is only what was once written, as text; the element's defaults stand behind it. So 20,000 instances stay small.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import problems
from .catalogue import ENTRIES_EACH
from .element import ConfigKey, Element
from .texts import as_text

MASK = "********"

Held = Mapping[str, "str | None"]


def merged(element: Element, held: Held, given: Any, strict_masks: bool) -> dict[str, str | None]:
    """What is held after `given` was sent: key by key, unknown keys ignored, values as text.

    A mask sent back for a masked key means "unchanged", unless `strict_masks`, which stores it literally.
    Raises a 400 when `given` is not an object.
    """
    if not isinstance(given, Mapping):
        raise problems.bad_request("configuration must be an object")
    result = dict(held)
    for name, value in given.items():
        key = element.by_key.get(name)
        if key is None:
            continue
        if key.masked and value == MASK and not strict_masks:
            continue
        result[name] = as_text(value)
    return result


def effective(element: Element, held: Held) -> dict[str, str | None]:
    """Every key of the element with its value in clear: the held one, or else the default."""
    return {key.key: held.get(key.key, key.default) for key in element.keys}


def shown(element: Element, held: Held) -> dict[str, str | None]:
    """Every key of the element as answers carry it: masked where it must be, an empty secret as null."""
    return {key.key: _shown_value(key, held) for key in element.keys}


def missing(element: Element, held: Held) -> list[str]:
    """The required keys that have no value, neither held nor by default."""
    values = effective(element, held)
    return [key.key for key in element.keys if key.required and not values[key.key]]


def entries(element: Element, held: Held, instance_id: int) -> list[dict[str, Any]]:
    """The configuration as the list of entries that `/instances/{id}/configuration` serves."""
    first = instance_id * ENTRIES_EACH
    return [_entry(first + number, key, held) for number, key in enumerate(element.keys)]


def _shown_value(key: ConfigKey, held: Held) -> str | None:
    value = held.get(key.key, key.default)
    if not key.masked:
        return value
    return MASK if value else None


def _entry(entry_id: int, key: ConfigKey, held: Held) -> dict[str, Any]:
    return {
        "id": entry_id,
        "key": key.key,
        "name": key.name,
        "description": key.description,
        "type": key.type,
        "propertyValue": _shown_value(key, held),
        "required": key.required,
        "active": True,
        "hideFromConsole": key.hidden,
    }
