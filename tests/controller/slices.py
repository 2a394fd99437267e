# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices of a job, as a controller cuts its inventory, run at the same time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.controller.jobs import SECONDS, Ended, Job, ended, started
from tests.sandbox.process import Running

TASK = "Apply the list of element instances"

CREDENTIALS = {
    "CLOUD_ELEMENTS_ACT365_API_KEY": "act-example-api-key",
    "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY": "act-example-developer-key",
}

Hosts = Mapping[str, Mapping[str, Any]]
"""The hosts of an inventory, with their variables."""


def cut(hosts: Hosts, count: int) -> list[Hosts]:
    """Return the hosts of each slice: of the sorted names every so many-th, as AWX does in `get_script_data`."""
    names = sorted(hosts)
    return [{name: hosts[name] for name in names[number::count]} for number in range(count)]


def inventory(hosts: Hosts) -> str:
    """Return the text of an inventory. A controller, too, hands all variables over with their hosts."""
    # JSON is YAML.
    return json.dumps({"all": {"hosts": hosts}})


def shards(number: int, each: int) -> dict[str, dict[str, Any]]:
    """Return hosts with as many instances each, whose names and owners are their own."""
    return {
        shard: {"instances_list": items(shard, each), "instances_owner": shard}
        for shard in (f"shard-{one}" for one in range(1, number + 1))
    }


def items(word: str, number: int) -> list[dict[str, Any]]:
    """Return a list of instances."""
    return [{"name": f"{word} {one:02}", "act365": {}} for one in range(1, number + 1)]


def names(hosts: Hosts) -> list[str]:
    """Return the names of all instances that hosts have in their lists."""
    return sorted(item["name"] for variables in hosts.values() for item in variables["instances_list"])


def jobs(sandbox: Running, slices: Sequence[Hosts], **variables: Any) -> list[Job]:
    """Return a job for each slice."""
    job = Job(
        "cloud_elements.platform.provision",
        variables={"provision_hosts": "all", "instances_return_all": True, **variables},
        environment={**sandbox.environment, **CREDENTIALS},
    )
    return [replace(job, inventory=inventory(hosts)) for hosts in slices]


def run_at_once(jobs: Sequence[Job], directory: Path) -> list[Ended]:
    """Start jobs, each in a process of its own, wait for all, and return them in their order."""
    folders = [directory / f"slice-{number}" for number, _job in enumerate(jobs, start=1)]
    with contextlib.ExitStack() as stack:
        for process in [stack.enter_context(started(*one)) for one in zip(jobs, folders)]:
            process.wait(SECONDS)
    return [ended(folder) for folder in folders]


def told(job: Ended) -> dict[str, dict[str, Any]]:
    """Return what the role's task told of each host."""
    # A line of progress has no data.
    events = [event["event_data"] for event in job.events if "event_data" in event]
    return {data["host"]: data["res"] for data in events if data.get("task") == TASK and "res" in data}


def actions(job: Ended) -> dict[str, str]:
    """Return what was done to each instance that a job tells of."""
    return {one["name"]: one["action"] for result in told(job).values() for one in result["instances"]}


def kill(pid: int) -> None:
    """Kill a process and all that it started, as when the machine is gone."""
    family = [pid, *_children(pid)]
    for member in family:
        # Nobody may start another one while the others are killed.
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGSTOP)
    for member in {*family, *_children(pid)}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def _children(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, thread.read_text(encoding="ascii").split()):
                yield child
                yield from _children(child)
