# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform keeps of an instance, shows of it, and lists."""

from __future__ import annotations

from json import dumps
from typing import Any

import pytest

from tests.sandbox.instances import CUT_TAG
from tests.unit.sandbox.calling import (
    ACT,
    AUTOTASK,
    BODY,
    EXAMPLE,
    HUB,
    OAUTH,
    PLATFORM,
    TOKEN,
    USER,
    InMemory,
)

MASK = "********"
JSON = {"Content-Type": "application/json"}
HALF_A_PAIR = dumps({**BODY, "name": "\ud800"}).encode()
WRITES = pytest.mark.parametrize("method", ["PATCH", "PUT"])
ONE = "/instances/{id}"
OAUTH_URL = "/elements/actessentialsoauth/oauth/url?apiKey=k&apiSecret=s&callbackUrl=https://example.com"
REFUSED = "Invalid Organization or User secret, or invalid Element token provided."


@pytest.mark.parametrize(
    ("call", "right", "wrong"),
    [
        (f"GET {ONE}", [PLATFORM, PLATFORM[::-1], TOKEN], [(), USER, ("Organization",), HUB]),
        ("GET /instances", [PLATFORM, TOKEN], [(), USER, HUB]),
        ("GET /ping", [HUB, TOKEN], [("Element",), PLATFORM, ()]),
        ("GET /elements/examplebasic", [PLATFORM], [(), USER, HUB]),
        ("GET /elements", [(), PLATFORM], []),
        (f"GET {OAUTH_URL}", [(), PLATFORM], []),
        ("DELETE /instances", [TOKEN], [PLATFORM, HUB]),
    ],
)
def test_each_call_needs_its_parts_of_the_header(caller: InMemory, call: str, right: Any, wrong: Any) -> None:
    made = caller.create()
    method, _space, path = call.format(**made).partition(" ")
    for parts in wrong:
        answer = caller.api(method, path, parts=parts, token=made["token"])
        assert (answer.status, answer.message) == (401, REFUSED)
    assert [caller.api(method, path, parts=parts, token=made["token"]).status for parts in right] == [200] * len(right)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("User {User},Organization  {Organization} ", 200),
        ("User {User}x, Organization {Organization}", 401),
        ("user {User}, organization {Organization}", 401),
        ("User {User}; Organization {Organization}", 401),
        ("User {User}, Organization {Organization}, Element dead", 401),
        ("User \xff, Organization {Organization}", 401),
    ],
)
def test_the_header_is_read_exactly(caller: InMemory, header: str, status: int) -> None:
    caller.create()
    sent = {"Authorization": header.format(**caller.secrets)}
    assert caller.api("GET", "/instances", parts=(), headers=sent).status == status


@pytest.mark.parametrize(
    ("call", "headers", "body", "status"),
    [
        ("GET /nothing", {}, b"", 404),
        ("GET /instances/abc", {}, b"", 404),
        ("GET /instances/9999999999999999999", {}, b"", 404),
        ("GET /instances/", {}, b"", 404),
        ("POST /instances/1", {}, b"", 405),
        ("HEAD /instances", {}, b"", 405),
        ("GET /elements/keys", {"Accept": "text/html"}, b"", 406),
        ("GET /elements/keys", {"Accept": "text/html, application/json;q=0.5"}, b"", 200),
        ("GET /elements/keys", {"Accept": "application/*"}, b"", 200),
        ("POST /instances", {"Content-Type": "text/plain"}, b"{}", 415),
        ("POST /instances", {"Content-Type": "application/json;charset=UTF-8"}, b"{}", 400),
        *(("POST /instances", JSON, body, 400) for body in (b"", b"[]", b"\xff", HALF_A_PAIR)),
    ],
)
def test_the_frame_of_a_call(caller: InMemory, call: str, headers: Any, body: bytes, status: int) -> None:
    method, _space, path = call.partition(" ")
    answer = caller.api(method, path, headers=headers, body=body)
    assert answer.status == status
    if status != 200:
        assert set(answer.json()) == {"requestId", "message"}
        assert answer.json()["requestId"] == answer.headers["elements-request-id"]
        assert len(answer.json()["requestId"]) == 24
        # That an unknown path is no empty list.
        assert not answer.message.startswith("No ")
    assert caller.api("GET", "/nothing", parts=()).status == 401


def test_an_answer_holds_what_the_platforms_answers_hold(caller: InMemory) -> None:
    made = caller.create("actessentials", name="Contacts", tags=["Docs"])
    names = "name tags valid disabled maxCacheSize cacheTimeToLive cachingEnabled eventsEnabled traceLoggingEnabled"
    values = ["Contacts", ["Docs"], True, False, 0, 0, False, False, False]
    assert [made[name] for name in names.split()] == values
    more = "externalAuthentication authenticationType createdDate updatedDate elementId"
    date = "2020-09-13T12:26:40Z"
    assert [made[name] for name in more.split()] == ["none", "basic", date, date, 1160]
    ids = {"id", "token", "organizationId", "accountId", "userId"}
    assert set(made) == {*names.split(), *more.split(), *ids, "user", "configuration", "element"}
    assert set(made["user"]) == {"id", "emailAddress", "firstName", "lastName"}
    assert (made["element"]["key"], made["element"]["id"], made["element"]["hub"]) == ("actessentials", 1160, "crm")
    assert caller.get(made) == made


def test_nothing_of_an_instance_is_unique_but_its_id_and_token(caller: InMemory) -> None:
    first, second = caller.create(name="same"), caller.create(name="same")
    assert first["token"] != second["token"]
    caller.change("DELETE", second)
    assert first["id"] < second["id"] < caller.create()["id"]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"element": {"key": "nothing"}}, 404, "No element found with key or ID nothing"),
        ({"element": None}, 400, "element key or id is required"),
        ({"element": {"key": ""}}, 400, "element key or id is required"),
        *(({"name": name}, 400, "name is required") for name in (None, "", "  ", 5, "<b></b>")),
        *(({"tags": tags}, 400, "tags must be") for tags in ("text", [1], [None], {"a": 1})),
        ({"configuration": ["username"]}, 400, "configuration must be an object"),
        ({"configuration": {"username": ""}}, 400, "Missing required configuration: username, password"),
        ({"configuration": {"username": "u", "password": MASK}}, 400, "Missing required configuration: password"),
        ({"element": {"id": 50}}, 400, "crm.autotask.server.url, crm.autotask.username, crm.autotask.password"),
        ({"element": {"key": "actessentials"}, "configuration": {**ACT, "password": "x"}}, 400, "Request failed"),
        ({"element": {"key": "actessentialsoauth"}, "configuration": OAUTH}, 400, "You must provide an OAuth code"),
        ({"element": {"key": "autotaskcrm"}, "configuration": dict.fromkeys(AUTOTASK, "wrong")}, 200, ""),
    ],
)
def test_a_creation_is_refused_or_not(caller: InMemory, body: Any, status: int, message: str) -> None:
    answer = caller.api("POST", "/instances", {**BODY, **body})
    assert (answer.status, message in answer.content.decode()) == (status, True)
    assert len(caller.names()) == (status == 200)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, {"tags": ["one"]}),
        ({"tags": None}, {"tags": ["one"]}),
        ({"tags": []}, {"tags": []}),
        ({"name": "QA <i>Box</i>"}, {"name": "QA Box", "tags": ["QA Box"]}),
        (
            {"name": "1 < 2", "tags": ['<a onClick="x()">y</a>', "z", "y", "", "<b></b>"]},
            {"name": "1 < 2", "tags": ["y", "z"]},
        ),
        ({"name": "Größe 日本 🙂", "tags": ['"\\']}, {"name": "Größe 日本 🙂", "tags": ['"\\']}),
        ({"externalAuthentication": "initial"}, {"externalAuthentication": "initial"}),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_names_and_tags_are_kept_as_text(caller: InMemory, method: str, sent: Any, kept: Any) -> None:
    made = caller.create(**sent) if method == "POST" else caller.change(method, caller.create(), **sent).json()
    if method != "POST" and "name" in sent and "tags" not in sent:
        kept = {**kept, "tags": ["one"]}
    assert {key: made[key] for key in kept} == kept
    assert caller.get(made) == made


@pytest.mark.parametrize(
    ("element", "key", "sent", "stored", "answered"),
    [
        ("examplebasic", "feature.enabled", True, "true", "true"),
        ("examplebasic", "refresh.minutes", 1.5, "1.5", "1.5"),
        ("examplebasic", "refresh.minutes", "0015", "0015", "0015"),
        ("examplebasic", "mapping", {"a": [1, None], "ä": "🙂"}, '{"a":[1,null],"ä":"🙂"}', '{"a":[1,null],"ä":"🙂"}'),
        ("examplebasic", "site.url", None, None, None),
        ("examplebasic", "site.url", MASK, MASK, MASK),
        ("examplebasic", "password", "secret", "secret", MASK),
        ("examplebasic", "event.notification.basic.password", "", "", None),
        ("autotaskcrm", "crm.autotask.password", "secret", "secret", MASK),
        ("autotaskcrm", "event.notification.signature.key", "signs", "signs", "signs"),
        ("actessentials", "username", ACT["username"], ACT["username"], ACT["username"]),
        ("actessentialsoauth", "oauth.api.key", "client", "client", MASK),
        ("actessentialsoauth", "oauth.api.secret", "secret", "secret", MASK),
        ("exampletext", "password", "secret", "secret", "secret"),
        ("exampletext", "example.security.token", "secret", "secret", "secret"),
        ("examplebasic", "nonsense", "x", "not there", "not there"),
    ],
)
def test_configuration_is_text_and_passwords_are_masked_wherever_it_is_shown(
    caller: InMemory, element: str, key: str, *, sent: Any, stored: Any, answered: Any
) -> None:
    made = caller.create(element, configuration={key: sent}, providerData={"code": "c"})
    shown = [made, caller.get(made), caller.change("PATCH", made, name="two").json()]
    shown += [caller.change("PUT", made, name="three").json(), caller.api("GET", "/instances?hydrate=true").json()[0]]
    assert [each["configuration"].get(key, "not there") for each in shown] == [answered] * 5
    assert caller.platform.state.instances[made["id"]].held.get(key, "not there") == stored
    assert "providerData" not in made
    keys = {entry["key"] for entry in caller.api("GET", f"/elements/{element}").json()["configuration"]}
    assert set(made["configuration"]) == keys


@WRITES
@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ({}, {}),
        ({"name": "two"}, {"name": "two"}),
        ({"tags": ["c"]}, {"tags": ["c"]}),
        ({"tags": []}, {"tags": []}),
        ({"tags": None}, {}),
        ({"configuration": {"refresh.minutes": 5}}, {"configuration": {"refresh.minutes": "5"}}),
        ({"configuration": {"password": MASK, "username": "u"}}, {"configuration": {"username": "u"}}),
        ({"element": {"key": "examplebasic"}, "id": 1, "token": "x", "valid": False}, {}),
    ],
)
def test_what_an_update_does_not_name_is_kept(caller: InMemory, method: str, body: Any, changes: Any) -> None:
    made = caller.create(tags=["a", "b"], configuration={"site.url": "https://other.example"})
    caller.now += 60
    changed = caller.change(method, made, **body).json()
    configuration = {**made["configuration"], **changes.get("configuration", {})}
    assert changed == {**made, **changes, "configuration": configuration, "updatedDate": "2020-09-13T12:27:40Z"}
    assert caller.get(made) == changed
    assert caller.platform.state.instances[made["id"]].held["password"] == EXAMPLE["password"]


@WRITES
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": ""}, 400),
        ({"name": None}, 400),
        ({"tags": "text"}, 400),
        ({"configuration": []}, 400),
        ({"configuration": {"username": ""}}, 400),
        ({"configuration": {"password": None}}, 400),
        ({"element": {"key": "autotaskcrm"}}, 400),
        ({"element": {"key": "nothing"}}, 404),
    ],
)
def test_a_refused_update_changes_nothing(caller: InMemory, method: str, body: Any, status: int) -> None:
    made = caller.create()
    assert caller.change(method, made, **{"name": "changed", "tags": ["changed"], **body}).status == status
    assert caller.get(made) == made


@WRITES
def test_an_instance_moves_to_a_clone_of_its_element_and_not_back(caller: InMemory, method: str) -> None:
    made = caller.create()
    moved = caller.change(method, made, element={"id": 9003}).json()
    assert (moved["element"]["id"], moved["configuration"]) == (9003, made["configuration"])
    assert caller.change(method, made, element={"key": "examplebasic"}).status == 400
    assert caller.change(method, caller.create("exampletext"), element={"id": 9003}).status == 400
    assert caller.hub("/ping", made).status == 200
    assert caller.api("GET", "/elements/examplebasic/instances").status == 404
    assert caller.api("DELETE", f"/elements/examplebasic/instances/{made['id']}").status == 200


@pytest.mark.parametrize("leaf", ["", "/enabled", "/trace-logging", "/configuration", "/configuration/1"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_unknown_id_is_404_everywhere(caller: InMemory, method: str, leaf: str) -> None:
    answer = caller.api(method, f"/instances/404{leaf}", {})
    assert (answer.status, answer.message) in [
        (404, "No element instance found with ID 404"),
        (405, "Method Not Allowed"),
    ]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["Acme GmbH", "ÄCME two", "a%b", "other"]),
        ({"searchText": "acme"}, ["Acme GmbH"]),
        ({"searchText": "äc"}, ["ÄCME two"]),
        ({"searchText": "TASKCRM"}, ["other"]),
        ({"searchText": "%"}, ["a%b"]),
        ({"searchText": "_"}, []),
        ({"tags[]": ["a"]}, ["Acme GmbH", "ÄCME two"]),
        ({"tags[]": ["a", "b"]}, ["Acme GmbH"]),
        ({"tags[]": ["a", "c"]}, []),
        ({"tags[]": ["a"], "searchText": "two"}, ["ÄCME two"]),
    ],
)
def test_a_list_finds_by_substring_and_by_whole_tags(caller: InMemory, params: Any, names: list[str]) -> None:
    caller.create(name="Acme GmbH", tags=["a", "b"])
    caller.create(name="ÄCME two", tags=["a", "B"])
    caller.create(name="a%b")
    caller.create("autotaskcrm", name="other")
    answer = caller.api("GET", "/instances", params=params)
    if not names:
        assert (answer.status, answer.message) == (404, "No element instances found")
    else:
        assert [item["name"] for item in answer.json()] == names
        assert answer.headers["elements-total-count"] == str(len(names))


@pytest.mark.parametrize(
    ("hydrate", "left_out"),
    [
        (None, {"configuration"}),
        ("", {"configuration"}),
        ("false", {"configuration", "tags"}),
        ("FALSE", {"configuration", "tags"}),
        ("true", set()),
    ],
)
def test_items_hold_tags_without_asking_and_configuration_when_asked(
    caller: InMemory, hydrate: str | None, left_out: set[str]
) -> None:
    made = caller.create(tags=["a"])
    (item,) = caller.api("GET", "/instances", params={"hydrate": hydrate} if hydrate is not None else {}).json()
    assert item == {key: value for key, value in made.items() if key not in left_out}


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize(("pages", "skips"), [("by_id", 0), ("by_position", 1)])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 200])
def test_pages_hold_each_instance_once(caller: InMemory, size: int, pages: str, skips: int, order: str) -> None:
    made = [caller.create()["id"] for _number in range(5)][:: 1 if order == "ascending" else -1]
    caller.set(pages=pages, order=order)

    def rest(token: str) -> list[int]:
        answer = caller.api("GET", "/instances", params={"pageSize": size, "nextPage": token})
        ids = [item["id"] for item in answer.json()]
        assert answer.headers["elements-returned-count"] == str(len(ids)) != "0"
        following = answer.headers.get("elements-next-page-token")
        return ids + rest(following) if following else ids

    first = caller.api("GET", "/instances", params={"pageSize": size})
    assert rest("") == made
    if size < 4:
        caller.api("DELETE", f"/instances/{made[0]}")
        assert rest(first.headers["elements-next-page-token"]) == made[size + skips :]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        *(({"pageSize": size}, 400) for size in ("0", "-1", "many", "1.5", "²")),
        *(({"nextPage": token}, 400) for token in ("nonsense", "YWZ0ZXI6eA==", "YWZ0ZXI6LTE=", "YmVmb3JlOjE=", "äö")),
        ({"nextPage": "YWZ0ZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk="}, 400),
        ({"pageSize": "201", "nextPage": ""}, 200),
        # Behind the last one.
        ({"nextPage": "YWZ0ZXI6OTk5OTk5"}, 200),
    ],
)
def test_a_page_is_asked_for_in_numbers(caller: InMemory, params: dict[str, str], status: int) -> None:
    caller.create()
    assert caller.api("GET", "/instances", params=params).status == status


# Each mode, and what is seen of a PATCH which sends a name, tags and a user name.
@pytest.mark.parametrize(
    ("mode", "seen"),
    [
        ({"tags": "cut"}, {"tags": ["A" * CUT_TAG, "Ab"]}),
        ({"tags": "lowered"}, {"tags": ["a" * 40, "ab"]}),
        ({"tags": "dropped"}, {"tags": []}),
        ({"names": "cut"}, {"name": "Acme Cor"}),
        ({"names": "lowered"}, {"name": "acme corporation"}),
        ({"renames": False}, {"name": "one", "tags": ["A" * 40, "Ab"]}),
        ({"patch_adds_tags": True}, {"tags": ["one", "A" * 40, "Ab"]}),
        ({"whole_answers": False}, {"tags": None, "configuration": None, "name": "Acme Corporation"}),
        ({"put_replaces": True}, {"eventsEnabled": True}),
    ],
)
def test_the_modes_of_writes(caller: InMemory, mode: Any, seen: Any) -> None:
    made = caller.create(configuration={"event.notification.enabled": True})
    caller.set(**mode)
    change = {"name": "Acme Corporation", "tags": ["A" * 40, "Ab"], "configuration": {"username": "other"}}
    patched = caller.change("PATCH", made, **change).json()
    assert {key: patched.get(key) for key in seen} == seen
    caller.change("PUT", made, configuration=EXAMPLE)
    assert caller.get(made)["eventsEnabled"] is ("put_replaces" not in mode)


SHORT = {"configuration": {}, "valid": True}


@pytest.mark.parametrize(
    ("mode", "names", "left_out", "added"),
    [
        ({"hydrates": False}, ["a", "b", "c"], {"configuration", "tags"}, {}),
        ({"short_items": True}, ["a", "b", "c"], {"disabled", "tags"}, SHORT),
        ({"page_size": 2}, ["a", "b"], set(), {}),
        ({"order": "descending"}, ["c", "b", "a"], set(), {}),
        ({"listing_lag": 10}, ["a", "b"], set(), {}),
    ],
)
def test_the_modes_of_lists(caller: InMemory, mode: Any, names: Any, left_out: set[str], *, added: Any) -> None:
    caller.set(empty_list_status=200)
    empty = caller.api("GET", "/instances")
    assert (empty.status, empty.json(), empty.headers["elements-total-count"]) == (200, [], "0")
    for name in "abc":
        caller.now += 10
        made = caller.create(name=name, configuration={"password": "wrong"})
        caller.hub("/ping", made)
    caller.now += 1
    caller.set(**mode)
    items = caller.api("GET", "/instances?pageSize=200&hydrate=true").json()
    assert [item["name"] for item in items] == names
    whole = {**caller.get(items[0]), **added}
    hub = {"hub"} if "short_items" in mode else set()
    whole["element"] = {key: value for key, value in whole["element"].items() if key not in hub}
    assert items[0] == {key: value for key, value in whole.items() if key not in left_out}
    caller.now += 10
    assert caller.get(made)["valid"] is False
    assert len(caller.names()) == (2 if "page_size" in mode else 3)


def test_with_strict_masks_a_mask_is_stored_literally(caller: InMemory) -> None:
    made = caller.create()
    caller.set(strict_masks=True)
    caller.change("PATCH", made, configuration={"password": MASK})
    assert caller.platform.state.instances[made["id"]].held["password"] == MASK
