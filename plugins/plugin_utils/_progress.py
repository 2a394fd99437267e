# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a long task has come, in lines for a terminal and for a controller's job output. Private."""

from __future__ import annotations

import time
from collections import Counter
from typing import Callable

from ..module_utils._engine.item import WorkItem

QUIET = 3.0
"""Seconds: a shorter task says nothing."""
EVERY = 5.0
"""Seconds between two lines at most."""
STEPS = 10
"""So many lines at least, whatever the time."""


class ProgressLines:
    """Says a line every few seconds, and at each tenth of the work.

    :param say: where the lines go
    :param now: seconds
    """

    def __init__(self, say: Callable[[str], object], now: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._now = now
        self._ended: dict[WorkItem, None] = {}
        self._total = 0
        self._began = self._said_at = now()
        self._step = 0

    def begin(self, total: int) -> None:
        """So many instances have to be worked on."""
        self._total = total
        self._began = self._said_at = self._now()

    def ended(self, item: WorkItem) -> None:
        """The work on one has ended."""
        self._ended[item] = None
        now, step = self._now(), len(self._ended) * STEPS // self._total
        late = now - self._began >= QUIET
        if late and (step > self._step or now - self._said_at >= EVERY):
            self._said_at, self._step = now, step
            self._say(self.line(now - self._began))

    def waiting(self) -> None:
        """No work has ended for a while: the platform may be busy."""
        now = self._now()
        if now - self._began >= QUIET and now - self._said_at >= EVERY:
            self._said_at = now
            self._say(self.line(now - self._began))

    def line(self, seconds: float) -> str:
        """Return what has been done after so many seconds."""
        done = len(self._ended)
        counts = Counter("failed" if item.error else item.action.value for item in self._ended)
        said = [f"{counts[word]} {word}" for word in ("created", "updated", "deleted", "failed") if counts[word]]
        rate = done / seconds if seconds > 0 else 0.0
        left = (self._total - done) / rate if rate else 0.0
        share = 100 * done // self._total if self._total else 100
        parts = [f"{done} of {self._total} ({share} %)", *said, f"{rate:.1f}/s"]
        return f"ce_instances: {', '.join(parts)}{f', {_duration(left)} left' if done < self._total else ''}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
