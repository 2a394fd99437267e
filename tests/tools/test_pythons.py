# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python the tools work with, and what they say where that cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import envs
import pytest
from pythons import CORES, Python, choose, cure, find_pythons, lacking

from tests.collection import ROOT

HERE = sys.version_info[:2]
OTHER = next(version for version in ((3, 13), (3, 12)) if version != HERE)


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    """Forget which Pythons there were."""
    for remembers in (envs.here, envs.usable):
        remembers.cache_clear()
    yield
    for remembers in (envs.here, envs.usable):
        remembers.cache_clear()


@pytest.fixture
def _another_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let PATH name another Python only, and the home directory none."""
    program = tmp_path / f"python{OTHER[0]}.{OTHER[1]}"
    program.write_text(f"#!/bin/sh\necho {OTHER[0]} {OTHER[1]} {program}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYTHON", raising=False)


def test_the_python_that_runs_the_tools_is_found_wherever_it_is(tmp_path: Path) -> None:
    found = find_pythons("", tmp_path, (HERE,))

    assert list(found) == [HERE]


@pytest.mark.usefixtures("_another_on_path")
def test_without_a_wish_all_pythons_of_the_machine_are_used() -> None:
    assert set(envs.usable()) == {HERE, OTHER}


@pytest.mark.usefixtures("_another_on_path")
def test_the_python_that_was_asked_for_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON", "python3")

    assert set(envs.usable()) == {HERE}
    assert choose(envs.usable())[1].version == HERE


@pytest.mark.usefixtures("_another_on_path")
def test_a_python_that_was_asked_for_and_does_not_work_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON", "python3")
    monkeypatch.setattr(envs, "probe", lambda _path: None)

    assert envs.usable() == {}


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


def test_the_newest_ansible_core_is_chosen_that_the_only_python_runs() -> None:
    chosen = {
        version: choose({version: Python(version, Path("python"))})[0].name
        for version in ((3, 10), (3, 11), (3, 12), (3, 13), (3, 14))
    }

    newest = CORES[0].name
    assert chosen == {(3, 10): "2.17", (3, 11): "2.19", (3, 12): newest, (3, 13): newest, (3, 14): newest}


def test_an_ansible_core_that_the_only_python_does_not_run_is_refused() -> None:
    with pytest.raises(LookupError, match=r"^Name another Python than 3.10, .*: ansible-core 2.21 needs 3.12 to 3.14"):
        choose({(3, 10): Python((3, 10), Path("python3.10"))}, "2.21")


def test_what_a_python_lacks_is_seen() -> None:
    assert lacking() == []
    assert lacking(["json", "no_such_module"]) == ["no_such_module"]


def test_the_first_sentence_says_what_to_install() -> None:
    said = cure((3, 11), "/usr/bin/python3", ["ensurepip"])

    assert (
        said
        == "Install python3.11-venv, such as with `apt install python3.11-venv`: /usr/bin/python3 has no ensurepip."
    )


def test_a_python_without_a_part_that_no_package_has_cannot_be_used() -> None:
    said = cure((3, 12), "/opt/bin/python3.12", ["ensurepip", "ssl"])

    assert said.startswith("Name another Python, ")
    assert said.endswith(": /opt/bin/python3.12 has no ensurepip and no ssl.")


def test_no_python_at_all_says_so_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pythons.lacking", lambda: ["ensurepip"])

    with pytest.raises(LookupError, match=r"^Install python3[.]\d+-venv, "):
        choose({})
