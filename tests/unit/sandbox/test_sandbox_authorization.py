# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parts of the Authorization header a call needs, and what happens without them."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.calling import HUB, PLATFORM, TOKEN, Caller

REFUSED = "Invalid Organization or User secret, or invalid Element token provided."


def test_the_platform_takes_user_and_organization_in_any_order(caller: Caller) -> None:
    caller.create()
    for parts in (("User", "Organization"), ("Organization", "User")):
        assert caller.api("GET", "/instances", parts=parts).status_code == 200


def test_an_element_token_beside_them_turns_the_list_into_one_instance(caller: Caller) -> None:
    made, other = caller.create(), caller.create(name="other")
    answer = caller.api("GET", "/instances", parts=TOKEN, token=made["token"])
    assert answer.json() == made
    of_element = caller.api("GET", "/elements/examplebasic/instances", parts=TOKEN, token=made["token"])
    assert [item["id"] for item in of_element.json()] == [made["id"], other["id"]]
    caller.api("DELETE", f"/instances/{made['id']}")
    dead = caller.api("GET", "/instances", parts=TOKEN, token=made["token"])
    assert (dead.status_code, dead.json()["message"]) == (401, REFUSED)


@pytest.mark.parametrize("parts", [(), ("User",), ("Organization",), HUB])
def test_without_both_secrets_the_answer_is_401_in_the_platforms_words(caller: Caller, parts: tuple[str, ...]) -> None:
    made = caller.create()
    answer = caller.api("GET", f"/instances/{made['id']}", parts=parts, token=made["token"])
    assert (answer.status_code, answer.json()["message"]) == (401, REFUSED)
    assert "providerMessage" not in answer.json()


@pytest.mark.parametrize(
    "header", ["User {0}x, Organization {1}", "user {0}, organization {1}", "User {0}; Organization {1}"]
)
def test_a_wrong_secret_or_a_wrong_spelling_is_401(caller: Caller, header: str) -> None:
    value = header.format(caller.sandbox.user_secret, caller.sandbox.organization_secret)
    answer = caller.api("GET", "/instances", parts=(), headers={"Authorization": value})
    assert (answer.status_code, answer.json()["message"]) == (401, REFUSED)


@pytest.mark.parametrize("part", ["User", "Element"])
def test_bytes_that_are_no_text_are_401(caller: Caller, part: str) -> None:
    header = f"{part} \xff\xed\xa0, Organization {caller.sandbox.organization_secret}"
    answer = caller.api("GET", "/instances", parts=(), headers={"Authorization": header})
    assert answer.status_code == 401


def test_spaces_around_the_parts_do_not_matter(caller: Caller) -> None:
    value = f"User  {caller.sandbox.user_secret},Organization {caller.sandbox.organization_secret} "
    answer = caller.api("GET", "/elements/keys", parts=(), headers={"Authorization": value})
    assert answer.status_code == 200


def test_a_hub_call_takes_user_and_element_and_nothing_less(caller: Caller) -> None:
    made = caller.create()
    assert caller.api("GET", "/ping", parts=HUB, token=made["token"]).status_code == 200
    for parts in (("Element",), PLATFORM, ()):
        answer = caller.api("GET", "/ping", parts=parts, token=made["token"])
        assert (answer.status_code, answer.json()["message"]) == (401, REFUSED)


def test_the_token_forms_take_all_three_parts_and_nothing_less(caller: Caller) -> None:
    made = caller.create()
    assert caller.api("PATCH", "/instances", {"name": "two"}, parts=TOKEN, token=made["token"]).status_code == 200
    for parts in (PLATFORM, HUB):
        answer = caller.api("DELETE", "/instances", parts=parts, token=made["token"])
        assert (answer.status_code, answer.json()["message"]) == (401, REFUSED)
    assert caller.get(made)["name"] == "two"


def test_a_token_is_dead_after_its_instance_is_deleted(caller: Caller) -> None:
    made = caller.create()
    caller.api("DELETE", f"/instances/{made['id']}")
    for path, parts in (("/ping", HUB), ("/instances/configuration", TOKEN)):
        answer = caller.api("GET", path, parts=parts, token=made["token"])
        assert (answer.status_code, answer.json()["message"]) == (401, REFUSED)


def test_the_catalogue_and_the_oauth_address_need_no_secrets_but_one_element_does(caller: Caller) -> None:
    query = {"apiKey": "k", "apiSecret": "s", "callbackUrl": "https://example.com"}
    assert caller.api("GET", "/elements", parts=()).status_code == 200
    assert caller.api("GET", "/elements/actessentialsoauth/oauth/url", parts=(), params=query).status_code == 200
    assert caller.api("GET", "/elements/autotaskcrm", parts=()).status_code == 401


def test_secrets_are_checked_before_the_path_and_the_method(caller: Caller) -> None:
    assert caller.api("GET", "/nothing/here", parts=()).status_code == 401
    assert caller.api("POST", "/instances/1", {}, parts=()).status_code == 401
