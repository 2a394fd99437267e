# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Handle signals, environment and heap while the job's process does the work of a task. Private."""

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
"""Seconds to write the last message, because the pipe may be full and have no reader."""
GARBAGE = 50_000
"""How many new objects make Python look for garbage among them."""


def _standard_error() -> int | None:
    """Return a duplicate file descriptor of standard error, or None if it is closed."""
    with contextlib.suppress(OSError):
        return os.dup(2)
    return None


# When a job is cancelled, Ansible's main process ends at once, and with it the display. Its workers, which run the
# tasks, have no standard error since ansible-core 2.19. The main process imports this file before it forks them, so
# they inherit this descriptor. Opening /proc/PID/fd/2 instead would wait for a reader of a pipe, and fail for a socket.
_ERRORS = _standard_error()


class Cancellation:
    """Records the signals of a cancelled job and of a task's timeout, so that running requests can end and be reported.

    Ansible's keyword ``timeout`` raises an exception at whatever line is running. In the middle of a write, nobody
    would know what was done.

    It receives signals in the main thread only.

    :param name: the name of the plugin, for the last message
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._signal_event = threading.Event()
        self._timeout_event = threading.Event()
        self._handlers_before: dict[int, Any] = {}
        self._parent = os.getppid()

    def __enter__(self) -> Cancellation:
        if threading.current_thread() is threading.main_thread():
            self._handlers_before = {number: signal.signal(number, self._ask) for number in (*SIGNALS, signal.SIGALRM)}
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        (self._timeout_event if number == signal.SIGALRM else self._signal_event).set()

    def cancelled(self) -> bool:
        """Return whether a signal was received, or the process that waits for the result ended without sending one."""
        return self._signal_event.is_set() or os.getppid() != self._parent

    def timed_out(self) -> bool:
        """Return whether the task has run for longer than its timeout."""
        return self._timeout_event.is_set()

    def ended(self) -> bool:
        """Return whether nothing new may be begun."""
        return self.cancelled() or self.timed_out()

    def leave(self, text: str) -> None:
        """Write the outcome to standard error and end the process, because nobody receives its result."""
        message = f"\n{self._name} was stopped: {text}\n".encode()
        # The main process uses the same open file. Making it non-blocking would affect its other users.
        writer = threading.Thread(target=_write_message, args=(message,), daemon=True)
        writer.start()
        writer.join(LAST_WORDS)
        # A normal exit would wait forever for a reader of the result.
        os._exit(1)


def _write_message(message: bytes) -> None:
    with contextlib.suppress(OSError):
        if _ERRORS is not None:
            os.write(_ERRORS, message)


@contextlib.contextmanager
def task_environment(variables: Mapping[str, Any]) -> Iterator[None]:
    """Set the variables of a task's keyword ``environment`` in the job's process, and restore them at the end.

    Ansible passes them to modules only. The items of a loop share the process, and each may have another environment.
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
    """Exclude existing objects from garbage collection, and collect garbage less often.

    A worker starts with all objects of the main process, such as the variables of each host. Scanning them repeatedly
    would take longer than the work on a large list. Most objects of such a list are needed until the end.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(GARBAGE, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
