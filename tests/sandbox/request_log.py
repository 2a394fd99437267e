# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked of the sandbox: a bounded log and exact counters, in memory only. It holds no secret of a header."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .authorization import Needs

BOUND = 10_000


@dataclass
class Entry:
    """One request. `status` stays None when the caller got no answer. `body` is kept as sent and parsed when shown."""

    n: int
    method: str
    path: str
    query: dict[str, list[str]]
    parts: list[str]
    body: bytes = b""
    status: int | None = None

    def shown(self) -> dict[str, Any]:
        """The entry as the control API shows it."""
        return {
            "n": self.n,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": _parsed(self.body),
            "status": self.status,
            "parts": self.parts,
        }


class RequestLog:
    """The last BOUND requests, and counters of all."""

    def __init__(self) -> None:
        self._under_way = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything and count from 0 again."""
        self._entries: deque[Entry] = deque(maxlen=BOUND)
        self._kinds: Counter[str] = Counter()
        self._by: Counter[str] = Counter()
        self._last = 0

    def arrived(self, method: str, path: str, query: dict[str, list[str]], parts: list[str]) -> Entry:
        """Write a request down as it arrives; its body and status follow in the entry."""
        self._last += 1
        entry = Entry(self._last, method, path, query, parts)
        self._entries.append(entry)
        return entry

    def count(self, method: str, template: str, needs: Needs) -> None:
        """Count a request under its route template, e.g. `GET`, `/instances/{id}`."""
        self._kinds[_kind(method, needs)] += 1
        self._by[f"{method} {template}"] += 1

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a request as under way, also when its caller has gone."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def requests(self) -> list[dict[str, Any]]:
        """The log, oldest first."""
        return [entry.shown() for entry in self._entries]

    def counters(self) -> dict[str, Any]:
        """All counters."""
        kinds = {kind: self._kinds[kind] for kind in ("reads", "writes", "hub")}
        return {**kinds, "by": dict(self._by), "under_way": self._under_way}


def _kind(method: str, needs: Needs) -> str:
    if needs is Needs.HUB:
        return "hub"
    return "reads" if method in ("GET", "HEAD", "OPTIONS") else "writes"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
