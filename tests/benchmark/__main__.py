# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.benchmark`: run everything, print the tables, and write benchmark.json and benchmark.svg."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Callable

from tests.benchmark import tables
from tests.benchmark.contestants import CONTESTANTS, DEFAULT_CONCURRENCY, FLOOR, Contestant
from tests.benchmark.results import Place, Results, Row
from tests.benchmark.runner import Run, Runner, WrongWork
from tests.benchmark.service import Service
from tests.benchmark.wanted import STATES
from tests.collection import ROOT
from tests.sandbox.process import StartFailedError, running

LONG = 60.0
"""Seconds after which a repetition is not worth its time."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    names = ", ".join(f'"{contestant.name}"' for contestant in CONTESTANTS)
    work = Path(os.environ.get("CI_WORK") or ROOT / ".work")
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--sizes", type=_numbers(1), default=[1, 10, 100, 1000], help="lengths of the list")
    parser.add_argument("--latencies", type=_numbers(0), default=[0, 50], help="of the sandbox, in ms")
    parser.add_argument("--concurrency", type=_numbers(1), default=[1, DEFAULT_CONCURRENCY, 32], help="at a time")
    parser.add_argument("--repetitions", type=_number, default=3, help="none for what takes a minute")
    parser.add_argument("--only", help=f"names of contestants, or a part of them: {names}", default="")
    parser.add_argument("--output", type=Path, default=work.resolve() / "benchmark", help="directory (%(default)s)")
    return parser.parse_args()


def _number(text: str) -> int:
    return _numbers(1)(text)[0]


def _numbers(least: int) -> Callable[[str], list[int]]:
    def numbers(text: str) -> list[int]:
        found = sorted({int(word) for word in text.split(",")})
        if found[0] < least:
            raise argparse.ArgumentTypeError(f"{found[0]} is less than {least}")
        return found

    return numbers


def say(line: str) -> None:
    """Tell how it goes, beside the tables."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


class Benchmark:
    """One run of everything."""

    def __init__(self, service: Service, runner: Runner, options: argparse.Namespace) -> None:
        self._service = service
        self._runner = runner
        self._options = options
        self.results = Results()

    def run(self, contestants: Sequence[Contestant]) -> None:
        """Measure all contestants everywhere."""
        say("warming up: what is compiled once does not count")
        for contestant in (FLOOR, *contestants):
            self._once(contestant, 1, DEFAULT_CONCURRENCY, latency=0)
        floor = [self._runner.run(FLOOR, 1, STATES[1], None) for _repetition in range(self._options.repetitions)]
        for latency in self._options.latencies:
            for size in self._options.sizes:
                for contestant in contestants:
                    if contestant.measured(size):
                        for concurrency in contestant.concurrencies(self._options.concurrency, size):
                            self._measure(contestant, size, concurrency, latency / 1000)
        self.results.complete(floor)

    def _measure(self, contestant: Contestant, size: int, concurrency: int | None, latency: float) -> None:
        rounds = []
        for _repetition in range(self._options.repetitions):
            rounds.append(self._once(contestant, size, concurrency, latency))
            if sum(run.seconds for run in rounds[-1].values()) > LONG:
                break
        row = Row(contestant.name, concurrency)
        for state in rounds[0]:
            self.results.add(Place(latency, state, size), row, [one[state] for one in rounds])
        told = ", ".join(f"{state} {run.seconds:.2f} s" for state, run in rounds[-1].items())
        say(f"{size} instances, {latency * 1000:g} ms, {row}: {told}{f' (x {len(rounds)})'}")

    def _once(self, contestant: Contestant, size: int, concurrency: int | None, latency: float) -> dict[str, Run]:
        """From an empty account through all states, each of which needs the one before."""
        self._service.reset(latency)
        states = [state for state in STATES if contestant.rotates or state != "rotated"]
        return {state: self._runner.run(contestant, size, state, concurrency) for state in states}


@contextmanager
def _service(scratch: Path) -> Iterator[Service]:
    with running(scratch / "sandbox", "--fresh") as sandbox:
        yield Service(sandbox)


def main() -> int:
    """Run the program."""
    options = arguments()
    contestants = [one for one in CONTESTANTS if any(word in one.name for word in options.only.split(","))]
    if not contestants:
        raise WrongWork(f"No contestant is called {options.only}.")
    # Missing libraries are found now, and not after half an hour.
    from tests.benchmark.plot import draw  # noqa: PLC0415

    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch, _service(Path(scratch)) as service:
        say("measuring what the sandbox can do at most")
        ceilings = service.ceilings()
        benchmark = Benchmark(service, Runner(service, Path(scratch)), options)
        benchmark.run(contestants)
    options.output.mkdir(parents=True, exist_ok=True)
    machine = {
        "ansible-core": version("ansible-core"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
    }
    written = {"machine": machine, "ceilings": ceilings, "cells": tables.data(benchmark.results)}
    (options.output / "benchmark.json").write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    draw(benchmark.results, options.output / "benchmark.svg")
    facts = ", ".join(f"{name} {value}" for name, value in machine.items())
    sys.stdout.write(f"{facts}\n\n{tables.text(benchmark.results, ceilings)}")
    say(f"done in {time.monotonic() - began:.0f} s; {options.output}/benchmark.json and benchmark.svg")
    return 0


if __name__ == "__main__":
    # Whoever ends this ends all of it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except (WrongWork, StartFailedError) as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
