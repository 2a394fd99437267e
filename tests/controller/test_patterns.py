# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The patterns follow the Ansible pattern specification 1.0.0, and their playbooks run.

The rules here are those of the specification and its schema, written down again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.collection import ROOT
from tests.controller import rules
from tests.controller.jobs import Job
from tests.controller.setup_data import TEMPLATES, loaded
from tests.controller.surroundings import Surroundings

PATTERNS = sorted(file.parents[1] for file in (ROOT / "extensions/patterns").glob("*/meta/pattern.json"))
TOP = {"schema_version", "name", "title", "description", "short_description", "tags", "aap_resources"}
RESOURCES = {
    "controller_project": {"name", "description"},
    "controller_execution_environment": {"name", "description", "image_name", "pull"},
}
TEMPLATE = {"name", "description", "playbook", "execution_environment", "primary", "labels", "survey"} | {
    f"ask_{what}_on_launch" for what in ("credential", "inventory", "verbosity")
}
QUESTION = {"type", "question_name", "question_description", "variable", "required"}
ANSWERS = {
    "autotask": {"authenticate_name": "Acme CRM", "authenticate_hub": "crm", "authenticate_tags": "gold"},
    "act365": {"authenticate_name": "Acme contacts", "authenticate_owner": "acme"},
}


def ids(folder: Path) -> str:
    return folder.name


def definition(folder: Path) -> dict[str, Any]:
    """Return the definition of a pattern."""
    return dict(json.loads((folder / "meta/pattern.json").read_text(encoding="utf-8")))


def templates(folder: Path) -> list[dict[str, Any]]:
    """Return the job templates of a pattern."""
    return list(definition(folder)["aap_resources"]["controller_job_templates"])


def test_there_is_a_pattern() -> None:
    assert PATTERNS


@pytest.mark.parametrize("folder", PATTERNS, ids=ids)
def test_a_pattern_has_the_keys_and_files_of_the_specification(folder: Path) -> None:
    pattern = definition(folder)
    assert pattern.keys() == TOP
    assert pattern["schema_version"] == "1.0.0"
    assert pattern["name"] == folder.name
    assert re.fullmatch(r"[a-z0-9_]{1,64}", folder.name)
    assert len(pattern["title"]) <= 64
    assert not pattern["short_description"].endswith(".")
    assert len(set(pattern["tags"])) == len(pattern["tags"])
    assert (folder / "README.md").exists()
    resources = pattern["aap_resources"]
    for name, keys in RESOURCES.items():
        assert keys - {"pull"} <= resources[name].keys() <= keys
        assert len(resources[name]["name"]) <= 200
    assert resources.keys() - RESOURCES.keys() == {"controller_labels", "controller_job_templates"}
    labels = resources["controller_labels"]
    assert labels
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("folder", PATTERNS, ids=ids)
def test_the_job_templates_of_a_pattern_are_those_of_the_setup(folder: Path) -> None:
    resources = definition(folder)["aap_resources"]
    assert [template["primary"] for template in templates(folder)].count(True) == 1
    for template in templates(folder):
        assert template.keys() == TEMPLATE
        assert template["execution_environment"] == resources["controller_execution_environment"]["name"]
        assert set(template["labels"]) <= set(resources["controller_labels"])
        survey = template["survey"]
        assert rules.survey(survey) == []
        assert survey["spec"] == TEMPLATES[template["name"]]["survey_spec"]["spec"]
        for question in survey["spec"]:
            assert question.keys() >= QUESTION
            assert question["question_description"]
            assert isinstance(question.get("default", ""), str)
            assert re.fullmatch(r"[a-z0-9_]{1,64}", question["variable"])


@pytest.mark.parametrize("folder", PATTERNS, ids=ids)
def test_each_playbook_of_a_pattern_has_a_specification_of_the_answers(folder: Path) -> None:
    for template in templates(folder):
        playbook = folder / "playbooks" / template["playbook"]
        spec: Mapping[str, Any] = loaded(playbook.with_suffix(".meta.yml"))
        (arguments,) = spec["argument_specs"].values()
        questions = {question["variable"]: question for question in template["survey"]["spec"]}
        assert arguments["options"].keys() == questions.keys()
        for name, option in arguments["options"].items():
            assert option["required"] is questions[name]["required"]
    assert {file.name for file in (folder / "playbooks").glob("*.yml") if ".meta" not in file.name} == {
        template["playbook"] for template in templates(folder)
    }


@pytest.mark.in_ci
@pytest.mark.parametrize("vendor", ANSWERS)
def test_a_playbook_of_the_pattern_creates_an_instance(surroundings: Surroundings, vendor: str) -> None:
    file = ROOT / f"extensions/patterns/authenticate_instance/playbooks/authenticate_{vendor}.yml"
    job = Job(file.read_text(encoding="utf-8"), ANSWERS[vendor], surroundings.credentials())

    ended = surroundings.run(job, "first")

    assert ended.status == "successful", ended
    assert [one["name"] for one in surroundings.there()] == [ANSWERS[vendor]["authenticate_name"]]
    surroundings.writes()
    assert surroundings.run(job, "second").status == "successful"
    assert surroundings.writes() == 0
