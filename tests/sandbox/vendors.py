# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors behind the elements: who may sign in, what they say when they refuse, and what they hold.

The directory is what makes an instance more than a row: credentials that are wrong, or rotated meanwhile, are refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .configuration import Held, effective
from .element import Element

REFUSALS = {
    "autotask": "The user name or password is incorrect, or the user does not belong to this zone.",
    "act365": "The API key or the developer key is not valid.",
    "examplebasic": "Sign-in failed for this user.",
}
VENDORS = tuple(REFUSALS)
MAX_CONTACTS = 10_000
OAUTH_REFUSAL = "invalid_grant: the authorization code is unknown, expired or already used."
OAUTH_NO_GRANT = "invalid_grant: there is no refresh token."


@dataclass(frozen=True)
class Account:
    """A vendor account that is right. For act365 `username` is the API key, `password` the developer key.

    `server_url`: the zone the account lives in, None when any will do. `contacts`: how many contacts it holds.
    """

    vendor: str
    username: str
    password: str
    server_url: str | None = None
    contacts: int = 3


SEEDS = (
    Account("autotask", "api.user@example.com", "autotask-example-password", "https://ww2.autotask.net"),
    Account("act365", "act-example-api-key", "act-example-developer-key"),
    Account("examplebasic", "example", "example-password"),
)


class VendorDirectory:
    """The accounts that the vendors accept, in SQLite."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, account: Account) -> None:
        """Add an account, or replace the one with the same vendor and user name."""
        self._connection.execute(
            "INSERT OR REPLACE INTO vendors (vendor, username, password, server_url, contacts) VALUES"
            " (:vendor, :username, :password, :server_url, :contacts)",
            asdict(account),
        )

    def get(self, vendor: str, username: str) -> Account | None:
        """The account of this user at this vendor."""
        row = self._connection.execute(
            "SELECT vendor, username, password, server_url, contacts FROM vendors WHERE vendor = ? AND username = ?",
            (vendor, username),
        ).fetchone()
        return Account(*row) if row else None

    def all(self) -> list[Account]:
        """Every account, by vendor and user name."""
        rows = self._connection.execute(
            "SELECT vendor, username, password, server_url, contacts FROM vendors ORDER BY vendor, username"
        )
        return [Account(*row) for row in rows]

    def remove(self, vendor: str, username: str) -> bool:
        """Delete an account; False when there was none."""
        cursor = self._connection.execute("DELETE FROM vendors WHERE vendor = ? AND username = ?", (vendor, username))
        return cursor.rowcount == 1

    def back_to_seeds(self) -> None:
        """Only the example accounts, as on the first start."""
        self._connection.execute("DELETE FROM vendors")
        for account in SEEDS:
            self.put(account)


def refusal(element: Element, held: Held, directory: VendorDirectory) -> str | None:
    """The vendor's words when it does not accept what the instance holds, None when it does."""
    if element.credentials is None:
        return None if held.get("oauth.user.refresh_token") else OAUTH_NO_GRANT
    return None if account_of(element, held, directory) else REFUSALS[element.credentials.vendor]


def account_of(element: Element, held: Held, directory: VendorDirectory) -> Account | None:
    """The vendor account that the instance's credentials open, None when they open none."""
    where = element.credentials
    if where is None:
        return None
    values = effective(element, held)
    account = directory.get(where.vendor, values[where.username_key] or "")
    if account is None or account.password != values[where.password_key]:
        return None
    if where.server_url_key and account.server_url and _zone(values[where.server_url_key]) != _zone(account.server_url):
        return None
    return account


def rows(resource: str, account: Account | None) -> list[Mapping[str, Any]]:
    """What the vendor holds under a resource: a few fixed rows, of contacts as many as the account says."""
    count = account.contacts if resource == "contacts" and account else 3
    return [_ROWS[resource](number) for number in range(1, count + 1)]


def _zone(url: str | None) -> str:
    return (url or "").rstrip("/").casefold()


def _user(number: int) -> Mapping[str, Any]:
    return {"id": 100 + number, "userName": f"user{number}", "email": f"user{number}@example.com", "active": True}


def _contact(number: int) -> Mapping[str, Any]:
    return {
        "id": 200 + number,
        "firstName": "Example",
        "lastName": f"Contact {number}",
        "email": f"contact{number}@example.com",
    }


def _account(number: int) -> Mapping[str, Any]:
    return {"id": 300 + number, "accountName": f"Example Account {number}", "active": True}


def _incident(number: int) -> Mapping[str, Any]:
    return {"id": 400 + number, "title": f"Example incident {number}", "status": "New"}


def _customer(number: int) -> Mapping[str, Any]:
    return {"id": 500 + number, "name": f"Example Customer {number}", "active": True}


def _invoice(number: int) -> Mapping[str, Any]:
    return {"id": 600 + number, "customerId": 500 + number}


def _item(number: int) -> Mapping[str, Any]:
    return {"id": 700 + number, "name": f"Example item {number}"}


_ROWS = {
    "users": _user,
    "contacts": _contact,
    "accounts": _account,
    "incidents": _incident,
    "customers": _customer,
    "invoices": _invoice,
    "items": _item,
}
