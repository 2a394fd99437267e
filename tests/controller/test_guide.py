# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide about controllers shows is what is shipped, and works."""

from __future__ import annotations

import yaml

from tests.controller.setup_data import CREDENTIAL_TYPES, SETUP, TEMPLATES, all_in
from tests.guides.playing import file_of, page

GUIDE = "controller"


def test_the_guide_shows_the_files_of_the_project() -> None:
    for name in ("provision.yml", "instances.yml"):
        shipped = yaml.safe_load((SETUP / "project" / name).read_text(encoding="utf-8"))
        assert yaml.safe_load(file_of(GUIDE, name)) == shipped, name


def test_the_guide_names_what_the_setup_makes() -> None:
    text = page(GUIDE).replace("and *Rotate Act", "and *Cloud Elements - Rotate Act")
    missing = [name for name in (*TEMPLATES, *CREDENTIAL_TYPES, *all_in("workflows")) if name not in text]
    # The form of Act! 365 is said to be like that of AutoTask.
    assert missing == ["Cloud Elements - Authenticate Act! 365"]
    variables = [name for body in CREDENTIAL_TYPES.values() for name in body["injectors"]["env"]]
    assert [name for name in variables if name not in text] == []


def test_the_rulebook_of_the_guide_answers_a_question_of_the_job_template_it_launches() -> None:
    (rule,) = yaml.safe_load(file_of(GUIDE, "rulebook.yml"))["rules"]
    action = rule["action"]["run_job_template"]
    questions = {question["variable"] for question in TEMPLATES[action["name"]]["survey_spec"]["spec"]}
    assert action["job_args"]["extra_vars"].keys() <= questions
