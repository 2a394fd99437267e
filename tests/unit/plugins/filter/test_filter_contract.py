# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters do what their documentation describes. These tests run with the Python of the control node."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._drift import drift
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._drift_sections import REASONS
from ansible_collections.cloud_elements.platform.tests.unit.plugins.modules.test_contract import (
    OURS,
    PACKAGE,
    ROOT,
    accepted,
    block,
)

FILTERS = sorted(path.stem for path in (ROOT / "plugins/filter").glob("*.py"))


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_has_the_name_and_the_options_of_its_documentation(name: str) -> None:
    docs = block(name, "DOCUMENTATION", "filter")
    functions = importlib.import_module(f"{PACKAGE}.filter.{name}").FilterModule().filters()
    parameters = list(inspect.signature(functions[name]).parameters.values())[1:]
    options = {option: rules for option, rules in docs["options"].items() if option != "_input"}

    assert list(functions) == [name] == [docs["name"]]
    assert {each.name: each.default is each.empty for each in parameters} == {
        option: rules.get("required", False) for option, rules in options.items()
    }
    assert docs.get("positional", "") == ",".join(each.name for each in parameters if each.default is each.empty)
    assert docs["options"]["_input"]["required"]
    assert set(block(name, "RETURN", "filter")) == {"_value"}


@pytest.mark.parametrize("name", FILTERS)
def test_the_examples_of_a_filter_are_accepted_and_use_it(name: str) -> None:
    tasks = block(name, "EXAMPLES", "filter")
    own = [(key.rpartition(".")[2], args) for task in tasks for key, args in task.items() if key.startswith(OURS)]

    assert all(accepted(module, args or {}) for module, args in own)
    assert f"| {OURS}{name}" in str(tasks)
    assert set(re.findall(rf"\| {OURS}(\w+)", str(tasks))) <= set(FILTERS)
    # A result that a filter takes is registered before.
    taken = set(re.findall(rf"(\w+) \| {OURS}", str(tasks))) | set(re.findall(rf"{name}\((\w+)", str(tasks)))
    assert taken == {task["register"] for task in tasks if "register" in task}


def test_the_documented_report_is_the_one_that_is_returned() -> None:
    documented = block("drift_report", "RETURN", "filter")["_value"]
    report = drift({"instances": [], "summary": {}}, {"instances": [], "duplicates": []})

    assert set(documented["contains"]) == set(report)
    assert set(documented["contains"]["counts"]["sample"]) == set(report["counts"])


def test_each_reason_that_a_check_can_have_is_explained() -> None:
    documented = set(re.findall(r"V\((\w+)\)", " ".join(block("ce_instance", "RETURN")["reasons"]["description"])))

    # Nothing is created or recovered in check mode, and missing instances are reported as such.
    assert set(REASONS) == documented - {"not_found", "recovered"}
