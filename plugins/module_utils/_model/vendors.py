# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Vendor profiles as data: the file to add a vendor to. All options follow. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Field:
    """One credential of a vendor: the option that takes it, and the configuration key that it becomes."""

    option: str
    key: str
    """May hold ``{hub}``."""
    environment: str
    secret: bool
    url: bool = False


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
            Field(
                "server_url", "{hub}.autotask.server.url", "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL", secret=False, url=True
            ),
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


PROFILED = frozenset(element for vendor in VENDORS.values() for element in vendor.elements.values())
"""The elements that this collection itself names."""


VERIFICATION_CALLS: Mapping[str, str] = {
    "autotaskcrm": "/hubs/crm/users?pageSize=1",
    "autotaskhelpdesk": "/hubs/helpdesk/users?pageSize=1",
    "actessentials": "/hubs/crm/contacts?pageSize=1",
}
"""The cheapest call that makes the vendor check the credentials; every other element has ``/ping`` at best."""


PING = "/ping"


def fields_of(option: str) -> tuple[Field, ...]:
    """Return the credentials of a vendor option; none where that is no vendor's."""
    return VENDORS[option].fields if option in VENDORS else ()


def verification_call(element: str) -> str:
    """Return the path, under the base URL, of the call that proves the credentials."""
    return VERIFICATION_CALLS.get(element, PING)


@lru_cache
def _profile(element: str) -> Mapping[str, Field]:
    """Return the configuration keys that a vendor profile describes."""
    return {
        field.key.format(hub=hub): field
        for vendor in VENDORS.values()
        for hub, key in vendor.elements.items()
        for field in vendor.fields
        if key == element
    }


def credentials_of(element: str) -> frozenset[str]:
    """Return the readable configuration keys that a vendor profile sends with the secrets."""
    return frozenset(key for key, field in _profile(element).items() if not field.secret)
