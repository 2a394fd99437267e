# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Vendor profiles as data: the file to add a vendor to. Private to this collection.

The options are derived from it at run time. tools/vendor_docs.py writes their documentation and other text files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Field:
    """One credential of a vendor: its option, and the configuration key on the platform.

    Its texts have no full stop at the end.
    """

    option: str
    key: str
    """May contain ``{hub}``."""
    environment: str
    secret: bool
    label: str
    """Its name in forms."""
    description: str
    """Its description in the documentation of the option."""
    help: str = ""
    """Where to find it, for forms."""
    example: str = ""
    """An example value for documentation and forms."""
    url: bool = False


@dataclass(frozen=True)
class Vendor:
    """A vendor profile."""

    title: str
    """The vendor's name as people write it. The credential type has this name."""
    account: str
    """The kind of account, with its article."""
    login: str
    """The name of the credentials: 'An AutoTask login', or 'The keys of ...' for several keys."""
    elements: Mapping[str, str]
    """Hub to element key. A vendor with one element has the hub ''."""
    fields: tuple[Field, ...]
    verification: Mapping[str, str]
    """Hub to the cheapest call that makes the vendor check the credentials. A hub without one uses ``/ping``."""


VENDORS: Mapping[str, Vendor] = {
    "autotask": Vendor(
        title="AutoTask",
        account="an AutoTask account",
        login="An AutoTask login",
        elements={"crm": "autotaskcrm", "helpdesk": "autotaskhelpdesk", "finance": "autotaskfinance"},
        verification={"crm": "/hubs/crm/users?pageSize=1", "helpdesk": "/hubs/helpdesk/users?pageSize=1"},
        fields=(
            Field(
                "username",
                "{hub}.autotask.username",
                "CLOUD_ELEMENTS_AUTOTASK_USERNAME",
                secret=False,
                label="User name",
                description="The user name of the AutoTask login",
            ),
            Field(
                "password",
                "{hub}.autotask.password",
                "CLOUD_ELEMENTS_AUTOTASK_PASSWORD",
                secret=True,
                label="Password",
                description="The password of the AutoTask login",
            ),
            Field(
                "server_url",
                "{hub}.autotask.server.url",
                "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL",
                secret=False,
                label="Server URL",
                description="The server URL of your AutoTask zone, the start of the address in your browser",
                help="The server URL of your zone",
                example="https://ww2.autotask.net",
                url=True,
            ),
        ),
    ),
    "act365": Vendor(
        title="Act! 365",
        account="an Act! 365 account",
        login="The keys of an Act! 365 account",
        elements={"": "actessentials"},
        verification={"": "/hubs/crm/contacts?pageSize=1"},
        fields=(
            # On the platform, the API key is a text field and reads back in clear. It is a secret anyway.
            Field(
                "api_key",
                "username",
                "CLOUD_ELEMENTS_ACT365_API_KEY",
                secret=True,
                label="API key",
                description="The API key from Profile > Apps & Integrations in Act! 365",
                help="From Profile > Apps & Integrations in Act! 365",
            ),
            Field(
                "developer_key",
                "password",
                "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY",
                secret=True,
                label="Developer key",
                description="The developer key that Act! hands out on request",
                help="Act! hands it out on request",
            ),
        ),
    ),
}


PROFILED = frozenset(element for vendor in VENDORS.values() for element in vendor.elements.values())
"""The elements of all vendor profiles."""


ABBREVIATED = 3
"""Characters. A hub with such a short name is an abbreviation in capitals, such as CRM."""


_VERIFICATION_CALLS: Mapping[str, str] = {
    vendor.elements[hub]: path for vendor in VENDORS.values() for hub, path in vendor.verification.items()
}


_TITLES: Mapping[str, str] = {
    key: f"{vendor.title} {hub.upper() if len(hub) <= ABBREVIATED else hub.capitalize()}".strip()
    for vendor in VENDORS.values()
    for hub, key in vendor.elements.items()
}


PING = "/ping"


def fields_of(option: str) -> tuple[Field, ...]:
    """Return the credentials of a vendor option, or nothing for any other option."""
    return VENDORS[option].fields if option in VENDORS else ()


def vendors_of(element: str) -> Iterator[tuple[str, str, Vendor]]:
    """Yield the vendor profiles of an element: the option, the hub and the profile."""
    for option, vendor in VENDORS.items():
        for hub, key in vendor.elements.items():
            if key == element:
                yield option, hub, vendor


def verification_call(element: str) -> str:
    """Return the path, relative to the base URL, of the call that verifies the credentials."""
    return _VERIFICATION_CALLS.get(element, PING)


def element_title(element: str) -> str:
    """Return the title of a vendor profile's element, such as ``AutoTask CRM``, or '' for any other element."""
    return _TITLES.get(element, "")


@lru_cache
def _profile(element: str) -> Mapping[str, Field]:
    """Return the configuration keys that a vendor profile describes."""
    return {field.key.format(hub=hub): field for _option, hub, vendor in vendors_of(element) for field in vendor.fields}


def credentials_of(element: str) -> frozenset[str]:
    """Return the readable configuration keys of a vendor profile, which are sent with the secrets."""
    return frozenset(key for key, field in _profile(element).items() if not field.secret)
