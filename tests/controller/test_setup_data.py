# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the controller's setup: templates, surveys and schedules fit the playbooks and the types."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS

from tests.collection import ROOT
from tests.controller import rules
from tests.controller.setup_data import CREDENTIAL_TYPES, SETUP, TEMPLATES, all_in, loaded

SCHEDULES = all_in("schedules")
SECRET = {field.option for vendor in VENDORS.values() for field in vendor.fields if field.secret}


def questions(name: str) -> list[dict[str, Any]]:
    return list(TEMPLATES[name].get("survey_spec", {"spec": []})["spec"])


def playbook_of(name: str) -> str:
    """Return the text of the collection's playbook that a template runs, by way of the project's."""
    ((play,),) = [loaded(SETUP / "project" / TEMPLATES[name]["playbook"])]
    imported = play["ansible.builtin.import_playbook"].removeprefix("cloud_elements.platform.")
    return (ROOT / f"playbooks/{imported}.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_sets_only_variables_that_its_playbook_reads(name: str) -> None:
    variables = {*TEMPLATES[name]["extra_vars"], *(question["variable"] for question in questions(name))}
    tasks = "\n".join(line for line in playbook_of(name).splitlines() if not line.startswith("#"))
    assert [variable for variable in variables if not re.search(rf"\b{variable}\b", tasks)] == []
    assert set(TEMPLATES[name]["extra_vars"]).isdisjoint(question["variable"] for question in questions(name))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_survey_asks_for_secrets_as_passwords_and_proposes_none(name: str) -> None:
    if "survey_spec" in TEMPLATES[name]:
        assert rules.survey(TEMPLATES[name]["survey_spec"]) == []
    for question in questions(name):
        is_secret = question["variable"].partition("_")[2] in SECRET
        assert (question["type"] == "password") is is_secret
        assert not (is_secret and "default" in question)


def test_the_survey_of_a_vendor_asks_for_all_that_it_needs() -> None:
    for vendor, name in (("autotask", "AutoTask"), ("act365", "Act! 365")):
        asked = {question["variable"] for question in questions(f"Cloud Elements - Authenticate {name}")}
        fields = {f"authenticate_{field.option}" for field in VENDORS[vendor].fields}
        assert fields | {"authenticate_name", "authenticate_tags"} <= asked


def test_the_survey_offers_the_hubs_that_there_are() -> None:
    (hub,) = [each for each in questions("Cloud Elements - Authenticate AutoTask") if each["variable"].endswith("_hub")]
    assert hub["choices"] == list(VENDORS["autotask"].elements)


def test_a_template_names_types_that_there_are() -> None:
    for template in TEMPLATES.values():
        assert set(template["credential_types"]) <= {*CREDENTIAL_TYPES, "Vault", "Red Hat Ansible Automation Platform"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_asks_for_a_limit_only_if_its_playbook_takes_other_hosts_than_localhost(name: str) -> None:
    assert TEMPLATES[name]["ask_limit_on_launch"] is ("_hosts" in playbook_of(name))
    assert 0 < TEMPLATES[name]["timeout"] <= 86400


def test_a_job_for_drift_fails_on_drift_and_writes_nothing() -> None:
    drift = TEMPLATES["Cloud Elements - Drift"]
    assert drift["job_type"] == "check"
    assert drift["diff_mode"] is True
    assert drift["extra_vars"]["drift_fail"] is True


def test_a_schedule_runs_a_template_that_needs_no_answers() -> None:
    for schedule in SCHEDULES.values():
        assert rules.schedule({**schedule, "unified_job_template": 1}) == []
        assert not any(question["required"] for question in questions(schedule["job_template"]))


def test_all_names_are_of_one_family_and_each_has_a_file_of_its_own() -> None:
    assert len(TEMPLATES) == len(list((SETUP / "job_templates").glob("*.yml")))
    assert all(name.startswith("Cloud Elements - ") for name in (*TEMPLATES, *SCHEDULES))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"type": "dropdown"}, "type dropdown"),
        ({"required": "yes"}, "required"),
        ({"default": 1}, "is no"),
        ({"type": "multiplechoice", "default": ""}, "choices"),
        ({"type": "multiplechoice", "choices": ["crm"], "default": "erp"}, "no choice"),
        ({"min": "0"}, "min"),
        ({"question_name": None}, "question_name"),
    ],
)
def test_the_rules_find_a_question_that_a_controller_refuses(change: dict[str, Any], complaint: str) -> None:
    survey = copy.deepcopy(TEMPLATES["Cloud Elements - Export"]["survey_spec"])
    survey["spec"][0].update(change)
    (said,) = rules.survey(survey)
    assert complaint in said


@pytest.mark.parametrize(
    "rrule",
    [
        "RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T020000 RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART;TZID=Europe/Berlin:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T020000Z RRULE:FREQ=DAILY",
        "DTSTART:20260101T020000Z RRULE:FREQ=SECONDLY;INTERVAL=1",
    ],
)
def test_the_rules_find_a_schedule_that_a_controller_refuses(rrule: str) -> None:
    assert rules.schedule({"rrule": rrule, "unified_job_template": 1})
