# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugins from Ansible's side."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible.plugins.action.normal import ActionModule as Normal
from ansible_collections.cloud_elements.platform.plugins.action import ce_instance, ce_instances
from ansible_collections.cloud_elements.platform.plugins.module_utils._stamp import Stamps
from ansible_collections.cloud_elements.platform.plugins.module_utils._wire import WAITED
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    CONNECTION,
    ELEMENT,
    ORGANIZATION_SECRET,
    SECRET,
    Platform,
    problem,
    stamp,
)

OURS = stamp({"password": SECRET}, stamps=Stamps(ORGANIZATION_SECRET))
ACME = {"name": "Acme", "element": ELEMENT, "secrets": {"password": SECRET}}


def fleet(
    *instances: dict[str, Any], check: bool = False, diff: bool = False, environment: Any = (), **given: Any
) -> dict[str, Any]:
    """Run the action plugin as Ansible does."""
    args = {**CONNECTION, "instances": list(instances), **given}
    task = MagicMock(
        # None stands for an option that is not given.
        args={name: value for name, value in args.items() if value is not None},
        check_mode=check,
        diff=diff,
        async_val=0,
        environment=list(environment),
    )
    templar = MagicMock(template=lambda value, **_options: value)
    action = ce_instances.ActionModule(task, MagicMock(), MagicMock(), MagicMock(), templar, MagicMock())
    return action.run(None, {})


@pytest.fixture(autouse=True)
def _own_environment(environment: pytest.MonkeyPatch) -> None:
    """The plugin sets variables of its process: it has one to itself."""
    environment.setattr(os, "environ", os.environ.copy())


def named(name: str, **changes: Any) -> dict[str, Any]:
    return {**ACME, "name": name, **changes}


def test_a_fleet_is_made_what_the_list_says(platform: Platform) -> None:
    platform.add(name="same", tags=[OURS])
    platform.add(name="tagged", tags=[OURS])
    platform.add(name="gone", tags=[OURS])
    items = [named("new"), named("same"), named("tagged", tags=["a"]), named("gone", state="absent")]
    result = fleet(*items)

    assert result["changed"] is True
    assert result["summary"] == {"created": 1, "updated": 1, "deleted": 1, "unchanged": 1, "failed": 0}
    assert [(item["name"], item["element"], item["action"]) for item in result["instances"]] == [
        ("new", ELEMENT, "created"),
        ("same", ELEMENT, "none"),
        ("tagged", ELEMENT, "updated"),
        ("gone", ELEMENT, "deleted"),
    ]
    assert not result.get("failed")
    assert "canary" not in str(result)
    assert fleet(*items)["changed"] is False


def test_a_check_predicts_and_writes_nothing(platform: Platform) -> None:
    result = fleet(named("A"), named("B"), check=True, diff=True)

    assert (result["changed"], result["summary"]["created"]) == (True, 2)
    assert [diff["after"]["name"] for diff in result["diff"]] == ["A", "B"]
    assert platform.writes == []


def test_items_carry_no_difference_of_their_own() -> None:
    platform = Platform()
    with platform.served():
        result = fleet(named("A"), diff=True)

    assert "diff" not in result["instances"][0]
    assert len(result["diff"]) == 1


def test_an_item_that_fails_fails_the_task_and_keeps_what_was_done(platform: Platform) -> None:
    platform.once("POST /instances", problem(400, f"No {SECRET}"))
    result = fleet(named("A"), named("B"))

    assert (result["failed"], result["changed"]) == (True, True)
    assert result["summary"] == {"created": 1, "updated": 0, "deleted": 0, "unchanged": 0, "failed": 1}
    assert result["msg"].startswith('1 of 2 instances failed. examplebasic "A": ')
    assert [item.get("failed", False) for item in result["instances"]] == [True, False]
    assert "canary" not in str(result)


def test_an_empty_list_changes_nothing(platform: Platform) -> None:
    result = fleet()

    assert (result["changed"], result["instances"]) == (False, [])
    assert platform.writes == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"user_secret": ""}, "user_secret is missing or empty"),
        ({"instances": [{"name": "A"}]}, 'instances[0] "A": one of element, autotask, act365 is missing'),
        ({"instances": [ACME, ACME]}, "instances[0] and instances[1] are the same instance"),
        ({"instances": None}, "instances"),
        ({"color": "red"}, "color"),
        ({"retries": "many"}, "retries"),
    ],
)
def test_wrong_options_are_told_and_nothing_is_sent(platform: Platform, given: dict[str, Any], sentence: str) -> None:
    result = fleet(**{"instances": [ACME], **given})

    assert result["failed"]
    assert sentence in result["msg"]
    assert platform.sent == []
    assert "canary" not in str(result)


@pytest.mark.parametrize("option", ["validate_certs", "timeout", "retries", "color"])
def test_a_secret_typed_into_another_option_is_not_told(option: str) -> None:
    result = fleet(ACME, **{option: "canary-shared"}, autotask={"password": "canary-shared"})

    assert result["failed"]
    assert "canary" not in str(result)


def test_a_listing_that_fails_fails_the_task(platform: Platform) -> None:
    platform.once("GET /instances", problem(401, "Invalid"))
    result = fleet(named("A"), named("B"))

    assert result["failed"]
    assert "check user_secret" in result["msg"]


def test_an_unexpected_exception_is_told_without_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_params: Any) -> Any:
        raise KeyError(SECRET)

    monkeypatch.setattr(ce_instances, "connect", broken)
    result = fleet(ACME)

    assert result["msg"] == "internal error, please report it: KeyError"
    assert "canary" not in str(result)


def test_warnings_are_told_once(platform: Platform) -> None:
    platform.once("GET /instances", *[problem(503, headers={"Retry-After": "0"})] * 2)
    result = fleet(named("A"), named("B"))

    assert result["warnings"] == [WAITED]


def test_the_task_s_environment_counts(platform: Platform) -> None:
    result = fleet(
        ACME,
        user_secret=None,
        environment=[{"CLOUD_ELEMENTS_USER_SECRET": "of-the-play"}, {"CLOUD_ELEMENTS_USER_SECRET": "of-the-task"}],
    )

    assert not result.get("failed")
    assert {sent.authorization.split(",")[0] for sent in platform.sent} == {"User of-the-task"}


def ce_instance_action(**arguments: Any) -> Any:
    made = ce_instance.ActionModule.__new__(ce_instance.ActionModule)
    made._task = SimpleNamespace(args=arguments)
    return made


def test_wrong_arguments_of_ce_instance_never_reach_the_module() -> None:
    result = ce_instance_action(name="Acme", autotask={"hub": "canary", "password": {"value": "canary"}}).run()

    assert result == {"failed": True, "msg": "autotask.password must be a text, not a dictionary or a list."}


def test_right_arguments_of_ce_instance_are_run_as_any_module_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []
    monkeypatch.setattr(Normal, "run", lambda _self, _tmp, task_vars: ran.append(task_vars) or {"changed": True})
    again = ce_instance_action(name="Acme", act365={}, _ansible_check_mode=False)

    assert again.run(task_vars={"a": 1}) == {"changed": True}
    assert ran == [{"a": 1}]


def test_the_module_does_not_log_its_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Normal, "_update_module_args", lambda *_arguments: None)
    arguments: dict[str, Any] = {"_ansible_no_log": False}
    ce_instance_action()._update_module_args("ce_instance", arguments, {})

    assert arguments["_ansible_no_log"] is True
