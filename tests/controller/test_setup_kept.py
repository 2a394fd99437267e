# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup keeps what people added to the job templates and to the organization."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.controller.controller_api import Controller
from tests.controller.setting_up import PROJECT, Setup, changed
from tests.controller.setup_data import CREDENTIAL_TYPES, TEMPLATES

pytestmark = pytest.mark.in_ci

AAP = "Red Hat Ansible Automation Platform"
GALAXY = "Ansible Galaxy/Automation Hub API Token"
PROVISION = "Cloud Elements - Provision"


def credential(controller: Controller, kind: str, name: str, **keys: Any) -> int:
    """Make a credential, and its type where it is missing."""
    types = controller.named("credential_types")
    made = types.get(kind) or controller.add("credential_types", {**CREDENTIAL_TYPES["AutoTask"], "name": kind})
    number: int = controller.add("credentials", {"name": name, "credential_type": made["id"], **keys})["id"]
    return number


def of(controller: Controller, template: str) -> list[int]:
    """Return the ids of a job template's credentials."""
    return sorted(controller.credentials_of.get(controller.named("job_templates")[template]["id"], []))


def variables_of(controller: Controller, template: str) -> dict[str, Any]:
    """Return a job template's variables."""
    read: dict[str, Any] = yaml.safe_load(controller.named("job_templates")[template]["extra_vars"])
    return read


def test_credentials_of_any_type_are_attached_and_those_that_people_added_stay(
    controller: Controller, setup: Setup
) -> None:
    assert setup.job(PROJECT).status == "successful"
    ours, own = credential(controller, "Cloud Elements", "Acme"), credential(controller, AAP, "This controller")
    proxy = credential(controller, "Proxy", "Outside")
    vaults = [credential(controller, "Vault", name, inputs={"vault_id": name}) for name in ("one", "two", "three")]
    # Somebody adds credentials by hand: one that the setup knows nothing of, one that it replaces, one with a vault id.
    by_hand = credential(controller, "Machine", "Somebody's")
    old = credential(controller, "Cloud Elements", "Old")
    provision = controller.named("job_templates")[PROVISION]["id"]
    for number in (by_hand, old, vaults[2]):
        controller.attach(provision, number)
    named = {"Cloud Elements": "Acme", AAP: "This controller", "Vault": ["one", "two"], "Proxy": "Outside"}
    variables = {**PROJECT, "controller_setup_credentials": named}
    ended = setup.job(variables)
    assert ended.status == "successful", ended
    assert of(controller, PROVISION) == sorted([ours, own, *vaults, by_hand, proxy])
    # The controller's own credential is for the job that keeps tokens; a type that no job needs is for all of them.
    assert of(controller, "Cloud Elements - Export") == sorted([ours, proxy])
    assert of(controller, "Cloud Elements - Drift") == sorted([ours, *vaults[:2], proxy])

    ended = setup.job(variables)
    assert ended.status == "successful", ended
    assert controller.writes == []
    assert not changed(ended), ended
    ended = setup.job(PROJECT)
    assert controller.writes == []


def test_variables_are_set_and_those_that_people_added_stay(controller: Controller, setup: Setup) -> None:
    assert setup.job(PROJECT).status == "successful"
    by_hand = "---\n# Ours\ninstances_owner: '{{ awx_user_name }}'\nsince: 2026-01-01\n"
    controller.named("job_templates")[PROVISION]["extra_vars"] = by_hand
    ended = setup.job(PROJECT)
    assert ended.status == "successful", ended
    assert controller.writes == []
    given = {
        "all": {"instances_timeout": 60},
        "Provision": {"instances_token_credential_type": "Cloud Elements instance", "instances_timeout": 90},
        "Cloud Elements - Drift": {"drift_fail": False},
    }
    variables = {**PROJECT, "controller_setup_extra_vars": given}
    ended = setup.job(variables)
    assert ended.status == "successful", ended
    assert variables_of(controller, PROVISION) == {
        "instances_owner": "{{ awx_user_name }}",
        "since": "2026-01-01",
        **given["Provision"],
    }
    assert variables_of(controller, "Cloud Elements - Drift") == {"drift_fail": False, "instances_timeout": 60}
    export = "Cloud Elements - Export"
    assert variables_of(controller, export) == {**TEMPLATES[export]["extra_vars"], "instances_timeout": 60}

    ended = setup.job(variables)
    assert ended.status == "successful", ended
    assert controller.writes == []
    assert not changed(ended), ended


def test_a_time_out_and_labels_of_people_stay_and_the_labels_of_an_older_setup_are_added(
    controller: Controller, setup: Setup
) -> None:
    assert setup.job(PROJECT).status == "successful"
    (label,), (organization,) = controller.objects["labels"], controller.objects["organizations"]
    templates = controller.named("job_templates")
    drift, export, provision = (templates[f"Cloud Elements - {name}"] for name in ("Drift", "Export", "Provision"))
    theirs = [
        controller.add("labels", {"name": f"Theirs {number}", "organization": organization})["id"]
        for number in range(11)
    ]
    provision["timeout"], drift["timeout"] = 90, 0
    controller.attached[provision["id"], "labels"] = theirs[:1]
    controller.attached[export["id"], "labels"] = [*theirs, label]
    ended = setup.job(PROJECT)
    assert ended.status == "successful", ended
    assert provision["timeout"] == 90
    assert drift["timeout"] == TEMPLATES[drift["name"]]["timeout"]
    assert sorted(controller.attached[provision["id"], "labels"]) == sorted([label, theirs[0]])
    assert controller.attached[export["id"], "labels"] == [*theirs, label]
    ended = setup.job(PROJECT)
    assert controller.writes == []
    assert not changed(ended), ended


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"controller_setup_extra_vars": {"Provison": {"a": 1}}}, "The names are all, Authenticate Act! 365,"),
        ({"controller_setup_extra_vars": {"Provision": "a: 1"}}, "controller_setup_extra_vars must map names"),
        ({"controller_setup_credentials": ["Acme"]}, "controller_setup_credentials must map credential types"),
        ({"controller_setup_credentials": {"Autotask": "Acme"}}, 'no credential "Acme" of type "Autotask"'),
        ({"controller_setup_galaxy_credentials": "Hub"}, f'no credential "Hub" of type "{GALAXY}"'),
    ],
)
def test_what_cannot_be_set_up_is_refused_before_anything_of_the_account_is_made(
    controller: Controller, setup: Setup, variables: dict[str, Any], sentence: str
) -> None:
    ended = setup.job({**PROJECT, **variables})
    assert ended.status == "failed", ended
    assert sentence in " ".join(ended.said.split()).replace('\\"', '"')
    assert not controller.objects["organizations"]
    assert not controller.objects["projects"]


def test_the_organization_gets_its_galaxy_credentials_and_keeps_others(controller: Controller, setup: Setup) -> None:
    hub, public, theirs = (credential(controller, GALAXY, name) for name in ("Hub", "Ansible Galaxy", "Theirs"))
    variables = {**PROJECT, "controller_setup_galaxy_credentials": ["Hub", "Ansible Galaxy"]}
    assert setup.job(variables).status == "successful"
    (organization,) = controller.objects["organizations"]
    assert controller.galaxy_credentials_of == {organization: [hub, public]}
    controller.galaxy_credentials_of[organization] = [theirs, public]
    ended = setup.job({**variables, "controller_setup_galaxy_credentials": "Hub"})
    assert ended.status == "successful", ended
    assert controller.galaxy_credentials_of == {organization: [hub, theirs, public]}
    ended = setup.job({**variables, "controller_setup_galaxy_credentials": "Hub"})
    assert not changed(ended), ended
    # Without the variable, nothing is done to them.
    assert setup.job(PROJECT).status == "successful"
    assert controller.writes == []
