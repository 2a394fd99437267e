# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the process of a job needs while it does the work of a task itself: signals, environment, heap. Private."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LAST_WORDS = 2.0
"""Seconds. Nobody may be reading what is said, and the pipe may be full."""


def _standard_error() -> int | None:
    """Return another number for the standard error of this process, or None where it has none."""
    with contextlib.suppress(OSError):
        return os.dup(2)
    return None


# Ansible's main process ends at once when it is told to stop, and takes its display with it. Its workers, which carry
# tasks out, have no standard error since ansible-core 2.19. The main process reads this file before it forks them, so
# they inherit this number. To open /proc/PID/fd/2 instead would wait for a reader of a pipe, and fail for a socket.
_ERRORS = _standard_error()


class Cancellation:
    """Turns the signals of a cancelled job into a question, so that requests under way can end and be reported.

    Outside of a main thread, it hears no signal.
    """

    def __init__(self) -> None:
        self._signal_event = threading.Event()
        self._handlers_before: dict[int, Any] = {}
        self._parent = os.getppid()

    def __enter__(self) -> Cancellation:
        if threading.current_thread() is threading.main_thread():
            self._handlers_before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._signal_event.set()

    def cancelled(self) -> bool:
        """Return whether a signal has come, or whether the process that waits for the result has gone without one."""
        return self._signal_event.is_set() or os.getppid() != self._parent

    def leave(self, text: str) -> None:
        """Say what was done, where somebody may still read it, and end the process: nobody takes its result."""
        message = f"\nce_instances was stopped: {text}\n".encode()
        # The number is the main process's own: to make it not wait would change it for whoever else uses it.
        writer = threading.Thread(target=_write_message, args=(message,), daemon=True)
        writer.start()
        writer.join(LAST_WORDS)
        # A usual end would wait for a reader of the result, for ever.
        os._exit(1)


def _write_message(message: bytes) -> None:
    with contextlib.suppress(OSError):
        if _ERRORS is not None:
            os.write(_ERRORS, message)


@contextlib.contextmanager
def task_environment(variables: Mapping[str, Any]) -> Iterator[None]:
    """Put the keyword ``environment`` of a task into the process of the job, and take it out again.

    Ansible hands it to modules only. The items of a loop share the process, and each may have another environment.
    """
    environment = dict(os.environ)
    os.environ.update({name: str(value) for name, value in variables.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)


@contextlib.contextmanager
def frozen_heap() -> Iterator[None]:
    """Keep the garbage collector away from what exists already.

    A worker begins with all of the main process's objects, such as the variables of each host. To look through them
    again and again would take longer than the work on a large list.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
