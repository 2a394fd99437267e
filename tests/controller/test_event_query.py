# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queries that count managed nodes find the instances in the events of jobs, and nothing else of a result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jq
import pytest
import yaml

from tests.collection import ROOT
from tests.controller.jobs import Ended, Job
from tests.controller.surroundings import Surroundings

QUERIES: Mapping[str, Mapping[str, str]] = yaml.safe_load(
    (ROOT / "extensions/audit/event_query.yml").read_text(encoding="utf-8")
)
PROVISION = "cloud_elements.platform.provision"
WANTED = [{"name": "Acme CRM", "autotask": {"hub": "crm"}}, {"name": "Acme contacts", "act365": {}}]
NAMES = {one["name"] for one in WANTED}
KEYS = {"name", "canonical_facts", "facts"}
FACTS = {"infra_type": "PublicCloud", "infra_bucket": "Integration", "device_type": "Element instance"}
ONE_BY_ONE = json.dumps(
    [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [
                {
                    "name": "One by one",
                    "cloud_elements.platform.ce_instance": {
                        "name": "{{ item.name }}",
                        "autotask": "{{ item.autotask | default(omit) }}",
                        "act365": "{{ item.act365 | default(omit) }}",
                    },
                    "loop": WANTED,
                },
                {
                    "name": "With a token, which hides the result",
                    "cloud_elements.platform.ce_instance": {
                        "name": "Acme contacts",
                        "act365": {},
                        "return_token": True,
                    },
                },
                {
                    "name": "Without one of them",
                    "cloud_elements.platform.ce_instance": {
                        "name": "Gone",
                        "element": "actessentials",
                        "state": "absent",
                    },
                },
            ],
        }
    ]
)


def nodes(ended: Ended) -> list[dict[str, Any]]:
    """Return what a controller counts: it applies the query of a module to the result in each event of the module."""
    return [
        node
        for event in ended.events
        if event.get("event_data", {}).get("task_action") in QUERIES and "res" in event["event_data"]
        for node in jq.compile(QUERIES[event["event_data"]["task_action"]]["query"])
        .input_value(event["event_data"]["res"])
        .all()
    ]


def found(ended: Ended) -> list[tuple[str, int, str]]:
    """Return the nodes of a job, each once, and check that they tell nothing else."""
    for node in nodes(ended):
        assert node.keys() == KEYS
        assert node["canonical_facts"].keys() == {"instance_id", "element"}
        assert node["facts"] == FACTS
    return sorted(
        {
            (node["name"], node["canonical_facts"]["instance_id"], node["canonical_facts"]["element"])
            for node in nodes(ended)
        }
    )


def test_the_queries_are_for_the_modules_that_manage_instances() -> None:
    assert set(QUERIES) == {f"cloud_elements.platform.{name}" for name in ("ce_instance", "ce_instances")}
    for name in QUERIES:
        assert (ROOT / f"plugins/modules/{name.rpartition('.')[2]}.py").exists()


@pytest.mark.in_ci
def test_the_instances_of_a_list_are_counted(surroundings: Surroundings) -> None:
    job = Job(PROVISION, {"instances_list": WANTED}, surroundings.credentials())
    preview = surroundings.run(Job(job.playbook, job.variables, job.environment, arguments=("--check",)), "preview")
    assert preview.status == "successful", preview
    assert found(preview) == []

    first = surroundings.run(job, "first")
    assert first.status == "successful", first
    assert {name for name, _number, _element in found(first)} == NAMES
    ids = {one["name"]: one["id"] for one in surroundings.there()}
    assert {name: number for name, number, _element in found(first)} == ids

    absent = {"id": 99999999, "state": "absent"}
    all_of_them = {"instances_list": [*WANTED, absent], "instances_return_all": True}
    second = surroundings.run(Job(PROVISION, all_of_them, surroundings.credentials()), "second")
    assert second.status == "successful", second
    assert found(second) == found(first)


@pytest.mark.in_ci
def test_instances_one_by_one_are_counted(surroundings: Surroundings) -> None:
    ended = surroundings.run(Job(f"{ONE_BY_ONE}\n", environment=surroundings.credentials()), "one by one")
    assert ended.status == "successful", ended
    assert {name for name, _number, _element in found(ended)} == NAMES
    assert len(nodes(ended)) == len(NAMES)
