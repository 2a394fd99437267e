# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Habits that the real service may have, off by default."""

from __future__ import annotations

import time

import pytest

from tests.sandbox.rate_limit import Window
from tests.unit.sandbox.calling import EXAMPLE, Caller, wait_for


def _habit(caller: Caller, **habits: object) -> None:
    caller.control("PUT", "/settings", habits)


def test_a_new_instance_is_there_by_id_at_once_and_in_the_lists_after_the_lag(caller: Caller) -> None:
    old = caller.create(name="old")
    _habit(caller, listing_lag=1)
    wait_for(lambda: caller.names() == ["old"])
    new = caller.create(name="new")
    listed = caller.api("GET", "/instances")
    of_element = caller.api("GET", "/elements/examplebasic/instances")
    found = caller.api("GET", "/instances", params={"searchText": "new"})
    assert [item["id"] for item in listed.json()] == [item["id"] for item in of_element.json()] == [old["id"]]
    assert listed.headers["elements-total-count"] == "1"
    assert found.status_code == 404
    assert caller.get(new) == new
    assert caller.hub("/ping", new).status_code == 200
    wait_for(lambda: caller.names() == ["old", "new"])


def test_changes_and_deletions_show_in_the_lists_without_a_lag(caller: Caller) -> None:
    made = [caller.create(name=name) for name in ("one", "two")]
    _habit(caller, listing_lag=1)
    wait_for(lambda: caller.names() == ["one", "two"])
    caller.patch(made[0], name="other")
    caller.api("DELETE", f"/instances/{made[1]['id']}")
    assert caller.names() == ["other"]


def test_without_the_lag_everything_is_listed_again(caller: Caller) -> None:
    _habit(caller, listing_lag=300)
    caller.create(name="one")
    assert caller.names() == []
    _habit(caller, listing_lag=0)
    assert caller.names() == ["one"]


def test_no_page_is_longer_than_the_page_size(caller: Caller) -> None:
    for number in range(3):
        caller.create(name=f"n{number}")
    _habit(caller, page_size=2)
    assert caller.names() == caller.names(pageSize=200) == ["n0", "n1"]
    assert caller.names(pageSize=1) == ["n0"]
    first = caller.api("GET", "/instances")
    assert first.headers["elements-total-count"] == "3"
    assert caller.names(nextPage=first.headers["elements-next-page-token"]) == ["n2"]


@pytest.mark.parametrize(("pages", "seen"), [("by_id", ["n2", "n3"]), ("by_position", ["n3"])])
def test_pages_by_position_pass_over_what_moves_up(caller: Caller, pages: str, seen: list[str]) -> None:
    made = [caller.create(name=f"n{number}") for number in range(4)]
    _habit(caller, page_size=2, pages=pages)
    first = caller.api("GET", "/instances")
    caller.api("DELETE", f"/instances/{made[0]['id']}")
    second = caller.api("GET", "/instances", params={"nextPage": first.headers["elements-next-page-token"]})
    assert [item["name"] for item in second.json()] == seen
    assert "elements-next-page-token" not in second.headers
    assert second.headers["elements-total-count"] == "3"


def test_a_list_that_does_not_hydrate_holds_neither_configuration_nor_tags(caller: Caller) -> None:
    made = caller.create(tags=["a"])
    _habit(caller, hydrates=False)
    (item,) = caller.api("GET", "/instances", params={"hydrate": "true"}).json()
    assert item == {key: value for key, value in made.items() if key not in ("configuration", "tags")}
    assert caller.get(made) == made


@pytest.mark.parametrize("hydrate", ["", "true", "false"])
def test_list_items_may_be_short_and_say_valid_of_an_instance_that_is_not(caller: Caller, hydrate: str) -> None:
    made = caller.create(tags=["a"])
    caller.control("PUT", f"/instances/{made['id']}", {"valid": False})
    _habit(caller, short_items=True)
    (item,) = caller.api("GET", "/instances", params={"hydrate": hydrate}).json()
    assert set(made) - set(item) == {"disabled", "tags"}
    assert set(made["element"]) - set(item["element"]) == {"hub"}
    assert (item["configuration"], item["valid"]) == ({}, True)
    whole = caller.get(made)
    assert (whole["tags"], whole["valid"], whole["disabled"]) == (["a"], False, False)


@pytest.mark.parametrize("pages", ["by_id", "by_position"])
@pytest.mark.parametrize("size", [1, 2, 3, 200])
def test_a_list_may_go_by_descending_id(caller: Caller, pages: str, size: int) -> None:
    made = [caller.create(name=f"n{number}")["id"] for number in range(4)]
    _habit(caller, order="descending", pages=pages, page_size=size)
    found, token = [], ""
    while True:
        answer = caller.api("GET", "/instances", params={"nextPage": token})
        found += [item["id"] for item in answer.json()]
        token = answer.headers.get("elements-next-page-token", "")
        if not token:
            break
    assert found == made[::-1]


def test_an_empty_list_may_be_200(caller: Caller) -> None:
    _habit(caller, empty_list_status=200)
    for path in ("/instances", "/instances?searchText=x", "/elements/autotaskcrm/instances"):
        answer = caller.api("GET", path)
        assert (answer.status_code, answer.json(), answer.headers["elements-total-count"]) == (200, [], "0")
    assert caller.api("GET", "/elements/nothing/instances").status_code == 404


@pytest.mark.parametrize(
    ("habit", "kept"),
    [("cut", ["A" * 32, "Ab"]), ("lowered", ["a" * 40, "a" * 39, "ab"]), ("dropped", [])],
)
def test_tags_may_be_cut_lowered_or_dropped(caller: Caller, habit: str, kept: list[str]) -> None:
    tags = ["A" * 40, "A" * 39, "Ab"]
    before = caller.create(tags=tags)
    _habit(caller, tags=habit)
    assert caller.create(tags=tags)["tags"] == kept
    assert caller.get(before)["tags"] == tags
    assert caller.patch(before, tags=tags).json()["tags"] == kept
    assert caller.get(before)["tags"] == kept


def test_the_tag_that_the_platform_gives_is_kept_by_the_same_habit(caller: Caller) -> None:
    _habit(caller, tags="lowered")
    assert caller.create(name="One")["tags"] == ["one"]


def test_calls_above_the_rate_limit_are_told_to_come_back_and_are_not_carried_out(caller: Caller) -> None:
    _habit(caller, rate_limit=2)
    body = {"name": "one", "element": {"key": "examplebasic"}, "configuration": EXAMPLE}
    statuses: list[int] = []

    def refused() -> bool:
        statuses.append(caller.api("POST", "/instances", body).status_code)
        return statuses[-1] == 429

    wait_for(refused)
    answer = caller.api("POST", "/instances", body)
    statuses.append(answer.status_code)
    assert set(statuses) == {200, 429}
    assert len(caller.control("GET", "/instances")["instances"]) == statuses.count(200)
    assert [entry["status"] for entry in caller.log()] == statuses
    assert caller.control("GET", "/counters")["by"] == {"POST /instances": len(statuses)}


def test_who_is_above_the_rate_limit_passes_after_the_time_that_the_answer_says(caller: Caller) -> None:
    _habit(caller, rate_limit=1)
    wait_for(lambda: caller.api("GET", "/instances/count").status_code == 429)
    refused = caller.api("GET", "/instances/count")
    if refused.status_code == 429:
        assert set(refused.json()) == {"requestId", "message"}
        time.sleep(int(refused.headers["Retry-After"]))
    assert caller.api("GET", "/instances/count").status_code == 200


def test_a_window_lets_as_many_pass_as_the_limit_says_and_the_next_one_again() -> None:
    window = Window()
    times = [10.0, 10.1, 10.9, 10.99, 11.0, 11.1, 11.2]
    assert [window.passes(2, now) for now in times] == [True, True, False, False, True, True, False]


def test_without_a_limit_everything_passes() -> None:
    window = Window()
    assert all(window.passes(0, now=10.0) for _time in range(1000))


def test_names_may_be_altered(caller: Caller) -> None:
    _habit(caller, names="cut")
    cut = caller.create(name="Acme Corporation")
    _habit(caller, names="lowered")
    assert (cut["name"], caller.create(name="Acme")["name"]) == ("Acme Cor", "acme")


def test_a_new_name_may_be_ignored(caller: Caller) -> None:
    made = caller.create(name="old")
    _habit(caller, renames=False)
    changed = caller.patch(made, name="new", tags=["new"]).json()
    assert (changed["name"], changed["tags"]) == ("old", ["new"])


def test_a_put_may_replace_the_configuration(caller: Caller) -> None:
    made = caller.create(configuration={"event.notification.enabled": True})
    _habit(caller, put_replaces=True)
    caller.put(made, tags=["new"])
    assert caller.get(made)["eventsEnabled"]
    caller.put(made, configuration=EXAMPLE)
    assert not caller.get(made)["eventsEnabled"]


def test_a_patch_may_keep_tags(caller: Caller) -> None:
    made = caller.create(tags=["old"])
    _habit(caller, patch_adds_tags=True)
    assert caller.patch(made, tags=["new"]).json()["tags"] == ["old", "new"]
    assert caller.put(made, tags=["put"]).json()["tags"] == ["put"]


def test_the_answers_to_writes_may_show_a_part_only(caller: Caller) -> None:
    _habit(caller, whole_answers=False)
    made = caller.create(tags=["old"])
    changed = caller.patch(made, tags=["new"]).json()
    assert not {"tags", "configuration"}.intersection(made) | {"tags", "configuration"}.intersection(changed)
    assert caller.get(made)["tags"] == ["new"]
