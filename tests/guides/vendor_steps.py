# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions that the page on the architecture ends with, on a copy with one vendor more, in minutes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.guides.playing import run
from tests.guides.vendor_page import generator
from tests.sandbox.process import running

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
TARGETS = ("ce_instance", "ce_element_info")


def units(copy: Path, home: Path) -> None:
    """Run all unit tests, without measuring what they run, but for those of the sandbox that measure time."""
    left_out = ("--ignore", "tests/unit/sandbox/test_sandbox_start.py")
    run([*PYTEST, "tests/unit", *left_out], copy, home, copy.parents[2])


def integration(copy: Path, home: Path) -> None:
    """Run the targets that go through the elements, with the new one alone: the others take most of an hour."""
    with running(home / "state", root=copy) as box:
        known = {"base_url": box.base_url, "control_url": box.control_url}
        known |= {"user_secret": box.user_secret, "organization_secret": box.organization_secret}
        config = {f"cloud_elements_{name}": value for name, value in known.items()}
        file = copy / "tests/integration/integration_config.yml"
        file.write_text(json.dumps({**config, "cloud_elements_life_cycle_of": ["examplecrm"]}), encoding="utf-8")
        command = ["ansible-test", "integration", "--color", "no", "--local", "--python", PYTHON, *TARGETS]
        said = run(command, copy, home, copy.parents[2])
    assert "(item=examplecrm, local)" in said
    assert "(item=examplecrm, elsewhere)" in said


def controller(copy: Path, home: Path) -> None:
    """Check the credential types, the data of the setup and the guide, without a job."""
    files = [f"tests/controller/test_{name}.py" for name in ("credential_types", "guide", "setup_data")]
    run([*PYTEST, *files, "-k", "not arrives and not job and not left_out"], copy, home, copy.parents[2])


def docs(copy: Path, home: Path) -> None:
    """Check the documentation of the plugins and the role, and what it refers to."""
    command = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self"]
    run([*command, "."], copy, home, copy.parents[2])


def sanity(copy: Path, home: Path) -> None:
    """Compile the plugins and read the documentation of all: whether it fits the options, the unit tests say.

    ansible-test makes an environment for each of its own tests, which takes longer than all else here.
    """
    run([sys.executable, "-m", "compileall", "-q", "plugins"], copy, home, copy.parents[2])
    run(["ansible-doc", "--json", "--metadata-dump", "cloud_elements.platform"], home, home, copy.parents[2])


def hygiene(copy: Path, home: Path) -> None:
    """Check that what follows from the profile is up to date, without the linters."""
    run([*generator(), "--check"], copy, home, copy.parents[2])


STEPS = {
    "units": units,
    "integration": integration,
    "controller": controller,
    "docs-check": docs,
    "sanity": sanity,
    "hygiene": hygiene,
}
"""Name of a session to what it comes to here. Each says what it leaves out."""
