# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors behind the elements: their accounts, their messages when they refuse, and their data.

They make an instance more than a row: credentials that are wrong, or rotated meanwhile, are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .elements import Element
from .instances import Held, effective
from .wire import as_number, bad_request

OAUTH_REFUSAL = "invalid_grant: the authorization code is unknown, expired or already used."
OAUTH_NO_GRANT = "invalid_grant: there is no refresh token."


@dataclass(frozen=True)
class Account:
    """A valid vendor account. For act365, `username` is the API key and `password` the developer key.

    `server_url`: the zone the account lives in, None when any will do. `contacts`: how many contacts it holds.
    `changed_contacts`: how often each contact was changed, by its id, if it was.
    """

    vendor: str
    username: str
    password: str
    server_url: str | None = None
    contacts: int = 3
    changed_contacts: Mapping[str, int] = field(default_factory=dict)

    def described(self) -> str:
        """Return its description for the screen."""
        zone = f", server URL {self.server_url}" if self.server_url else ""
        return VENDORS[self.vendor].label.format(self) + zone


@dataclass(frozen=True)
class Vendor:
    """A vendor's message when it refuses, the description of its accounts, and its first account."""

    refusal: str
    label: str
    account: Account


VENDORS = {
    "autotask": Vendor(
        "The user name or password is incorrect, or the user does not belong to this zone.",
        "AutoTask user {0.username}, password {0.password}",
        Account("autotask", "api.user@example.com", "autotask-example-password", "https://ww2.autotask.net"),
    ),
    "act365": Vendor(
        "The API key or the developer key is not valid.",
        "Act! 365 API key {0.username}, developer key {0.password}",
        Account("act365", "act-example-api-key", "act-example-developer-key"),
    ),
    "examplebasic": Vendor(
        "Sign-in failed for this user.",
        "Example user {0.username}, password {0.password}",
        Account("examplebasic", "example", "example-password"),
    ),
}
SEEDS = tuple(vendor.account for vendor in VENDORS.values())
# By vendor and user name.
Accounts = Mapping["tuple[str, str]", Account]


def refusal(element: Element, held: Held, accounts: Accounts) -> str | None:
    """Return the vendor's message if it refuses the instance's credentials, or None if it accepts them."""
    if element.credentials is None:
        return None if held.get("oauth.user.refresh_token") else OAUTH_NO_GRANT
    return None if account_of(element, held, accounts) else VENDORS[element.credentials.vendor].refusal


def account_of(element: Element, held: Held, accounts: Accounts) -> Account | None:
    """Return the vendor account of the instance's credentials, or None if they are wrong."""
    where = element.credentials
    if where is None:
        return None
    values = effective(element, held)
    account = accounts.get((where.vendor, values[where.username_key] or ""))
    if account is None or account.password != values[where.password_key]:
        return None
    if where.server_url_key and account.server_url and _zone(values[where.server_url_key]) != _zone(account.server_url):
        return None
    return account


def _zone(url: str | None) -> str:
    return (url or "").rstrip("/").casefold()


def rows(resource: str, account: Account | None) -> list[Mapping[str, Any]]:
    """Return the vendor's rows of a resource: three, or for contacts the number in the account."""
    count = account.contacts if resource == "contacts" and account else 3
    return [_row(resource, number) for number in range(1, count + 1)]


def first_id(resource: str) -> int:
    """Return the id of the first row of a resource; 1 for a resource that no vendor here has."""
    return _ROWS[resource][0] + 1 if resource in _ROWS else 1


def row_of(resource: str, object_id: str | int) -> Mapping[str, Any]:
    """Return the vendor's row of an object, or only its id if the vendor has no such object."""
    number = (as_number(str(object_id)) or 0) - first_id(resource) + 1
    return _row(resource, number) if resource in _ROWS and number > 0 else {"id": object_id}


def with_changes(account: Account, contact_ids: Iterable[str]) -> Account:
    """Return an account after changes to some of its contacts. Raise a 400 for a contact that it does not have."""
    changed, contacts = dict(account.changed_contacts), contact_versions(account)
    for contact_id in contact_ids:
        if contact_id not in contacts:
            raise bad_request(f"{account.username} has no contact {contact_id}")
        changed[contact_id] = changed.get(contact_id, 0) + 1
    return replace(account, changed_contacts=changed)


def contact_versions(account: Account) -> dict[str, int]:
    """Return how often each contact of an account was changed, by id."""
    first = first_id("contacts")
    ids = map(str, range(first, first + account.contacts))
    return {contact_id: account.changed_contacts.get(contact_id, 0) for contact_id in ids}


def _row(resource: str, number: int) -> Mapping[str, Any]:
    first, row = _ROWS[resource]
    filled = {name: value.format(number) if isinstance(value, str) else value for name, value in row.items()}
    return {"id": first + number, **filled, **({"customerId": 500 + number} if resource == "invoices" else {})}


# Resource to the number before the first id, and the other fields of a row.
_ROWS: Mapping[str, tuple[int, Mapping[str, Any]]] = {
    "users": (100, {"userName": "user{}", "email": "user{}@example.com", "active": True}),
    "contacts": (200, {"firstName": "Example", "lastName": "Contact {}", "email": "contact{}@example.com"}),
    "accounts": (300, {"accountName": "Example Account {}", "active": True}),
    "incidents": (400, {"title": "Example incident {}", "status": "New"}),
    "customers": (500, {"name": "Example Customer {}", "active": True}),
    "invoices": (600, {}),
    "items": (700, {"name": "Example item {}"}),
}
RESOURCES = tuple(_ROWS)
