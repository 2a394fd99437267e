# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing: filters, pages, and what an item holds."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.calling import Caller


def _ids(caller: Caller, path: str = "/instances", **params: object) -> list[int]:
    """The ids of all pages, page by page."""
    found: list[int] = []
    while True:
        answer = caller.api("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        found += [item["id"] for item in answer.json()]
        assert int(answer.headers["elements-returned-count"]) == len(answer.json())
        token = answer.headers.get("elements-next-page-token")
        if token is None:
            return found
        params["nextPage"] = token


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/instances", {}),
        ("/instances", {"searchText": "nothing"}),
        ("/instances", {"tags[]": "nothing"}),
        ("/elements/autotaskcrm/instances", {}),
    ],
)
def test_an_empty_list_is_404(caller: Caller, path: str, params: dict[str, str]) -> None:
    if params:
        caller.create()
    answer = caller.api("GET", path, params=params)
    assert (answer.status_code, answer.json()["message"]) == (404, "No element instances found")


def test_the_list_goes_by_ascending_id(caller: Caller) -> None:
    made = [caller.create(name=name)["id"] for name in ("b", "a", "c")]
    assert _ids(caller) == made


@pytest.mark.parametrize(
    ("hydrate", "left_out"),
    [
        (None, {"configuration"}),
        ("", {"configuration"}),
        ("false", {"configuration", "tags"}),
        ("FALSE", {"configuration", "tags"}),
    ],
)
def test_items_hold_tags_without_asking_and_configuration_when_asked(
    caller: Caller, hydrate: str | None, left_out: set[str]
) -> None:
    made = caller.create(tags=["a"])
    for path in ("/instances", "/elements/examplebasic/instances"):
        (item,) = caller.api("GET", path, params={"hydrate": hydrate}).json()
        assert item == {key: value for key, value in made.items() if key not in left_out}
        assert item["token"] == made["token"]


def test_with_hydrate_items_are_whole(caller: Caller) -> None:
    made = [caller.create(name="a", tags=["x", "y"]), caller.create("autotaskcrm", name="b")]
    assert caller.api("GET", "/instances", params={"hydrate": "true"}).json() == made


def test_the_search_is_a_substring_of_the_name_or_the_element_key_whatever_the_case(caller: Caller) -> None:
    caller.create(name="Acme GmbH")
    caller.create(name="ÄCME two")
    caller.create("autotaskcrm", name="other")
    assert caller.names(searchText="acme") == ["Acme GmbH"]
    assert caller.names(searchText="äc") == ["ÄCME two"]
    assert caller.names(searchText="TASKCRM") == ["other"]
    assert caller.names(searchText="e") == ["Acme GmbH", "ÄCME two", "other"]


@pytest.mark.parametrize("text", ["%", "_", "a%", "' OR 1"])
def test_the_search_takes_its_text_literally(caller: Caller, text: str) -> None:
    caller.create(name="abc")
    assert caller.names(searchText=text) == []
    caller.create(name=f"x{text}y")
    assert caller.names(searchText=text) == [f"x{text}y"]


def test_several_tags_must_all_be_there_and_exactly(caller: Caller) -> None:
    caller.create(name="one", tags=["a", "b"])
    caller.create(name="two", tags=["a", "B"])
    assert caller.names(**{"tags[]": ["a"]}) == ["one", "two"]
    assert caller.names(**{"tags[]": ["a", "b"]}) == ["one"]
    assert caller.names(**{"tags[]": ["a", "c"]}) == []
    assert caller.names(**{"tags[]": ["a"], "searchText": "wo"}) == ["two"]


def test_the_list_of_an_element_holds_only_its_instances(caller: Caller) -> None:
    caller.create()
    made = caller.create("autotaskcrm")
    assert _ids(caller, "/elements/autotaskcrm/instances") == [made["id"]]
    assert _ids(caller, "/elements/50/instances") == [made["id"]]
    assert caller.api("GET", "/elements/nothing/instances").json()["message"] != "No element instances found"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 200])
def test_pages_of_every_size_hold_each_instance_once(caller: Caller, size: int) -> None:
    made = [caller.create(name=f"n{number}")["id"] for number in range(5)]
    assert _ids(caller, pageSize=size) == made


def test_the_last_page_has_no_token_and_every_page_the_total(caller: Caller) -> None:
    for number in range(4):
        caller.create(name=f"n{number}")
    first = caller.api("GET", "/instances", params={"pageSize": 2})
    second = caller.api(
        "GET", "/instances", params={"pageSize": 2, "nextPage": first.headers["elements-next-page-token"]}
    )
    assert "elements-next-page-token" not in second.headers
    assert first.headers["elements-total-count"] == second.headers["elements-total-count"] == "4"
    assert first.headers["elements-returned-count"] == "2"


def test_an_empty_next_page_is_the_first_page(caller: Caller) -> None:
    made = caller.create()
    assert [item["id"] for item in caller.api("GET", "/instances", params={"nextPage": ""}).json()] == [made["id"]]


def test_deleting_between_two_pages_skips_nothing(caller: Caller) -> None:
    made = [caller.create(name=f"n{number}")["id"] for number in range(4)]
    first = caller.api("GET", "/instances", params={"pageSize": 2})
    caller.api("DELETE", f"/instances/{made[0]}")
    token = first.headers["elements-next-page-token"]
    assert _ids(caller, pageSize=2, nextPage=token) == made[2:]


@pytest.mark.parametrize(
    "token", ["nonsense", "YWZ0ZXI6eA==", "YWZ0ZXI6LTE=", "äö", "YWZ0ZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk="]
)
def test_a_page_token_that_was_never_given_is_400(caller: Caller, token: str) -> None:
    caller.create()
    assert caller.api("GET", "/instances", params={"nextPage": token}).status_code == 400


@pytest.mark.parametrize("size", ["0", "-1", "many", "1.5", "²"])
def test_a_page_size_that_is_none_is_400(caller: Caller, size: str) -> None:
    caller.create()
    assert caller.api("GET", "/instances", params={"pageSize": size}).status_code == 400


def test_the_count_tells_all_and_by_element(caller: Caller) -> None:
    empty = caller.api("GET", "/instances/count").json()
    assert empty == {"totalInstances": 0, "elementInstances": {}}
    caller.create()
    caller.create()
    caller.create("autotaskcrm")
    counted = caller.api("GET", "/instances/count").json()
    assert counted == {"totalInstances": 3, "elementInstances": {"examplebasic": 2, "autotaskcrm": 1}}
