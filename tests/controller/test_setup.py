# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup, with the real modules of awx.awx, against a stand-in for a controller."""

from __future__ import annotations

import pytest
import yaml

from tests.controller.controller_api import PASSWORD, TOKEN, USERNAME, Controller
from tests.controller.setting_up import PROJECT, Setup, changed
from tests.controller.setup_data import CREDENTIAL_TYPES, TEMPLATES
from tests.guides.playing import file_of


def test_a_new_controller_is_set_up_as_the_guide_tells(controller: Controller, setup: Setup) -> None:
    first = yaml.safe_load(file_of("controller", "controller.yml"))
    ended = setup.job(first)
    assert ended.status == "successful", ended
    types = controller.named("credential_types")
    for name, body in CREDENTIAL_TYPES.items():
        assert {key: types[name][key] for key in body} == body
    (project,), (inventory,) = controller.objects["projects"].values(), controller.objects["inventories"].values()
    assert project["scm_url"] == first["controller_setup_project_url"]
    assert controller.named("hosts")["localhost"]["inventory"] == inventory["id"]
    (environment,) = controller.objects["execution_environments"].values()
    templates = controller.named("job_templates")
    assert set(templates) == set(TEMPLATES)
    for name, body in TEMPLATES.items():
        made = templates[name]
        assert made["playbook"] == body["playbook"]
        assert made["execution_environment"] == environment["id"]
        assert controller.surveys.get(made["id"]) == body.get("survey_spec")
        assert not controller.credentials_of.get(made["id"])
        settings = ("timeout", "ask_job_type_on_launch", "ask_limit_on_launch", "ask_verbosity_on_launch")
        assert {key: made[key] for key in settings} == {key: body[key] for key in settings}
        labels = controller.attached[made["id"], "labels"]
        assert [controller.objects["labels"][number]["name"] for number in labels] == body["labels"]
    (schedule,) = controller.objects["schedules"].values()
    assert schedule["unified_job_template"] == templates["Cloud Elements - Drift"]["id"]
    assert schedule["enabled"] is True


def test_check_mode_looks_at_an_empty_controller_and_writes_nothing(controller: Controller, setup: Setup) -> None:
    image = {"controller_setup_execution_environment_image": "registry.example.com/cloud-elements:1"}
    ended = setup.job({**PROJECT, **image}, "--check")
    assert ended.status == "successful", ended
    assert controller.writes == []
    assert changed(ended)
    (told,) = [result["msg"] for result in ended.results("Show what a real run would create") if "msg" in result]
    made = {f"credential type {name}" for name in CREDENTIAL_TYPES} | {f"job template {name}" for name in TEMPLATES}
    others = {"organization Default", "execution environment Cloud Elements", "project Cloud Elements"}
    more = {
        "inventory Cloud Elements with localhost",
        "label Cloud Elements",
        "workflow Cloud Elements - Rotate AutoTask after approval",
        "schedule Cloud Elements - Drift, every night",
    }
    assert set(told) == made | others | more


def test_variables_that_are_of_others_change_nothing(controller: Controller, setup: Setup) -> None:
    others = {
        "_types": ["Harm"],
        **dict.fromkeys(("item", "instances_owner", "export_directory", "rotate__listed"), "harm"),
    }
    assert setup.job({**PROJECT, **others}).status == "successful"
    assert set(controller.named("job_templates")) == set(TEMPLATES)
    assert "harm" not in str(controller.objects).lower()


@pytest.mark.parametrize("name", ["controller_setup__organization", "controller_setup__type", "controller_setup__item"])
def test_a_variable_that_the_setup_keeps_is_refused(controller: Controller, setup: Setup, name: str) -> None:
    ended = setup.job({**PROJECT, name: {"name": "Harm"}})
    assert ended.status == "failed"
    assert "the playbook sets these variables. Remove them from yours." in ended.said
    assert controller.writes == []


def test_a_variable_that_is_broken_inside_is_told_before_anything_is_made(controller: Controller, setup: Setup) -> None:
    ended = setup.job({**PROJECT, "controller_setup_schedules": "{{ misspelt }}"})
    assert ended.status == "failed"
    assert "'misspelt' is undefined" in ended.said
    assert controller.writes == []


def test_without_awx_awx_it_says_what_to_install(controller: Controller, setup: Setup) -> None:
    ended = setup.job(PROJECT, awx=False)
    assert ended.status == "failed"
    assert "controller_setup needs the collection awx.awx or ansible.controller" in " ".join(ended.said.split())
    assert controller.writes == []


@pytest.mark.parametrize(
    "login",
    [{"CONTROLLER_OAUTH_TOKEN": TOKEN}, {"CONTROLLER_USERNAME": USERNAME, "CONTROLLER_PASSWORD": PASSWORD}],
    ids=["token", "password"],
)
def test_without_a_project_only_the_credential_types_are_made_and_no_secret_of_the_controller_is_told(
    controller: Controller, setup: Setup, login: dict[str, str]
) -> None:
    unset = dict.fromkeys(["controller_setup_project_url", "controller_setup_organization"], "")
    ended = setup.job(unset, "-vvvv", "--diff", **login)
    assert ended.status == "successful", ended
    assert set(controller.named("credential_types")) == set(CREDENTIAL_TYPES)
    assert {write[1] for write in controller.writes} == {"/api/v2/credential_types/"}
    told = ended.said + "".join(file.read_text(encoding="utf-8") for file in ended.artifacts.glob("job_events/*.json"))
    assert TOKEN not in told
    assert PASSWORD not in told
