# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of module_utils import in one direction only."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGES = Path(__file__).resolve().parents[4] / "plugins/module_utils"
ALLOWED = {
    "_model": set(),
    "_api": {"_model"},
    "_engine": {"_model", "_api"},
    "_query": {"_model", "_api", "_engine"},
    "_options": {"_model", "_api"},
}


def imported(file: Path) -> set[str]:
    """Return the other packages that a file imports from; what it takes from its own has one dot."""
    nodes = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {(node.module or "").partition(".")[0] for node in nodes if node.level == 2}


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_those_before_it(package: str) -> None:
    files = sorted((PACKAGES / package).glob("*.py"))

    assert len(files) > 3
    assert {file.name: imported(file) - ALLOWED[package] for file in files if imported(file) - ALLOWED[package]} == {}


def test_there_are_no_other_packages() -> None:
    assert {path.name for path in PACKAGES.iterdir() if path.name != "__pycache__"} == set(ALLOWED)


def test_the_model_needs_the_standard_library_and_what_hides_secrets_in_ansible_itself() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted((PACKAGES / "_model").glob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    names |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}

    others = {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}
    assert others == {"ansible.module_utils.secrets"}
