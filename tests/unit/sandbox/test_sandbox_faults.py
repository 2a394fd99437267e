# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: which request is hit, and what happens to it."""

from __future__ import annotations

import base64
import http.client
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.unit.sandbox.calling import EXAMPLE, Caller, wait_for

ONE = "/instances/{id}"
BODY = {"name": "one", "element": {"key": "examplebasic"}, "configuration": EXAMPLE}
OTHER = {**BODY, "name": "other"}

BOTH = pytest.mark.parametrize("after", [False, True])
GONE = pytest.mark.parametrize(("method", "path"), [("DELETE", "/faults"), ("POST", "/reset")])


def _statuses(caller: Caller, count: int, path: str = "/elements/keys", **params: str) -> list[int]:
    return [caller.api("GET", path, params=params).status_code for _time in range(count)]


def _hits(caller: Caller) -> list[int]:
    return [fault["hits"] for fault in caller.control("GET", "/faults")["faults"]]


def _post(caller: Caller, pool: ThreadPoolExecutor) -> Future[int]:
    """Let another caller make an instance at the same time."""

    def post() -> int:
        mine = Caller(caller.sandbox)
        with mine.session:
            return mine.api("POST", "/instances", BODY).status_code

    return pool.submit(post)


def _answer(status: int) -> dict[str, Any]:
    return {"answer": {"status": status}}


def test_a_fault_hits_its_method_and_route_once(caller: Caller) -> None:
    made = caller.create()
    caller.fault("GET", ONE, **_answer(503))
    assert _statuses(caller, 1) == [200]
    assert caller.patch(made, name="two").status_code == 200
    assert _statuses(caller, 1, f"/elements/examplebasic/instances/{made['id']}") == [200]
    assert _hits(caller) == [0]
    assert _statuses(caller, 2, f"/instances/{made['id']}") == [503, 200]
    assert _hits(caller) == [1]


def test_a_fault_may_ask_for_parameters_that_are_there_or_are_not(caller: Caller) -> None:
    caller.create()
    caller.fault("GET", "/instances", query={"searchText": True, "nextPage": False}, times=None, **_answer(503))
    assert _statuses(caller, 1, "/instances") == [200]
    assert _statuses(caller, 1, "/instances", searchText="one", nextPage="") == [200]
    assert _statuses(caller, 1, "/instances", searchText="one") == [503]


@pytest.mark.parametrize(
    ("plan", "statuses"),
    [
        ({}, [503, 200, 200, 200]),
        ({"skip": 1}, [200, 503, 200, 200]),
        ({"skip": 1, "times": 2}, [200, 503, 503, 200]),
        ({"times": None}, [503, 503, 503, 503]),
    ],
)
def test_so_many_pass_and_so_many_are_hit(caller: Caller, plan: dict[str, Any], statuses: list[int]) -> None:
    caller.fault("GET", "/elements/keys", **plan, **_answer(503))
    assert _statuses(caller, 4) == statuses
    assert _hits(caller) == [statuses.count(503)]


def test_the_first_fault_that_takes_a_request_keeps_it_from_the_others(caller: Caller) -> None:
    caller.fault("GET", "/elements/keys", skip=1, **_answer(503))
    caller.fault("GET", "/elements/keys", skip=1, times=None, **_answer(502))
    assert _statuses(caller, 4) == [200, 503, 502, 502]
    assert _hits(caller) == [1, 2]


def test_faults_are_shown_with_all_fields(caller: Caller) -> None:
    caller.fault("GET", "/elements/keys", query={"x": True}, meanwhile=[{"delete": True, "id": 7}], **_answer(503))
    (shown,) = caller.control("GET", "/faults")["faults"]
    assert shown == {
        "method": "GET",
        "path": "/elements/keys",
        "query": {"x": True},
        "skip": 0,
        "times": 1,
        "hits": 0,
        "after": False,
        "together": 0,
        "meanwhile": [{"delete": True, "id": 7}],
        "delay": 0,
        "answer": 503,
        "drop": False,
        "raw": None,
        "cut": None,
        "headers": {},
        "repeat_page": False,
    }


@GONE
def test_no_fault_is_left_once_they_are_cleared(caller: Caller, method: str, path: str) -> None:
    caller.fault("GET", "/elements/keys", **_answer(503))
    caller.control(method, path)
    assert _hits(caller) == []
    assert _statuses(caller, 1) == [200]


@pytest.mark.parametrize(
    ("answer", "content", "content_type"),
    [
        ({"json": {"id": [1, None]}}, b'{"id": [1, null]}', "application/json"),
        ({"json": None}, b"null", "application/json"),
        ({"json": [], "headers": {"Content-Type": "text/plain"}}, b"[]", "text/plain"),
        ({"text": "<p>ä</p>", "headers": {"content-type": "text/html"}}, "<p>ä</p>".encode(), "text/html"),
        ({"base64": base64.b64encode(b"\xff\x00").decode()}, b"\xff\x00", "application/octet-stream"),
    ],
)
def test_an_answer_has_any_status_headers_and_body(
    caller: Caller, answer: dict[str, Any], content: bytes, content_type: str
) -> None:
    headers = {"Retry-After": "2", **answer.get("headers", {})}
    caller.fault("POST", "/instances", answer={"status": 429, **answer, "headers": headers})
    got = caller.api("POST", "/instances", BODY)
    assert (got.status_code, got.content, got.headers["Content-Type"]) == (429, content, content_type)
    assert got.headers["Retry-After"] == "2"
    assert caller.log()[-1]["status"] == 429
    assert caller.names() == []


@BOTH
def test_with_after_a_request_is_carried_out_whatever_its_caller_gets(caller: Caller, after: bool) -> None:
    caller.fault("POST", "/instances", after=after, answer={})
    caller.fault("POST", "/instances", after=after, drop=True)
    assert caller.api("POST", "/instances", BODY).content == b""
    with pytest.raises(requests.ConnectionError):
        caller.api("POST", "/instances", OTHER)
    assert [entry["status"] for entry in caller.log()] == [200, None]
    assert caller.names() == (["one", "other"] if after else [])


@BOTH
def test_any_bytes_can_be_the_answer(caller: Caller, after: bool) -> None:
    caller.fault("POST", "/instances", after=after, raw="HTTP/1.1 299 Odd\r\nX: 1\r\n\r\n\xff\x00")
    got = caller.api("POST", "/instances", BODY)
    assert (got.status_code, got.headers, got.content) == (299, {"X": "1"}, b"\xff\x00")
    assert caller.log()[0]["status"] is None
    assert caller.names() == (["one"] if after else [])


def test_a_caller_that_gave_up_is_under_way_until_its_request_was_carried_out(caller: Caller) -> None:
    caller.fault("POST", "/instances", delay=1)
    with pytest.raises(requests.Timeout):
        caller.api("POST", "/instances", BODY, timeout=0.1)
    assert (caller.under_way(), caller.names()) == (1, [])
    wait_for(lambda: caller.under_way() == 0)
    assert caller.names() == ["one"]
    assert caller.log()[0]["status"] is None


def test_a_delay_after_lets_the_others_see_what_was_done(caller: Caller) -> None:
    caller.fault("POST", "/instances", after=True, delay=1)
    with ThreadPoolExecutor() as pool:
        posted = _post(caller, pool)
        wait_for(lambda: caller.names() == ["one"])
        assert caller.under_way() == 1
        assert posted.result() == 200
    assert caller.under_way() == 0


@pytest.mark.parametrize("path", ["/delays", "/faults"])
def test_delays_are_ended_and_what_was_delayed_is_carried_out(caller: Caller, path: str) -> None:
    caller.fault("POST", "/instances", delay=300, times=2)
    with ThreadPoolExecutor() as pool:
        posted = _post(caller, pool)
        wait_for(lambda: caller.under_way() == 1)
        caller.control("DELETE", path)
        assert posted.result() == 200
        later = _post(caller, pool)
        if path == "/delays":
            wait_for(lambda: caller.under_way() == 1)
            caller.control("DELETE", path)
        assert later.result() == 200
    assert caller.names() == ["one", "one"]


def test_requests_wait_for_each_other(caller: Caller) -> None:
    caller.fault("POST", "/instances", together=2, times=2)
    with ThreadPoolExecutor() as pool:
        first = _post(caller, pool)
        wait_for(lambda: caller.under_way() == 1)
        assert caller.names() == []
        assert [_post(caller, pool).result(), first.result()] == [200, 200]
    assert caller.api("POST", "/instances", BODY).status_code == 200
    assert (len(caller.names()), _hits(caller)) == (3, [2])


@GONE
def test_nobody_waits_for_others_once_the_fault_is_gone(caller: Caller, method: str, path: str) -> None:
    caller.fault("POST", "/instances", together=2, times=2)
    with ThreadPoolExecutor() as pool:
        first = _post(caller, pool)
        wait_for(lambda: caller.under_way() == 1)
        caller.control(method, path)
        assert first.result(timeout=10) == 200


@BOTH
def test_another_hand_creates_before_or_after(caller: Caller, after: bool) -> None:
    caller.fault("POST", "/instances", after=after, meanwhile=[{"create": OTHER}, {"create": OTHER}])
    assert caller.api("POST", "/instances", BODY).json()["name"] == "one"
    assert caller.names() == (["one", "other", "other"] if after else ["other", "other", "one"])


@BOTH
def test_another_hand_updates_before_or_after(caller: Caller, after: bool) -> None:
    made = caller.create(tags=["a"])
    caller.fault("PATCH", ONE, after=after, meanwhile=[{"update": {"name": "other", "tags": ["b"]}}])
    assert caller.patch(made, name="mine").json()["tags"] == (["a"] if after else ["b"])
    now = caller.get(made)
    assert (now["name"], now["tags"]) == ("other" if after else "mine", ["b"])


@pytest.mark.parametrize(("after", "status"), [(False, 404), (True, 200)])
def test_another_hand_deletes_before_or_after(caller: Caller, after: bool, status: int) -> None:
    made, second = caller.create(), caller.create(name="second")
    caller.fault("GET", ONE, after=after, meanwhile=[{"delete": True}, {"delete": True}, {"delete": True, "id": 99}])
    assert _statuses(caller, 2, f"/instances/{made['id']}") == [status, 404]
    caller.fault("GET", "/instances", after=True, meanwhile=[{"delete": True, "id": second["id"]}])
    assert _statuses(caller, 2, "/instances") == [200, 404]


def test_another_hand_reaches_the_instance_that_a_request_makes(caller: Caller) -> None:
    caller.fault("POST", "/instances", after=True, meanwhile=[{"delete": True}])
    assert caller.api("POST", "/instances", BODY).status_code == 200
    assert caller.names() == []


def test_another_hand_that_is_refused_says_why(caller: Caller) -> None:
    caller.fault("GET", "/elements/keys", meanwhile=[{"create": {"name": "x", "element": {"key": "nothing"}}}])
    answer = caller.api("GET", "/elements/keys")
    assert answer.status_code == 500
    assert answer.json()["message"] == "Another hand was refused: No element found with key or ID nothing"


@BOTH
def test_an_answer_is_cut(caller: Caller, after: bool) -> None:
    caller.fault("GET", "/elements", after=after, cut=20)
    address = urlsplit(caller.sandbox.base_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.request("GET", f"{address.path}/elements")
    answer = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    connection.close()
    whole = caller.api("GET", "/elements").content
    assert (answer.status, caught.value.partial, caught.value.expected) == (200, whole[:20], len(whole) - 20)
    assert [entry["status"] for entry in caller.log()] == [None, 200]


@BOTH
def test_the_true_answer_gets_other_headers_and_the_same_page_as_its_next(caller: Caller, after: bool) -> None:
    for name in ("one", "two", "three"):
        caller.create(name=name)
    caller.fault("GET", "/instances", after=after, headers={"ELEMENTS-total-count": "7"}, repeat_page=True, times=None)
    first = caller.api("GET", "/instances", params={"pageSize": 1})
    token = first.headers["elements-next-page-token"]
    second = caller.api("GET", "/instances", params={"pageSize": 1, "nextPage": token})
    assert [item["name"] for item in first.json() + second.json()] == ["one", "two"]
    assert second.headers["elements-next-page-token"] == token
    assert first.headers["elements-total-count"] == second.headers["elements-total-count"] == "7"
