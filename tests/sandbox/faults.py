# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on demand: which request, after how many, how often, and how. In memory only."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

# A caller that waits for others must not wait for ever: they may have failed.
TOGETHER_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """An answer in place of the true one."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Fault:
    """What happens to a request of this method and route template, such as `/instances/{id}`.

    `query`: names of query parameters that must be there (true) or must not (false). `skip`: so many pass first.
    `times`: so many are hit, None for all. `together`: so many wait for each other before any is carried out. Then, or,
    with `after`, once it was carried out: another hand does `meanwhile`, `delay` seconds go by, and the caller gets
    nothing (`drop`), or these bytes and the end of the connection (`raw`), or `answer`, or the true answer: `cut` to so
    many bytes, with other `headers`, with the page that was asked for, if one was, as the next one (`repeat_page`).
    With an `answer`, `raw` or `drop` and without `after`, it is not carried out at all.
    """

    method: str
    path: str
    query: Mapping[str, bool] = field(default_factory=dict)
    skip: int = 0
    times: int | None = 1
    after: bool = False
    together: int = 0
    meanwhile: Sequence[Mapping[str, Any]] = ()
    delay: float = 0.0
    answer: Answer | None = None
    drop: bool = False
    raw: str | None = None
    cut: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeat_page: bool = False

    def matches(self, method: str, template: str, query: Container[str]) -> bool:
        """Tell whether a request is one of those that it is about."""
        wanted = (name in query for name in self.query)
        return (method, template) == (self.method, self.path) and list(wanted) == list(self.query.values())


class _Planned:
    """A fault, and how far it has come."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.passed = 0
        self.hits = 0
        self.waiting = 0
        self.gathered = asyncio.Event()

    def takes(self) -> bool:
        """Count a request that it is about; tell whether it is hit."""
        if self.passed < self.fault.skip:
            self.passed += 1
            return False
        if self.fault.times is not None and self.hits >= self.fault.times:
            return False
        self.hits += 1
        return True


class Faults:
    """All faults of a sandbox, in order: a request is hit by the first that takes it, and the rest do not see it."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._delayed = asyncio.Event()

    def add(self, fault: Fault) -> None:
        """Plan one more, behind the others."""
        self._planned.append(_Planned(fault))

    def clear(self) -> None:
        """Plan none. Whoever waits for others, or is delayed, goes on."""
        for planned in self._planned:
            planned.gathered.set()
        self._planned = []
        self.end_delays()

    async def delay(self, seconds: float) -> None:
        """Wait so long, or until all delays are ended."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._delayed.wait(), seconds)

    def end_delays(self) -> None:
        """Whoever is delayed goes on at once; later ones are delayed as planned."""
        self._delayed.set()
        self._delayed = asyncio.Event()

    def shown(self) -> list[dict[str, Any]]:
        """All faults, each with its number of hits."""
        return [
            {**asdict(planned.fault), "answer": planned.fault.answer and planned.fault.answer.status}
            | {"hits": planned.hits}
            for planned in self._planned
        ]

    async def hit(self, method: str, template: str, query: Container[str]) -> Fault | None:
        """The fault that hits this request, if any; where it says so, once enough others have come."""
        for planned in self._planned:
            if planned.fault.matches(method, template, query) and planned.takes():
                await _gather(planned)
                return planned.fault
        return None


async def _gather(planned: _Planned) -> None:
    """Wait until so many requests wait here, then let them go together."""
    if not planned.fault.together:
        return
    planned.waiting += 1
    event = planned.gathered
    if planned.waiting >= planned.fault.together:
        planned.waiting, planned.gathered = 0, asyncio.Event()
        event.set()
    try:
        await asyncio.wait_for(event.wait(), TOGETHER_SECONDS)
    except asyncio.TimeoutError:
        # Those who came later wait on, unless all went at this very moment.
        planned.waiting -= not event.is_set()
