# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a survey: texts, and for a question without an answer the empty one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.collection import ROOT
from tests.controller.jobs import Ended, Job
from tests.controller.surroundings import MAIN, Surroundings

PROVISION, DRIFT, EXPORT = (f"cloud_elements.platform.{name}" for name in ("provision", "drift", "export"))
WANTED = [{"name": "Acme CRM", "autotask": {"hub": "crm"}}, {"name": "Acme contacts", "act365": {}}]


def role_variables() -> list[str]:
    """Return the variables of the role that one answer can give."""
    specs = yaml.safe_load((ROOT / "roles/instances/meta/argument_specs.yml").read_text(encoding="utf-8"))
    options: Mapping[str, Mapping[str, Any]] = specs["argument_specs"]["main"]["options"]
    return [name for name, option in options.items() if option["type"] not in ("list", "dict")]


def playbook_variables(playbook: str) -> list[str]:
    """Return the variables of a playbook of its own, wherever it names them."""
    text = (ROOT / f"playbooks/{playbook}.yml").read_text(encoding="utf-8")
    named = set(re.findall(rf"\b{playbook}_[a-z_]+\b", text))
    # The filter and the result of the playbook are called alike.
    return sorted(named - {"drift_report", "drift_result"})


VARIABLES = {
    PROVISION: role_variables(),
    DRIFT: [*role_variables(), *playbook_variables("drift")],
    EXPORT: playbook_variables("export"),
}
MOST = {PROVISION: 20, DRIFT: 23, EXPORT: 15}


def told(ended: Ended) -> list[Any]:
    """Return what the tasks of a job said, but for what differs from job to job."""
    results = [event for event in ended.events if event["event"] in ("runner_on_ok", "runner_on_failed")]
    texts = [json.dumps(_without_times(event["event_data"])) for event in results]
    return [text.replace(str(ended.directory), "") for text in texts]


def _without_times(data: Mapping[str, Any]) -> list[Any]:
    res = {name: value for name, value in data["res"].items() if name not in ("_ansible_verbose_always", "uid")}
    if "stat" in res:
        res["stat"] = res["stat"].get("exists")
    kept = {name: value for name, value in res.items() if name in ("msg", "changed", "failed", "instances", "summary")}
    return [data["task"], kept]


@pytest.mark.parametrize("playbook", VARIABLES)
def test_a_playbook_takes_empty_answers_for_none(surroundings: Surroundings, playbook: str) -> None:
    made = Job(PROVISION, variables={"instances_list": WANTED}, environment=surroundings.credentials())
    assert surroundings.run(made, "made").status == "successful"
    given = {} if playbook == EXPORT else {"instances_list": [*WANTED, {"name": "Acme help desk", "act365": {}}]}
    names = VARIABLES[playbook]
    assert len(names) >= MOST[playbook], names

    def result(name: str, variables: Mapping[str, Any]) -> list[Any]:
        job = Job(playbook, {**given, **variables}, surroundings.credentials(), arguments=("--check",))
        ended = surroundings.run(job, name)
        assert ended.status == "successful", ended
        return told(ended)

    assert result("empty", dict.fromkeys(names, "")) == result("unset", {})


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
    assert "2 missing, 1 unmanaged" in " ".join(map(str, ended.results("Show the report"))), ended
    assert [one["name"] for one in surroundings.there()] == ["Surplus"]
