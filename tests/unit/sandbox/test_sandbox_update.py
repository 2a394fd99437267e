# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing, switching and deleting instances, by id, below their element, and by token."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.calling import ACT, TOKEN, Caller


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_what_is_absent_is_kept(caller: Caller, method: str) -> None:
    made = caller.create(name="one", tags=["a"], configuration={"site.url": "https://other.example"})
    changed = caller.api(method, f"/instances/{made['id']}", {"name": "two"}).json()
    for key in ("tags", "configuration", "token", "id", "createdDate", "element"):
        assert changed[key] == made[key]
    assert changed["name"] == "two"
    assert caller.get(made) == changed
    assert caller.stored(made)["password"] == "example-password"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_tags_are_replaced_as_a_whole_and_an_empty_list_clears_them(caller: Caller, method: str) -> None:
    made = caller.create(tags=["a", "b"])
    path = f"/instances/{made['id']}"
    assert caller.api(method, path, {"tags": ["c"]}).json()["tags"] == ["c"]
    assert caller.api(method, path, {"tags": None}).json()["tags"] == ["c"]
    assert caller.api(method, path, {"tags": []}).json()["tags"] == []
    assert caller.names(**{"tags[]": "c"}) == []


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_configuration_is_merged_key_by_key(caller: Caller, method: str) -> None:
    made = caller.create(configuration={"site.url": "https://one.example"})
    change = {"configuration": {"refresh.minutes": 5, "nonsense": 1}}
    changed = caller.api(method, f"/instances/{made['id']}", change).json()
    assert changed["configuration"] == {**made["configuration"], "refresh.minutes": "5"}


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_html_is_stripped_on_update_too(caller: Caller, method: str) -> None:
    made = caller.create()
    changed = caller.api(method, f"/instances/{made['id']}", {"name": "<b>x</b>", "tags": ["<i>y</i>"]}).json()
    assert (changed["name"], changed["tags"]) == ("x", ["y"])


def test_the_auto_tag_does_not_follow_a_new_name(caller: Caller) -> None:
    made = caller.create(name="one")
    assert caller.patch(made, name="two").json()["tags"] == ["one"]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": None},
        {"tags": "text"},
        {"configuration": []},
        {"configuration": {"username": ""}},
        {"configuration": {"password": None}},
        {"element": {"key": "autotaskcrm"}},
    ],
)
def test_a_refused_update_is_400_and_changes_nothing(caller: Caller, method: str, body: dict[str, Any]) -> None:
    made = caller.create()
    whole = {"name": "changed", "tags": ["changed"], **body}
    assert caller.api(method, f"/instances/{made['id']}", whole).status_code == 400
    assert caller.get(made) == made


def test_an_unknown_element_in_an_update_is_404_and_its_own_is_fine(caller: Caller) -> None:
    made = caller.create()
    assert caller.put(made, element={"key": "nothing"}).status_code == 404
    for element in ({"key": "examplebasic"}, {"id": made["elementId"]}):
        assert caller.put(made, element=element, id=made["id"]).status_code == 200


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_instance_moves_to_a_clone_of_its_element_and_not_back(caller: Caller, method: str) -> None:
    made = caller.create()
    clone = caller.api("GET", "/elements/examplebasicclone").json()
    moved = caller.api(method, f"/instances/{made['id']}", {"element": {"id": clone["id"]}})
    assert moved.status_code == 200
    assert moved.json()["element"]["id"] == moved.json()["elementId"] == clone["id"]
    assert moved.json()["configuration"] == made["configuration"]
    assert caller.get(made) == moved.json()
    assert caller.api(method, f"/instances/{made['id']}", {"element": {"key": "examplebasic"}}).status_code == 400
    assert caller.hub("/ping", made).status_code == 200
    assert [item["id"] for item in caller.api("GET", "/elements/examplebasicclone/instances").json()] == [made["id"]]
    assert caller.api("DELETE", f"/elements/examplebasic/instances/{made['id']}").status_code == 200


def test_an_answer_sent_back_whole_changes_nothing_but_the_date(caller: Caller) -> None:
    made = caller.create("autotaskcrm", tags=["a"])
    stored = caller.stored(made)
    again = caller.api("PUT", f"/instances/{made['id']}", made)
    assert again.status_code == 200
    assert {**again.json(), "updatedDate": ""} == {**made, "updatedDate": ""}
    assert caller.stored(made) == stored


def test_put_asks_the_vendor_for_act_unless_told_not_to(caller: Caller) -> None:
    made = caller.create("actessentials")
    wrong = {**ACT, "password": "wrong"}
    for params in ({}, {"reAuthenticate": "true"}):
        answer = caller.put(made, params, configuration=wrong, name="changed")
        assert (answer.status_code, answer.json()["message"]) == (400, "Request failed")
        assert "developer key" in answer.json()["providerMessage"]
    assert caller.get(made) == made
    assert caller.put(made, {"reAuthenticate": "false"}, configuration=wrong).status_code == 200
    assert caller.stored(made)["password"] == "wrong"


def test_patch_does_not_ask_the_vendor(caller: Caller) -> None:
    made = caller.create("actessentials")
    assert caller.patch(made, configuration={"password": "wrong"}).status_code == 200


def test_put_does_not_ask_autotask(caller: Caller) -> None:
    made = caller.create("autotaskcrm")
    assert caller.put(made, configuration={"crm.autotask.password": "wrong"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_below_its_element_an_instance_is_found_and_below_another_it_is_not(caller: Caller, method: str) -> None:
    made = caller.create()
    body = {"name": "two"} if method == "PUT" else None
    wrong = caller.api(method, f"/elements/autotaskcrm/instances/{made['id']}", body)
    assert (wrong.status_code, caller.get(made)) == (404, made)
    assert caller.api(method, f"/elements/{made['elementId']}/instances/{made['id']}", body).status_code == 200


def test_the_token_forms_work_on_the_instance_of_the_token(caller: Caller) -> None:
    other, made = caller.create(name="other"), caller.create(name="one")
    token = made["token"]

    def call(method: str, path: str, body: Any = None) -> Any:
        answer = caller.api(method, path, body, parts=TOKEN, token=token)
        assert answer.status_code == 200, answer.text
        return answer

    assert call("PATCH", "/instances", {"name": "two"}).json()["id"] == made["id"]
    assert call("PUT", "/instances", {"tags": ["x"]}).json()["tags"] == ["x"]
    call("DELETE", "/instances/enabled")
    assert caller.get(made)["disabled"] is True
    call("PUT", "/instances/enabled")
    assert caller.get(made)["disabled"] is False
    call("PUT", "/instances/trace-logging", {"duration": 5})
    assert caller.get(made)["traceLoggingEnabled"] is True
    call("DELETE", "/instances/trace-logging")
    assert caller.get(made)["traceLoggingEnabled"] is False
    call("DELETE", "/instances")
    assert caller.api("GET", f"/instances/{made['id']}").status_code == 404
    assert caller.get(other) == other


def test_delete_answers_without_a_body_and_a_second_one_is_404(caller: Caller) -> None:
    made = caller.create()
    first = caller.api("DELETE", f"/instances/{made['id']}")
    assert (first.status_code, first.content) == (200, b"")
    assert caller.api("DELETE", f"/instances/{made['id']}").status_code == 404
    assert caller.names() == []


def test_an_instance_in_use_is_not_deleted(caller: Caller) -> None:
    made = caller.create()
    caller.control("PUT", f"/instances/{made['id']}", {"in_use": True})
    answer = caller.api("DELETE", f"/instances/{made['id']}")
    assert answer.status_code == 409
    assert "in use" in answer.json()["message"]
    caller.control("PUT", f"/instances/{made['id']}", {"in_use": False})
    assert caller.api("DELETE", f"/instances/{made['id']}").status_code == 200


def test_enabling_and_disabling_twice_is_fine(caller: Caller) -> None:
    made = caller.create()
    for method, disabled in (("DELETE", True), ("PUT", False)):
        for _repeat in range(2):
            answer = caller.api(method, f"/instances/{made['id']}/enabled")
            assert (answer.status_code, answer.content) == (200, b"")
            assert caller.get(made)["disabled"] is disabled


def test_trace_logging_ends_by_itself(caller: Caller) -> None:
    made = caller.create()
    path = f"/instances/{made['id']}/trace-logging"
    assert caller.api("PUT", path).status_code == 200
    assert caller.get(made)["traceLoggingEnabled"] is True
    assert caller.api("PUT", path, {"duration": 0}).status_code == 200
    assert caller.get(made)["traceLoggingEnabled"] is False
    assert caller.api("PUT", path, {"duration": "long"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("PUT", "/enabled"),
        ("DELETE", "/enabled"),
        ("PUT", "/trace-logging"),
        ("GET", "/configuration"),
        ("GET", "/configuration/1"),
    ],
)
def test_an_unknown_id_is_404_everywhere(caller: Caller, method: str, path: str) -> None:
    body: dict[str, Any] | None = {} if method in ("PUT", "PATCH") else None
    answer = caller.api(method, f"/instances/404{path}", body)
    assert (answer.status_code, answer.json()["message"]) == (404, "No element instance found with ID 404")
