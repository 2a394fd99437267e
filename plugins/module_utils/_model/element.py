# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The description of an element, and which of its configuration keys are secret. Private to this collection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .secret_names import labels_secret, names_secret
from .vendors import _profile

ROTATED_BY_SERVER = frozenset({"oauth.user.token", "oauth.user.refresh_token"})
"""Keys that the platform overwrites. The stored value does not show which value was sent."""


WRITTEN_BY_SERVER = frozenset({"event.notification.subscription.id"})
"""Keys that the platform sets itself."""


ALWAYS_MASKED = frozenset({"oauth.api.key", "oauth.api.secret"})
"""Keys that read back as a mask, regardless of their type (asserted by the platform's own test suite)."""


SIGNATURE_KEY, CALLBACK_PASSWORD = "event.notification.signature.key", "event.notification.basic.password"


CALLBACK_URL = "event.notification.callback.url"


EVENTS, EVENT_TYPE, POLLER = "event.notification.enabled", "event.vendor.type", "event.poller.configuration"


ALWAYS_SECRET = ROTATED_BY_SERVER | {SIGNATURE_KEY, CALLBACK_PASSWORD}
"""Keys that are secrets, regardless of their type: some read back in clear."""


def is_secret(element: str, key: str, definition: Key | None = None) -> bool:
    """Return whether the value of a configuration key is a secret. Only this function decides it.

    :param element: the element key, or '' if it is unknown
    :param definition: the key in the element's description, if that was read
    """
    if definition and definition.type.startswith("PASSWORD"):
        return True
    if key in _profile(element):
        return _profile(element)[key].secret
    always_secret = key in ALWAYS_MASKED or key in ALWAYS_SECRET
    return always_secret or names_secret(key) or (definition is not None and labels_secret(key, definition.name))


def urls_of(element: str) -> frozenset[str]:
    """Return the configuration keys that this collection knows to be URLs."""
    return frozenset([CALLBACK_URL, *(key for key, field in _profile(element).items() if field.url)])


@dataclass(frozen=True)
class Key:
    """One configuration key of an element.

    :param type: as the platform writes it, such as ``BOOLEAN``, ``PASSWORD``, ``TEXTFIELD_128`` or ``TEXTAREA``
    :param default: the initial value in a new instance, or None
    """

    key: str
    name: str
    type: str
    required: bool
    default: str | None

    @classmethod
    def read(cls, entry: Any) -> Key | None:
        """Read a key from an entry of the element's table. Return None if the entry is malformed."""
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            return None
        default = entry.get("defaultValue")
        return cls(
            key=entry["key"],
            name=str(entry.get("name") or ""),
            type=str(entry.get("type") or ""),
            required=entry.get("required") is True,
            default=None if default is None else str(default),
        )


@dataclass(frozen=True)
class Element:
    """The description of an element.

    :param authentication: such as ``basic`` or ``oauth2``
    :param table: its configuration keys; empty in a listing
    """

    key: str
    name: str = ""
    hub: str | None = None
    authentication: str | None = None
    table: tuple[Key, ...] = ()

    @classmethod
    def read(cls, body: Any) -> Element:
        """Read an element from a decoded JSON answer. Skip malformed entries.

        :raises ValueError: the answer is not an element
        """
        if not isinstance(body, dict) or not isinstance(body.get("key"), str):
            raise ValueError("something that is not an element")
        table, authentication = body.get("configuration"), body.get("authentication")
        kind = authentication.get("type") if isinstance(authentication, dict) else None
        return cls(
            key=body["key"],
            name=str(body.get("name") or ""),
            hub=None if body.get("hub") is None else str(body["hub"]),
            authentication=None if kind is None else str(kind),
            table=tuple(filter(None, map(Key.read, table if isinstance(table, list) else ()))),
        )

    @cached_property
    def keys(self) -> Mapping[str, Key]:
        """All configuration keys by name."""
        return {key.key: key for key in self.table}

    @cached_property
    def required(self) -> frozenset[str]:
        """Keys that are required and have no default."""
        return frozenset(key.key for key in self.table if key.required and not key.default)

    def hides(self, key: str) -> bool:
        """Return whether the value of a configuration key is a secret, which is never shown."""
        return is_secret(self.key, key, self.keys.get(key))

    @cached_property
    def polled(self) -> Mapping[str, Any]:
        """The resources that it polls by default, with their settings as in ``event.poller.configuration``."""
        key = self.keys.get(POLLER)
        try:
            resources = json.loads(key.default or "{}") if key else {}
        except ValueError:
            resources = {}
        return resources if isinstance(resources, dict) else {}


def element_view(element: Element, with_keys: bool) -> dict[str, Any]:
    """Return the view of an element for a result.

    :param with_keys: whether its configuration keys are known
    """
    enabled, kind = element.keys.get(EVENTS), element.keys.get(EVENT_TYPE)
    events = {"supported": enabled is not None, "type": kind.default if kind else None, "resources": [*element.polled]}
    table = [
        {**vars(key), "default": None if secret else key.default, "secret": secret}
        for key, secret in ((key, element.hides(key.key)) for key in element.table)
    ]
    return {
        "key": element.key,
        "name": element.name,
        "hub": element.hub,
        "authentication": element.authentication,
        "events": events if with_keys else None,
        "configuration": table if with_keys else None,
    }
