# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The code does what the documentation describes: options, examples, results, and the lists of plugins."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Callable

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.item import State, WorkItem
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.report import Report
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.element import Element, element_view
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.views import instance_view
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.words import Action, Code, Reason
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.lists import (
    desired_from_list,
    identities_from_list,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import (
    ELEMENT_INFO,
    FLEET,
    INSTANCE,
    INSTANCE_EXPORT,
    INSTANCE_INFO,
    ITEM,
    TOKEN_FILE,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.tasks import desired_from_task, selection
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.export import export_instances
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    CONNECTION,
    ELEMENT,
    SECRET,
    SETTINGS,
    actual,
    desired,
)

ROOT = Path(__file__).resolve().parents[4]
PACKAGE = "ansible_collections.cloud_elements.platform.plugins"
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
SPECS: dict[str, dict[str, Any]] = {
    "ce_element_info": ELEMENT_INFO,
    "ce_instance": INSTANCE,
    "ce_instance_export": INSTANCE_EXPORT,
    "ce_instance_info": INSTANCE_INFO,
    "ce_instances": FLEET,
    "ce_token_file": TOKEN_FILE,
}
WRITERS = ("ce_instance", "ce_instances", "ce_token_file")
CREDENTIALS = sum(len(vendor.fields) for vendor in VENDORS.values())
VARIABLES = {**dict.fromkeys(SPECS, 4), "ce_instance": 4 + CREDENTIALS, "ce_instances": 4 + CREDENTIALS}
"""How many environment variables each takes options from."""
OURS = "cloud_elements.platform."
BLOCKS = ("DOCUMENTATION", "EXAMPLES", "RETURN")
CODE_LINES = 42


def block(module: str, name: str, folder: str = "modules") -> Any:
    return yaml.safe_load(getattr(importlib.import_module(f"{PACKAGE}.{folder}.{module}"), name))


def documentation(module: str) -> dict[str, Any]:
    """Return a module's documentation, merged with its fragments as Ansible does."""
    docs: dict[str, Any] = block(module, "DOCUMENTATION")
    merged: dict[str, dict[str, Any]] = {"options": {}, "attributes": {}}
    for fragment in docs["extends_documentation_fragment"]:
        parts = re.fullmatch(r"cloud_elements\.platform\.(\w+)(?:\.(\w+))?", fragment)
        assert parts
        fragments = importlib.import_module(f"{PACKAGE}.doc_fragments.{parts[1]}").ModuleDocFragment
        text = getattr(fragments, (parts[2] or "documentation").upper())
        for part, entries in yaml.safe_load(text).items():
            merged[part].update(entries)
    for part, entries in merged.items():
        for name, own in docs.get(part, {}).items():
            entries[name] = {**entries.get(name, {}), **own}
    return {**docs, **merged}


def told(option: Mapping[str, Any], suboptions: str) -> dict[str, Any]:
    """Return what documentation and specification both say of an option."""
    said = {key: option.get(key) for key in ("choices", "default", "elements")}
    return {
        **said,
        "type": option.get("type", "str"),
        "required": option.get("required", False),
        "aliases": option.get("aliases", []),
        "options": {name: told(inner, suboptions) for name, inner in option.get(suboptions, {}).items()},
    }


def test_every_module_has_a_specification_here() -> None:
    assert sorted(SPECS) == MODULES


@pytest.mark.parametrize("module", SPECS)
def test_the_documented_options_are_those_that_are_taken(module: str) -> None:
    documented = {name: told(option, "suboptions") for name, option in documentation(module)["options"].items()}

    assert documented == {name: told(option, "options") for name, option in SPECS[module].items()}


def test_the_items_of_a_list_return_no_token() -> None:
    assert "return_token" in INSTANCE
    assert "return_token" not in ITEM


def with_fallback(spec: Mapping[str, Any], docs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each variable that an option falls back to, and the option's description."""
    for name, option in spec.items():
        description = docs[name]["description"]
        if "fallback" in option:
            (variable,) = option["fallback"][1]
            yield variable, description if isinstance(description, str) else " ".join(description)
        yield from with_fallback(option.get("options", {}), docs[name].get("suboptions", {}))


@pytest.mark.parametrize("module", SPECS)
def test_each_variable_is_documented_with_its_option(module: str) -> None:
    pairs = list(with_fallback(SPECS[module], documentation(module)["options"]))

    assert [variable for variable, description in pairs if f"E({variable})" not in description] == []
    assert len(pairs) == VARIABLES[module]


@pytest.mark.parametrize("module", SPECS)
def test_each_documented_variable_is_one_that_is_read(module: str) -> None:
    docs = documentation(module)
    read = {variable for variable, _description in with_fallback(SPECS[module], docs["options"])}

    assert set(re.findall(r"E\((\w+)\)", str(docs))) == read


@pytest.mark.parametrize("module", SPECS)
def test_every_option_that_is_referred_to_exists(module: str) -> None:
    docs = documentation(module)
    text = str(docs) + str(block(module, "RETURN"))
    mentioned = {(module, option) for option in re.findall(r"O\((\w+)[=)]", text)}
    mentioned |= set(re.findall(r"O\(cloud_elements\.platform\.(\w+)#module:(\w+)\)", text))

    assert [(of, option) for of, option in mentioned if option not in documentation(of)["options"]] == []


@pytest.mark.parametrize("module", SPECS)
def test_every_module_says_how_it_behaves(module: str) -> None:
    attributes = documentation(module)["attributes"]

    assert {name: attributes[name]["support"] for name in ("check_mode", "diff_mode", "idempotent")} == {
        "check_mode": "full",
        "diff_mode": "full" if module in WRITERS else "N/A",
        "idempotent": "full",
    }
    assert "requests" in documentation(module)["requirements"]


# Examples


def plain(value: Any) -> Any:
    """Return a value of an example with each template replaced by what it may become."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return "1" if isinstance(value, str) and "{{" in value else value


LISTS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "ce_instances": desired_from_list,
    "ce_token_file": identities_from_list,
}
EXAMPLES = [(module, task) for module in SPECS for task in block(module, "EXAMPLES")]


def accepted(module: str, args: Mapping[str, Any]) -> list[Any]:
    """Put the options of a task through all that happens before something is sent."""
    given = {**CONNECTION, **plain(args)}
    if "instances_file" in given:
        # What the action plugin has read from it.
        given["instances"] = [{"name": "From a file", "element": ELEMENT, "secrets": {"password": SECRET}}]
    if module in LISTS:
        wanted, _params = LISTS[module](given)
        return wanted
    checked = ArgumentSpecValidator(SPECS[module]).validate(given)
    if checked.error_messages:
        raise BadInput("; ".join(checked.error_messages))
    if module == "ce_instance":
        return desired_from_task(checked.validated_parameters)
    selects = module in ("ce_instance_export", "ce_instance_info")
    return [selection(checked.validated_parameters) if selects else checked.validated_parameters]


@pytest.fixture
def credentials(environment: pytest.MonkeyPatch) -> None:
    """The variables that some examples take credentials from."""
    environment.setenv("CLOUD_ELEMENTS_ACT365_API_KEY", "canary-api-key")
    environment.setenv("CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY", "canary-developer-key")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(("module", "task"), EXAMPLES, ids=[task["name"] for _module, task in EXAMPLES])
def test_an_example_is_accepted(module: str, task: dict[str, Any]) -> None:
    assert set(task) - {"register"} == {"name", f"cloud_elements.platform.{module}"}
    assert accepted(module, task[f"cloud_elements.platform.{module}"] or {})


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(("module", "task"), EXAMPLES, ids=[task["name"] for _module, task in EXAMPLES])
def test_an_example_with_a_misspelt_option_is_not_accepted(module: str, task: dict[str, Any]) -> None:
    args = task[f"cloud_elements.platform.{module}"] or {}
    for name in args:
        with pytest.raises(BadInput):
            accepted(module, {(key + "x" if key == name else key): value for key, value in args.items()})


@pytest.mark.parametrize("module", WRITERS)
def test_no_example_holds_a_secret(module: str) -> None:
    def secrets(spec: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Any]:
        for name, value in given.items():
            option = spec.get(name, {})
            if option.get("no_log"):
                yield from value.values() if isinstance(value, dict) else [value]
            elif isinstance(value, dict):
                yield from secrets(option.get("options", {}), value)
            for item in value if name == "instances" else ():
                yield from secrets(INSTANCE, item)

    values = [
        value
        for task in block(module, "EXAMPLES")
        for value in secrets(SPECS[module], task[f"cloud_elements.platform.{module}"])
    ]
    assert values
    assert [value for value in values if not re.fullmatch(r"{{ vault_\w+ }}", value)] == []


# Results


@pytest.mark.parametrize(("module", "key"), [("ce_instance", "instance"), ("ce_instance_info", "instances")])
def test_the_documented_instance_is_the_one_that_is_returned(module: str, key: str) -> None:
    assert set(block(module, "RETURN")[key]["contains"]) == set(instance_view(actual(), ()))


@pytest.mark.parametrize("whole", [True, False])
def test_the_documented_element_is_the_one_that_is_returned(whole: bool) -> None:
    documented = block("ce_element_info", "RETURN")["elements"]["contains"]
    body = {"key": "e", "configuration": [{"key": "user"}] if whole else None}
    view = element_view(Element.read(body), with_keys=whole)

    assert set(documented) == set(view)
    if whole:
        assert set(documented["events"]["contains"]) == set(view["events"])
        assert set(documented["configuration"]["contains"]) == set(view["configuration"][0])


def test_the_reasons_and_actions_are_documented() -> None:
    documented = set(re.findall(r"V\((\w+)\)", " ".join(block("ce_instance", "RETURN")["reasons"]["description"])))

    # Nothing of a single instance is pruned.
    assert documented == {reason.value for reason in Reason} - {Reason.PRUNED.value}
    assert block("ce_instance", "RETURN")["action"]["sample"] in {action.value for action in Action}


def test_the_codes_of_failures_are_documented() -> None:
    guide = (ROOT / "docs/docsite/rst/guide_fleet.rst").read_text(encoding="utf-8")

    assert set(re.findall(r"^   \* - ``(\w+)``$", guide, re.MULTILINE)) == {code.value for code in Code}


def test_the_documented_item_is_the_one_that_is_returned() -> None:
    report = Report(WorkItem(desired(), Client(SETTINGS), state=State.FAILED, error=BadInput("No.")))
    documented = block("ce_instances", "RETURN")["instances"]["contains"]

    assert set(documented) == set(report.entry(diff=False, with_instance=True))


# What an export returns


def test_the_documented_export_is_the_one_that_is_returned() -> None:
    documented = block("ce_instance_export", "RETURN")
    held = {"password": "********", "oauth.user.token": SECRET}
    returned = export_instances([actual(configuration=held)], (), {ELEMENT: Element(ELEMENT)})

    assert set(documented) - {"code"} == set(returned)
    for key in ("secrets", "left_out"):
        assert set(documented[key]["contains"]) == set(returned[key][0])


# Where things are listed


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_in_the_action_group(module: str) -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))

    assert module in runtime["action_groups"]["all"]


def test_the_action_group_lists_nothing_else() -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))

    assert sorted(runtime["action_groups"]["all"]) == MODULES


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("ce_")])
def test_a_module_has_an_action_plugin_of_its_name(module: str) -> None:
    assert (ROOT / f"plugins/action/{module}.py").is_file()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_thin(module: str) -> None:
    text = (ROOT / f"plugins/modules/{module}.py").read_text(encoding="utf-8")
    documented: set[int] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in BLOCKS:
            documented.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))

    assert len(text.splitlines()) - len(documented) <= CODE_LINES
    assert len(documented) > CODE_LINES
