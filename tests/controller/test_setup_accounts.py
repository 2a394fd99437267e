# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup for two accounts of Cloud Elements in one controller."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.controller.controller_api import Controller
from tests.controller.setting_up import PROJECT, Setup, changed
from tests.controller.setup_data import CREDENTIAL_TYPES, TEMPLATES
from tests.guides.playing import file_of


def belonging_to(controller: Controller, organization: int) -> dict[str, list[dict[str, Any]]]:
    """Return what an organization has, by kind."""
    return {
        kind: [each for each in held.values() if each.get("organization") == organization]
        for kind, held in controller.objects.items()
    }


def test_two_accounts_are_set_up_as_the_guide_says_and_leave_each_other_alone(
    controller: Controller, setup: Setup
) -> None:
    first = yaml.safe_load(file_of("controller", "controller.yml"))
    second = yaml.safe_load(file_of("controller", "controller-eu.yml"))
    for variables in (first, second):
        ended = setup.job(variables)
        assert ended.status == "successful", ended
    organizations = controller.named("organizations")
    for variables in (first, second):
        prefix = variables.get("controller_setup_prefix", "Cloud Elements")
        made = belonging_to(controller, organizations[variables["controller_setup_organization"]]["id"])
        (project,), (inventory,) = made["projects"], made["inventories"]
        (environment,) = made["execution_environments"]
        assert {each["name"] for each in (project, inventory, environment)} == {prefix}
        assert environment["image"] == variables["controller_setup_execution_environment_image"]
        assert {each["name"] for each in made["job_templates"]} == {
            name.replace("Cloud Elements", prefix) for name in TEMPLATES
        }
        for template in made["job_templates"]:
            assert template["project"] == project["id"]
            assert template["inventory"] == inventory["id"]
            assert template["execution_environment"] == environment["id"]
        (drift,) = [each["id"] for each in made["job_templates"] if each["name"].endswith(" - Drift")]
        schedule = controller.named("schedules")[f"{prefix} - Drift, every night"]
        assert schedule["unified_job_template"] == drift
    assert len(controller.objects["credential_types"]) == len(CREDENTIAL_TYPES)

    ended = setup.job(first)
    assert ended.status == "successful", ended
    assert controller.writes == []


def test_two_organizations_may_use_the_same_names(controller: Controller, setup: Setup) -> None:
    types = [controller.add("credential_types", {**CREDENTIAL_TYPES["AutoTask"], "name": "Source Control"})["id"]]
    ids = {}
    for name in ("Acme", "Beta"):
        organization = controller.add("organizations", {"name": name})["id"]
        credential = {"name": "Git", "credential_type": types[0], "organization": organization}
        ids[organization] = controller.add("credentials", credential)["id"]
        variables = {"controller_setup_organization": name, "controller_setup_project_credential": "Git"}
        ended = setup.job({**PROJECT, **variables})
        assert ended.status == "successful", ended
    for organization, credential in ids.items():
        made = belonging_to(controller, organization)
        assert [each["credential"] for each in made["projects"]] == [credential]
        assert {each["inventory"] for each in made["job_templates"]} == {made["inventories"][0]["id"]}
        assert len(made["job_templates"]) == len(TEMPLATES)
    assert len(controller.objects["schedules"]) == len(controller.objects["hosts"]) == len(ids)


@pytest.mark.parametrize("arguments", [(), ("--check",)], ids=["run", "check"])
def test_an_execution_environment_of_another_organization_is_left_alone(
    controller: Controller, setup: Setup, arguments: tuple[str, ...]
) -> None:
    image = {"controller_setup_execution_environment_image": "registry.example.com/cloud-elements-ee:1"}
    other = controller.add("organizations", {"name": "Acme"})["id"]
    theirs = controller.add(
        "execution_environments", {"name": "Cloud Elements", "image": "ours", "organization": other}
    )
    before = dict(theirs)
    ended = setup.job({**PROJECT, **image, "controller_setup_organization": "Beta"}, *arguments)
    assert ended.status == "failed", ended
    assert 'The execution environment "Cloud Elements" belongs to another organization' in ended.said
    assert theirs == before
    assert set(controller.named("organizations")) == {"Acme"}


def test_an_execution_environment_of_all_organizations_is_used(controller: Controller, setup: Setup) -> None:
    image = "registry.example.com/cloud-elements-ee:1"
    shared = controller.add("execution_environments", {"name": "Cloud Elements", "image": image, "organization": None})
    ended = setup.job({**PROJECT, "controller_setup_execution_environment_image": image})
    assert ended.status == "successful", ended
    assert shared["organization"] is None
    assert {each["execution_environment"] for each in controller.objects["job_templates"].values()} == {shared["id"]}
    ended = setup.job({**PROJECT, "controller_setup_execution_environment_image": image}, "--check")
    assert not changed(ended), ended
