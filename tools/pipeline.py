# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps, and how they run: side by side, each with a log of its own and one line of report."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from processes import run_group, stop_all
from pythons import Core, Python

# How much of a failed step's log is shown.
TAIL = 60

# No command takes nearly as long; one that hangs must not hang the run.
SECONDS = 3000


class StepFailed(Exception):
    """A step did not pass; the message says why."""


@dataclass(frozen=True)
class Context:
    """What a step works with: its own copy of the collection, its log, and the programs."""

    name: str
    work: Path
    tree: Path
    log: Path
    python: Python
    lint: Path
    tests: Path
    uv: Path | None
    environment: Mapping[str, str]

    @property
    def root(self) -> Path:
        """Return the directory that holds ansible_collections."""
        return self.tree.parents[2]

    def variables(self, programs: Path | None) -> dict[str, str]:
        """Return the environment variables for a command, with these programs before the machine's own."""
        path = self.environment["PATH"]
        return {**self.environment, "PATH": f"{programs}{os.pathsep}{path}" if programs else path}

    def run(self, programs: Path | None, *command: str | Path, cwd: Path | None = None, **variables: str) -> str:
        """Run a command, add what it says to the log, and return that; a failure fails the step."""
        line = " ".join(map(str, command))
        with self.log.open("a+", encoding="utf-8") as log:
            log.write(f"$ {line}\n")
            log.flush()
            start = log.tell()
            code = run_group(
                command, cwd or self.tree, {**self.variables(programs), **variables}, output=log, seconds=SECONDS
            )
            log.seek(start)
            said = log.read()
        if code != 0:
            raise StepFailed(f"exit status {code}: {line}")
        return said


@dataclass(frozen=True)
class Step:
    """A named check: a function that returns what it looked at, or raises."""

    name: str
    check: Callable[[Context], str]
    after: tuple[str, ...] = ()
    deep: bool = False
    """It takes long, or does another one's work more strictly, so it runs when it is asked for by name only."""
    matrix: bool = False
    """It is about another ansible-core or Python than the run, so it runs where all of them have to be there."""
    python: tuple[int, int] = (3, 10)
    """The oldest Python that it works with."""
    programs: tuple[str, ...] = ()
    """What it needs beside Python and git."""
    core: Core | None = None
    """The ansible-core that it is about, where that is not the one of the run."""


@dataclass(frozen=True)
class Outcome:
    """How a step ended: ok, FAIL or skip."""

    word: str
    step: Step
    text: str
    seconds: float = 0.0
    log: Path | None = None

    def __str__(self) -> str:
        lines = [f"{self.word:4}  {self.step.name:20}  {self.seconds:4.0f} s  {self.text}"]
        if self.word == "FAIL" and self.log:
            lines += [f"| {line}" for line in last_lines(self.log)] + [f"whole log: {self.log}"]
        return "\n      ".join(lines)


def last_lines(log: Path) -> list[str]:
    """Return the end of a log."""
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:] if log.exists() else []


def with_needed(steps: Sequence[Step], wanted: Iterable[str]) -> list[Step]:
    """Return the wanted steps and those that they come after, in order; an unknown name is an error."""
    by_name = {step.name: step for step in steps}
    chosen: set[str] = set()
    queue = list(wanted)
    while queue:
        name = queue.pop()
        if name not in by_name:
            raise LookupError(f"There is no step {name!r}: {', '.join(by_name)}.")
        if name not in chosen:
            chosen.add(name)
            queue += by_name[name].after
    return [step for step in steps if step.name in chosen]


def carry_out(step: Step, context_for: Callable[[Step], Context]) -> Outcome:
    """Run one step; nothing that happens inside may look like success."""
    began = time.monotonic()
    context: Context | None = None
    try:
        context = context_for(step)
        word, text = "ok", step.check(context)
    except StepFailed as failure:
        word, text = "FAIL", str(failure)
    except Exception as error:  # noqa: BLE001  a broken step is a failed step
        word, text = "FAIL", f"{type(error).__name__}: {error}"
    return Outcome(word, step, text, time.monotonic() - began, context.log if context else None)


@contextlib.contextmanager
def ended_on_interrupt(pool: ThreadPoolExecutor) -> Iterator[None]:
    """Leave nothing behind that runs when the user has had enough."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        stop_all()
        raise


@dataclass
class Pipeline:
    """Runs steps as soon as those before them have passed."""

    context_for: Callable[[Step], Context]
    report: Callable[[Outcome], None]
    workers: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def note(self, outcome: Outcome) -> None:
        """Remember and report an outcome."""
        self.outcomes[outcome.step.name] = outcome
        self.report(outcome)

    def run(self, steps: Sequence[Step]) -> list[Outcome]:
        """Run all steps and return their outcomes."""
        waiting = list(steps)
        running: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(self.workers) as pool, ended_on_interrupt(pool):
            while waiting or running:
                for step in [step for step in waiting if self.outcomes.keys() >= set(step.after)]:
                    waiting.remove(step)
                    broken = [name for name in step.after if self.outcomes[name].word != "ok"]
                    if broken:
                        self.note(Outcome("skip", step, f"because {', '.join(broken)} did not pass"))
                    else:
                        running.add(pool.submit(carry_out, step, self.context_for))
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    self.note(future.result())
        return list(self.outcomes.values())


def summary(outcomes: Iterable[Outcome]) -> str:
    """Return the last line of a run."""
    words = [outcome.word for outcome in outcomes]
    text = f"{words.count('ok')} passed, {words.count('FAIL')} failed"
    return text + (f", {words.count('skip')} skipped" if "skip" in words else "")
