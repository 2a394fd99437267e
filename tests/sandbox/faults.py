# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: how to plan one, which request it hits, after how many, and how often. In memory only."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .settings import FLAG, OBJECT, SECONDS, TEXT, Kind, check, kinds_of, number, of_kind, or_null
from .wire import Reply, bad_request

# A caller that waits for others must not wait forever, because they may have failed.
TOGETHER_SECONDS = 20.0


def _is_header(name: str, value: Any) -> bool:
    # The server itself sets the length.
    free = re.fullmatch("[A-Za-z0-9_-]+", name) and name.lower() not in ("content-length", "transfer-encoding")
    return bool(free) and isinstance(value, str) and value.isprintable()


def _is_deed(deed: Any) -> bool:
    if not isinstance(deed, dict) or not _ID.fits(deed.get("id", 1)):
        return False
    what = set(deed) - {"id"}
    return len(what) == 1 and all(name in _DEED and _DEED[name].fits(deed[name]) for name in what)


_COUNT, _ID = number(0, 10**9), number(1, 10**18 - 1)
_FLAGS = Kind(
    lambda value: isinstance(value, dict) and all(map(FLAG.fits, value.values())), "an object of true and false"
)
_HEADERS = Kind(
    lambda value: isinstance(value, dict) and all(_is_header(*item) for item in value.items()),
    "an object of header names and texts, without the headers of the length",
)
_BYTES = Kind(
    lambda value: isinstance(value, str) and all(letter < "\u0100" for letter in value), "a text of letters up to ÿ"
)
_DEED = {"create": OBJECT, "update": OBJECT, "delete": Kind(lambda value: value is True, "true")}
_DEEDS = Kind(
    lambda value: isinstance(value, list) and all(map(_is_deed, value)),
    'a list of {"create": {}}, {"update": {}} or {"delete": true}, the last two with an id or without',
)
_ANSWER = {
    "status": number(200, 599),
    "headers": _HEADERS,
    "json": Kind(lambda _value: True, "anything"),
    "text": TEXT,
    "base64": TEXT,
}


@dataclass(frozen=True)
class Fault:
    """A fault for requests with a method and route template. README.md describes each field."""

    method: str = of_kind(TEXT, "")
    path: str = of_kind(TEXT, "")
    query: Mapping[str, bool] = of_kind(_FLAGS, {})
    skip: int = of_kind(_COUNT, 0)
    times: int | None = of_kind(or_null(_COUNT), 1)
    after: bool = of_kind(FLAG, False)
    together: int = of_kind(_COUNT, 0)
    meanwhile: Sequence[Mapping[str, Any]] = of_kind(_DEEDS, ())
    delay: float = of_kind(SECONDS, 0.0)
    answer: Reply | None = of_kind(or_null(OBJECT), None)  # noqa: RUF009 - a field, as the others are
    drop: bool = of_kind(FLAG, False)
    raw: str | None = of_kind(or_null(_BYTES), None)
    cut: int | None = of_kind(or_null(_COUNT), None)
    headers: Mapping[str, str] = of_kind(_HEADERS, {})
    repeat_page: bool = of_kind(FLAG, False)

    def matches(self, method: str, template: str, query: Container[str]) -> bool:
        wanted = (name in query for name in self.query)
        return (method, template) == (self.method, self.path) and list(wanted) == list(self.query.values())


def fault_of(body: Mapping[str, Any], known: Collection[tuple[str, str]]) -> Fault:
    """Return the fault that a body describes; raise a 400. `known`: the methods and templates of all routes."""
    check(body, kinds_of(Fault))
    if (body.get("method"), body.get("path")) not in known:
        routes = ", ".join(sorted(f"{method} {path}" for method, path in known))
        raise bad_request(f"method and path must be those of a route, or nothing could ever be hit; known: {routes}")
    planned = Fault(**{**body, "answer": _planned_answer(body.get("answer"))})
    if planned.times is not None and planned.times < planned.together:
        raise bad_request("times must be at least together: the others would never come")
    return planned


def _planned_answer(body: Mapping[str, Any] | None) -> Reply | None:
    """Read an answer; its body is `json`, `text`, or any bytes in `base64`."""
    if body is None:
        return None
    check(body, _ANSWER)
    bodies = [name for name in ("json", "text", "base64") if name in body]
    if len(bodies) > 1:
        raise bad_request(f"An answer has one body, not {' and '.join(bodies)}")
    headers = {"content-type": "application/json"} if "json" in body else {}
    headers.update({name.lower(): value for name, value in body.get("headers", {}).items()})
    content = json.dumps(body["json"]) if "json" in body else body.get("text", "")
    return Reply(body.get("status", 200), headers, _decoded(body["base64"]) if "base64" in body else content.encode())


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise bad_request("base64 is no base64") from None


class _Planned:
    """A fault and its progress."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.hits = 0
        self._passed = 0
        self._waiting = 0
        self.gathered = asyncio.Event()

    def takes(self) -> bool:
        if self._passed < self.fault.skip:
            self._passed += 1
            return False
        if self.fault.times is not None and self.hits >= self.fault.times:
            return False
        self.hits += 1
        return True

    async def gather(self) -> None:
        """Wait until enough requests wait here, then release them together."""
        if not self.fault.together:
            return
        self._waiting += 1
        event = self.gathered
        if self._waiting >= self.fault.together:
            self._waiting, self.gathered = 0, asyncio.Event()
            event.set()
        try:
            await asyncio.wait_for(event.wait(), TOGETHER_SECONDS)
        except asyncio.TimeoutError:
            # Later requests go on waiting, unless all were released at this moment.
            self._waiting -= not event.is_set()


class Faults:
    """All faults of a sandbox, in order. A request is hit by the first one that matches, and not by the others."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._delayed = asyncio.Event()

    def add(self, fault: Fault) -> None:
        self._planned.append(_Planned(fault))

    def clear(self) -> None:
        for planned in self._planned:
            planned.gathered.set()
        self._planned = []
        self.end_delays()

    async def delay(self, seconds: float) -> None:
        """Wait this long, or until all delays are cancelled."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._delayed.wait(), seconds)

    def end_delays(self) -> None:
        self._delayed.set()
        self._delayed = asyncio.Event()

    def described(self) -> list[dict[str, Any]]:
        return [
            {**asdict(each.fault), "answer": each.fault.answer and each.fault.answer.status, "hits": each.hits}
            for each in self._planned
        ]

    async def hit(self, method: str, template: str, query: Container[str]) -> Fault | None:
        """Return the fault that hits this request, if any. Wait for other requests first, if it requires that."""
        for planned in self._planned:
            if planned.fault.matches(method, template, query) and planned.takes():
                await planned.gather()
                return planned.fault
        return None
