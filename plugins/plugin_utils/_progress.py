# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Report the progress of a long task, in lines for a terminal and for a controller's job output. Private."""

from __future__ import annotations

import time
from collections import Counter
from typing import Callable

from ..module_utils._engine.item import WorkItem
from ..module_utils._engine.report import Report
from ..module_utils._model.message import Message, Own
from ..module_utils._model.redact import Guarded

QUIET = 3.0
"""Seconds. A shorter task shows no progress."""
EVERY = 5.0
"""Maximum number of seconds between two lines."""
STEPS = 10
"""Minimum number of progress lines."""


class ProgressLines:
    """Shows a line every few seconds and at each tenth of the work, and the first failure early.

    :param say: shows a message
    :param now: returns seconds
    """

    def __init__(self, say: Callable[[Message], object], now: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._now = now
        self._done_items: dict[WorkItem, None] = {}
        self._total = 0
        self._start = self._last_line_at = now()
        self._step = 0
        self._failure: Report | None = None
        self._has_failed = False

    def begin(self, total: int) -> None:
        """Record the number of instances to work on."""
        self._total = total
        self._start = self._last_line_at = self._now()

    def item_done(self, item: WorkItem) -> None:
        """Record an item whose work has ended, and show a line if one is due."""
        self._done_items[item] = None
        if item.error and not self._has_failed:
            self._failure, self._has_failed = Report(item), True
        now, step = self._now(), len(self._done_items) * STEPS // self._total
        is_late = now - self._start >= QUIET
        if is_late:
            self._show_failure()
        if is_late and (step > self._step or now - self._last_line_at >= EVERY):
            self._last_line_at, self._step = now, step
            self._say(self.line(now - self._start))

    def idle(self) -> None:
        """Show a line if one is due while no work ends, because the platform may be busy."""
        now = self._now()
        if now - self._start >= QUIET:
            self._show_failure()
        if now - self._start >= QUIET and now - self._last_line_at >= EVERY:
            self._last_line_at = now
            self._say(self.line(now - self._start))

    def _show_failure(self) -> None:
        """Show the first failure while there is time to stop the run; a short run shows it in its result only."""
        if self._failure:
            report, self._failure = self._failure, None
            name, cause = Guarded(report.short_label, report.redactor), Guarded(report.cause, report.redactor)
            self._say(Message("ce_instances: first failure: {name}: {cause}", name=name, cause=cause))

    def line(self, seconds: float) -> Message:
        """Return the line of progress after some seconds."""
        done_count = len(self._done_items)
        counts = Counter("failed" if item.error else item.action.value for item in self._done_items)
        outcomes = [
            f"{counts[action]} {action}" for action in ("created", "updated", "deleted", "failed") if counts[action]
        ]
        rate = done_count / seconds if seconds > 0 else 0.0
        seconds_left = (self._total - done_count) / rate if rate else 0.0
        share = 100 * done_count // self._total if self._total else 100
        parts = [f"{done_count} of {self._total} ({share} %)", *outcomes, f"{rate:.1f}/s"]
        estimate = [f"{_duration(seconds_left)} left"] if done_count < self._total else []
        return Message("ce_instances: {parts}", parts=Own(", ".join([*parts, *estimate])))


def _duration(seconds: float) -> str:
    minutes, remainder = divmod(round(seconds), 60)
    return f"{minutes} min {remainder} s" if minutes else f"{remainder} s"
