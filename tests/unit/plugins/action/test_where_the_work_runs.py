# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work in the process of the job and as a module: when which, and with the same result."""

from __future__ import annotations

import json
import os
import signal
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, patch

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action.normal import ActionModule as Normal
from ansible_collections.cloud_elements.platform.plugins import action as actions
from ansible_collections.cloud_elements.platform.plugins import modules
from ansible_collections.cloud_elements.platform.plugins.action import (
    ce_element_info,
    ce_instance,
    ce_instance_export,
    ce_instance_info,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.sessions import Sessions
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.message import Message
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.words import Action
from ansible_collections.cloud_elements.platform.plugins.plugin_utils import _actions
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    CONNECTION,
    ELEMENT,
    SECRET,
    SETTINGS,
    TOKEN,
    Platform,
    problem,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.modules.running import Runs

ACME = {"name": "Acme", "element": ELEMENT, "secrets": {"password": SECRET}}


def action_of(plugin: ModuleType, arguments: dict[str, Any], environment: Any = (), **task: Any) -> Any:
    made = plugin.ActionModule.__new__(plugin.ActionModule)
    usual = {"check_mode": False, "diff": False, "async_val": 0, "no_log": False, "_role": None, "module_defaults": []}
    name = f"cloud_elements.platform.{plugin.__name__.rpartition('.')[2]}"
    made._task = SimpleNamespace(
        **{**usual, "args": {**CONNECTION, **arguments}, "environment": list(environment), "action": name, **task}
    )
    context = SimpleNamespace(no_log=False, become=False)
    made._connection = SimpleNamespace(_play_context=context, transport="local", become=None)
    made._play_context = context
    made._loader, made._display = DataLoader(), MagicMock()
    made._templar = MagicMock(template=lambda value, **_options: value)
    made._shell = made._connection._shell = MagicMock()
    return made


@pytest.fixture(autouse=True)
def _own_process(environment: pytest.MonkeyPatch) -> None:
    """A process of its own: its environment is changed, and what it has read is remembered."""
    environment.setattr(os, "environ", os.environ.copy())
    environment.setattr(_actions, "SESSIONS", Sessions())


@pytest.mark.parametrize(
    ("place", "here"),
    [
        ({}, True),
        ({"transport": "ssh"}, False),
        ({"transport": "network_cli"}, False),
        ({"become": object()}, False),
        ({"becomes_by_variable": True}, False),
        ({"async_val": 60}, False),
        ({"without_requests": "Traceback ..."}, False),
    ],
)
def test_the_work_is_done_here_where_a_module_would_do_it_in_the_same_place_as_the_same_user(
    environment: pytest.MonkeyPatch, place: dict[str, Any], here: bool
) -> None:
    action = action_of(ce_instance, ACME, async_val=place.get("async_val", 0))
    action._connection.transport = place.get("transport", "local")
    action._connection.become = place.get("become")
    action._play_context.become = place.get("becomes_by_variable", False)
    environment.setattr(_actions, "REQUESTS_IMPORT_ERROR", place.get("without_requests"))

    assert action._can_work_here() is here


CASES: dict[str, tuple[ModuleType, dict[str, Any]]] = {
    "create": (ce_instance, ACME),
    "check": (ce_instance, {**ACME, "check": True, "diff": True}),
    "refused": (ce_instance, {**ACME, "name": "Refused"}),
    "token": (ce_instance, {**ACME, "return_token": True}),
    "delete": (ce_instance, {"name": "there", "element": ELEMENT, "state": "absent", "diff": True}),
    "info": (ce_instance_info, {"element": ELEMENT, "configuration": ["username"]}),
    "elements": (ce_element_info, {"element": ELEMENT}),
    "export": (ce_instance_export, {}),
    "no element": (ce_element_info, {"element": "no.such"}),
}


@pytest.mark.parametrize("case", CASES)
def test_both_ways_give_the_same_result(
    case: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin, given = CASES[case]
    options = {name: value for name, value in given.items() if name not in ("check", "diff")}
    how = {"check": given.get("check", False), "diff": given.get("diff", False)}

    def prepared() -> Platform:
        platform = Platform()
        platform.add(name="there", configuration={"username": "somebody"})
        if case == "refused":
            platform.once("POST /instances", problem(400, f"No {SECRET}"))
        return platform

    monkeypatch.setattr(Normal, "run", lambda *_given: pytest.fail("the module was run"))
    with prepared().served():
        task = {"check_mode": how["check"], "diff": how["diff"]}
        here = action_of(plugin, options, **task).run(task_vars={})
    with prepared().served():
        module = getattr(modules, plugin.__name__.rpartition(".")[2])
        there = Runs(module, capsys)(**how, **options)

    for result in (here, there):
        for name in ("_ansible_no_log", "invocation", "warnings"):
            result.pop(name, None)
    there.setdefault("changed", False)
    assert here == there
    assert json.loads(json.dumps(here)) == here
    assert SECRET not in json.dumps(here)
    assert (TOKEN in json.dumps(here)) is (case == "token")


def test_the_environment_of_the_task_holds_options(platform: Platform) -> None:
    variables = {"CLOUD_ELEMENTS_USER_SECRET": "of-the-task"}
    action = action_of(ce_instance_info, {}, environment=[variables])
    del action._task.args["user_secret"]
    result = action.run(task_vars={})

    assert not result.get("failed"), result
    assert {sent.authorization.split(",")[0] for sent in platform.sent} == {"User of-the-task"}
    assert "CLOUD_ELEMENTS_USER_SECRET" not in os.environ


def test_the_items_of_a_loop_read_an_element_once(platform: Platform) -> None:
    for name in "ABC":
        assert action_of(ce_instance, {**ACME, "name": name}).run(task_vars={})["changed"]

    assert sum("/elements/" in line for line in platform.lines) == 1


def test_what_is_shared_is_kept_apart_for_each_login_and_environment() -> None:
    sessions = Sessions()
    usual = sessions.get(SETTINGS, {"PATH": "/bin"})

    assert sessions.get(SETTINGS, {"PATH": "/bin"}) is usual
    assert sessions.get(SETTINGS, {"PATH": "/bin", "HTTPS_PROXY": "http://proxy"}) is not usual
    for change in ({"user_secret": "x"}, {"base_url": "https://x"}, {"verify": False}):
        assert sessions.get(SETTINGS.__class__(**{**SETTINGS.__dict__, **change}), {"PATH": "/bin"}) is not usual


@pytest.mark.usefixtures("platform")
def test_the_secret_of_one_item_is_no_secret_of_the_next() -> None:
    action_of(ce_instance, {**ACME, "secrets": {"password": "Umbrella"}}).run(task_vars={})
    result = action_of(ce_instance, {**ACME, "name": "Umbrella"}).run(task_vars={})

    assert result["instance"]["name"] == "Umbrella"


@pytest.mark.parametrize(
    ("result", "done"),
    [
        ({"changed": True, "action": Action.CREATED}, "The instance was created."),
        ({"changed": False, "action": Action.NONE}, "Nothing was changed."),
        ({"elements": []}, "Nothing was changed."),
        ({"failed": True, "changed": False, "msg": Message("Why.")}, "Why."),
    ],
)
def test_a_task_that_its_timeout_ends_fails_and_says_what_was_done(result: dict[str, Any], done: str) -> None:
    ended = _actions.after_timeout(result)

    assert (ended["failed"], ended["code"].value) == (True, "timed_out")
    assert str(ended["msg"]) == f"The timeout of the task ended it, so nothing new was begun. {done}"
    assert ended.get("changed") == result.get("changed")


def test_a_timeout_during_the_work_begins_nothing_new(platform: Platform) -> None:
    platform.add(name="Acme", tags=["a"])
    action = action_of(ce_instance, {**ACME, "tags": ["b"]})
    with patch.object(platform, "_list", side_effect=_alarmed(platform._list)):
        result = action.run(task_vars={})

    assert (result["failed"], result["changed"], result["code"]) == (True, False, "timed_out")
    assert platform.writes == []


def _alarmed(answer: Any) -> Any:
    def alarm(*given: Any) -> Any:
        os.kill(os.getpid(), signal.SIGALRM)
        return answer(*given)

    return alarm


def test_each_action_does_the_work_of_its_own_module() -> None:
    names = ("ce_element_info", "ce_instance", "ce_instance_export", "ce_instance_info")

    assert [name for name in names if getattr(actions, name).ActionModule.WORK is not getattr(modules, name).work] == []
