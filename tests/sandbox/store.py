# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances in SQLite: the only room that reads and writes their rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .instance import Instance

_SELECT = (
    "SELECT id, name, element_key, token, external_authentication, valid, disabled, in_use, traced_until, created,"
    " updated, held FROM instances WHERE "
)

_COUNT = "SELECT COUNT(*) FROM instances WHERE "
_TAGS = (
    "SELECT instance_id, tag FROM tags WHERE instance_id IN (SELECT value FROM json_each(?))"
    " ORDER BY instance_id, position"
)


@dataclass(frozen=True)
class Filter:
    """Which instances a listing wants. Empty parts do not filter; several `tags` must all be there.

    `newest`: the highest id.
    """

    search_text: str = ""
    tags: tuple[str, ...] = ()
    element_key: str = ""
    newest: int | None = None

    def where(self) -> tuple[str, list[Any]]:
        """The SQL condition and its values."""
        conditions: list[str] = ["1"]
        values: list[Any] = []
        if self.element_key:
            conditions.append("element_key = ?")
            values.append(self.element_key)
        if self.newest is not None:
            conditions.append("id <= ?")
            values.append(self.newest)
        if self.search_text:
            conditions.append("(instr(folded_name, ?) > 0 OR instr(element_key, ?) > 0)")
            values += [self.search_text.casefold()] * 2
        for tag in self.tags:
            conditions.append("id IN (SELECT instance_id FROM tags WHERE tag = ?)")
            values.append(tag)
        return " AND ".join(conditions), values


class Store:
    """All instances of a sandbox."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, instance: Instance) -> Instance:
        """Insert; the id of the argument is ignored, the answer carries the one it got. Ids are never used twice."""
        with self._transaction():
            cursor = self._connection.execute(
                "INSERT INTO instances (name, folded_name, element_key, token, external_authentication, valid,"
                " disabled, in_use, traced_until, created, updated, held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (instance.name, instance.name.casefold(), instance.element_key, instance.token, *_changeable(instance)),
            )
            added = replace(instance, id=int(cursor.lastrowid or 0))
            self._write_tags(added)
        return added

    def update(self, instance: Instance) -> None:
        """Write everything but the token, which never changes."""
        with self._transaction():
            self._connection.execute(
                "UPDATE instances SET name = ?, folded_name = ?, element_key = ?, external_authentication = ?,"
                " valid = ?, disabled = ?, in_use = ?, traced_until = ?, created = ?, updated = ?, held = ?"
                " WHERE id = ?",
                (
                    instance.name,
                    instance.name.casefold(),
                    instance.element_key,
                    *_changeable(instance),
                    instance.id,
                ),
            )
            self._connection.execute("DELETE FROM tags WHERE instance_id = ?", (instance.id,))
            self._write_tags(instance)

    def remove(self, instance_id: int) -> None:
        """Delete one instance and its tags."""
        self._connection.execute("DELETE FROM instances WHERE id = ?", (instance_id,))

    def clear(self) -> None:
        """Delete all instances."""
        self._connection.execute("DELETE FROM instances")

    def get(self, instance_id: int) -> Instance | None:
        """The instance with this id."""
        return self._one("id = ?", instance_id)

    def by_token(self, token: str) -> Instance | None:
        """The instance with this token."""
        return self._one("token = ?", token)

    def count(self, wanted: Filter) -> int:
        """How many instances there are."""
        condition, values = wanted.where()
        return int(self._connection.execute(_COUNT + condition, values).fetchone()[0])

    def counts_by_element(self) -> dict[str, int]:
        """How many instances each element has."""
        return dict(self._connection.execute("SELECT element_key, COUNT(*) FROM instances GROUP BY element_key"))

    def page(self, wanted: Filter, after: int, size: int, skip: int = 0, order: str = "ascending") -> list[Instance]:
        """The first `size` instances behind the id `after`, 0 for the start; `skip` of them are left out.

        `order`: of their ids, one of ORDERS.
        """
        condition, values = wanted.where()
        direction = "DESC" if order == "descending" else "ASC"
        side = "<" if order == "descending" and after else ">"
        rows = self._connection.execute(
            f"{_SELECT} id {side} ? AND {condition} ORDER BY id {direction} LIMIT ? OFFSET ?",
            [after, *values, size, skip],
        )
        return self._instances(rows.fetchall())

    def use_code(self, code: str) -> bool:
        """Spend an OAuth code; False when it was spent before."""
        cursor = self._connection.execute("INSERT OR IGNORE INTO used_codes (code) VALUES (?)", (code,))
        return cursor.rowcount == 1

    def forget_codes(self) -> None:
        """Make every OAuth code good again."""
        self._connection.execute("DELETE FROM used_codes")

    def _one(self, condition: str, value: object) -> Instance | None:
        rows = self._connection.execute(_SELECT + condition, (value,)).fetchall()
        return self._instances(rows)[0] if rows else None

    def _instances(self, rows: list[tuple[Any, ...]]) -> list[Instance]:
        tags = self._tags([row[0] for row in rows])
        return [_instance(row, tags.get(row[0], ())) for row in rows]

    def _tags(self, ids: list[int]) -> dict[int, tuple[str, ...]]:
        rows = self._connection.execute(_TAGS, (json.dumps(ids),))
        found: dict[int, tuple[str, ...]] = {}
        for instance_id, tag in rows:
            found[instance_id] = (*found.get(instance_id, ()), tag)
        return found

    def _write_tags(self, instance: Instance) -> None:
        rows: Iterable[tuple[int, int, str]] = ((instance.id, at, tag) for at, tag in enumerate(instance.tags))
        self._connection.executemany("INSERT INTO tags (instance_id, position, tag) VALUES (?, ?, ?)", rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _changeable(instance: Instance) -> tuple[Any, ...]:
    """The columns that an update may change, in the order of both statements above."""
    return (
        instance.external_authentication,
        instance.valid,
        instance.disabled,
        instance.in_use,
        instance.traced_until,
        instance.created,
        instance.updated,
        json.dumps(dict(instance.held), separators=(",", ":"), ensure_ascii=False),
    )


def _instance(row: tuple[Any, ...], tags: tuple[str, ...]) -> Instance:
    (id_, name, element_key, token, external, valid, disabled, in_use, traced_until, created, updated, held) = row
    return Instance(
        id=id_,
        name=name,
        element_key=element_key,
        token=token,
        tags=tags,
        held=json.loads(held),
        external_authentication=external,
        valid=bool(valid),
        disabled=bool(disabled),
        in_use=bool(in_use),
        traced_until=traced_until,
        created=created,
        updated=updated,
    )
