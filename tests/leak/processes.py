# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others on the machine can read of a process: the command lines of it and of all that it starts."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from types import TracebackType

INTERVAL = 0.05
"""Seconds. A module runs for some hundred milliseconds, and several are looked at at the same time."""


class CommandLines:
    """Collects the command lines below a process while it runs. Its environment is its own, so it is not read.

    :param pid: of the process
    """

    def __init__(self, pid: int) -> None:
        self.seen: set[str] = set()
        self._family = {pid}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> CommandLines:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(INTERVAL):
            self._look()

    def _look(self) -> None:
        for pid in sorted(self._family):
            # It may end at any moment, and so may a thread of it.
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
                threads = list(Path(f"/proc/{pid}/task").iterdir())
            except OSError:
                self._family.discard(pid)
                continue
            self.seen.add(line.replace(b"\0", b" ").decode(errors="replace"))
            for thread in threads:
                with contextlib.suppress(OSError):
                    self._family.update(map(int, thread.joinpath("children").read_text().split()))
