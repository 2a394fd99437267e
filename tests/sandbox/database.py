# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SQLite file behind a sandbox: opening it, its tables, and the few values that are kept for good."""

from __future__ import annotations

import base64
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "sandbox.sqlite"
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE instances (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    element_key TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    external_authentication TEXT NOT NULL,
    valid INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    in_use INTEGER NOT NULL,
    traced_until REAL NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    held TEXT NOT NULL
);
CREATE INDEX instances_by_element ON instances (element_key, id);
-- Searches read this narrow index instead of the rows with their configuration.
CREATE INDEX instances_by_words ON instances (folded_name, element_key);
CREATE TABLE tags (
    instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (instance_id, position)
) WITHOUT ROWID;
CREATE INDEX tags_by_tag ON tags (tag, instance_id);
CREATE TABLE vendors (
    vendor TEXT NOT NULL,
    username TEXT NOT NULL,
    password TEXT NOT NULL,
    server_url TEXT,
    contacts INTEGER NOT NULL,
    PRIMARY KEY (vendor, username)
) WITHOUT ROWID;
CREATE TABLE used_codes (code TEXT PRIMARY KEY) WITHOUT ROWID;
-- Ids start where the platform's would: not at 1, where a count and an id could be mistaken for each other.
INSERT INTO sqlite_sequence (name, seq) VALUES ('instances', 12000);
"""


class OldStateError(Exception):
    """The state on disk was written by another version of the sandbox."""


@dataclass(frozen=True)
class Secrets:
    """What a caller of the platform shows: the secret of the user, and that of the organization."""

    user: str
    organization: str


def connect(directory: Path | None) -> sqlite3.Connection:
    """Open (or make) the state in `directory`, or one in memory for None; raises OldStateError."""
    connection = sqlite3.connect(directory / FILE_NAME if directory else ":memory:", isolation_level=None)
    # Safe against the end of the process; only a crash of the whole machine could lose the last writes.
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
    elif version != SCHEMA_VERSION:
        connection.close()
        raise OldStateError
    return connection


def remove(directory: Path) -> None:
    """Delete the state in `directory`, if any."""
    for suffix in ("", "-wal", "-shm"):
        (directory / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)


def kept_secrets(connection: sqlite3.Connection) -> Secrets:
    """The secrets of this state: random the first time, the same ever after."""
    new = {"user_secret": random_token(), "organization_secret": secrets.token_hex(16)}
    connection.executemany("INSERT OR IGNORE INTO kept (name, value) VALUES (?, ?)", new.items())
    kept = dict(connection.execute("SELECT name, value FROM kept"))
    return Secrets(user=kept["user_secret"], organization=kept["organization_secret"])


def random_token() -> str:
    """32 random bytes as base64, with the `/`, `+` and `=` that real tokens have."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
