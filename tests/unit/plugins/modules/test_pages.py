# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages and the role use the modules' options, and the tests use every module in every way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import FLEET, ITEM
from ansible_collections.cloud_elements.platform.tests.unit.plugins.modules.test_contract import MODULES, SPECS

ROOT = Path(__file__).resolve().parents[4]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("roles/*/README.md"), *ROOT.glob("docs/docsite/rst/*.rst")])
MARKDOWN = r"^```yaml[^\n]*\n(.*?)^```$"
# A caption that is more than a file name shows which part of the file to change.
RESTRUCTURED = r"^\.\. code-block:: yaml[^\n]*\n(?:   :caption: \S+\n)?\n((?:[ ]+[^\n]*\n|\n)+)"
BLOCK = re.compile(f"{MARKDOWN}|{RESTRUCTURED}", re.M | re.S)
FQCN = "cloud_elements.platform."
ROLE: dict[str, Any] = yaml.safe_load((ROOT / "roles/instances/meta/argument_specs.yml").read_text(encoding="utf-8"))[
    "argument_specs"
]["main"]["options"]
TYPES_OF_SURVEYS = {"raw", "str"}
"""The role takes '' for unset, and leaves the rest to its task."""


def blocks() -> Iterator[tuple[str, Any]]:
    for page in PAGES:
        for number, found in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), start=1):
            yield f"{page.relative_to(ROOT)} {number}", yaml.safe_load(dedent(found[0] or found[1]))


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from dictionaries(item)


def is_list(block: Any) -> bool:
    """Tell whether a block is a list of instances, where others are plays, tasks and variables."""
    return isinstance(block, list) and not any(
        "." in key or key in ("hosts", "block") for item in block for key in item
    )


BLOCKS = dict(blocks())


def test_pages_show_something() -> None:
    assert len(BLOCKS) > 4


@pytest.mark.parametrize("where", BLOCKS)
def test_a_page_shows_options_that_exist(where: str) -> None:
    for part in dictionaries(BLOCKS[where]):
        for name, arguments in part.items():
            module = str(name).removeprefix(FQCN)
            if str(name).startswith(FQCN) and module in SPECS:
                assert unknown(SPECS[module], arguments or {}) == []
            assert not str(name).startswith("group/") or unknown(FLEET, arguments) == []


@pytest.mark.parametrize("where", [where for where, block in BLOCKS.items() if is_list(block)])
def test_a_list_of_a_page_has_options_that_exist(where: str) -> None:
    assert [option for item in BLOCKS[where] for option in unknown(ITEM, item)] == []


def unknown(spec: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Return the options that no specification has, those of the items of a list too."""
    found = [name for name in given if name not in spec]
    for name, value in given.items():
        if name in ("instances", "instances_list") and isinstance(value, list):
            found += [f"{name}.{option}" for item in value for option in unknown(ITEM, item)]
        elif isinstance(value, dict) and "options" in spec.get(name, {}):
            found += [f"{name}.{option}" for option in unknown(spec[name]["options"], value)]
    return found


@pytest.mark.parametrize("where", BLOCKS)
def test_a_page_shows_variables_of_the_role_that_exist(where: str) -> None:
    for part in dictionaries(BLOCKS[where]):
        of_role = {name: value for name, value in part.items() if str(name).startswith("instances_")}
        assert unknown(ROLE, of_role) == []


# The role


def test_ansible_checks_no_item_of_the_role() -> None:
    assert ROLE["instances_list"]["type"] == "raw"


@pytest.mark.parametrize("name", sorted(name for name in ROLE if name.removeprefix("instances_") in FLEET))
def test_a_variable_of_the_role_has_the_type_of_the_option(name: str) -> None:
    option = FLEET[name.removeprefix("instances_")]

    assert ROLE[name].get("type", "str") in {option["type"], *TYPES_OF_SURVEYS}


def test_the_role_takes_what_the_module_takes() -> None:
    of_module = {f"instances_{name}" for name in FLEET} - {"instances_instances", "instances_instances_file"}

    assert {*of_module, "instances_list", "instances_file"} <= set(ROLE)


def test_the_role_hands_over_each_of_its_variables() -> None:
    tasks = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "roles/instances/tasks").glob("*.yml"))

    assert [name for name in ROLE if not re.search(rf"\b{name}\b", tasks)] == []


# Tests


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_an_integration_target(module: str) -> None:
    target = ROOT / f"tests/integration/targets/{module}"
    tasks = "".join(file.read_text(encoding="utf-8") for file in target.glob("*/*.yml"))

    assert f"{FQCN}{module}:" in tasks


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_part_of_the_search_for_leaks(module: str) -> None:
    playbooks = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests/leak/scenarios").glob("*.yml"))

    assert f"{FQCN}{module}:" in playbooks
