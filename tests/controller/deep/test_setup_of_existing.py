# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup, where a part of what it makes is there already."""

from __future__ import annotations

from tests.controller.controller_api import Controller
from tests.controller.setting_up import PROJECT, Setup, changed


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
