# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every answer of a survey, empty: all at once and one at a time."""

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
from tests.controller.test_runner_surveys import DRIFT, EXPORT, PROVISION, WANTED


def role_variables() -> list[str]:
    """Return the variables of the role that one answer can give."""
    specs = yaml.safe_load((ROOT / "roles/instances/meta/argument_specs.yml").read_text(encoding="utf-8"))
    options: Mapping[str, Mapping[str, Any]] = specs["argument_specs"]["main"]["options"]
    structures = [name for name, option in options.items() if option["type"] in ("list", "dict")]
    return [name for name in options if name not in (*structures, "instances_list")]


def playbook_variables(playbook: str) -> list[str]:
    """Return the variables of a playbook of its own, wherever it names them."""
    text = (ROOT / f"playbooks/{playbook}.yml").read_text(encoding="utf-8")
    named = set(re.findall(rf"\b{playbook}_(?!_)[a-z_]+\b", text))
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


def test_each_variable_of_the_role_may_be_empty_by_itself(surroundings: Surroundings) -> None:
    tasks = [
        {
            "name": f"With {name} empty",
            "ansible.builtin.include_role": {"name": "cloud_elements.platform.instances"},
            "vars": {name: ""},
        }
        for name in role_variables()
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    job = Job(f"{json.dumps([play])}\n", {"instances_list": WANTED}, surroundings.credentials(), arguments=("--check",))

    ended = surroundings.run(job, "each")

    assert ended.status == "successful", ended
    results = ended.results(MAIN)
    assert len(results) == len(tasks)
    assert [result["summary"]["created"] for result in results] == [len(WANTED)] * len(tasks)
    assert all(result["instances"] == results[0]["instances"] for result in results)


def test_whether_enabled_ones_are_exported_may_be_a_text(surroundings: Surroundings) -> None:
    made = Job(PROVISION, {"instances_list": WANTED[1:]}, surroundings.credentials())
    assert surroundings.run(made, "made").status == "successful"

    def exported(answer: str) -> int:
        others = {"export_timeout": "30", "export_retries": "0", "export_validate_certs": "no"}
        job = Job(EXPORT, {"export_enabled": answer, **others}, surroundings.credentials())
        ended = surroundings.run(job, f"export {answer}")
        assert ended.status == "successful", ended
        (result,) = ended.results("Export the instances")
        return len(result["instances"])

    assert {answer: exported(answer) for answer in ("yes", "false")} == {"yes": 1, "false": 0}
