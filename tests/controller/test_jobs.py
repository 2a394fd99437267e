# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role under ansible-runner, which is what a controller runs its jobs with."""

from __future__ import annotations

from pathlib import Path

from tests.controller.jobs import Job, run
from tests.sandbox.process import Running

CREDENTIALS = {
    "CLOUD_ELEMENTS_ACT365_API_KEY": "act-example-api-key",
    "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY": "act-example-developer-key",
}


def test_a_job_makes_what_its_list_says_with_what_its_credentials_inject(sandbox: Running, tmp_path: Path) -> None:
    job = Job(
        "cloud_elements.platform.provision",
        variables={"instances_list": [{"name": "Acme contacts", "act365": {}}]},
        environment={**sandbox.environment, **CREDENTIALS},
    )
    ended = run(job, tmp_path / "first")
    assert ended.status == "successful", ended
    (result,) = ended.results("Apply the list of element instances")
    assert [one["action"] for one in result["instances"]] == ["created"]
    (result,) = run(job, tmp_path / "second").results("Apply the list of element instances")
    assert result["changed"] is False
