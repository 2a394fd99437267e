# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup lets teams launch jobs, and switches on notifications of drift."""

from __future__ import annotations

from typing import Any

import pytest

from tests.controller.controller_api import Controller
from tests.controller.setting_up import PROJECT, Setup, changed
from tests.controller.setup_data import TEMPLATES, all_in

pytestmark = pytest.mark.in_ci

EVERYTHING = {*TEMPLATES, *all_in("workflows")}
ORGANIZATION = {"controller_setup_organization": "Acme"}


def test_teams_may_launch_what_is_given_to_them_and_keep_other_roles(controller: Controller, setup: Setup) -> None:
    organization, other = (controller.add("organizations", {"name": name})["id"] for name in ("Acme", "Birch"))
    teams = {
        name: controller.add("teams", {"name": name, "organization": organization})["id"]
        for name in ("Operators", "Owners", "Auditors")
    }
    # A team of another organization with the same name.
    controller.add("teams", {"name": "Operators", "organization": other})
    given = {"Operators": ["Drift", "Cloud Elements - Export", "Rotate AutoTask after approval"], "Owners": "all"}
    variables = {**PROJECT, **ORGANIZATION, "controller_setup_teams": given}
    ended = setup.job(variables)
    assert ended.status == "successful", ended
    operators = {f"Cloud Elements - {name}" for name in ("Drift", "Export", "Rotate AutoTask after approval")}
    granted = {("Operators", name) for name in operators} | {("Owners", name) for name in EVERYTHING}
    assert controller.granted("execute_role") == granted
    assert {team for number in controller.roles for team in controller.attached.get((number, "teams"), [])} == {
        teams["Operators"],
        teams["Owners"],
    }

    # Somebody gives a role by hand.
    drift = controller.named("job_templates")["Cloud Elements - Drift"]["id"]
    (role,) = [number for number, of in controller.roles.items() if of == (drift, "execute_role")]
    controller.attached[role, "teams"].append(teams["Auditors"])
    for arguments in ((), ("--check",)):
        ended = setup.job(variables, *arguments)
        assert ended.status == "successful", ended
        assert controller.writes == []
        assert not changed(ended), ended
    assert controller.granted("execute_role") == granted | {("Auditors", "Cloud Elements - Drift")}
    assert controller.granted("admin_role") == set()


def test_a_failed_drift_job_notifies_and_notifications_of_people_stay(controller: Controller, setup: Setup) -> None:
    organization, other = (controller.add("organizations", {"name": name})["id"] for name in ("Acme", "Birch"))
    ours, theirs = (
        controller.add("notification_templates", {"name": name, "organization": organization})["id"]
        for name in ("Chat", "Mail")
    )
    controller.add("notification_templates", {"name": "Chat", "organization": other})
    variables = {**PROJECT, **ORGANIZATION, "controller_setup_drift_notifications": ["Chat"]}
    ended = setup.job(variables)
    assert ended.status == "successful", ended
    attached = {key: held for key, held in controller.attached.items() if key[1].startswith("notification") and held}
    drift = controller.named("job_templates")["Cloud Elements - Drift"]["id"]
    assert attached == {(drift, "notification_templates_error"): [ours]}

    controller.attached[drift, "notification_templates_error"] = [theirs]
    ended = setup.job({**variables, "controller_setup_drift_notifications": "Chat"})
    assert ended.status == "successful", ended
    assert controller.attached[drift, "notification_templates_error"] == [theirs, ours]
    ended = setup.job({**PROJECT, **ORGANIZATION})
    assert controller.writes == []
    assert controller.attached[drift, "notification_templates_error"] == [theirs, ours]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"controller_setup_teams": {"Operators": ["Drift"]}}, "lacks a team of controller_setup_teams (Operators)"),
        ({"controller_setup_teams": {"Operators": ["Drfit"]}}, "controller_setup_teams must map teams to names"),
        ({"controller_setup_teams": ["Operators"]}, "controller_setup_teams must map teams to names"),
        ({"controller_setup_drift_notifications": ["Chat"]}, "or a notification template of"),
    ],
)
def test_a_missing_team_or_notification_is_refused_before_anything_of_the_account_is_made(
    controller: Controller, setup: Setup, variables: dict[str, Any], sentence: str
) -> None:
    controller.add("organizations", {"name": "Acme"})
    ended = setup.job({**PROJECT, **ORGANIZATION, **variables})
    assert ended.status == "failed", ended
    assert sentence in " ".join(ended.said.split()).replace('\\"', '"')
    assert not controller.objects["projects"]
