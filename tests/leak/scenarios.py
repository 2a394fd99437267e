# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks claim: each task with `expect` in its vars is a scenario, and says how it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]

from tests.leak.running import HERE, Finished

ENDINGS = ("ok", "changed", "failed")
"""From the least to the most: a scenario of several tasks ends like the worst of them."""


@dataclass(frozen=True)
class Scenario:
    """A task and its ending.

    :param expect: one of ENDINGS
    :param says: a regular expression that its message has to match
    """

    playbook: str
    name: str
    expect: str
    says: str


def scenarios(playbook: str) -> list[Scenario]:
    """Return what a playbook claims."""
    (play,) = yaml.safe_load((HERE / "scenarios" / playbook).read_text(encoding="utf-8"))
    return [
        # Many servers are one task: the name of each is made like Ansible makes it.
        Scenario(
            playbook,
            task["name"].replace("{{ echo.mode }}", item.get("mode", "")),
            task["vars"]["expect"],
            str(item.get("says") or task["vars"].get("says") or ""),
        )
        for task in _tasks(play["tasks"])
        if "expect" in task.get("vars", {})
        for item in task.get("loop", [{}])
    ]


def _tasks(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in tasks:
        yield task
        for part in ("block", "rescue", "always"):
            yield from _tasks(task.get(part, []))


def deviation(scenario: Scenario, finished: Finished) -> str:
    """Return how a scenario ended otherwise than it claims, or ''."""
    ended = [
        event for event in finished.events if event["scenario"] == scenario.name and event["event"] in ("ok", "failed")
    ]
    if not ended:
        return "it did not run"
    endings = ["changed" if e["event"] == "ok" and e["result"].get("changed") else e["event"] for e in ended]
    worst = max(endings, key=ENDINGS.index)
    messages = " | ".join(str(event["result"].get("msg", "")) for event in ended)
    if worst != scenario.expect:
        return f"it ended {worst} and not {scenario.expect}: {messages}"
    return "" if re.search(scenario.says, messages) else f"it does not say {scenario.says!r}: {messages}"
