# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module from Ansible's side: arguments in, JSON out."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import parameters
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import WAITED_MESSAGE
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.plan import NOT_SENT
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.stamp import Stamps
from ansible_collections.cloud_elements.platform.plugins.modules import ce_instance
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    ORGANIZATION_SECRET,
    SECRET,
    TOKEN,
    Platform,
    problem,
    stamp,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.modules.running import Runs

ACME = {"name": "Acme", "element": ELEMENT, "secrets": {"password": SECRET}}
OURS = stamp({"password": SECRET}, stamps=Stamps(ORGANIZATION_SECRET))


@pytest.fixture
def module(platform: Platform, capsys: pytest.CaptureFixture[str]) -> Runs:  # noqa: ARG001  # nothing else is reached
    return Runs(ce_instance, capsys)


def test_create_again_update_delete(platform: Platform, module: Runs) -> None:
    wanted: list[dict[str, Any]] = [{}, {}, {"tags": ["a"]}, {"tags": ["a"]}, {"state": "absent"}, {"state": "absent"}]
    predicted, told = [], []
    for changes in wanted:
        for check, results in ((True, predicted), (False, told)):
            result = module(check=check, **ACME, **changes)
            results.append((result["changed"], result["action"]))

    done = [(True, "created"), (False, "none"), (True, "updated"), (False, "none"), (True, "deleted"), (False, "none")]
    assert predicted == told == done
    assert platform.writes == ["POST /instances", "PATCH /instances/101", "DELETE /instances/101"]
    assert "canary" not in module.printed


def hidden(printed: str) -> str:
    """Return what a job shows of a module's output: since ansible-core 2.22, the job hides what the module names."""
    masks = getattr(importlib.import_module("ansible.module_utils"), "secrets", None)
    return str(masks.mask_secrets(printed)) if masks else printed


@pytest.mark.parametrize("check", [False, True])
def test_a_secret_that_only_the_instance_s_element_knows_as_one_is_hidden_in_the_arguments(
    platform: Platform, module: Runs, check: bool
) -> None:
    platform.add(id=7, element={"key": "actessentials"}, configuration={"username": "canary-stored"})
    # Newer releases leave the arguments out unless they are asked for.
    asked = {"_ansible_inject_invocation": True} if "inject_invocation" in parameters.PASS_VARS else {}
    given = {"username": "canary-misplaced", "color": "red"}
    result = module(id=7, configuration=given, check=check, diff=True, **asked)

    assert "The configuration key username is a secret of this element" in result["msg"]
    assert result["invocation"]["module_args"]["configuration"]["color"] == "red"
    assert "canary" not in hidden(module.printed)
    assert platform.writes == []


def test_the_token_is_returned_only_when_it_is_asked_for(module: Runs) -> None:
    created = module(**ACME, return_token=True)
    again = module(**ACME, return_token=True)
    renamed = module(id=101, name="Renamed", return_token=True)

    assert [result["token"] for result in (created, again, renamed)] == [TOKEN] * 3
    assert "token" not in module(id=101)
    assert len({result["token_fingerprint"] for result in (created, again, renamed)}) == 1
    assert not {TOKEN, None, ""} & {created["token_fingerprint"]}


@pytest.mark.parametrize("changes", [{"disabled": True}, {"valid": False, "tags": [OURS]}])
def test_an_instance_that_answers_no_calls_has_a_token(
    platform: Platform, module: Runs, changes: dict[str, Any]
) -> None:
    platform.add(**changes)

    assert module(**ACME, update_secrets="on_create", verify="never", return_token=True)["token"] == TOKEN


def test_no_token_is_returned_where_there_is_no_instance(platform: Platform, module: Runs) -> None:
    absent = {**ACME, "state": "absent", "return_token": True}
    predicted = module(**ACME, return_token=True, check=True)
    never = module(**absent)
    platform.add()
    gone = [module(**absent, check=True), module(**absent)]

    assert [result["token"] for result in (predicted, never, *gone)] == [None] * 4
    assert [result["token_fingerprint"] for result in (predicted, never, *gone)] == [None] * 4
    assert [result["changed"] for result in (predicted, never, *gone)] == [True, False, True, True]


def test_check_mode_returns_the_token_of_what_is_there_and_a_difference_when_it_is_asked_for(
    platform: Platform, module: Runs
) -> None:
    platform.add(tags=[OURS])
    told = module(**ACME, tags=["a"], return_token=True, check=True, diff=True)

    assert (told["token"], told["diff"]["after"]["tags"]) == (TOKEN, ["a"])
    assert "diff" not in module(**ACME, tags=["a"], check=True)


def test_a_failure_keeps_what_was_done_and_returns_no_token(platform: Platform, module: Runs) -> None:
    platform.vendor = problem(401, "Failed", providerMessage=f"bad login {SECRET}")
    result = module(**ACME, return_token=True)

    assert (result["failed"], result["changed"], result["action"]) == (True, True, "created")
    assert result["instance"]["id"] == 101
    assert "The vendor rejected the credentials" in result["msg"]
    assert "token" not in result
    assert "canary" not in module.printed


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"user_secret": ""}, "user_secret is missing or empty"),
        ({"base_url": "nowhere"}, "base_url must look like"),
        ({"autotask": {"hub": "crm"}}, "element and autotask are mutually exclusive"),
        ({"color": "red"}, "Unsupported parameters"),
    ],
)
def test_wrong_options_are_reported_in_one_sentence(
    platform: Platform, module: Runs, given: dict[str, Any], sentence: str
) -> None:
    result = module(**{**ACME, **given})

    assert sentence in result["msg"]
    assert platform.sent == []
    assert "canary" not in module.printed


def test_an_unexpected_exception_is_reported_without_its_data(module: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: Any) -> Any:
        raise KeyError(SECRET)

    monkeypatch.setattr(ce_instance, "connect", broken)
    result = module(**ACME)

    assert result["msg"] == "internal error, please report it: KeyError"
    assert "canary" not in module.printed


def test_warnings_are_reported(platform: Platform, module: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    # How Ansible prints a warning differs by release, and by what else the process has imported.
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, warning: told.append(warning))
    platform.add(valid=False, tags=[OURS])
    platform.once("GET /instances", problem(503, headers={"Retry-After": "0"}))
    module(**ACME, update_secrets="on_create")

    assert told == sorted([NOT_SENT, WAITED_MESSAGE])
