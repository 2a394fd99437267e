# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who takes part, and how each is started."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEFAULT_CONCURRENCY = 8
LOOPS_UP_TO = 100
"""Longer loops are not run: what they take is estimated."""


@dataclass(frozen=True)
class Lists:
    """Where one list of instances is: as extra variables, and as it is."""

    variables: Path
    plain: Path


@dataclass(frozen=True)
class Contestant:
    """One way to do it.

    `playbook`: None for the one that is not Ansible. `threads`: which of the asked concurrencies it runs with: "none"
    for those that do one thing after another, "default", or "all". `longest`: the longest list it is run with.
    `rotates`: whether it notices a new password.
    """

    name: str
    playbook: str | None = None
    threads: str = "none"
    longest: int | None = None
    rotates: bool = True

    def concurrencies(self, asked: Sequence[int], size: int) -> list[int | None]:
        """Return the concurrencies to run with; threads that would have nothing to do are left out."""
        if self.threads == "none":
            return [None]
        if self.threads == "default":
            return [DEFAULT_CONCURRENCY]
        return [number for number in asked if number <= size or number == DEFAULT_CONCURRENCY]

    def measured(self, size: int) -> bool:
        """Tell whether it is run with a list of this length."""
        return self.longest is None or size <= self.longest

    def command(self, lists: Lists, state: str, concurrency: int | None) -> list[str]:
        """Return the command line; secrets of the platform are in the environment."""
        if self.playbook is None:
            return [sys.executable, "-m", "tests.benchmark.bare", state, str(lists.plain), str(concurrency)]
        facts = {
            "ansible_python_interpreter": sys.executable,
            "benchmark_concurrency": concurrency or DEFAULT_CONCURRENCY,
            "benchmark_file": str(lists.plain),
        }
        program = Path(sys.executable).with_name("ansible-playbook")
        wants = () if self.playbook in ("file.yml", "empty.yml") else ("-e", f"@{lists.variables}")
        return [sys.executable, str(program), "-e", json.dumps(facts), *wants, str(HERE / self.playbook)]


FLEET = Contestant("ce_instances from variables", "variables.yml", threads="all")
BARE = Contestant("bare Python", threads="all")
FLOOR = Contestant("empty play", "empty.yml")
"""Takes the same whatever the list is, so it is run once for all."""

CONTESTANTS = (
    FLEET,
    Contestant("ce_instances from a file", "file.yml", threads="default"),
    Contestant("ce_instance in a loop", "one_by_one.yml", longest=LOOPS_UP_TO),
    Contestant("uri with one list", "by_hand.yml", longest=LOOPS_UP_TO, rotates=False),
    Contestant("uri with a search for each", "by_hand_each.yml", longest=LOOPS_UP_TO, rotates=False),
    BARE,
)
