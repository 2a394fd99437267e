# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.benchmark.slices`: what slices of a list at the same time win over one after the other."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.benchmark.contestants import HERE
from tests.benchmark.service import Service
from tests.benchmark.wanted import items
from tests.collection import collections_in
from tests.sandbox.process import Running, running

STATES = ("create", "unchanged")


@dataclass(frozen=True)
class Place:
    """What the platform is like. `limit`: requests in a second that all slices share; 0: none."""

    latency: float
    limit: int = 0

    def __str__(self) -> str:
        return f"latency {self.latency * 1000:g} ms, {f'{self.limit} requests/s for all' if self.limit else 'no limit'}"


@dataclass(frozen=True)
class Measured:
    """All slices of one list, from the first start to the last end."""

    seconds: float
    requests: int
    refused: int
    """So many of the requests were told to come back later."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.slices", description=__doc__)
    parser.add_argument("--size", type=int, default=400, help="length of the whole list (%(default)s)")
    parser.add_argument("--slices", type=int, nargs="+", default=[1, 2, 4], help="how many, one by one (%(default)s)")
    parser.add_argument("--concurrency", type=int, default=8, help="of each slice (%(default)s)")
    parser.add_argument("--latency", type=int, default=50, help="of the sandbox, in ms (%(default)s)")
    parser.add_argument("--limit", type=int, default=40, help="requests in a second (%(default)s)")
    return parser.parse_args()


class Slices:
    """Runs a list in slices against one sandbox.

    :param scratch: a directory for what is needed meanwhile
    """

    def __init__(self, sandbox: Running, scratch: Path, options: argparse.Namespace) -> None:
        self._control = sandbox.control_url
        self._service = Service(sandbox)
        self._scratch = scratch
        self._options = options
        self._collections = collections_in(scratch)

    def measure(self, place: Place, count: int) -> dict[str, Measured]:
        """Return what it takes in each state, from an empty account on."""
        self._service.reset(place.latency)
        return {state: self._once(place, count) for state in STATES}

    def _once(self, place: Place, count: int) -> Measured:
        # The limit is for the slices: what sets them up is not limited.
        self._ask("DELETE", "/requests")
        self._ask("PUT", "/settings", {"rate_limit": place.limit})
        began = time.perf_counter()
        with ExitStack() as stack:
            for process in [stack.enter_context(self._started(number, count)) for number in range(count)]:
                if process.wait():
                    raise SystemExit(f"A slice failed: {self._scratch}/slice-*.log")
        seconds = time.perf_counter() - began
        self._ask("PUT", "/settings", {"rate_limit": 0})
        log = self._ask("GET", "/requests")["requests"]
        return Measured(seconds, len(log), sum(sent["status"] == 429 for sent in log))

    def _started(self, number: int, count: int) -> subprocess.Popen[bytes]:
        """Start a slice: every so many-th item of the list, as a controller cuts hosts."""
        file = self._scratch / f"slice-{number}.json"
        file.write_text(json.dumps(items(self._options.size)[number::count]), encoding="utf-8")
        facts = {"benchmark_concurrency": self._options.concurrency, "benchmark_file": str(file)}
        program = Path(sys.executable).with_name("ansible-playbook")
        with file.with_suffix(".log").open("wb") as output:
            return subprocess.Popen(
                [sys.executable, str(program), "-e", json.dumps(facts), str(HERE / "file.yml")],
                cwd=self._scratch,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _environment(self) -> dict[str, str]:
        """Return all variables of a run; nothing of the caller's own comes in."""
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self._scratch),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self._scratch / "empty.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self._collections),
            **self._service.environment,
        }

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, self._control + path, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()


def table(place: Place, size: int, rows: Sequence[tuple[int, dict[str, Measured]]]) -> str:
    """Return the rows for people; ratios are to the first of them."""
    first = rows[0][1]
    words = ("creates/s", "ratio", "requests", "429s", "unchanged/s", "ratio", "requests", "429s")
    lines = [str(place), f"  {'slices':<8}" + "".join(f"{word:>13}" for word in words)]
    for count, by_state in rows:
        cells: list[str] = []
        for state, measured in by_state.items():
            ratio = first[state].seconds / measured.seconds
            cells += [f"{size / measured.seconds:.1f}", f"{ratio:.2f}", str(measured.requests), str(measured.refused)]
        lines.append(f"  {count:<8}" + "".join(f"{cell:>13}" for cell in cells))
    return "\n".join(lines)


def main() -> None:
    """Run the program."""
    options = arguments()
    latency = options.latency / 1000
    with tempfile.TemporaryDirectory(prefix="slices-") as name, running(Path(name) / "sandbox", "--fresh") as sandbox:
        (Path(name) / "empty.cfg").touch()
        slices = Slices(sandbox, Path(name), options)
        slices.measure(Place(0), 1)  # What is compiled once does not count.
        for place in (Place(latency), Place(latency, options.limit)):
            rows = [(count, slices.measure(place, count)) for count in options.slices]
            sys.stdout.write(f"{table(place, options.size, rows)}\n\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
