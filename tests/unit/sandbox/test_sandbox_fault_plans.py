# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of faults that are refused, and why."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.unit.sandbox.calling import Caller


def _plan(caller: Caller, plan: Any) -> requests.Response:
    # Written out here: requests itself refuses numbers that are none.
    return caller.session.post(caller.sandbox.control_url + "/faults", data=json.dumps(plan), timeout=10)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"method": None}, "method must be"),
        ({"method": "get"}, "/elements/keys has no method get; known: GET"),
        ({"path": "/nothing"}, "No route has the path /nothing; known: /elements, "),
        ({"path": "/instances/1"}, "/instances/{id}, "),
        ({"path": "(no route)"}, "No route"),
        ({"sleep": 1}, "Unknown field sleep; known: method, path, "),
        ({"query": {"x": 1}}, "query must be"),
        ({"skip": -1}, "skip must be"),
        ({"times": True}, "times must be"),
        ({"times": 1.5}, "times must be"),
        ({"after": 1}, "after must be"),
        ({"together": 2}, "times must be at least together"),
        ({"together": -1}, "together must be"),
        ({"delay": -0.1}, "delay must be seconds from 0 to 300"),
        ({"delay": float("inf")}, "delay must be"),
        ({"delay": float("nan")}, "delay must be"),
        ({"drop": None}, "drop must be"),
        ({"raw": "€"}, "raw must be"),
        ({"cut": -1}, "cut must be"),
        ({"headers": {"x": 1}}, "headers must be"),
        ({"headers": {"x": "a\r\nb: c"}}, "headers must be"),
        ({"headers": {"x y": "a"}}, "headers must be"),
        ({"headers": {"Content-Length": "1"}}, "headers must be"),
        ({"repeat_page": "yes"}, "repeat_page must be"),
        ({"answer": 503}, "answer must be"),
        ({"answer": {"status": 199}}, "status must be a number from 200 to 599"),
        ({"answer": {"status": 600}}, "status must be"),
        ({"answer": {"status": "200"}}, "status must be"),
        ({"answer": {"headers": {"x": None}}}, "headers must be"),
        ({"answer": {"text": 1}}, "text must be"),
        ({"answer": {"base64": "ä"}}, "base64 is no base64"),
        ({"answer": {"base64": "abc"}}, "base64 is no base64"),
        ({"answer": {"json": 1, "text": ""}}, "An answer has one body, not json and text"),
        ({"answer": {"body": ""}}, "Unknown field body; known: status, headers, json, text, base64"),
    ],
)
def test_a_bad_fault_is_refused_in_clear_words(caller: Caller, plan: dict[str, Any], words: str) -> None:
    answer = _plan(caller, {"method": "GET", "path": "/elements/keys", **plan})
    assert answer.status_code == 400
    assert words in answer.json()["message"]
    assert caller.control("GET", "/faults") == {"faults": []}


@pytest.mark.parametrize(
    "meanwhile",
    [
        {},
        ["delete"],
        [{}],
        [{"id": 1}],
        [{"create": 1}],
        [{"delete": False}],
        [{"create": {}, "delete": True}],
        [{"delete": True, "id": "1"}],
        [{"delete": True, "id": 10**19}],
        [{"rename": {}}],
    ],
)
def test_another_hand_has_no_other_deeds(caller: Caller, meanwhile: Any) -> None:
    answer = _plan(caller, {"method": "GET", "path": "/elements/keys", "meanwhile": meanwhile})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("meanwhile must be a list of")


@pytest.mark.parametrize("name", ["method", "path"])
def test_a_fault_without_a_method_or_a_path_is_refused(caller: Caller, name: str) -> None:
    plan = {"method": "GET", "path": "/elements/keys"}
    del plan[name]
    answer = _plan(caller, plan)
    assert (answer.status_code, answer.json()["message"]) == (400, f"{name} is required")


def test_a_fault_that_is_no_object_is_refused(caller: Caller) -> None:
    answer = _plan(caller, [])
    assert (answer.status_code, answer.json()["message"]) == (400, "The request body must be a JSON object")


@pytest.mark.parametrize("path", ["/instances", "/instances/{id}", "/elements/{element}/instances", "/{resource}"])
def test_a_fault_may_have_the_template_of_any_route_and_null_where_nothing_is_planned(
    caller: Caller, path: str
) -> None:
    nothing: dict[str, Any] = {"times": None, "answer": None, "cut": None, "meanwhile": [], "query": {}, "delay": 300}
    assert _plan(caller, {"method": "GET", "path": path, **nothing}).status_code == 200
