# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API: what was asked, what the vendors know, what another hand did."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from tests.sandbox.vendors import SEEDS
from tests.unit.sandbox.calling import AUTOTASK, DEFAULT_SETTINGS, PLATFORM, TOKEN, Caller

NO_CALLS = {"reads": 0, "writes": 0, "hub": 0, "by": {}, "under_way": 0}


def test_the_log_tells_what_was_asked_and_how_it_ended(caller: Caller) -> None:
    caller.api("GET", "/instances", params={"tags[]": ["a", "b"], "searchText": "x"})
    caller.api("POST", "/instances", {"name": "one"})
    assert caller.log() == [
        {
            "n": 1,
            "method": "GET",
            "path": "/instances",
            "query": {"tags[]": ["a", "b"], "searchText": ["x"]},
            "body": None,
            "status": 404,
            "parts": ["User", "Organization"],
        },
        {
            "n": 2,
            "method": "POST",
            "path": "/instances",
            "query": {},
            "body": {"name": "one"},
            "status": 400,
            "parts": ["User", "Organization"],
        },
    ]


def test_the_log_names_the_parts_of_the_header_and_never_their_values(caller: Caller) -> None:
    made = caller.create()
    caller.api("PATCH", "/instances", {"name": "two"}, parts=TOKEN, token=made["token"])
    caller.api("GET", "/instances", parts=(), headers={"Authorization": "canary-secret, Bearer canary-token"})
    assert [entry["parts"] for entry in caller.log()] == [list(PLATFORM), list(TOKEN), ["unknown", "unknown"]]
    text = str(caller.log())
    for secret in ("canary", made["token"], caller.sandbox.user_secret, caller.sandbox.organization_secret):
        assert secret not in text


def test_the_log_keeps_what_is_not_json_as_null(caller: Caller) -> None:
    caller.api("POST", "/instances", data=b"{", headers={"Content-Type": "application/json"})
    assert [(entry["body"], entry["status"]) for entry in caller.log()] == [(None, 400)]


def test_control_calls_are_neither_logged_nor_counted(caller: Caller) -> None:
    caller.control("GET", "/vendors")
    caller.control("GET", "/settings")
    assert caller.log() == []
    assert caller.control("GET", "/counters") == NO_CALLS


def test_the_counters_count_by_kind_and_by_route(caller: Caller) -> None:
    made = caller.create()
    path = f"/instances/{made['id']}"
    caller.get(made)
    caller.patch(made, name="two")
    caller.put(made, name="three")
    caller.api("DELETE", f"{path}/enabled")
    caller.api("PUT", f"{path}/enabled")
    caller.hub("/ping", made)
    caller.hub("/hubs/crm/users", made)
    caller.hub("/users", made)
    caller.api("GET", "/elements/examplebasic")
    caller.api("GET", f"{path}/configuration")
    caller.api("GET", f"/elements/examplebasic{path}")
    caller.api("GET", "/instances")
    caller.api("DELETE", path)
    caller.api("GET", "/instances")
    caller.api("GET", "/nothing/here")
    assert caller.control("GET", "/counters") == {
        "reads": 7,
        "writes": 6,
        "hub": 3,
        "by": {
            "POST /instances": 1,
            "GET /instances": 2,
            "GET /instances/{id}": 1,
            "PATCH /instances/{id}": 1,
            "PUT /instances/{id}": 1,
            "DELETE /instances/{id}": 1,
            "PUT /instances/{id}/enabled": 1,
            "DELETE /instances/{id}/enabled": 1,
            "GET /instances/{id}/configuration": 1,
            "GET /elements/{element}": 1,
            "GET /elements/{element}/instances/{id}": 1,
            "GET /hubs/{hub}/{resource}": 1,
            "GET /ping": 1,
            "GET /{resource}": 1,
            "GET (no route)": 1,
        },
        "under_way": 0,
    }


def test_refused_calls_are_counted_too(caller: Caller) -> None:
    caller.api("POST", "/instances", {}, parts=())
    assert caller.control("GET", "/counters")["by"] == {"POST /instances": 1}


def test_clearing_the_log_clears_the_counters_and_the_numbers(caller: Caller) -> None:
    caller.create()
    caller.control("DELETE", "/requests")
    assert caller.control("GET", "/counters") == NO_CALLS
    caller.api("GET", "/instances")
    assert [entry["n"] for entry in caller.log()] == [1]


def test_the_example_accounts_are_there_from_the_start(caller: Caller) -> None:
    vendors = caller.control("GET", "/vendors")["vendors"]
    assert len(vendors) == len(SEEDS)
    described = [
        {
            "vendor": "act365",
            "username": "act-example-api-key",
            "password": "act-example-developer-key",
            "server_url": None,
            "contacts": 3,
        },
        {
            "vendor": "autotask",
            "username": "api.user@example.com",
            "password": "autotask-example-password",
            "server_url": "https://ww2.autotask.net",
            "contacts": 3,
        },
        {
            "vendor": "examplebasic",
            "username": "example",
            "password": "example-password",
            "server_url": None,
            "contacts": 3,
        },
    ]
    assert [account for account in described if account not in vendors] == []


def test_an_account_can_be_added_changed_and_removed(caller: Caller) -> None:
    caller.rotate("autotask", "new@example.com", password="p", server_url="https://ww5.autotask.net", contacts=0)
    configuration = {
        "crm.autotask.username": "new@example.com",
        "crm.autotask.password": "p",
        "crm.autotask.server.url": "https://ww5.autotask.net",
    }
    made = caller.create("autotaskcrm", configuration=configuration)
    assert caller.hub("/users", made).status_code == 200
    caller.rotate("autotask", "new@example.com", password="q")
    account = caller.control("GET", "/vendors")["vendors"][2]
    assert account == {
        "vendor": "autotask",
        "username": "new@example.com",
        "password": "q",
        "server_url": "https://ww5.autotask.net",
        "contacts": 0,
    }
    caller.control("DELETE", "/vendors/autotask/new@example.com")
    caller.patch(made, configuration={"crm.autotask.password": "q"})
    assert caller.hub("/users", made).status_code == 401


@pytest.mark.parametrize("username", ["a%2Fb", "%C3%A4%20%3F", "a.b%40c", "{x}", "%7B%7B%20x%20%7D%7D"])
def test_account_names_may_hold_any_letter(caller: Caller, username: str) -> None:
    caller.rotate("autotask", username, password="p")
    names = [account["username"] for account in caller.control("GET", "/vendors")["vendors"]]
    assert len(names) == len(SEEDS) + 1
    assert unquote(username) in names
    caller.control("DELETE", f"/vendors/autotask/{username}")
    assert len(caller.control("GET", "/vendors")["vendors"]) == len(SEEDS)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/vendors/nobody/x", {"password": "p"}, 404),
        ("DELETE", "/vendors/autotask/nobody", None, 404),
        ("PUT", "/vendors/autotask/new", {"contacts": 3}, 400),
        ("PUT", "/vendors/autotask/new", {"password": "p", "contacts": -1}, 400),
        ("PUT", "/vendors/autotask/new", {"password": "p", "contacts": True}, 400),
        ("PUT", "/vendors/autotask/new", {"password": "p", "contacts": "3"}, 400),
        ("PUT", "/vendors/autotask/new", {"password": 1}, 400),
        ("PUT", "/vendors/autotask/new", {"password": "p", "zone": "x"}, 400),
        ("PUT", "/settings", {"latency": -1}, 400),
        ("PUT", "/settings", {"latency": True}, 400),
        ("PUT", "/settings", {"latency": "1"}, 400),
        ("PUT", "/settings", {"strict_masks": 1}, 400),
        ("PUT", "/settings", {"environment": "moon"}, 400),
        ("PUT", "/settings", {"environment": []}, 400),
        ("PUT", "/settings", {"speed": 1}, 400),
        ("PUT", "/settings", {"listing_lag": -1}, 400),
        ("PUT", "/settings", {"listing_lag": 301}, 400),
        ("PUT", "/settings", {"page_size": 0}, 400),
        ("PUT", "/settings", {"page_size": 201}, 400),
        ("PUT", "/settings", {"page_size": True}, 400),
        ("PUT", "/settings", {"page_size": 1.5}, 400),
        ("PUT", "/settings", {"pages": "by_name"}, 400),
        ("PUT", "/settings", {"hydrates": 0}, 400),
        ("PUT", "/settings", {"order": "by_name"}, 400),
        ("PUT", "/settings", {"refusals": "none"}, 400),
        ("PUT", "/settings", {"short_items": 1}, 400),
        ("PUT", "/settings", {"empty_list_status": 204}, 400),
        ("PUT", "/settings", {"tags": "lost"}, 400),
        ("PUT", "/settings", {"tags": {}}, 400),
        ("PUT", "/instances/1", {"valid": True}, 404),
        ("GET", "/instances/1/stored", None, 404),
        ("GET", "/nothing", None, 404),
        ("POST", "/settings", {}, 405),
    ],
)
def test_a_wrong_control_call_says_so(caller: Caller, method: str, path: str, body: Any, status: int) -> None:
    answer = caller.session.request(method, caller.sandbox.control_url + path, json=body, timeout=10)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_settings_are_changed_one_by_one(caller: Caller) -> None:
    assert caller.control("GET", "/settings") == DEFAULT_SETTINGS
    caller.control("PUT", "/settings", {"latency": 0.01})
    changed = caller.control("PUT", "/settings", {"environment": "snapshot"})
    assert changed == {**DEFAULT_SETTINGS, "latency": 0.01, "environment": "snapshot"}
    assert caller.control("GET", "/settings") == changed


def test_latency_delays_platform_and_hub_calls_but_no_control_call(caller: Caller) -> None:
    made = caller.create()
    caller.control("PUT", "/settings", {"latency": 0.2})
    assert caller.api("GET", "/instances").elapsed.total_seconds() >= 0.2
    assert caller.hub("/ping", made).elapsed.total_seconds() >= 0.2
    answer = caller.session.get(caller.sandbox.control_url + "/settings", timeout=10)
    assert answer.elapsed.total_seconds() < 0.2


def test_another_hand_may_rename_break_and_use_an_instance(caller: Caller) -> None:
    made = caller.create(tags=["a"])
    changed = caller.control("PUT", f"/instances/{made['id']}", {"name": "<b>", "valid": False, "in_use": True})
    assert caller.get(made) == changed
    assert (changed["name"], changed["valid"], changed["tags"]) == ("<b>", False, ["a"])
    assert caller.names(searchText="<B>") == ["<b>"]


def test_instances_are_shown_as_they_truly_are(caller: Caller) -> None:
    caller.control("PUT", "/settings", {"listing_lag": 300, "hydrates": False})
    made = caller.create("autotaskcrm", tags=["a"])
    caller.control("DELETE", "/requests")
    (shown,) = caller.control("GET", "/instances")["instances"]
    assert (shown["id"], shown["tags"], shown["held"]) == (made["id"], ["a"], AUTOTASK)
    assert caller.log() == []


@pytest.mark.parametrize("body", [{"valid": "yes"}, {"name": None}, {"token": "x"}, {"in_use": 1}])
def test_another_hand_may_do_nothing_else(caller: Caller, body: dict[str, Any]) -> None:
    made = caller.create()
    url = f"{caller.sandbox.control_url}/instances/{made['id']}"
    assert caller.session.put(url, json=body, timeout=10).status_code == 400
    assert caller.get(made) == made


def test_a_reset_forgets_all_but_the_secrets(caller: Caller) -> None:
    made = caller.create()
    caller.rotate("autotask", "new", password="p")
    caller.rotate("examplebasic", "example", password="p")
    other = {"latency": 0.01, "strict_masks": True, "environment": "snapshot", "listing_lag": 300, "page_size": 1}
    habits = {
        "pages": "by_position",
        "hydrates": False,
        "empty_list_status": 200,
        "tags": "dropped",
        "rate_limit": 1000,
    }
    habits |= {"names": "cut", "renames": False, "put_replaces": True, "patch_adds_tags": True, "whole_answers": False}
    habits |= {"order": "descending", "short_items": True, "refusals": "bad_request"}
    assert caller.control("PUT", "/settings", {**other, **habits}) == {**other, **habits}
    caller.control("POST", "/reset")
    assert caller.log() == []
    assert caller.control("GET", "/counters")["by"] == {}
    assert caller.control("GET", "/settings") == DEFAULT_SETTINGS
    assert len(caller.control("GET", "/vendors")["vendors"]) == len(SEEDS)
    assert caller.names() == []
    assert caller.hub("/ping", caller.create()).status_code == 200
    assert caller.api("GET", f"/instances/{made['id']}").status_code == 404
