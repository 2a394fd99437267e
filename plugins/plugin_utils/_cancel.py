# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job that is cancelled finishes the requests under way, begins none, and says what was done. Private."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Cancellation:
    """Between enter and exit, signals only ask to stop. Outside of a main thread, it hears none."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._before: dict[int, Any] = {}
        self._output = -1
        self._parent = os.getppid()

    def __enter__(self) -> Cancellation:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        with contextlib.suppress(OSError):
            # Ansible's main process ends at once, and takes its display with it: its standard error may outlive it.
            self._output = os.open(f"/proc/{os.getppid()}/fd/2", os.O_WRONLY | os.O_APPEND | os.O_NOCTTY)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._output >= 0:
            os.close(self._output)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked.set()

    def asked(self) -> bool:
        """Tell whether a signal has come, or whether the process that waits for the result has gone without one."""
        return self._asked.is_set() or os.getppid() != self._parent

    def leave(self, text: str) -> None:
        """Say what was done, where somebody may still read it, and end the process: nobody takes its result."""
        if self._output >= 0:
            with contextlib.suppress(OSError):
                os.write(self._output, f"\nce_instances was stopped: {text}\n".encode())
        # A usual end would wait for a reader of the result, for ever.
        os._exit(1)
