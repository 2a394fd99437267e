# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python `make` works with, and what it says where something is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.collection import ROOT
from tools import environment

HERE = Path(sys.executable)


def python_that_says(folder: Path, version: str, without: str = "nothing") -> Path:
    """Write a program that answers as a Python of this version would, which lacks a module."""
    program = folder / f"python{version}"
    script = f'#!/bin/sh\ncase "$2" in *{without}*) exit 1;; esac\necho {version}\n'
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let PATH and HOME name a folder with nothing of this machine."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYTHON", raising=False)


@pytest.mark.usefixtures("_alone")
def test_the_python_of_the_newest_ansible_core_is_chosen(tmp_path: Path) -> None:
    python_that_says(tmp_path, "3.11")
    newest = python_that_says(tmp_path, "3.12")
    python_that_says(tmp_path, "3.13", without="ensurepip")

    assert environment.chosen_python() == newest


@pytest.mark.usefixtures("_alone")
def test_the_python_that_was_asked_for_is_the_only_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python_that_says(tmp_path, "3.13")
    monkeypatch.setenv("PYTHON", "python3")

    assert environment.chosen_python() == HERE


@pytest.mark.usefixtures("_alone")
def test_without_another_python_the_one_that_runs_this_is_chosen() -> None:
    assert environment.chosen_python() == HERE


@pytest.mark.usefixtures("_alone")
@pytest.mark.parametrize(
    ("name", "version", "without", "said"),
    [
        ("quickstart", "3.11", "nothing", ""),
        (
            "quickstart",
            "3.11",
            "ensurepip",
            "Missing: the module ensurepip of {}. On Debian and Ubuntu: apt install python3.11-venv",
        ),
        (
            "nox",
            "3.11",
            "nothing",
            "Missing: git and ssh-keygen. On Debian and Ubuntu: apt install git openssh-client",
        ),
        ("quickstart", "3.12", "ssl", "{} has no ssl. Name another Python, such as `make PYTHON=python3.12 ...`."),
        (
            "quickstart",
            "3.9",
            "nothing",
            "Python 3.10 or newer is needed, and {} is 3.9. Name a newer one, such as `make PYTHON=python3.12 ...`.",
        ),
    ],
)
def test_what_is_missing_is_said_with_the_package_that_brings_it(
    tmp_path: Path, name: str, version: str, without: str, said: str
) -> None:
    python = python_that_says(tmp_path, version, without)

    assert environment.problem(name, python) == said.format(python)


@pytest.mark.parametrize(
    ("given", "variables", "handed_on"),
    [
        ([], {}, ""),
        (["PYTHON=python3.10"], {}, "python3.10"),
        ([], {"PYTHON": "python3.11"}, "python3.11"),
        (["PYTHON=python3.10"], {"PYTHON": "python3.11"}, "python3.10"),
    ],
)
def test_make_hands_a_wish_on_and_no_default(given: list[str], variables: dict[str, str], handed_on: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    rule = '--eval=wish: ; @echo "$(PYTHON) $$PYTHON"'

    done = subprocess.run(
        ["make", "--no-print-directory", rule, "wish", *given],
        cwd=ROOT,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"{handed_on or 'python3'} {handed_on}\n"
