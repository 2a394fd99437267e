# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pipeline says before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from check import PACKAGES, STEPS, missing_programs
from pipeline import Step

WITHOUT = Step("without", str)
WITH_KEYS = Step("with-keys", str, programs=("ssh-keygen",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where git is and nothing else."""
    program = tmp_path / "git"
    program.touch()
    program.chmod(0o755)
    return tmp_path


def test_a_missing_program_is_named_with_its_package(folder: Path) -> None:
    said = missing_programs([WITHOUT, WITH_KEYS, WITH_KEYS], str(folder))

    assert said == "Install ssh-keygen, such as with `apt install openssh-client`."


def test_all_missing_programs_are_named_at_once(tmp_path: Path) -> None:
    said = missing_programs([WITH_KEYS], str(tmp_path / "empty"))

    assert said == "Install git and ssh-keygen, such as with `apt install git openssh-client`."


def test_what_no_chosen_step_needs_may_be_missing(folder: Path) -> None:
    assert missing_programs([WITHOUT], str(folder)) == ""


def test_each_integration_step_needs_the_keys_and_each_program_has_its_package() -> None:
    needs = {step.name: step.programs for step in STEPS}

    assert all(needs[name] for name in needs if name.startswith(("integration", "targets")))
    assert {program for programs in needs.values() for program in programs} <= set(PACKAGES)
