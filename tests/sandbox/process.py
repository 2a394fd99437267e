# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a sandbox as a child process: start it on a free port, wait for it, stop it. Standard library only."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COLLECTION_ROOT = Path(__file__).resolve().parents[2]
READY_FILE = "sandbox.json"
OUTPUT_FILE = "output.txt"


class StartFailedError(Exception):
    """The sandbox ended, or was not ready in time. The message is its output."""


@dataclass(frozen=True)
class Running:
    """The address and the credentials of a running sandbox."""

    base_url: str
    control_url: str
    user_secret: str
    organization_secret: str
    pid: int
    state: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables for this sandbox, as a controller's credential would set them."""
        return {
            "CLOUD_ELEMENTS_BASE_URL": self.base_url,
            "CLOUD_ELEMENTS_USER_SECRET": self.user_secret,
            "CLOUD_ELEMENTS_ORGANIZATION_SECRET": self.organization_secret,
        }

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait, and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout=20)

    def output(self) -> str:
        """Its output so far."""
        return (self.state / OUTPUT_FILE).read_text(encoding="utf-8")


def start(
    state: Path,
    *arguments: str,
    python: Path | str = sys.executable,
    seconds: float = 20.0,
    root: Path = COLLECTION_ROOT,
) -> Running:
    """Start a sandbox with its state in `state`, on any free port unless `arguments` say otherwise.

    Returns when it is listening; raises StartFailedError when it is not within `seconds`. `python` must have aiohttp.
    `root`: of the collection whose sandbox it is.
    """
    state = state.resolve()
    state.mkdir(parents=True, exist_ok=True)
    command = [str(python), "-m", "tests.sandbox", "--state", str(state), "--port", "0", *arguments]
    with (state / OUTPUT_FILE).open("wb") as output:
        process = subprocess.Popen(command, cwd=root, stdout=output, stderr=subprocess.STDOUT)
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        facts = _facts(state / READY_FILE)
        # A file with another process id was left by a killed process, which this one is about to replace.
        if facts and facts["pid"] == process.pid:
            return Running(**facts, state=state, process=process)
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise StartFailedError((state / OUTPUT_FILE).read_text(encoding="utf-8"))


@contextlib.contextmanager
def running(
    state: Path, *arguments: str, python: Path | str = sys.executable, root: Path = COLLECTION_ROOT
) -> Iterator[Running]:
    """Run a sandbox during a `with` block."""
    sandbox = start(state, *arguments, python=python, root=root)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def _facts(path: Path) -> dict[str, Any] | None:
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return facts
