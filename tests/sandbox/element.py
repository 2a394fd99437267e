# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an element is: its configuration keys, how it authenticates, and what it offers. Values, no behaviour."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

BOOLEAN = "BOOLEAN"
PASSWORD = "PASSWORD"
TEXTAREA = "TEXTAREA"
TEXT_32 = "TEXTFIELD_32"
TEXT_64 = "TEXTFIELD_64"
TEXT_128 = "TEXTFIELD_128"
TEXT_1000 = "TEXTFIELD_1000"

# Masked like a PASSWORD, whatever their type says.
_OAUTH_CLIENT_KEYS = ("oauth.api.key", "oauth.api.secret")


@dataclass(frozen=True)
class ConfigKey:
    """One configuration key of an element. `default` is the text a new instance starts with, or None."""

    key: str
    name: str
    type: str
    description: str
    required: bool = False
    default: str | None = None
    hidden: bool = False
    internal: bool = False
    order: int = 1

    @property
    def masked(self) -> bool:
        """Whether its value is never shown."""
        return self.type == PASSWORD or self.key in _OAUTH_CLIENT_KEYS


@dataclass(frozen=True)
class Credentials:
    """Where an element keeps the vendor's credentials, and which vendor of the directory knows them."""

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
    ids: dict[str, int]
    keys: tuple[ConfigKey, ...]
    resources: tuple[str, ...] = ()
    protocol: str = "http"
    authentication: str = "basic"
    credentials: Credentials | None = None
    validates: bool = False
    ping_asks_vendor: bool = False
    clone_of: str = ""
    logo: str = "generic"
    traits: tuple[tuple[str, bool], ...] = ()

    @property
    def oauth(self) -> bool:
        """Whether an instance is made from an OAuth code instead of a user name and password."""
        return self.authentication.startswith("oauth")

    @cached_property
    def by_key(self) -> dict[str, ConfigKey]:
        """The configuration keys by name."""
        return {key.key: key for key in self.keys}

    @cached_property
    def polled(self) -> dict[str, dict[str, Any]]:
        """What it polls for events by default: resource to how."""
        polled: dict[str, dict[str, Any]] = json.loads(self.by_key["event.poller.configuration"].default or "{}")
        return polled
