# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup against the controller of the Ansible Automation Platform 2.5."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.controller.controller_api import TOKEN, Controller
from tests.controller.setting_up import PROJECT, Setup, ansible_controller, changed
from tests.controller.setup_data import TEMPLATES

pytestmark = pytest.mark.in_ci


@pytest.fixture
def platform(controller: Controller) -> Controller:
    """A controller behind the platform's gateway."""
    controller.become_platform()
    return controller


@pytest.mark.parametrize("arguments", [(), ("--check",)], ids=["run", "check"])
def test_an_organization_that_is_missing_is_made_at_the_gateway(
    platform: Controller, setup: Setup, arguments: tuple[str, ...]
) -> None:
    prefix = {"CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX": "/api/controller/", "CONTROLLER_OAUTH_TOKEN": TOKEN}
    ended = setup.job({**PROJECT, "controller_setup_organization": "Acme"}, *arguments, **prefix)
    assert ended.status == "failed", ended
    said = " ".join(ended.said.split())
    assert 'There is no organization \\"Acme\\". Since Ansible Automation Platform 2.5' in said
    assert not [path for _method, path in platform.writes if "credential_types" not in path]
    assert not platform.objects["projects"]


@pytest.mark.parametrize("awx", [False, True], ids=["alone", "beside awx.awx"])
def test_with_the_collection_ansible_controller_all_is_made(
    platform: Controller, setup: Setup, tmp_path: Path, awx: bool
) -> None:
    setup.collections.append(ansible_controller(tmp_path / "red hat"))
    platform.add("organizations", {"name": "Acme"})
    variables = {**PROJECT, "controller_setup_organization": "Acme"}
    ended = setup.job(variables, awx=awx)
    assert ended.status == "successful", ended
    assert set(platform.named("job_templates")) == set(TEMPLATES)
    assert len(platform.objects["schedules"]) == 1
    if awx:
        return
    ended = setup.job(variables, "--check", awx=awx)
    assert ended.status == "successful", ended
    assert not changed(ended), ended


def test_an_organization_that_the_user_may_not_make_is_told(controller: Controller, setup: Setup) -> None:
    # AWX answers like this to a user who is no administrator.
    controller.refused = {"organizations"}
    ended = setup.job({**PROJECT, "controller_setup_organization": "Acme"})
    assert ended.status == "failed", ended
    assert "Ask an administrator to create the organization" in " ".join(ended.said.split())
    assert not controller.objects["projects"]
