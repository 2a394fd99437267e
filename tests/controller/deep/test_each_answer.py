# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a survey, one at a time."""

from __future__ import annotations

import json

from tests.controller.jobs import Job
from tests.controller.surroundings import MAIN, Surroundings
from tests.controller.test_runner_surveys import EXPORT, PROVISION, WANTED, role_variables


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
        (result,) = ended.results("Describe the instances")
        return len(result["instances"])

    assert {answer: exported(answer) for answer in ("yes", "false")} == {"yes": 1, "false": 0}
