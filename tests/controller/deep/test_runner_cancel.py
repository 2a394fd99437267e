# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job that its controller cancels in the middle of a list.

On cancelling, a controller sends SIGTERM to ansible-runner, which looks every five seconds whether it has come. Then it
kills Ansible with its terminal: what the task says as it stops, nobody reads any more. So what a cancelled job shows is
how far it had come.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from tests.controller.jobs import Job, ended, run, started
from tests.controller.surroundings import MAIN, Surroundings

COUNT = 300
ENOUGH = 60
"""Creations after which the job is cancelled: some seconds of work."""
WANTED = [{"name": f"Item {number}", "act365": {}, "verify": "never"} for number in range(COUNT)]


def test_a_cancelled_job_shows_how_far_it_came_and_the_next_one_finishes(surroundings: Surroundings) -> None:
    job = Job(
        "cloud_elements.platform.provision",
        {"instances_list": WANTED, "instances_concurrency": 4},
        surroundings.credentials(),
    )
    surroundings.control("PUT", "/settings", {"latency": 0.25})
    directory = surroundings.directory / "cancelled"
    with started(job, directory) as process:
        _wait(lambda: len(surroundings.there()) >= ENOUGH)
        workers = _descendants(process.pid)
        process.terminate()
        process.wait(60)
        # The task finishes what is under way, also without anybody who waits for its result.
        _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    cancelled = ended(directory)
    assert cancelled.status == "canceled"
    told = re.findall(rf"ce_instances: (\d+) of {COUNT} \(\d+ %\), \d+ created", cancelled.said)
    assert told, cancelled
    made = len(surroundings.there())
    assert int(told[-1]) <= made < COUNT
    assert surroundings.leaks(job, cancelled) == []

    surroundings.control("PUT", "/settings", {"latency": 0})
    (result,) = run(job, surroundings.directory / "next").results(MAIN)

    assert (result["summary"]["created"], result["summary"]["unchanged"]) == (COUNT - made, made)
    assert sorted(one["name"] for one in surroundings.there()) == sorted(str(one["name"]) for one in WANTED)


def _wait(ready: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 90
    while not ready():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [found for child in map(int, children) for found in (child, *_descendants(child))]
