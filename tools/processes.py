# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are run together with all that they start in turn, so that none of it outlives its step."""

# An older Python reads this file before it comes to the sentence that it is too old.
from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

RUNNING: set[int] = set()


def kill(group: int) -> None:
    """End what is left of a group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def stop_all() -> None:
    """End everything that runs."""
    for group in tuple(RUNNING):
        kill(group)


@contextlib.contextmanager
def group_of(
    command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str], output: IO[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program in a process group of its own, and end the group on the way out."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    RUNNING.add(process.pid)
    try:
        yield process
    finally:
        kill(process.pid)
        process.wait()
        RUNNING.discard(process.pid)


def run_group(
    command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str], output: IO[str], seconds: float
) -> int:
    """Run a program to its end and return its exit status."""
    with group_of(command, cwd, environment, output) as process:
        return process.wait(timeout=seconds)
