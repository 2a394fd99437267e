# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit tests of the plugins, and how much of these they run.

The integration tests run little that these do not, and take nearly twice as long when they are measured.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import Context, Step, StepFailed
from test_steps import tests_passed

ENOUGH = 99.0
"""Per cent of all plugins."""

PURE = (
    *(f"plugins/module_utils/_{name}.py" for name in ("elements", "errors", "events", "export", "input", "instance")),
    *(f"plugins/module_utils/_{name}.py" for name in ("plan", "report", "secrets", "select", "spec", "stamp")),
    *(
        f"plugins/plugin_utils/_{name}.py"
        for name in ("controller_credentials", "credential_users", "drift", "exported")
    ),
)
"""Rooms without I/O, where no line and no branch is hard to reach: all of them run."""


@dataclass(frozen=True)
class Covered:
    """How many of the lines that can run did, and how many of the ways that lead on from them were taken."""

    lines: int
    all_lines: int
    branches: int
    all_branches: int

    @classmethod
    def of(cls, totals: Mapping[str, Any]) -> "Covered":
        """Read what the tool counted."""
        names = ("covered_lines", "num_statements", "covered_branches", "num_branches")
        return cls(*(int(totals[name]) for name in names))

    @property
    def least(self) -> float:
        """The lower one of both shares, in per cent."""
        return min(share(self.lines, self.all_lines), share(self.branches, self.all_branches))

    def __str__(self) -> str:
        lines, branches = share(self.lines, self.all_lines), share(self.branches, self.all_branches)
        return f"{lines:.1f} % of lines and {branches:.1f} % of branches"


def share(part: int, whole: int) -> float:
    """Return a part in per cent; all of nothing is all."""
    return 100.0 * part / whole if whole else 100.0


def unseen(tree: Path, files: Iterable[str]) -> list[str]:
    """Return the plugins that nothing imported: the tool does not know of them, so they would not count."""
    there = {str(path.relative_to(tree)) for path in tree.glob("plugins/**/*.py")}
    return sorted(there.difference(files))


def incomplete(files: Mapping[str, Any]) -> list[str]:
    """Return the pure rooms of which something did not run."""
    return [name for name in PURE if name not in files or Covered.of(files[name]["summary"]).least < 100.0]


def units(step: Context) -> str:
    """The unit tests of the plugins; they run all lines and branches of the pure rooms, nearly all of the others."""
    command = ("coverage", "run", "-m", "pytest", "tests/unit/plugins")
    passed = tests_passed(step.run(step.tests, *command, PYTHONPATH=f"{step.root}"))
    # Whoever wants to know which lines are missing reads the log.
    step.run(step.tests, "coverage", "report", "--show-missing")
    step.run(step.tests, "coverage", "json", "--quiet", "-o", "coverage.json")
    counted = json.loads((step.tree / "coverage.json").read_text(encoding="utf-8"))
    if missing := unseen(step.tree, counted["files"]):
        raise StepFailed(f"no test imports {', '.join(missing)}")
    if partly := incomplete(counted["files"]):
        raise StepFailed(f"the unit tests do not run all of {', '.join(partly)}")
    covered = Covered.of(counted["totals"])
    if covered.least < ENOUGH:
        raise StepFailed(f"{covered}, and {ENOUGH:g} % of both are wanted")
    return f"{passed}, {covered}"


COVERAGE_STEPS = (Step("units", units),)
