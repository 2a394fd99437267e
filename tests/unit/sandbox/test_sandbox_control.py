# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API over HTTP: faults that are planned, what is logged and counted, what somebody else may do."""

from __future__ import annotations

import base64
import http.client
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests

from tests.sandbox.request_log import Window
from tests.sandbox.settings import Settings
from tests.sandbox.vendors import SEEDS
from tests.unit.sandbox.calling import BODY, HUB, OverHttp, wait_for

JSON = {"Content-Type": "application/json"}
ONE, KEYS = "/instances/{id}", "/elements/keys"
OTHER = {**BODY, "name": "other"}
BOTH = pytest.mark.parametrize("after", [False, True])


def statuses(client: OverHttp, count: int, path: str = KEYS) -> list[int]:
    return [client.api("GET", path).status for _time in range(count)]


def hits(client: OverHttp) -> list[int]:
    return [fault["hits"] for fault in client.control("GET", "/faults")["faults"]]


def post(client: OverHttp, pool: ThreadPoolExecutor) -> Future[int]:
    """Let another caller make an instance at the same time."""
    other = OverHttp(client.sandbox)
    return pool.submit(lambda: other.api("POST", "/instances", BODY).status)


@pytest.mark.parametrize(
    ("plans", "path", "answers", "hit"),
    [
        ([{}], KEYS, [503, 200, 200, 200], [1]),
        ([{"skip": 1}], KEYS, [200, 503, 200, 200], [1]),
        ([{"skip": 1, "times": 2}], KEYS, [200, 503, 503, 200], [2]),
        ([{"times": None}], KEYS, [503, 503, 503, 503], [4]),
        ([{"skip": 1}, {"skip": 1, "times": None}], KEYS, [200, 503, 503, 503], [1, 2]),
        ([{"path": "/elements"}], KEYS, [200, 200, 200, 200], [0]),
        ([{"path": "/elements/{element}"}], "/elements/50", [503, 200, 200, 200], [1]),
        ([{"query": {"a": True, "b": False}}], KEYS, [200, 200, 200, 200], [0]),
        ([{"query": {"a": True, "b": False}}], f"{KEYS}?a=1&b=", [200, 200, 200, 200], [0]),
        ([{"query": {"a": True, "b": False}}], f"{KEYS}?a=", [503, 200, 200, 200], [1]),
    ],
)
def test_so_many_pass_and_so_many_are_hit(client: OverHttp, plans: Any, path: str, answers: Any, hit: Any) -> None:
    for plan in plans:
        client.fault(**{"method": "GET", "path": KEYS, "answer": {"status": 503}, **plan})
    assert statuses(client, 4, path) == answers
    assert hits(client) == hit


@pytest.mark.parametrize(
    ("answer", "content", "content_type"),
    [
        ({"json": {"id": [1, None]}}, b'{"id": [1, null]}', "application/json"),
        ({"json": [], "headers": {"Content-Type": "text/plain"}}, b"[]", "text/plain"),
        ({"text": "<p>ä</p>", "headers": {"content-type": "text/html"}}, "<p>ä</p>".encode(), "text/html"),
        ({"base64": base64.b64encode(b"\xff\x00").decode()}, b"\xff\x00", "application/octet-stream"),
    ],
)
@BOTH
def test_an_answer_in_place_of_the_true_one(
    client: OverHttp, after: bool, answer: Any, content: bytes, content_type: str
) -> None:
    headers = {"Retry-After": "2", **answer.get("headers", {})}
    client.fault("POST", "/instances", after=after, answer={"status": 429, **answer, "headers": headers})
    got = client.api("POST", "/instances", BODY)
    assert (got.status, got.content, got.headers["Content-Type"]) == (429, content, content_type)
    assert got.headers["Retry-After"] == "2"
    assert [fault["answer"] for fault in client.control("GET", "/faults")["faults"]] == [429]
    assert client.names() == (["one"] if after else [])


@BOTH
def test_no_answer_or_any_bytes(client: OverHttp, after: bool) -> None:
    client.fault("POST", "/instances", after=after, drop=True)
    client.fault("POST", "/instances", after=after, raw="HTTP/1.1 299 Odd\r\nX: 1\r\n\r\n\xff\x00")
    with pytest.raises(requests.ConnectionError):
        client.api("POST", "/instances", BODY)
    got = client.api("POST", "/instances", OTHER)
    assert (got.status, got.headers, got.content) == (299, {"X": "1"}, b"\xff\x00")
    assert [entry["status"] for entry in client.log()] == [None, None]
    assert client.names() == (["one", "other"] if after else [])


@BOTH
def test_a_part_of_the_true_answer(client: OverHttp, after: bool) -> None:
    client.fault("GET", "/elements", after=after, cut=20)
    address = urlsplit(client.sandbox.base_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.request("GET", f"{address.path}/elements")
    answer = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    connection.close()
    assert (answer.status, caught.value.partial) == (200, client.api("GET", "/elements").content[:20])
    assert [entry["status"] for entry in client.log()] == [None, 200]


def test_the_true_answer_with_other_headers_and_the_same_page_as_its_next(client: OverHttp) -> None:
    for name in ("one", "two", "three"):
        client.create(name=name)
    client.fault("GET", "/instances", headers={"ELEMENTS-total-count": "7"}, repeat_page=True, times=None)
    first = client.api("GET", "/instances?pageSize=1")
    token = first.headers["elements-next-page-token"]
    second = client.api("GET", "/instances", params={"pageSize": 1, "nextPage": token})
    assert [item["name"] for item in first.json() + second.json()] == ["one", "two"]
    assert second.headers["elements-next-page-token"] == token
    assert first.headers["elements-total-count"] == second.headers["elements-total-count"] == "7"


def test_a_caller_that_gave_up_is_under_way_until_its_request_was_carried_out(client: OverHttp) -> None:
    client.fault("POST", "/instances", delay=1)
    with pytest.raises(requests.Timeout):
        client.session.post(f"{client.sandbox.base_url}/instances", json=BODY, timeout=0.1)
    assert client.under_way() == 1
    wait_for(lambda: client.under_way() == 0)
    assert hits(client) == [1]
    assert client.log()[0]["status"] is None


@pytest.mark.parametrize("plan", [{"delay": 300}, {"together": 2, "times": 2}])
@pytest.mark.parametrize("end", ["DELETE /delays", "DELETE /faults", "POST /reset"])
@BOTH
def test_who_waits_goes_on_once_it_is_told_so(client: OverHttp, after: bool, plan: Any, end: str) -> None:
    client.fault("POST", "/instances", after=after, **plan)
    with ThreadPoolExecutor() as pool:
        posted = post(client, pool)
        wait_for(lambda: client.under_way() == 1)
        if "delay" in plan:
            wait_for(lambda: client.names() == (["one"] if after else []))
        client.control(*end.split())
        if "together" in plan and end == "DELETE /delays":
            assert post(client, pool).result() == 200
        assert posted.result(timeout=10) == 200
    assert client.under_way() == 0


def test_somebody_else_reaches_any_instance_and_says_why_it_is_refused(client: OverHttp) -> None:
    made = client.create()
    client.fault("GET", KEYS, meanwhile=[{"update": {"name": "x"}, "id": made["id"]}, {"delete": True, "id": 99}])
    assert (client.api("GET", KEYS).status, client.names()) == (200, ["x"])
    client.fault("GET", KEYS, meanwhile=[{"create": {"name": "x", "element": {"key": "nothing"}}}])
    refused = client.api("GET", KEYS)
    why = "Somebody else was refused: No element found with key or ID nothing"
    assert (refused.status, refused.message) == (500, why)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"method": "get"}, "GET /elements/keys"),
        ({"path": "/nothing"}, "GET /instances/{id}"),
        ({"sleep": 1}, "Unknown field sleep; known: method, path, "),
        ({"times": True}, "times must be"),
        ({"together": 2}, "times must be at least together"),
        ({"delay": 301}, "delay must be seconds from 0 to 300"),
        ({"raw": "€"}, "raw must be"),
        ({"headers": {"x": "a\r\nb: c"}}, "headers must be"),
        ({"answer": {"status": 199}}, "status must be a number from 200 to 599"),
        ({"answer": {"base64": "ä"}}, "base64 is no base64"),
        ({"answer": {"json": 1, "text": ""}}, "An answer has one body, not json and text"),
        *(
            ({"meanwhile": deeds}, "meanwhile must be a list of")
            for deeds in ({}, [{}], [{"id": 1}], [{"create": 1}], [{"delete": False}], [{"delete": True, "id": "1"}])
        ),
    ],
)
def test_a_bad_fault_is_refused_in_clear_words(client: OverHttp, plan: Any, words: str) -> None:
    assert words in client.control("POST", "/faults", {"method": "GET", "path": KEYS, **plan}, status=400)["message"]
    assert hits(client) == []


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("PUT /vendors/nobody/x", {"password": "p"}, 404),
        ("DELETE /vendors/autotask/nobody", None, 404),
        ("PUT /vendors/autotask/new", {"contacts": 3}, 400),
        ("PUT /vendors/autotask/new", {"password": "p", "zone": "x"}, 400),
        ("PUT /vendors/autotask/new", {"password": "p", "changed_contacts": [204]}, 400),
        ("PUT /vendors/autotask/new", {"password": "p", "changed_contacts": ["201"]}, 400),
        ("PUT /settings", {"latency": 301}, 400),
        ("POST /instances/1/events", {}, 404),
        ("POST /instances/1/poll", None, 404),
        ("PUT /settings", {"hydrates": 0}, 400),
        ("PUT /settings", {"environment": []}, 400),
        ("PUT /settings", {"page_size": 201}, 400),
        ("PUT /settings", {"speed": 1}, 400),
        ("PUT /instances/1", {"valid": True}, 404),
        ("GET /instances/1/stored", None, 404),
        ("GET /nothing", None, 404),
        ("POST /settings", {}, 405),
    ],
)
def test_a_wrong_control_call_says_so(client: OverHttp, call: str, body: Any, status: int) -> None:
    assert client.control(*call.split(), json=body, status=status)["message"]
    assert client.control("GET", "/settings") == asdict(Settings())


def test_the_log_and_the_counters_tell_what_was_asked_and_never_a_secret(client: OverHttp) -> None:
    made = client.create(tags=["a"])
    client.hub("/ping", made)
    client.api("PATCH", f"/instances/{made['id']}", body=b'{"name": "\\ud800"}', headers=JSON)
    canaries = {"Authorization": "canary-secret, Bearer canary-token"}
    client.api("GET", "/nothing/here", parts=(), headers=canaries, params={"tags[]": ["a", "b"], "x": ""})
    log, counters = client.log(), client.control("GET", "/counters")
    assert [(entry["n"], entry["method"], entry["path"], entry["status"]) for entry in log] == [
        (1, "POST", "/instances", 200),
        (2, "GET", "/ping", 200),
        (3, "PATCH", f"/instances/{made['id']}", 400),
        (4, "GET", "/nothing/here", 401),
    ]
    assert [entry["body"] for entry in log] == [{**BODY, "tags": ["a"]}, None, None, None]
    assert [entry["parts"] for entry in log] == [
        ["User", "Organization"],
        list(HUB),
        ["User", "Organization"],
        ["unknown", "unknown"],
    ]
    assert log[3]["query"] == {"tags[]": ["a", "b"], "x": [""]}
    assert not [secret for secret in ("canary", made["token"], *client.secrets.values()) if secret in str(log)]
    by = {"POST /instances": 1, "GET /ping": 1, "PATCH /instances/{id}": 1, "GET (no route)": 1}
    assert counters == {"reads": 1, "writes": 2, "hub": 1, "by": by, "under_way": 0}
    client.control("DELETE", "/requests")
    assert (client.log(), client.control("GET", "/counters")["by"]) == ([], {})


@pytest.mark.parametrize("username", ["a%2Fb", "%C3%A4%20%3F", "a.b%40c", "{x}", "%7B%7B%20x%20%7D%7D"])
def test_accounts_are_opened_changed_and_closed(client: OverHttp, username: str) -> None:
    path = f"/vendors/autotask/{username}"
    client.control("PUT", path, {"password": "p", "contacts": 0})
    client.control("PUT", path, {"server_url": "https://ww5.autotask.net"})
    (account,) = (
        each for each in client.control("GET", "/vendors")["vendors"] if each["username"] == unquote(username)
    )
    assert account == {
        "vendor": "autotask",
        "username": unquote(username),
        "password": "p",
        "server_url": "https://ww5.autotask.net",
        "contacts": 0,
        "changed_contacts": {},
    }
    client.control("DELETE", path)
    assert len(client.control("GET", "/vendors")["vendors"]) == len(SEEDS)


def test_an_instance_is_seen_and_changed_past_all_checks_until_a_reset(client: OverHttp) -> None:
    settings = {"listing_lag": 300, "latency": 0.2}
    assert client.control("PUT", "/settings", settings) == {**asdict(Settings()), **settings}
    began = time.monotonic()
    made = client.create()
    assert time.monotonic() - began >= 0.2
    changed = client.control("PUT", f"/instances/{made['id']}", {"name": "<b>", "valid": False, "in_use": True})
    assert client.get(made) == changed
    assert (changed["name"], changed["valid"]) == ("<b>", False)
    assert client.change("DELETE", made).status == 409
    (shown,) = client.control("GET", "/instances")["instances"]
    assert (shown["in_use"], shown["held"]) == (True, BODY["configuration"])
    assert client.control("GET", f"/instances/{made['id']}/stored")["password"] == "example-password"
    client.control("PUT", f"/instances/{made['id']}", {"token": "x"}, status=400)
    client.control("PUT", "/vendors/examplebasic/example", {"password": "other"})
    client.control("POST", "/reset")
    assert client.control("GET", "/settings") == asdict(Settings())
    assert (client.control("GET", "/instances")["instances"], client.log()) == ([], [])
    assert client.hub("/ping", client.create()).status == 200


def test_calls_above_the_rate_limit_are_told_to_come_back_and_are_not_carried_out(client: OverHttp) -> None:
    client.control("PUT", "/settings", {"rate_limit": 2})
    answers = []
    wait_for(lambda: answers.append(client.api("POST", "/instances", BODY)) or answers[-1].status == 429)
    assert (set(answers[-1].json()), answers[-1].headers["Retry-After"]) == ({"requestId", "message"}, "1")
    assert len(client.control("GET", "/instances")["instances"]) == len(answers) - 1
    assert client.control("GET", "/counters")["by"] == {"POST /instances": len(answers)}
    window = Window()
    times = [10.0, 10.1, 10.9, 10.99, 11.0, 11.1, 11.2]
    assert [window.passes(2, now) for now in times] == [True, True, False, False, True, True, False]
