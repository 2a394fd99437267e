# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is known of single vendors and elements, as data. Private to this collection.

A new vendor profile is one entry in VENDORS; the options of the modules follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Field:
    """One credential of a vendor: the option that takes it, and the configuration key that it becomes."""

    option: str
    key: str
    """May hold ``{hub}``."""
    environment: str
    secret: bool


@dataclass(frozen=True)
class Vendor:
    """A vendor profile.

    :param elements: hub to element key; a vendor with one element has the hub ''
    """

    elements: Mapping[str, str]
    fields: tuple[Field, ...]


VENDORS: Mapping[str, Vendor] = {
    "autotask": Vendor(
        elements={"crm": "autotaskcrm", "helpdesk": "autotaskhelpdesk", "finance": "autotaskfinance"},
        fields=(
            Field("username", "{hub}.autotask.username", "CLOUD_ELEMENTS_AUTOTASK_USERNAME", secret=False),
            Field("password", "{hub}.autotask.password", "CLOUD_ELEMENTS_AUTOTASK_PASSWORD", secret=True),
            Field("server_url", "{hub}.autotask.server.url", "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL", secret=False),
        ),
    ),
    "act365": Vendor(
        elements={"": "actessentials"},
        fields=(
            # The API key is a text field on the platform, which answers it in clear. It is a secret all the same.
            Field("api_key", "username", "CLOUD_ELEMENTS_ACT365_API_KEY", secret=True),
            Field("developer_key", "password", "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY", secret=True),
        ),
    ),
}

VERIFICATION_CALLS: Mapping[str, str] = {
    "autotaskcrm": "/hubs/crm/users?pageSize=1",
    "autotaskhelpdesk": "/hubs/helpdesk/users?pageSize=1",
    "actessentials": "/hubs/crm/contacts?pageSize=1",
}
"""The cheapest call that makes the vendor check the credentials; every other element has ``/ping`` at best."""

ROTATED_BY_SERVER = frozenset({"oauth.user.token", "oauth.user.refresh_token"})
"""Keys that the platform writes itself: what it holds says nothing of what was sent."""


PING = "/ping"
ALWAYS_MASKED = frozenset({"oauth.api.key", "oauth.api.secret"})
"""Keys that read back as a mask whatever their type (asserted by the platform's own test suite)."""


def verification_call(element: str) -> str:
    """Return the path, under the base URL, of the call that proves the credentials."""
    return VERIFICATION_CALLS.get(element, PING)


@dataclass(frozen=True)
class Element:
    """What the platform says of an element's configuration."""

    key: str
    keys: frozenset[str]
    """All configuration keys."""
    required: frozenset[str]
    """Keys that must be given: required, and without a default."""
    masked: frozenset[str]
    """Keys that read back as a mask."""

    @classmethod
    def read(cls, body: Any) -> Element:
        """Read an element from a decoded JSON answer; entries that are not understood are passed over.

        :raises ValueError: the answer is not an element
        """
        if not isinstance(body, dict) or not isinstance(body.get("key"), str):
            raise ValueError("something that is not an element")
        table = body.get("configuration")
        entries = [
            entry
            for entry in (table if isinstance(table, list) else ())
            if isinstance(entry, dict) and isinstance(entry.get("key"), str)
        ]
        return cls(
            key=body["key"],
            keys=frozenset(e["key"] for e in entries),
            required=frozenset(e["key"] for e in entries if e.get("required") is True and not e.get("defaultValue")),
            masked=ALWAYS_MASKED.union(e["key"] for e in entries if e.get("type") == "PASSWORD"),
        )
