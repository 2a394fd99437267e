# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Limit how many requests run at once, and let all of them wait. Private to this collection."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable

from .._model.errors import NotSent

CLOSE = 0.001
"""Seconds. A shorter remaining wait is skipped."""
CANCEL_SECONDS = 1.0
"""A cancelled run stops waiting within this time."""


def never() -> bool:
    """Return False: a module can only be cancelled by ending its process."""
    return False


@dataclass(frozen=True)
class Clock:
    """The clock; tests replace it.

    :param cancelled: returns whether the run was cancelled, so that nothing may wait any more
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    cancelled: Callable[[], bool] = never

    def wait(self, seconds: float) -> bool:
        """Wait until the time has passed or the run is cancelled. Return whether the time has passed."""
        end = self.now() + seconds
        while (seconds_left := end - self.now()) > CLOSE:
            if self.cancelled():
                return False
            self.sleep(seconds_left if self.cancelled is never else min(seconds_left, CANCEL_SECONDS))
        return True


class Throttle:
    """Limits the requests of all threads: fewer at once when the platform is busy, more again as requests succeed.

    :param limit: maximum number of requests at once
    :param clock: the clock
    """

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._ceiling = float(limit)
        self._running = 0
        self._resume = 0.0
        self._condition = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until another request may run, and count it while it does.

        :raises NotSent: the run was cancelled while waiting
        """
        while (pause := self._begin()) > 0:
            if not self._clock.wait(pause):
                raise NotSent("The run was cancelled while Cloud Elements was busy. Nothing was sent. Run again.")
        try:
            yield
        finally:
            with self._condition:
                self._running -= 1
                self._condition.notify()

    def _begin(self) -> float:
        """Take a turn as soon as one is free. If all requests have to pause, return the seconds instead."""
        with self._condition:
            self._condition.wait_for(lambda: self._running < max(1, int(self._ceiling)))
            pause = self._resume - self._clock.now()
            if pause <= 0:
                self._running += 1
            else:
                # This thread does not take its turn. Without this, the next thread would never wake up or see a
                # cancelled run.
                self._condition.notify()
            return pause

    def slow_down(self, seconds: float) -> None:
        """Make all requests wait, and halve how many run at once afterwards.

        :param seconds: from now
        """
        with self._condition:
            now = self._clock.now()
            if now >= self._resume:
                # Requests that ran at the same time are rejected together, and must halve the limit only once.
                self._ceiling = max(1.0, self._ceiling / 2)
            self._resume = max(self._resume, now + seconds)

    def speed_up(self) -> None:
        """Raise the limit by one after as many answers as requests run at once."""
        with self._condition:
            self._ceiling = min(float(self._limit), self._ceiling + 1 / self._ceiling)
            self._condition.notify()
