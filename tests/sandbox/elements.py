# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements, and the catalogue of one environment: find elements by key or id, and show them as the platform does.

An element is a large object that every instance carries in its answers, so its JSON is made once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .wire import ApiError, compact

BOOLEAN = "BOOLEAN"
PASSWORD = "PASSWORD"
TEXTAREA = "TEXTAREA"
TEXT_32 = "TEXTFIELD_32"
TEXT_64 = "TEXTFIELD_64"
TEXT_128 = "TEXTFIELD_128"
TEXT_1000 = "TEXTFIELD_1000"

# Masked like a PASSWORD, regardless of their type.
_OAUTH_CLIENT_KEYS = ("oauth.api.key", "oauth.api.secret")
_COMMON_TRAITS = {
    **dict.fromkeys(("active", "transformationsEnabled", "bulkDownloadEnabled", "bulkUploadEnabled"), True),
    **dict.fromkeys(("cloneable", "extendable", "useModelsForMetadata"), True),
    **dict.fromkeys(("deleted", "trialAccount", "beta", "extended", "private"), False),
}
# Entry ids have to differ between elements and between instances; no element has this many keys.
ENTRIES_EACH = 1000


@dataclass(frozen=True)
class ConfigKey:
    """One configuration key of an element. `default` is the text a new instance starts with, or None."""

    key: str
    name: str
    type: str
    description: str
    default: str | None = None
    required: bool = False
    hidden: bool = False
    internal: bool = False
    order: int = 1

    @property
    def masked(self) -> bool:
        return self.type == PASSWORD or self.key in _OAUTH_CLIENT_KEYS

    def described(self, entry_id: int) -> dict[str, Any]:
        """Return the key as the element's configuration lists it."""
        entry: dict[str, Any] = {
            "id": entry_id,
            "name": self.name,
            "key": self.key,
            "description": self.description,
            "resellerConfig": False,
            "companyConfig": False,
            "active": True,
            "internal": self.internal,
            "groupControl": False,
            "displayOrder": self.order,
            "type": self.type,
            "hideFromConsole": self.hidden,
            "required": self.required,
        }
        return entry if self.default is None else {**entry, "defaultValue": self.default}


@dataclass(frozen=True)
class Credentials:
    """The keys of an element for the vendor's credentials, and the vendor that checks them."""

    vendor: str
    username_key: str
    password_key: str
    server_url_key: str | None = None


@dataclass(frozen=True)
class Element:
    """One element of the catalogue.

    `ids`: environment name to numeric id. `credentials`: None for OAuth elements. `validates`: the vendor is asked when
    an instance is made. `ping_asks_vendor`: a ping proves the credentials. `traits`: answer fields that differ from
    the common ones. `clone_of`: the key of the element that it was cloned from, "" for none.
    """

    key: str
    name: str
    hub: str
    description: str
    ids: Mapping[str, int]
    keys: tuple[ConfigKey, ...]
    resources: tuple[str, ...] = ()
    protocol: str = "http"
    authentication: str = "basic"
    credentials: Credentials | None = None
    validates: bool = False
    ping_asks_vendor: bool = False
    clone_of: str = ""
    logo: str = "generic"
    traits: Mapping[str, bool] = field(default_factory=dict)

    @property
    def oauth(self) -> bool:
        """Whether an instance is created from an OAuth code instead of a user name and password."""
        return self.authentication.startswith("oauth")

    @cached_property
    def by_key(self) -> dict[str, ConfigKey]:
        return {key.key: key for key in self.keys}


class Catalogue:
    """All elements as one environment numbers them."""

    def __init__(self, environment: str, elements: Sequence[Element]) -> None:
        self.elements = elements
        self._environment = environment
        self._by_name = {name: element for element in elements for name in (str(self.id(element)), element.key)}
        self._in_instance = {
            (element.key, short): compact(self.summary(element, short))
            for element in elements
            for short in (True, False)
        }

    def id(self, element: Element) -> int:
        return element.ids[self._environment]

    def find(self, key_or_id: str) -> Element:
        if key_or_id not in self._by_name:
            raise ApiError(404, f"No element found with key or ID {key_or_id}")
        return self._by_name[key_or_id]

    def json_in_instance(self, element_key: str, short: bool) -> str:
        """Return the element as in the answer for an instance: JSON text, encoded once."""
        return self._in_instance[element_key, short]

    def summary(self, element: Element, short: bool = False) -> dict[str, Any]:
        """Return the element without its configuration keys. `short`: nor its hub."""
        resources = [
            {"method": "GET", "path": f"/hubs/{element.hub}/{name}", "type": "api"} for name in element.resources
        ]
        return {
            "id": self.id(element),
            "name": element.name,
            "key": element.key,
            "description": element.description,
            "image": f"elements/provider_{element.logo}.png",
            "logo": element.logo,
            # Recorded answers do not match `authentication`: false for an element with OAuth, true for one without.
            "typeOauth": False,
            **_COMMON_TRAITS,
            **element.traits,
            "resources": resources,
            "objects": [],
            "authentication": {"type": element.authentication},
            **({} if short else {"hub": element.hub}),
            "protocolType": element.protocol,
            "parameters": [],
        }

    def configuration(self, element: Element) -> list[dict[str, Any]]:
        first = self.id(element) * ENTRIES_EACH
        entries = [key.described(first + number) for number, key in enumerate(element.keys)]
        return sorted(entries, key=lambda entry: int(entry["displayOrder"]))
