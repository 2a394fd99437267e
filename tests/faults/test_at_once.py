# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several ansible-playbook processes create the same instances at the same moment."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.collection import collections_in
from tests.faults.playbooks import item, started, told
from tests.faults.world import World
from tests.sandbox.process import Running

DEEP = os.environ.get("FAULTS_PROFILE") == "deep"
# Three jobs do all that two do, and the last of them finds two losers.
JOBS = (2, 3) if DEEP else (3,)
ROUNDS = 20 if DEEP else 2
SECONDS = 300
NAMES = tuple(f"Round {number}" for number in range(ROUNDS))
WANTED = [item(name) for name in NAMES]


@pytest.mark.parametrize("lag", [0, 0.3], ids=["at once", "later"])
@pytest.mark.parametrize("jobs", JOBS)
@pytest.mark.parametrize("fleet", [False, True], ids=["one by one", "in one task"])
def test_one_remains_and_every_job_tells_its_id(
    world: World, sandbox: Running, tmp_path: Path, *, fleet: bool, jobs: int, lag: float
) -> None:
    world.mode(listing_lag=lag)
    # None of them can see what another makes: they all looked before the first was carried out.
    world.fault(method="POST", path="/instances", together=jobs, times=None)
    collections = collections_in(tmp_path)
    reports = [tmp_path / f"{number}.json" for number in range(jobs)]
    with contextlib.ExitStack() as stack:
        running = [
            # One at a time: those that wait for each other shall be of different jobs.
            stack.enter_context(started(sandbox, collections, report, WANTED, fleet=fleet, concurrency=1))
            for report in reports
        ]
        for process in running:
            said, _nothing = process.communicate(timeout=SECONDS)
            assert process.returncode == 0, said.decode()
    of_jobs = [told(report) for report in reports]
    there = {one["name"]: number for number, one in world.there().items()}
    assert sorted(there) == sorted(NAMES)
    assert len(world.there()) == ROUNDS
    for of_one_job in of_jobs:
        assert {name: one["instance"]["id"] for name, one in of_one_job.items()} == there
    created = Counter(name for of_one_job in of_jobs for name, one in of_one_job.items() if one["action"] == "created")
    assert created == Counter(NAMES)
    writes = Counter(sent["method"] for sent in world.control("GET", "/requests")["requests"])
    assert (writes["POST"], writes["DELETE"]) == (jobs * ROUNDS, (jobs - 1) * ROUNDS)
