# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup does what its documentation describes. These tests run with the Python of the control node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import INSTANCE, TOKEN
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.tasks import desired_from_lookup
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import CONNECTION
from ansible_collections.cloud_elements.platform.tests.unit.plugins.modules.test_contract import ROOT, block, told
from jinja2 import Environment, nodes

LOOKUPS = sorted(path.stem for path in (ROOT / "plugins/lookup").glob("*.py"))
TERMS = "_terms"


def calls(value: Any, lookup: str) -> Iterator[nodes.Call]:
    """Yield each call of a lookup in the templates of a structure."""
    if isinstance(value, str):
        for call in Environment(autoescape=True).parse(value).find_all(nodes.Call):
            if call.args and getattr(call.args[0], "value", None) == f"cloud_elements.platform.{lookup}":
                yield call
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from calls(inner, lookup)


def asked(call: nodes.Call, misspelt: str = "") -> list[Any]:
    """Put the options of a call through all that happens before something is sent; a variable may become 1."""
    names = [getattr(term, "value", "1") for term in call.args[1:]]
    given = {option.key: getattr(option.value, "value", "1") for option in call.kwargs}
    return desired_from_lookup(
        names, {**CONNECTION, **{key + ("x" if key == misspelt else ""): given[key] for key in given}}
    )[0]


LOOKUP_CALLS = [
    (task["name"], call)
    for task in block("ce_instance_token", "EXAMPLES", "lookup")
    for call in calls(task, LOOKUPS[0])
]


def test_every_lookup_is_looked_at_here() -> None:
    assert LOOKUPS == ["ce_instance_token"]


def test_the_documented_options_of_the_lookup_are_those_that_are_taken() -> None:
    options = block("ce_instance_token", "DOCUMENTATION", "lookup")["options"]
    documented = {name: told(option, "suboptions") for name, option in options.items() if name != TERMS}

    assert documented == {name: told(option, "options") for name, option in TOKEN.items()}


def test_the_documented_variables_of_the_lookup_are_those_of_the_modules() -> None:
    options = block("ce_instance_token", "DOCUMENTATION", "lookup")["options"]
    documented = {
        name: [entry["name"] for entry in option["env"]] for name, option in options.items() if "env" in option
    }

    assert documented == {
        name: option["fallback"][1] for name, option in INSTANCE.items() if "env" in options.get(name, ())
    }
    assert sorted(documented) == sorted(name for name, option in TOKEN.items() if "fallback" in option)


@pytest.mark.parametrize(("task", "call"), LOOKUP_CALLS, ids=[task for task, _call in LOOKUP_CALLS])
def test_an_example_of_the_lookup_is_accepted_unless_an_option_is_misspelt(task: str, call: nodes.Call) -> None:
    assert task
    assert asked(call)
    for option in call.kwargs:
        with pytest.raises(BadInput):
            asked(call, misspelt=option.key)


def test_every_example_of_the_lookup_calls_it_and_hides_the_output() -> None:
    examples = block("ce_instance_token", "EXAMPLES", "lookup")

    assert [task["name"] for task in examples] == [name for name, _call in LOOKUP_CALLS]
    assert [task["name"] for task in examples if task.get("no_log") is not True] == []
