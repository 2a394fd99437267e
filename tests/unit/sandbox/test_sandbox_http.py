# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of every answer: status, error body, ids, media types."""

from __future__ import annotations

import re

import pytest

from tests.unit.sandbox.calling import Caller

HEX_24 = re.compile(r"[0-9a-f]{24}")


def test_an_error_carries_a_request_id_and_a_message_and_the_same_id_in_its_header(caller: Caller) -> None:
    answer = caller.api("GET", "/instances/99")
    assert answer.status_code == 404
    assert set(answer.json()) == {"requestId", "message"}
    assert HEX_24.fullmatch(answer.json()["requestId"])
    assert answer.headers["elements-request-id"] == answer.json()["requestId"]
    assert answer.json()["message"] == "No element instance found with ID 99"


def test_every_success_is_200_and_names_its_request(caller: Caller) -> None:
    made = caller.create()
    path = f"/instances/{made['id']}"
    calls = [
        caller.api("GET", path),
        caller.api("PATCH", path, {"name": "two"}),
        caller.api("PUT", path, {"name": "three"}),
        caller.api("DELETE", f"{path}/enabled"),
        caller.api("PUT", f"{path}/enabled"),
        caller.api("PUT", f"{path}/trace-logging"),
        caller.api("DELETE", f"{path}/trace-logging"),
        caller.api("DELETE", path),
    ]
    assert [call.status_code for call in calls] == [200] * len(calls)
    assert len({call.headers["elements-request-id"] for call in calls}) == len(calls)


@pytest.mark.parametrize(
    "path", ["/nothing", "/instances/abc", "/instances/1/nothing", "/instances/9999999999999999999"]
)
def test_an_unknown_path_is_404_in_the_platforms_form_but_not_in_the_words_of_an_empty_list(
    caller: Caller, path: str
) -> None:
    answer = caller.api("GET", path)
    assert answer.status_code == 404
    assert not re.match(r"No .* found", answer.json()["message"])


def test_a_path_outside_the_api_is_404_without_the_platforms_form(caller: Caller) -> None:
    answer = caller.session.get(caller.sandbox.base_url.removesuffix("/elements/api-v2") + "/instances", timeout=10)
    assert answer.status_code == 404
    assert "json" not in answer.headers["Content-Type"]


def test_a_wrong_method_is_405_and_says_which_are_right(caller: Caller) -> None:
    made = caller.create()
    answer = caller.api("POST", f"/instances/{made['id']}", {})
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(",")) == {"GET", "PUT", "PATCH", "DELETE"}
    for method, path in (
        ("PATCH", f"/elements/examplebasic/instances/{made['id']}"),
        ("GET", f"/instances/{made['id']}/enabled"),
        ("POST", "/hubs/crm/contacts"),
    ):
        assert caller.api(method, path).status_code == 405


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*;q=0.9"])
def test_an_accept_header_without_json_is_406(caller: Caller, accept: str) -> None:
    assert caller.api("GET", "/elements/keys", headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html, application/json;q=0.5", "application/*"])
def test_an_accept_header_with_json_is_fine(caller: Caller, accept: str) -> None:
    assert caller.api("GET", "/elements/keys", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_that_is_not_json_by_its_type_is_415(caller: Caller, content_type: str) -> None:
    answer = caller.api("POST", "/instances", data=b"{}", headers={"Content-Type": content_type})
    assert answer.status_code == 415


def test_a_charset_in_the_content_type_is_fine_and_no_body_needs_no_type(caller: Caller) -> None:
    made = caller.create()
    path = f"/instances/{made['id']}"
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    assert caller.api("PATCH", path, data=b'{"name": "two"}', headers=headers).status_code == 200
    assert caller.api("PUT", f"{path}/enabled", headers={"Content-Type": "text/plain"}).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"null", b'{"name": "\\ud800"}', b"\xff"])
def test_a_body_that_is_not_a_json_object_is_400(caller: Caller, body: bytes) -> None:
    answer = caller.api("POST", "/instances", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["message"]) == (400, "The request body must be a JSON object")


def test_a_missing_body_is_400(caller: Caller) -> None:
    assert caller.api("POST", "/instances").status_code == 400


def test_letters_of_all_scripts_come_back_as_they_were_sent(caller: Caller) -> None:
    name = "Größe 日本語 🙂 \" \\ '"
    made = caller.create(name=name, tags=[name], configuration={"mapping": {"ä": "🙂"}})
    assert (made["name"], made["tags"]) == (name, [name])
    assert made["configuration"]["mapping"] == '{"ä":"🙂"}'
