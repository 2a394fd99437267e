# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promises of the playbooks and the role must not depend on other people's variables, nor on broken ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import CONNECTION, FLEET

ROOT = Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles/instances"
TASK_FILES = {
    "call_vendor": ["call_vendor_page"],
    "controller_setup": ["controller_credential_type", "controller_look", "controller_jobs"],
}
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
KEEPING = [name for name in PLAYBOOKS if name not in ("contact_changed", "provision")]
"""The playbooks that keep something from task to task; in provision, the role does."""
RESULTS = {"drift": {"drift_result", "instances_result", "instances_listed"}, "events": {"instances_result"}}
"""The variables of a playbook that its users may rely on."""
PARAMETERS = re.compile(r"\b([a-z]\w*) if lookup\('ansible\.builtin\.varnames', '\^(\w+)\$'\)")
DEFAULTS = {f"instances_{name}": option["default"] for name, option in FLEET.items() if "default" in option}
"""The defaults of the module, by the variables of the role."""
UNSET = re.compile(r"default\((?:omit|[^()]*, *true)\)")


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def code(path: Path) -> str:
    """Return the text without comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def files_of(playbook: str) -> list[Path]:
    files = [ROOT / f"playbooks/{playbook}.yml"]
    return files + [ROOT / f"playbooks/tasks/{name}.yml" for name in TASK_FILES.get(playbook, ())]


def tasks_in(found: Any) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a file, those in blocks too, in their order."""
    for task in found:
        yield task
        for part in ("tasks", "block", "rescue", "always"):
            yield from tasks_in(task.get(part, ()))


def tasks_of(playbook: str) -> list[dict[str, Any]]:
    return [task for file in files_of(playbook) for task in tasks_in(loaded(file)) if "hosts" not in task]


def set_by(task: Mapping[str, Any]) -> set[str]:
    """Return the names that later tasks could read."""
    named = {task["register"]} if "register" in task else set()
    facts = {name for name in task.get("ansible.builtin.set_fact", ()) if name != "cacheable"}
    read = {task[name]["name"] for name in ("ansible.builtin.include_vars",) if name in task}
    return named | facts | read


def local_to(task: Mapping[str, Any]) -> set[str]:
    """Return the names that a task has for itself, or for the tasks that it includes."""
    loop = {task.get("loop_control", {}).get("loop_var", "item")} if "loop" in task else set()
    return loop | {name for name in task.get("vars", ()) if not name.startswith("ansible_")}


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_name_of_a_playbook_begins_with_its_own_and_two_underscores(playbook: str) -> None:
    (play,) = loaded(ROOT / f"playbooks/{playbook}.yml")
    names = {name for task in tasks_of(playbook) for name in set_by(task) | local_to(task)} | set(play.get("vars", ()))
    ours = {name for name in names if name.startswith(f"{playbook}__")}

    assert names - ours - RESULTS.get(playbook, set()) <= {"ansible_python_interpreter"}


@pytest.mark.parametrize("playbook", KEEPING)
def test_a_playbook_begins_with_refusing_what_outranks_the_names_that_it_keeps(playbook: str) -> None:
    first, *others = tasks_of(playbook)
    check = next(task for task in others if "ansible.builtin.assert" in task)
    before = others[: others.index(check)]
    conditions = " ".join(check["ansible.builtin.assert"]["that"])
    cleared = set_by(first).union(*map(set_by, before))

    assert cleared == set().union(*map(set_by, tasks_of(playbook)))
    assert f"query('ansible.builtin.varnames', '^{playbook}__')" in conditions
    assert [name for name in cleared if not re.search(rf"\b{name}\b", conditions)] == []
    assert not any(local_to(task) for task in (first, *before, check))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_what_a_user_gives_to_a_playbook_is_asked_for_by_its_name(playbook: str) -> None:
    # Filters of the collection have names like these.
    text = re.sub(r"cloud_elements\.platform\.\w+", "", "\n".join(map(code, files_of(playbook))))
    asked = PARAMETERS.findall(text)
    given = {name for name in re.findall(rf"\b{playbook}_(?!_)\w+", text) if name not in RESULTS.get(playbook, ())}
    files = {path.stem for path in files_of(playbook)}

    assert [pair for pair in asked if pair[0] != pair[1]] == []
    assert {name for name, _same in asked if name.startswith(f"{playbook}_")} == given - files - {f"{playbook}_example"}


@pytest.mark.parametrize("path", [*(ROOT / "playbooks").rglob("*.yml"), *ROLE.rglob("*.yml")], ids=str)
def test_a_variable_that_is_broken_never_counts_as_unset(path: Path) -> None:
    inner = re.sub(r"\w+__\w+(?:\.\w+)+ \| default\([^)]*\)", "", code(path))

    assert UNSET.findall(inner) == []


@pytest.mark.parametrize("playbook", ["authenticate", "call_vendor", "export", "quickstart", "rotate"])
def test_a_playbook_calls_modules_and_no_role_that_variables_steer(playbook: str) -> None:
    assert "role" not in str([list(task) for task in tasks_of(playbook)] + [list(loaded(files_of(playbook)[0])[0])])
    assert not re.search(r"\binstances_(?!file\b)\w+", code(files_of(playbook)[0]).replace("call_vendor_instance", ""))


def test_rotate_never_deletes() -> None:
    (options,) = [task[name] for task in tasks_of("rotate") for name in task if name.endswith(".ce_instances")]

    assert options["prune"] is False
    assert "instances_file" not in options


# The role


def role_tasks() -> list[tuple[str, dict[str, Any]]]:
    return [(file.stem, task) for file in sorted((ROLE / "tasks").glob("*.yml")) for task in tasks_in(loaded(file))]


def test_each_task_of_the_role_has_the_same_connection() -> None:
    expected = {option: f"{{{{ instances_{option} }}}}" for option in CONNECTION}
    connections = {
        f"{file}: {task['name']}": {option: value for option, value in options.items() if option in CONNECTION}
        for file, task in role_tasks()
        for name, options in task.items()
        if name.startswith("cloud_elements.platform.")
    }

    assert len(connections) == 6
    assert [where for where, connection in connections.items() if connection != expected] == []


def test_each_variable_of_the_role_has_a_default_that_is_unset() -> None:
    defaults = loaded(ROLE / "defaults/main.yml")
    documented = loaded(ROLE / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]

    # A list that nobody gives is a mistake, an empty one is not.
    assert sorted(defaults) == sorted(documented.keys() - {"instances_list"})
    assert [name for name, value in defaults.items() if value not in ("", {})] == []
    assert [name for name, value in defaults.items() if (value == {}) is not (documented[name]["type"] == "dict")] == []
    assert {name: option["default"] for name, option in documented.items() if "default" in option} == defaults


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_the_page_of_the_role_says_what_the_module_uses_for_an_unset_variable(name: str, default: Any) -> None:
    description = loaded(ROLE / "meta/argument_specs.yml")["argument_specs"]["main"]["options"][name]["description"]
    of_unset = "".join(description).partition("If unset, ")[2]

    assert f"({str(default).lower() if isinstance(default, bool) else default})" in of_unset


def test_the_examples_of_the_role_set_variables_that_exist_and_name_their_tasks() -> None:
    main = loaded(ROLE / "meta/argument_specs.yml")["argument_specs"]["main"]
    plays = yaml.safe_load(main["examples"])
    calls = [task for play in plays for task in tasks_in(play.get("tasks", play.get("roles", ())))]
    given = [name for call in calls for name in call["vars"]]

    assert len(calls) == len(plays) == 2
    assert [name for name in given if name not in main["options"]] == []


def test_each_variable_of_the_role_is_evaluated_before_anything_is_sent() -> None:
    tasks = [task for name in ("main", "apply") for file, task in role_tasks() if file == name]
    sending = next(i for i, task in enumerate(tasks) if "cloud_elements.platform.ce_instances" in task)
    evaluated = str(tasks[: sending + 1])

    variables = loaded(ROLE / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert [name for name in variables if not re.search(rf"\b{name}\b", evaluated)] == []


def test_the_names_that_the_role_keeps_are_cleared_and_checked_first() -> None:
    tasks = [task for file, task in role_tasks() if file not in ("look", "list", "events")]
    first, check = [task for file, task in role_tasks() if file == "main"][:2]
    kept = set().union(*map(set_by, tasks))

    assert set_by(first) == kept
    assert [name for name in kept if f"{name} == {{}}" not in check["ansible.builtin.assert"]["that"]] == []
    assert all(name.startswith("instances__") for task in tasks for name in local_to(task))


def test_tokens_go_to_a_controller_alike_with_either_collection() -> None:
    (awx,), (controller,) = (loaded(ROLE / f"tasks/token_credentials{name}.yml") for name in ("", "_controller"))
    options = awx.pop("awx.awx.credential")

    assert controller.pop("ansible.controller.credential") == options
    assert controller == awx


def test_looking_is_literal() -> None:
    (task,) = loaded(ROLE / "tasks/look.yml")
    options = task["cloud_elements.platform.ce_instances"]

    assert task["check_mode"] is True
    assert (options["prune"], options["return_all"], options["on_error"]) == (False, True, "continue")


def test_connecting_to_a_receiver_never_deletes() -> None:
    task, _check = loaded(ROLE / "tasks/events.yml")
    options = task["cloud_elements.platform.ce_instances"]

    assert options["prune"] is False
    assert (options["instances"], "instances_file" in options) == ("{{ events__items }}", False)


def test_drift_enters_the_role_where_no_variable_can_make_it_write() -> None:
    included = [task.get("ansible.builtin.include_role") for task in tasks_of("drift")]

    assert [role["tasks_from"] for role in included if role] == ["look.yml", "list.yml"]
    assert [list(task) for file, task in role_tasks() if file == "list"] == [
        ["name", "cloud_elements.platform.ce_instance_info", "register"]
    ]


@pytest.mark.parametrize("file", ["look", "apply", "events"])
def test_the_role_hands_the_credentials_of_each_vendor_on(file: str) -> None:
    calls = [
        task["cloud_elements.platform.ce_instances"]
        for task in tasks_in(loaded(ROLE / f"tasks/{file}.yml"))
        if "cloud_elements.platform.ce_instances" in task
    ]
    assert calls
    for options in calls:
        assert {name: options.get(name) for name in VENDORS} == {
            name: f"{{{{ instances_{name} }}}}" for name in VENDORS
        }
