# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a survey are texts."""

from __future__ import annotations

import pytest

from tests.controller.jobs import Job
from tests.controller.surroundings import MAIN, Surroundings

pytestmark = pytest.mark.in_ci

PROVISION, DRIFT, EXPORT = (f"cloud_elements.platform.{name}" for name in ("provision", "drift", "export"))
WANTED = [{"name": "Acme CRM", "autotask": {"hub": "crm"}}, {"name": "Acme contacts", "act365": {}}]


def test_numbers_and_truth_values_may_be_texts(surroundings: Surroundings) -> None:
    answers = {
        "instances_owner": "acme",
        "instances_prune": "yes",
        "instances_max_delete": "1",
        "instances_concurrency": "5",
        "instances_return_all": "true",
        "instances_progress": "no",
        "instances_validate_certs": "True",
        "instances_timeout": "30",
        "instances_retries": "0",
    }
    surplus = {"name": "Surplus", "act365": {}, "owner": "acme"}
    first = Job(PROVISION, {"instances_list": [*WANTED, surplus], **answers}, surroundings.credentials())
    assert surroundings.run(first, "first").status == "successful"

    second = Job(PROVISION, {"instances_list": WANTED, **answers}, surroundings.credentials())
    ended = surroundings.run(second, "second")

    assert ended.status == "successful", ended
    (result,) = ended.results(MAIN)
    assert [one["action"] for one in result["instances"]] == ["none", "none", "deleted"]


@pytest.mark.parametrize(("answer", "status"), [("true", "failed"), ("no", "successful")])
def test_whether_drift_fails_may_be_a_text(surroundings: Surroundings, answer: str, status: str) -> None:
    variables = {"instances_list": WANTED, "drift_fail": answer}

    ended = surroundings.run(Job(DRIFT, variables, surroundings.credentials()), "drift")

    assert ended.status == status, ended
    assert surroundings.there() == []


def test_drift_only_looks_whatever_the_variables_of_the_list_say(surroundings: Surroundings) -> None:
    variables = {
        "instances_list": WANTED,
        "instances_owner": "acme",
        "instances_prune": True,
        "instances_max_delete": 0,
        "instances_return_all": False,
        "instances_token_file": "tokens.yml",
    }
    made = {"instances_list": [{"name": "Surplus", "act365": {}}], "instances_owner": "acme"}
    assert surroundings.run(Job(PROVISION, made, surroundings.credentials()), "made").status == "successful"

    ended = surroundings.run(Job(DRIFT, variables, surroundings.credentials()), "drift")

    assert ended.status == "successful", ended
    assert "2 missing, 1 not in the list" in " ".join(map(str, ended.results("Show the report"))), ended
    assert [one["name"] for one in surroundings.there()] == ["Surplus"]
