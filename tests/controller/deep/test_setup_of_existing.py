# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup, where a part of what it makes is there already."""

from __future__ import annotations

import yaml

from tests.controller.controller_api import Controller
from tests.controller.setting_up import PROJECT, Setup, changed
from tests.controller.setup_data import CREDENTIAL_TYPES, TEMPLATES
from tests.guides.playing import file_of


def test_an_existing_organization_and_environment_are_used(controller: Controller, setup: Setup) -> None:
    controller.add("organizations", {"name": "Default"})
    made = controller.add("execution_environments", {"name": "Ours", "image": "registry.example.com/ours:1"})
    variables = {**PROJECT, "controller_setup_execution_environment": "Ours", "controller_setup_schedules": "false"}
    ended = setup.job(variables)
    assert ended.status == "successful", ended
    assert len(controller.objects["organizations"]) == len(controller.objects["execution_environments"]) == 1
    assert {each["execution_environment"] for each in controller.objects["job_templates"].values()} == {made["id"]}
    assert [each["enabled"] for each in controller.objects["schedules"].values()] == [False]
    # Nothing was said of credentials, so nothing is done to them.
    assert not [write for write in controller.writes if write[1].endswith("/credentials/")]

    # Now all of it is there, and check mode says so.
    ended = setup.job(variables, "--check")
    assert ended.status == "successful", ended
    assert controller.writes == []
    assert not changed(ended), ended


def test_credentials_that_people_made_and_templates_that_they_changed_are_put_right_as_the_guide_tells(
    controller: Controller, setup: Setup
) -> None:
    first, more = (yaml.safe_load(file_of("controller", name)) for name in ("controller.yml", "credentials.yml"))
    ended = setup.job(first)
    assert ended.status == "successful", ended
    types, templates = controller.named("credential_types"), controller.named("job_templates")
    vault = controller.add("credential_types", {**CREDENTIAL_TYPES["AutoTask"], "name": "Vault"})
    ids = {kind: each["id"] for kind, each in {**types, "Vault": vault}.items()}
    wanted = {**more["controller_setup_credentials"], "Vault": ["Acme Vault"]}
    credentials = {
        kind: controller.add("credentials", {"name": "".join(name), "credential_type": ids[kind]})["id"]
        for kind, name in wanted.items()
    }
    drift = templates["Cloud Elements - Drift"]["id"]
    controller.change("job_templates", drift, {"job_type": "run"})
    variables = {**first, "controller_setup_credentials": wanted}
    ended = setup.job(variables)
    assert ended.status == "successful", ended
    others = [write for write in controller.writes if not (write[0] == "POST" and write[1].endswith("/credentials/"))]
    assert others == [("PATCH", f"/api/v2/job_templates/{drift}/")]
    assert controller.objects["credentials"].keys() == set(credentials.values())
    assert templates["Cloud Elements - Drift"]["job_type"] == "check"
    for name, body in TEMPLATES.items():
        held = [number for kind, number in credentials.items() if kind in body["credential_types"]]
        assert sorted(controller.credentials_of[templates[name]["id"]]) == sorted(held)

    ended = setup.job(variables)
    assert ended.status == "successful", ended
    assert controller.writes == []
    assert not changed(ended), ended
