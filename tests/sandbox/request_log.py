# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log and count requests, and limit their rate. In memory only, and without the secrets in headers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .wire import Needs, Request, Route, header_parts, parsed

BOUND = 10_000
WINDOW_SECONDS = 1
"""Seconds of a window and in `Retry-After`, whose unit is whole seconds."""


@dataclass
class Entry:
    """One request. `status` stays None when the caller got no answer. `body` is kept as sent and parsed when shown."""

    n: int
    request: Request
    body: bytes = b""
    status: int | None = None

    def described(self) -> dict[str, Any]:
        """Return the entry as the control API shows it."""
        names = [name for name, _value in header_parts(self.request.headers.get("authorization", ""))]
        return {
            "n": self.n,
            "method": self.request.method,
            "path": unquote(self.request.path),
            "query": self.request.query,
            "body": parsed(self.body),
            "status": self.status,
            # An unknown name may be a secret, so it is not repeated.
            "parts": [name if name in Needs.TOKEN.value else "unknown" for name in names],
        }


class RequestLog:
    """The last BOUND requests, and counters of all."""

    def __init__(self) -> None:
        self._under_way = 0
        self.clear()

    def clear(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=BOUND)
        self._kinds = Counter({"reads": 0, "writes": 0, "hub": 0})
        self._by: Counter[str] = Counter()

    def arrived(self, request: Request, route: Route) -> Entry:
        """Log and count a request on arrival. Its body and status are added to the entry later."""
        reads = "reads" if request.method in ("GET", "HEAD", "OPTIONS") else "writes"
        self._kinds["hub" if route.needs is Needs.HUB else reads] += 1
        self._by[f"{request.method} {route.template}"] += 1
        entry = Entry(sum(self._kinds.values()), request)
        self._entries.append(entry)
        return entry

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a request as running, even if its caller has disconnected."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def requests(self) -> list[dict[str, Any]]:
        return [entry.described() for entry in self._entries]

    def counters(self) -> dict[str, Any]:
        return {**self._kinds, "by": dict(self._by), "under_way": self._under_way}


@dataclass
class Window:
    """A fixed window. It begins with a request, the first ones in it pass, and the others are refused."""

    began: float = float("-inf")
    passed: int = 0

    def passes(self, limit: int, now: float) -> bool:
        """Count a request and return whether it passes; 0 is no limit."""
        if not limit:
            return True
        if now >= self.began + WINDOW_SECONDS:
            self.began, self.passed = now, 0
        self.passed += 1
        return self.passed <= limit
