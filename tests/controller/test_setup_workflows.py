# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup creates the workflows, and leaves the nodes of a complete one alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.controller.controller_api import Controller
from tests.controller.setting_up import PROJECT, Setup, changed
from tests.controller.setup_data import TEMPLATES, all_in

pytestmark = pytest.mark.in_ci

WORKFLOWS = all_in("workflows")
NAME = "Cloud Elements - Rotate AutoTask after approval"


def nodes_of(controller: Controller, workflow: str) -> dict[str, dict[str, Any]]:
    """Return the nodes of a workflow by their identifiers, each with what it starts and what comes next."""
    number = controller.named("workflow_job_templates")[workflow]["id"]
    nodes = {
        each["id"]: each
        for each in controller.objects["workflow_job_template_nodes"].values()
        if each["workflow_job_template"] == number
    }
    templates = controller.objects["job_templates"]
    approvals = {each["url"]: each for each in controller.objects["workflow_approval_templates"].values()}
    return {
        each["identifier"]: {
            "job_template": templates.get(each.get("unified_job_template"), {}).get("name"),
            "job_type": each.get("job_type"),
            "approval": approvals.get(each["related"].get("unified_job_template")),
            "success": [
                nodes[after]["identifier"] for after in controller.attached.get((each["id"], "success_nodes"), [])
            ],
        }
        for each in nodes.values()
    }


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_starts_job_templates_of_the_setup_and_each_next_node_exists(name: str) -> None:
    nodes = {node["identifier"]: node for node in WORKFLOWS[name]["nodes"]}
    assert name.startswith("Cloud Elements - ")
    for node in nodes.values():
        assert ("job_template" in node) is not ("approval" in node)
        assert set(node.get("success", [])) <= set(nodes)
        if "job_type" in node:
            assert TEMPLATES[node["job_template"]]["ask_job_type_on_launch"]
    assert [node.get("job_type") for node in nodes.values()] == ["check", None, None]


def test_a_workflow_previews_waits_for_an_approval_and_rotates(controller: Controller, setup: Setup) -> None:
    ended = setup.job(PROJECT)
    assert ended.status == "successful", ended
    nodes = nodes_of(controller, NAME)
    approval = nodes["Approval"].pop("approval")
    assert {key: approval[key] for key in ("name", "timeout")} == {
        "name": "Approve the rotation of the AutoTask login",
        "timeout": 259200,
    }
    preview = {"job_template": "Cloud Elements - Provision", "job_type": "check", "approval": None}
    rotation = {"job_template": "Cloud Elements - Rotate AutoTask", "job_type": None, "approval": None}
    assert nodes == {
        "Preview": {**preview, "success": ["Approval"]},
        "Approval": {"job_template": None, "job_type": None, "success": ["Rotation"]},
        "Rotation": {**rotation, "success": []},
    }

    # Somebody puts a node of their own between two others. The next run leaves it there.
    (workflow,) = controller.objects["workflow_job_templates"]
    by_name = {each["identifier"]: each["id"] for each in controller.objects["workflow_job_template_nodes"].values()}
    theirs = controller.add("workflow_job_template_nodes", {"identifier": "Theirs", "workflow_job_template": workflow})[
        "id"
    ]
    controller.attached[by_name["Approval"], "success_nodes"] = [theirs]
    for arguments in ((), ("--check",)):
        ended = setup.job(PROJECT, *arguments)
        assert ended.status == "successful", ended
        assert controller.writes == []
        assert not changed(ended), ended

    # An earlier run was interrupted, and the first node is missing.
    controller.objects["workflow_job_template_nodes"].pop(by_name["Preview"])
    ended = setup.job(PROJECT)
    assert ended.status == "successful", ended
    assert nodes_of(controller, NAME)["Preview"] == {**preview, "success": ["Approval"]}
