# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one contestant once, and refuses a result that was not earned."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.benchmark.contestants import BARE, FLOOR, HERE, Contestant, Lists
from tests.benchmark.service import Service
from tests.benchmark.wanted import items, minimum, writes
from tests.collection import ROOT, collections_in

SHOWN = 4000
"""Characters of a failed run's output."""


class WrongWork(Exception):
    """A run failed, or did something else than it was to do: its time says nothing."""


@dataclass(frozen=True)
class Run:
    """One process that has ended."""

    seconds: float
    peak_mib: float
    requests: int
    busy: float | None
    """How much of the time the sandbox computed."""


class Runner:
    """Runs contestants against one sandbox, with all files in one directory."""

    def __init__(self, service: Service, scratch: Path) -> None:
        self._service = service
        self._scratch = scratch
        collections_in(scratch)
        (scratch / "empty.cfg").touch()
        self._lists: dict[tuple[int, bool], Lists] = {}

    def run(self, contestant: Contestant, size: int, state: str, concurrency: int | None) -> Run:
        """Run a contestant once, on what the run before left.

        :raises WrongWork: it did not do what it should
        """
        command = contestant.command(self._written(size, state == "rotated"), state, concurrency)
        report, output = self._scratch / "report.json", self._scratch / "output.txt"
        # Small on purpose: see there.
        wrapper = [sys.executable, "-I", "-S", str(HERE / "measure.py"), str(report)]
        with output.open("wb") as stream, self._service.watched() as watch:
            status = self._to_its_end([*wrapper, *command], stream)
        if status:
            said = output.read_text(encoding="utf-8", errors="replace")[-SHOWN:]
            raise WrongWork(f"{contestant.name}, {state}, {size}: it failed.\n{said}")
        run = Run(
            **json.loads(report.read_text(encoding="utf-8")), requests=watch.reads + watch.writes, busy=watch.busy
        )
        if contestant is not FLOOR:
            _check(contestant, size, state, run, watch.writes)
        return run

    def _to_its_end(self, command: list[str], stream: IO[bytes]) -> int:
        """Run a command and return its status; when it has to stop before, so do those that it started."""
        with subprocess.Popen(
            command,
            cwd=self._scratch,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                return process.wait()
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise

    def _written(self, size: int, rotated: bool) -> Lists:
        """Write the list into files, once."""
        if (size, rotated) not in self._lists:
            stem = self._scratch / f"{size}{'-rotated' * rotated}"
            lists = Lists(stem.with_suffix(".variables.json"), stem.with_suffix(".plain.json"))
            wanted = items(size, rotated)
            lists.variables.write_text(json.dumps({"benchmark_wanted": wanted}), encoding="utf-8")
            lists.plain.write_text(json.dumps(wanted), encoding="utf-8")
            self._lists[size, rotated] = lists
        return self._lists[size, rotated]

    def _environment(self) -> dict[str, str]:
        """Return all variables of a run; nothing of the caller's own comes in."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(self._scratch),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": str(self._scratch / "bytecode"),
            "ANSIBLE_CONFIG": str(self._scratch / "empty.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self._scratch / "collections"),
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_NOCOWS": "1",
            **self._service.environment,
        }


def _check(contestant: Contestant, size: int, state: str, run: Run, written: int) -> None:
    expected = writes(state, size)
    if written != expected:
        raise WrongWork(f"{contestant.name}, {state}, {size}: {written} writes instead of {expected}.")
    least = minimum(state, size)
    if run.requests < least or (contestant is BARE and run.requests != least):
        raise WrongWork(f"{contestant.name}, {state}, {size}: {run.requests} requests, where {least} is the least.")
