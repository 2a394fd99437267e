# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook controller_setup, run as a job against a stand-in for a controller."""

from __future__ import annotations

import os
import shutil
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
        self.collections: list[Path] = []

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
            collections=self.collections,
        )
        return run(job, self.directory / f"{self.number}")


def ansible_controller(directory: Path) -> Path:
    """Make a stand-in for the collection ansible.controller, which is built from the same source as awx.awx."""
    source = Path(os.environ["AWX_COLLECTIONS"]) / "ansible_collections/awx/awx"
    made = directory / "ansible_collections/ansible/controller"
    shutil.copytree(source / "plugins", made / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    (made / "meta").mkdir()
    (made / "meta/runtime.yml").write_text("requires_ansible: '>=2.9.10'\n", encoding="utf-8")
    for file in made.rglob("*.py"):
        text = file.read_text(encoding="utf-8").replace("awx.awx", "ansible.controller")
        file.write_text(text.replace('_COLLECTION_TYPE = "awx"', '_COLLECTION_TYPE = "controller"'), encoding="utf-8")
    return directory


def changed(ended: Ended) -> bool:
    """Return whether the job said that it changed something."""
    return "changed=0" not in ended.said
