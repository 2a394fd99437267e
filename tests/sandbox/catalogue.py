# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The elements of one environment: found by key or id, and shown as the platform shows them.

An element is a large object that every instance carries in its answers, so its JSON is made once.
"""

from __future__ import annotations

import json
from typing import Any

from . import problems
from .element import ConfigKey, Element
from .element_table import ELEMENTS

_COMMON_TRAITS = {
    "active": True,
    "deleted": False,
    "trialAccount": False,
    "transformationsEnabled": True,
    "bulkDownloadEnabled": True,
    "bulkUploadEnabled": True,
    "cloneable": True,
    "extendable": True,
    "beta": False,
    "extended": False,
    "useModelsForMetadata": True,
    "private": False,
}
_EVENT_TYPES = ("CREATED", "UPDATED")
# Entry ids have to differ between elements and between instances; no element has this many keys.
ENTRIES_EACH = 1000


class Catalogue:
    """All elements as one environment numbers them."""

    def __init__(self, environment: str, elements: tuple[Element, ...] = ELEMENTS) -> None:
        self.elements = elements
        self._environment = environment
        self._by_key = {element.key: element for element in elements}
        self._by_id = {str(self.id(element)): element for element in elements}
        self._in_instance = {element.key: compact(self.summary(element)) for element in elements}
        self._in_short = {element.key: compact(self._short(element)) for element in elements}

    def id(self, element: Element) -> int:
        """The numeric id of an element in this environment."""
        return element.ids[self._environment]

    def find(self, key_or_id: str) -> Element:
        """The element with this key or id; raises a 404 when there is none."""
        element = self._by_key.get(key_or_id) or self._by_id.get(key_or_id)
        if element is None:
            raise problems.unknown_element(key_or_id)
        return element

    def json_in_instance(self, element_key: str, short: bool) -> str:
        """The element as an instance's answer carries it: JSON text, made once."""
        return (self._in_short if short else self._in_instance)[element_key]

    def summary(self, element: Element) -> dict[str, Any]:
        """The element without its configuration keys."""
        traits = _COMMON_TRAITS | dict(element.traits)
        return {
            "id": self.id(element),
            "name": element.name,
            "key": element.key,
            "description": element.description,
            "image": f"elements/provider_{element.logo}.png",
            "logo": element.logo,
            # On record it says nothing of `authentication`: false for an element with OAuth, true for one without.
            "typeOauth": False,
            **traits,
            "resources": [
                {"method": "GET", "path": f"/hubs/{element.hub}/{name}", "type": "api"} for name in element.resources
            ],
            "objects": [],
            "authentication": {"type": element.authentication},
            "hub": element.hub,
            "protocolType": element.protocol,
            "parameters": [],
        }

    def _short(self, element: Element) -> dict[str, Any]:
        return {name: value for name, value in self.summary(element).items() if name != "hub"}

    def full(self, element: Element) -> dict[str, Any]:
        """The element with its configuration keys."""
        return self.summary(element) | {"configuration": self.configuration(element)}

    def configuration(self, element: Element) -> list[dict[str, Any]]:
        """The configuration keys of an element, in display order."""
        first = self.id(element) * ENTRIES_EACH
        entries = [_entry(first + number, key) for number, key in enumerate(element.keys)]
        return sorted(entries, key=lambda entry: entry["displayOrder"])

    def metadata(self, element: Element) -> dict[str, Any]:
        """What the element can do, in short."""
        return {
            "id": self.id(element),
            "name": element.name,
            "key": element.key,
            "description": element.description,
            "hub": element.hub,
            "active": True,
            "authenticationTypes": [element.authentication],
            "events": {
                "supported": bool(element.polled),
                "methods": ["polling"] if element.polled else [],
                "polling": {
                    name: {"eventTypes": list(_EVENT_TYPES), "pollUrl": how["url"]}
                    for name, how in element.polled.items()
                },
            },
        }


def compact(value: Any) -> str:
    """JSON text without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _entry(entry_id: int, key: ConfigKey) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": entry_id,
        "name": key.name,
        "key": key.key,
        "description": key.description,
        "resellerConfig": False,
        "companyConfig": False,
        "active": True,
        "internal": key.internal,
        "groupControl": False,
        "displayOrder": key.order,
        "type": key.type,
        "hideFromConsole": key.hidden,
        "required": key.required,
    }
    return entry if key.default is None else entry | {"defaultValue": key.default}
