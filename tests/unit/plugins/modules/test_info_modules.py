# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that only look, from Ansible's side."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import WAITED_MESSAGE
from ansible_collections.cloud_elements.platform.plugins.modules import (
    ce_element_info,
    ce_instance_export,
    ce_instance_info,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    BASE_URL,
    ELEMENT,
    SECRET,
    Platform,
    problem,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.modules.running import Runs

MODULES = [ce_element_info, ce_instance_export, ce_instance_info]


@pytest.fixture(params=MODULES, ids=[module.__name__.rpartition(".")[2] for module in MODULES])
def module(request: pytest.FixtureRequest) -> ModuleType:
    looks: ModuleType = request.param
    return looks


@pytest.fixture
def run(platform: Platform, module: ModuleType, capsys: pytest.CaptureFixture[str]) -> Runs:
    platform.elements = {"zendesk": [], ELEMENT: []}
    platform.add()
    return Runs(module, capsys)


def test_a_look_finds_what_is_there_and_writes_nothing(platform: Platform, run: Runs) -> None:
    result = run()

    (found,) = (found for name, found in result.items() if name in ("elements", "instances"))
    assert [one["key"] if "key" in one else one["name"] for one in found] in (["Acme"], [ELEMENT, "zendesk"])
    assert not result.get("changed")
    assert platform.writes == []
    assert "canary" not in run.printed


def test_check_mode_finds_the_same(platform: Platform, module: ModuleType, run: Runs) -> None:
    listed = {"element": ELEMENT} if module is ce_element_info else {}

    assert run(check=True, **listed) == run(**listed)
    assert platform.writes == []


def test_one_element_is_shown_whole(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    platform.elements = {ELEMENT: [{"key": "password", "type": "PASSWORD", "required": True}]}
    (shown,) = Runs(ce_element_info, capsys)(element=ELEMENT)["elements"]

    assert [key["key"] for key in shown["configuration"]] == ["password"]


TWITTER = {
    "oauth.api.key": "canary-1",
    "oauth.api.secret": "canary-2",
    "oauth.user.token": "canary-3",
    "oauth.user.token.secret": "canary-4",
    "clientSecret": "canary-5",
    "username": "canary-6",
    "oauth.token.url": "https://example.com/token",
}


@pytest.mark.parametrize("label", ["API Key", "Username"])
def test_secrets_that_the_platform_answers_in_clear_are_neither_shown_nor_exported(
    platform: Platform, capsys: pytest.CaptureFixture[str], label: str
) -> None:
    platform.masked = set()
    table = [{"key": key, "type": "TEXTFIELD_128", "name": ""} for key in TWITTER if key != "username"]
    platform.elements = {"twitter": [*table, {"key": "username", "type": "TEXTFIELD_32", "name": label}]}
    platform.add(element={"key": "twitter"}, configuration=TWITTER)
    looks, exports, tells = (Runs(each, capsys) for each in (ce_instance_info, ce_instance_export, ce_element_info))
    (shown,) = looks(configuration=[*TWITTER])["instances"]
    exported = exports()
    told = {key["key"]: key["secret"] for key in tells(element="twitter")["elements"][0]["configuration"]}
    readable = {"oauth.token.url"} | ({"username"} if label == "Username" else set())

    assert set(shown["configuration"]) == readable
    assert set(exported["instances"][0]["configuration"]) == readable
    assert set(exported["instances"][0]["secrets"]) == set(TWITTER) - readable - {"oauth.user.token"}
    assert {key for key, secret in told.items() if not secret} == readable
    printed = (looks.printed + exports.printed).replace("canary-6", "" if label == "Username" else "canary-6")
    assert "canary-" not in printed.replace("canary-user-secret", "").replace("canary-organization-secret", "")


def test_no_configuration_is_shown_of_an_element_that_is_gone(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.add(element={"key": "gone"}, configuration={"color": "canary"})
    (shown,) = Runs(ce_instance_info, capsys)(configuration=["color"])["instances"]

    assert shown["configuration"] == {}


def test_a_listing_names_the_platform_and_its_elements(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    platform.add(element={"key": "servicenow", "name": "ServiceNow"})
    platform.add(element={"key": "nameless"})
    result = Runs(ce_instance_info, capsys)()

    assert result["base_url"] == BASE_URL
    assert result["element_names"] == {"servicenow": "ServiceNow"}


def test_elements_are_only_read_for_configuration(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    for _time in range(2):
        platform.add()
    Runs(ce_instance_info, capsys)()
    without = list(platform.lines)
    Runs(ce_instance_info, capsys)(configuration=["color"])

    assert (without, platform.lines[1:]) == (["GET /instances"], ["GET /instances", f"GET /elements/{ELEMENT}"])


def test_a_wrong_option_is_reported_before_anything_is_sent(platform: Platform, run: Runs) -> None:
    assert "base_url must look like" in run(base_url="nowhere")["msg"]
    assert platform.sent == []


def test_an_unexpected_exception_is_reported_without_its_data(
    module: ModuleType, run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any) -> Any:
        raise KeyError(SECRET)

    monkeypatch.setattr(module, "connect", broken)

    assert run()["msg"] == "internal error, please report it: KeyError"
    assert "canary" not in run.printed


def test_warnings_are_reported(platform: Platform, run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    # How Ansible prints a warning differs by release, and by what else the process has imported.
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, warning: told.append(warning))
    platform.once("GET /.*", problem(503, headers={"Retry-After": "0"}))
    run()

    assert told == [WAITED_MESSAGE]
