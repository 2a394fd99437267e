# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the state of a sandbox between runs: secrets, instances, vendor accounts and spent OAuth codes.

All of it is in memory. Where there is a file, each change is a line at its end, written before the change is answered:
a process that is killed loses nothing, and a change costs the same whatever is there already.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO

from .instances import Instance
from .vendors import SEEDS, Account

FILE_NAME = "state.jsonl"
VERSION = 2
# Ids start where the platform's would, and not at 1, where an id could be mistaken for a count.
FIRST_ID = 12001


class OldStateError(Exception):
    """The state on disk was written by another version of the sandbox."""


class State:
    """The state, in memory only if there is no directory.

    `secrets`: what a caller shows, by the names of the parts of the Authorization header. `instances`: in the order of
    their ids. `accounts`: by vendor and user name. `on_save`: called with each new version of an instance.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.secrets = {"User": random_token(), "Organization": secrets.token_hex(16)}
        self.instances: dict[int, Instance] = {}
        self.accounts = _seeds()
        self.on_save: Callable[[Instance], None] = lambda _instance: None
        self._ids_by_token: dict[str, int] = {}
        self._codes: set[str] = set()
        self._next_id = FIRST_ID
        self._file = directory / FILE_NAME if directory else None
        self._out: TextIO | None = None
        if self._file and self._file.exists():
            self._load(_tables(self._file.read_text(encoding="ascii")))
        self._rewrite()

    def add(self, instance: Instance) -> Instance:
        """Store a new instance. Return it with its own id, which is never reused, instead of the argument's."""
        added = replace(instance, id=self._next_id)
        self._next_id += 1
        self._write("kept", "next_id", self._next_id)
        self._ids_by_token[added.token] = added.id
        self.save(added)
        return added

    def save(self, instance: Instance) -> None:
        """Replace an instance with its new version. Its token never changes."""
        self.instances[instance.id] = instance
        self._write("instances", instance.id, instance)
        self.on_save(instance)

    def remove(self, instance: Instance) -> None:
        del self.instances[instance.id], self._ids_by_token[instance.token]
        self._write("instances", instance.id, None)

    def by_token(self, token: str) -> Instance | None:
        return self.instances.get(self._ids_by_token.get(token, 0))

    def put_account(self, account: Account) -> None:
        """Add a vendor account, or replace the one with the same vendor and user name."""
        self.accounts[account.vendor, account.username] = account
        self._write("accounts", f"{account.vendor}/{account.username}", account)

    def remove_account(self, vendor: str, username: str) -> None:
        del self.accounts[vendor, username]
        self._write("accounts", f"{vendor}/{username}", None)

    def use_code(self, code: str) -> bool:
        """Spend an OAuth code; return whether it was good."""
        if code in self._codes:
            return False
        self._codes.add(code)
        self._write("codes", code, True)
        return True

    def reset(self) -> None:
        """Return to the first start, but with the same secrets."""
        self.instances.clear()
        self._ids_by_token.clear()
        self._codes.clear()
        self.accounts = _seeds()
        self._rewrite()

    def close(self) -> None:
        if self._out:
            self._out.close()

    # The file: rows with a table name, a key, and a value, which is null for a deleted row.

    def _load(self, tables: dict[str, dict[Any, Any]]) -> None:
        metadata = tables["kept"]
        if metadata.get("version") != VERSION:
            raise OldStateError
        self.secrets, self._next_id = metadata["secrets"], metadata["next_id"]
        accounts = (Account(**body) for body in tables["accounts"].values())
        self.accounts = {(account.vendor, account.username): account for account in accounts}
        self._codes = set(tables["codes"])
        found = (Instance(**{**body, "tags": tuple(body["tags"])}) for body in tables["instances"].values())
        self.instances = {instance.id: instance for instance in found}
        self._ids_by_token = {instance.token: instance.id for instance in self.instances.values()}

    def _rows(self) -> Iterator[tuple[str, Any, Any]]:
        yield "kept", "version", VERSION
        yield "kept", "secrets", self.secrets
        yield "kept", "next_id", self._next_id
        yield from (("accounts", "/".join(key), account) for key, account in self.accounts.items())
        yield from (("codes", code, True) for code in self._codes)
        yield from (("instances", number, instance) for number, instance in self.instances.items())

    def _rewrite(self) -> None:
        self.close()
        if self._file:
            write_whole(self._file, "".join(map(_line, self._rows())))
            self._out = self._file.open("a", encoding="ascii", buffering=1)

    def _write(self, *row: Any) -> None:
        if self._out:
            self._out.write(_line(row))


def _seeds() -> dict[tuple[str, str], Account]:
    return {(account.vendor, account.username): account for account in SEEDS}


def _line(row: tuple[Any, ...]) -> str:
    return json.dumps(row, default=asdict) + "\n"


def _tables(text: str) -> dict[str, dict[Any, Any]]:
    tables: dict[str, dict[Any, Any]] = {"kept": {}, "accounts": {}, "codes": {}, "instances": {}}
    # Data after the last line break is incomplete.
    for line in text.split("\n")[:-1]:
        try:
            table, key, value = json.loads(line)
            tables[table][key] = value
        except (ValueError, KeyError, TypeError):
            raise OldStateError from None
    return {name: {key: value for key, value in table.items() if value is not None} for name, table in tables.items()}


def random_token() -> str:
    """Return 32 random bytes as base64, with the `/`, `+` and `=` that real tokens have."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_whole(path: Path, text: str) -> None:
    """Write a file atomically, and readable only by its owner."""
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="ascii")
    draft.chmod(0o600)
    draft.replace(path)
