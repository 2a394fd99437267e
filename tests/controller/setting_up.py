# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup, run as a job against a stand-in for a controller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.controller.controller_api import TOKEN, Controller
from tests.controller.jobs import Ended, Job, run

PROJECT = {"controller_setup_project_url": "https://git.example.com/acme/cloud-elements.git"}


class Setup:
    """Runs the playbook."""

    def __init__(self, controller: Controller, directory: Path) -> None:
        self.controller, self.directory, self.number = controller, directory, 0

    def job(self, variables: Mapping[str, Any], *arguments: str, awx: bool = True, **environment: str) -> Ended:
        self.number += 1
        self.controller.writes.clear()
        job = Job(
            "cloud_elements.platform.controller_setup",
            variables=variables,
            environment={
                "CONTROLLER_HOST": self.controller.host,
                **(environment or {"CONTROLLER_OAUTH_TOKEN": TOKEN}),
            },
            arguments=arguments,
            awx=awx,
        )
        return run(job, self.directory / f"{self.number}")


def changed(ended: Ended) -> bool:
    """Return whether the job said that it changed something."""
    return "changed=0" not in ended.said
