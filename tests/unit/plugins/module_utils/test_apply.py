# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing: what is sent, what is proven of it, and what is done when no answer comes."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils import _apply
from ansible_collections.cloud_elements.platform.plugins.module_utils._apply import (
    STAMP_LOST,
    TAGS_DIFFER,
    TAGS_STAY,
    UNSENT_CHANGED,
    VALUE_DIFFERS,
    took_effect,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._confirm import UNLISTED
from ansible_collections.cloud_elements.platform.plugins.module_utils._instance import Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._plan import SENT_TO_DISABLED, Request
from ansible_collections.cloud_elements.platform.plugins.module_utils._reconcile import Policy, reconcile
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    MASK,
    SECRET,
    STAMPS,
    Answer,
    FakeTime,
    Platform,
    actual,
    desired,
    lost,
    page,
    problem,
    refused,
    run,
    stamp,
)

ALWAYS = 99
ONE = r"/instances/\d+"


def only(client: Client, wanted: Desired) -> dict[str, Any]:
    (result,) = run(client, wanted)
    return result


def done(result: dict[str, Any]) -> tuple[bool, str, bool]:
    """Return what became of it: changed, the action, failed."""
    return result["changed"], result["action"], result.get("failed", False)


def without(*keys: str) -> Callable[[Callable[[], Answer]], Answer]:
    """Return what answers as usual and leaves these fields out."""

    def shorter(usual: Callable[[], Answer]) -> Answer:
        return Answer(200, {key: value for key, value in usual().body.items() if key not in keys})

    return shorter


# Creating


def test_an_answer_to_a_creation_that_leaves_out_configuration_is_enough(platform: Platform, client: Client) -> None:
    platform.respond("POST /instances", without("configuration"))
    result = only(client, desired())

    assert done(result) == (True, "created", False)
    assert result["warnings"] == []


def test_a_creation_posts_once_and_looks_for_its_own(platform: Platform, client: Client) -> None:
    result = only(client, desired())

    assert done(result) == (True, "created", False)
    assert platform.writes == ["POST /instances"]
    assert platform.lines[-2:] == ["GET /ping", "GET /instances"]
    assert result["instance"]["id"] == 101


def test_absence_is_proven_by_a_complete_listing_before_a_creation(platform: Platform, client: Client) -> None:
    only(client, desired())

    before = platform.sent[: platform.lines.index("POST /instances")]
    assert [sent.query.get("searchText") for sent in before if sent.path == "/instances"] == ["Acme", None]


@pytest.mark.parametrize(
    "loss",
    [lost(), problem(500), problem(502), page(504), Answer(200, "{cut"), Answer(200, {"name": "Acme"}), page(429)],
    ids=["connection", "500", "502", "504", "cut body", "no id", "429"],
)
def test_a_creation_whose_answer_was_lost_is_found_by_its_stamp(
    platform: Platform, client: Client, loss: Answer | Exception
) -> None:
    platform.lag = 3
    platform.once("POST /instances", loss, happens=True)
    result = only(client, desired())

    assert done(result) == (True, "created", False)
    assert result["reasons"] == ["not_found", "recovered"]
    assert platform.writes == ["POST /instances"]


def test_a_lost_creation_is_found_where_a_listing_leaves_out_tags(platform: Platform, client: Client) -> None:
    platform.unlisted = ("tags", "configuration")
    platform.once("POST /instances", lost(), happens=True)

    assert done(only(client, desired())) == (True, "created", False)


def test_a_lost_creation_is_found_where_a_search_finds_nothing(platform: Platform, client: Client) -> None:
    platform.searches = False
    platform.once("POST /instances", lost(), happens=True)
    result = only(client, desired())

    assert done(result) == (True, "created", False)
    assert result["warnings"] == []


def test_a_lost_creation_that_is_not_found_is_told_as_unknown(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    platform.once("POST /instances", lost())
    result = only(client, desired())

    assert done(result) == (False, "none", True)
    assert "Whether the instance was created is not known: it did not show up within 120 s" in result["msg"]
    assert "that is safe, an instance that is there will be found" in result["msg"]
    assert platform.writes == ["POST /instances"]
    looks = platform.lines[platform.lines.index("POST /instances") + 1 :]
    # After 1, 2, 4 and 8 seconds, then every ten, and once more at the end.
    assert (sum(time.sleeps), looks) == (120, ["GET /instances"] * 16)


def test_a_lost_creation_is_told_as_unknown_when_nothing_can_be_listed(platform: Platform, client: Client) -> None:
    def then_break(_usual: Callable[[], Answer]) -> Answer:
        platform.once("GET /instances", *[problem(500)] * ALWAYS * 10)
        raise lost()

    platform.respond("POST /instances", then_break)
    result = only(client, desired())

    assert result["failed"]
    assert "was lost" in result["msg"]
    assert "Whether the instance was created is not known" in result["msg"]


def test_the_instance_of_another_is_not_taken_for_a_lost_creation(platform: Platform, client: Client) -> None:
    def other_is_first(_usual: Callable[[], Answer]) -> Answer:
        platform.add(tags=[stamp({"password": SECRET})])
        raise lost()

    platform.respond("POST /instances", other_is_first)
    result = only(client, desired())

    assert result["failed"]
    assert "not known" in result["msg"]


def test_a_creation_that_was_not_sent_is_told_so(platform: Platform, client: Client) -> None:
    platform.once("POST /instances", *[refused()] * ALWAYS)
    result = only(client, desired())

    assert done(result) == (False, "none", True)
    assert "Nothing was sent." in result["msg"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 415, 422])
def test_a_creation_that_is_refused_fails_at_once(
    platform: Platform, client: Client, time: FakeTime, status: int
) -> None:
    platform.once("POST /instances", problem(status, "No way", providerMessage="The vendor's words"))
    result = only(client, desired())

    assert done(result) == (False, "none", True)
    assert "No way" in result["msg"]
    assert platform.lines[-1] == "POST /instances"
    assert time.sleeps == []


def test_a_busy_platform_is_waited_for_and_looked_at_again(platform: Platform, client: Client, time: FakeTime) -> None:
    platform.once("POST /instances", problem(429, headers={"Retry-After": "9"}))
    result = only(client, desired())

    assert done(result) == (True, "created", False)
    assert platform.writes == ["POST /instances"] * 2
    first, second = (number for number, line in enumerate(platform.lines) if line == "POST /instances")
    assert "GET /instances" in platform.lines[first:second]
    assert time.sleeps[0] == 9.0


def test_what_another_made_while_the_platform_was_busy_is_adopted(platform: Platform, client: Client) -> None:
    def other_is_first(_usual: Callable[[], Answer]) -> Answer:
        platform.add()
        return problem(429, headers={"Retry-After": "9"})

    platform.respond("POST /instances", other_is_first)
    result = only(client, desired())

    assert done(result) == (False, "none", False)
    assert platform.writes == ["POST /instances"]


def test_a_platform_that_stays_busy_is_given_up(platform: Platform, client: Client) -> None:
    platform.once("POST /instances", *[problem(429, headers={"Retry-After": "9"})] * ALWAYS)
    result = only(client, desired())

    assert done(result) == (False, "none", True)
    assert "run again later" in result["msg"]
    assert set(platform.writes) == {"POST /instances"}


def raced(platform: Platform, number: int) -> None:
    """Let another job create the same instance, with this id, just before ours."""

    def other_is_first(usual: Callable[[], Answer]) -> Answer:
        platform.add(id=number)
        return usual()

    platform.respond("POST /instances", other_is_first)


def test_in_a_race_the_higher_id_deletes_only_itself_and_adopts_the_other(platform: Platform, client: Client) -> None:
    raced(platform, 50)
    result = only(client, desired())

    assert done(result) == (False, "none", False)
    assert platform.writes == ["POST /instances", "DELETE /instances/102"]
    assert (list(platform.instances), result["instance"]["id"]) == ([50], 50)


def test_in_a_race_of_three_it_is_waited_until_the_other_loser_has_gone(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    def others_are_first(usual: Callable[[], Answer]) -> Answer:
        platform.add(id=50)
        platform.add(id=60)
        return usual()

    def the_other_goes_later(usual: Callable[[], Answer]) -> Answer:
        def goes(usual: Callable[[], Answer]) -> Answer:
            answer = usual()
            del platform.instances[60]
            return answer

        platform.respond("GET /instances", goes)
        return usual()

    platform.respond("POST /instances", others_are_first)
    platform.respond(f"DELETE {ONE}", the_other_goes_later)
    result = only(client, desired())

    assert done(result) == (False, "none", False)
    assert result["instance"]["id"] == 50
    assert len(time.sleeps) >= 1


def test_in_a_race_the_lowest_id_stays_and_deletes_nothing(platform: Platform, client: Client) -> None:
    raced(platform, 500)
    result = only(client, desired())

    assert done(result) == (True, "created", False)
    assert (platform.writes, result["instance"]["id"]) == (["POST /instances"], 102)


def test_a_recovered_instance_that_lost_a_race_is_not_told_as_recovered(platform: Platform, client: Client) -> None:
    def lost_race(usual: Callable[[], Answer]) -> Answer:
        platform.add(id=50)
        usual()
        raise lost()

    platform.respond("POST /instances", lost_race)
    result = only(client, desired())

    assert done(result) == (False, "none", False)
    assert result["reasons"] == []


def test_a_race_whose_loser_cannot_be_deleted_is_told_with_its_id(platform: Platform, client: Client) -> None:
    raced(platform, 50)
    platform.once("DELETE .*", problem(403))
    result = only(client, desired())

    assert done(result) == (True, "created", True)
    assert "(id 50) at the same time, and the new one (id 102) could not be deleted" in result["msg"]


def test_a_race_is_not_decided_from_a_part_of_a_listing(platform: Platform, client: Client) -> None:
    def other_is_second(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        platform.add(id=50)
        return answer

    platform.unlisted = ("tags",)
    platform.respond("POST /instances", other_is_second)
    platform.once("GET /instances/50", *[problem(500)] * 5)
    only(client, desired())

    assert list(platform.instances) == [50]


def test_what_somebody_else_took_back_first_is_not_deleted_again(platform: Platform, client: Client) -> None:
    def takes(_usual: Callable[[], Answer]) -> Answer:
        del platform.instances[102]
        return problem(404, "No instance found with ID 102")

    raced(platform, 50)
    platform.respond("GET /instances/102", takes)
    result = only(client, desired())

    assert done(result) == (False, "none", False)
    assert platform.writes == ["POST /instances"]
    assert (list(platform.instances), result["instance"]["id"]) == ([50], 50)


def test_in_a_race_of_three_the_other_loser_is_not_waited_for_without_end(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    def others_are_first(usual: Callable[[], Answer]) -> Answer:
        platform.add(id=50)
        platform.add(id=60)
        return usual()

    platform.respond("POST /instances", others_are_first)
    result = only(client, desired(create_confirm_timeout=10))

    assert done(result) == (False, "none", True)
    assert "50" in result["msg"]
    assert "60" in result["msg"]
    assert sum(time.sleeps) == 10
    assert list(platform.instances) == [50, 60]


def test_a_lost_creation_whose_tags_cannot_be_read_is_looked_for_again(platform: Platform, client: Client) -> None:
    platform.unlisted = ("tags",)
    platform.once("POST /instances", lost(), happens=True)
    platform.once(f"GET {ONE}", *[problem(500)] * 5)
    result = only(client, desired())

    assert done(result) == (True, "created", False)
    assert result["reasons"] == ["not_found", "recovered"]


def test_in_a_race_what_our_own_post_answered_is_ours_whatever_became_of_its_tags(
    platform: Platform, client: Client
) -> None:
    platform.stored = lambda sent: {**sent, "tags": []}
    raced(platform, 50)
    only(client, desired(verify="never"))

    assert "DELETE /instances/102" in platform.writes
    assert list(platform.instances) == [50]


def test_in_a_race_nothing_is_deleted_that_neither_our_stamp_nor_our_post_proves(
    platform: Platform, client: Client
) -> None:
    def tags_are_lost_later(usual: Callable[[], Answer]) -> Answer:
        platform.add(id=50)
        usual()
        platform.respond("GET /instances/102", tags_go)
        raise lost()

    def tags_go(usual: Callable[[], Answer]) -> Answer:
        platform.instances[102]["tags"] = []
        return usual()

    platform.respond("POST /instances", tags_are_lost_later)
    result = only(client, desired())

    assert "(id 102) could not be deleted: It does not carry the tag that was sent." in result["msg"]
    assert "DELETE /instances/102" not in platform.writes


def test_another_name_or_element_is_no_race(platform: Platform, client: Client) -> None:
    platform.elements["other"] = []
    platform.add(id=1, name="Acme 2")
    platform.add(id=2, element={"key": "other"})

    assert done(only(client, desired())) == (True, "created", False)
    assert platform.writes == ["POST /instances"]


def test_a_listing_that_lags_is_waited_for(platform: Platform, client: Client, time: FakeTime) -> None:
    platform.lag = 4
    result = only(client, desired(create_settle=5))

    assert done(result) == (True, "created", False)
    assert sum(time.sleeps) == 5 + 1 + 2
    assert result["warnings"] == []


def test_a_listing_that_never_shows_the_new_instance_warns(platform: Platform, client: Client, time: FakeTime) -> None:
    platform.lag = ALWAYS
    result = only(client, desired(create_confirm_timeout=10))

    assert done(result) == (True, "created", False)
    assert result["warnings"] == [UNLISTED]
    assert sum(time.sleeps) == 1 + 2 + 4 + 3


def test_an_instance_that_is_stored_under_another_name_is_deleted_again(platform: Platform, client: Client) -> None:
    platform.stored = lambda sent: {**sent, "name": "Acme!"}
    result = only(client, desired())

    assert done(result) == (False, "none", True)
    assert 'stores the name as "Acme!", so the new instance was deleted again: write it so.' in result["msg"]
    assert platform.instances == {}


def test_an_instance_under_another_name_that_cannot_be_deleted_is_told_with_its_id(
    platform: Platform, client: Client
) -> None:
    platform.stored = lambda sent: {**sent, "name": "Acme!"}
    platform.once("DELETE .*", *[problem(403)] * ALWAYS)
    result = only(client, desired())

    assert done(result) == (True, "created", True)
    assert "the new one (id 101) could not be deleted" in result["msg"]


def test_a_disabled_instance_is_created_disabled_and_not_verified(platform: Platform, client: Client) -> None:
    result = only(client, desired(enabled=False))

    assert done(result) == (True, "created", False)
    assert platform.writes == ["POST /instances", "DELETE /instances/101/enabled"]
    assert result["instance"]["enabled"] is False
    assert "GET /ping" not in platform.lines


# Writes that may have happened


CASES: dict[str, tuple[dict[str, Any], Desired, str]] = {
    "PUT": ({"tags": []}, desired(), f"PUT {ONE}"),
    "PATCH": ({}, desired(tags=("a",)), f"PATCH {ONE}"),
    "DELETE": ({}, desired(state="absent"), f"DELETE {ONE}"),
    "enable": ({"disabled": True}, desired(enabled=True), f"PUT {ONE}/enabled"),
    "disable": ({}, desired(enabled=False), f"DELETE {ONE}/enabled"),
}
LOSSES = {"connection": [lost()], "500": [problem(500)], "502": [problem(502)] * ALWAYS, "HTML": [page(500)]}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("case", CASES)
def test_a_write_whose_answer_was_lost_counts_when_reading_proves_it(
    platform: Platform, client: Client, case: str, loss: str
) -> None:
    there, wanted, line = CASES[case]
    platform.add(**there)
    platform.once(line, *LOSSES[loss], happens=True)
    result = only(client, wanted)

    assert done(result) == (True, "deleted" if case == "DELETE" else "updated", False)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("case", CASES)
def test_a_write_that_reading_disproves_is_told_so(platform: Platform, client: Client, case: str, loss: str) -> None:
    there, wanted, line = CASES[case]
    platform.add(**there)
    platform.once(line, *LOSSES[loss])
    result = only(client, wanted)

    assert done(result) == (False, "none", True)
    assert "shows that it is not as" in result["msg"]


@pytest.mark.parametrize("happens", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_a_write_that_cannot_be_read_back_is_told_as_unknown(
    platform: Platform, client: Client, case: str, happens: bool
) -> None:
    there, wanted, line = CASES[case]
    platform.add(**there)
    platform.once(line, lost(), happens=happens)
    platform.once(f"GET {ONE}", None, *[problem(500)] * ALWAYS)
    result = only(client, wanted)

    assert done(result) == (False, "none", True)
    assert "is not known, for reading it again failed" in result["msg"]


@pytest.mark.parametrize("case", CASES)
def test_a_write_that_is_refused_fails_with_the_server_s_words(platform: Platform, client: Client, case: str) -> None:
    there, wanted, line = CASES[case]
    platform.add(**there)
    platform.once(line, problem(409, "It is in use by a formula"))
    result = only(client, wanted)

    assert done(result) == (False, "none", True)
    assert "It is in use by a formula" in result["msg"]


def test_a_delete_that_is_sent_again_after_it_happened_is_a_change(platform: Platform, client: Client) -> None:
    platform.add()
    platform.once(f"DELETE {ONE}", page(502), happens=True)
    result = only(client, desired(state="absent"))

    assert platform.instances == {}
    assert done(result) == (True, "deleted", False)


def test_what_somebody_else_deleted_first_is_unchanged(platform: Platform, client: Client) -> None:
    platform.add()
    platform.once(f"DELETE {ONE}", problem(404, "No instance found with ID 101"), happens=True)

    assert done(only(client, desired(state="absent"))) == (False, "none", False)


def test_a_404_for_what_is_still_there_is_an_error(platform: Platform, client: Client) -> None:
    platform.add()
    platform.once(f"DELETE {ONE}", page(404))

    assert done(only(client, desired(state="absent"))) == (False, "none", True)


def test_an_instance_is_read_directly_before_it_is_deleted_and_not_afterwards(
    platform: Platform, client: Client
) -> None:
    platform.add(valid=False)

    assert done(only(client, desired(state="absent"))) == (True, "deleted", False)
    assert platform.lines == ["GET /instances", "GET /instances/101", "DELETE /instances/101"]


def test_an_answer_that_leaves_out_tags_is_read_again(platform: Platform, client: Client) -> None:
    platform.add()

    def less(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        del answer.body["tags"]
        return answer

    platform.respond(f"PATCH {ONE}", less)
    result = only(client, desired(tags=("a",)))

    assert done(result) == (True, "updated", False)
    assert result["instance"]["tags"] == ["a"]


def test_a_write_that_was_carried_out_in_part_is_told_as_a_change(platform: Platform, client: Client) -> None:
    body = platform.add(configuration={"password": SECRET, "color": "red"})

    def in_part(_usual: Callable[[], Answer]) -> Answer:
        body["tags"] = [*body["tags"], "a"]
        raise lost()

    platform.respond(f"PATCH {ONE}", in_part)
    result = only(client, desired(tags=("a",), configuration={"color": "blue"}))

    assert done(result) == (True, "updated", True)
    assert "It was carried out in part, or somebody else changed the instance." in result["msg"]
    assert result["instance"]["tags"] == ["a"]


def test_a_first_write_is_told_when_the_second_fails(platform: Platform, client: Client) -> None:
    platform.add()
    platform.once(f"DELETE {ONE}/enabled", problem(403))
    result = only(client, desired(tags=("a",), enabled=False))

    assert done(result) == (True, "updated", True)
    assert result["instance"]["tags"] == ["a"]


EFFECTS = [
    (Request("PUT", "/instances/7/enabled"), {"enabled": True}, True),
    (Request("PUT", "/instances/7/enabled"), {"enabled": False}, False),
    (Request("DELETE", "/instances/7/enabled"), {"enabled": False}, True),
    (Request("DELETE", "/instances/7/enabled"), {"enabled": True}, False),
    (Request("PATCH", "/instances/7", {"name": "Acme"}), {}, True),
    (Request("PATCH", "/instances/7", {"name": "New"}), {}, False),
    (Request("PATCH", "/instances/7", {"tags": ["b", "a"]}), {"tags": ("a", "b")}, True),
    (Request("PATCH", "/instances/7", {"tags": ["a"]}), {"tags": ("a", "b")}, False),
    (Request("PATCH", "/instances/7", {"tags": []}), {"tags": ()}, True),
    (Request("PATCH", "/instances/7", {"configuration": {"a": "true"}}), {"configuration": {"a": "TRUE"}}, True),
    (Request("PATCH", "/instances/7", {"configuration": {"a": "1"}}), {"configuration": {"a": "2"}}, False),
    # A key that is not there is ignored by the platform, which is told when the answer is checked.
    (Request("PATCH", "/instances/7", {"configuration": {"a": "1"}}), {"configuration": {}}, True),
    (Request("PATCH", "/instances/7", {"configuration": {"a": "1"}}), {"configuration": {"a": MASK}}, True),
    (
        Request("PATCH", "/instances/7", {"configuration": {"oauth.user.token": "1"}}),
        {"configuration": {"oauth.user.token": "2"}},
        True,
    ),
]


@pytest.mark.parametrize(("request_", "changes", "expected"), EFFECTS)
def test_whether_a_write_took_effect(request_: Request, changes: dict[str, Any], expected: bool) -> None:
    assert took_effect(request_, actual(**changes)) == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request("DELETE", "/instances/7"), True),
        (Request("DELETE", "/instances/7/enabled"), False),
        (Request("PUT", "/instances/7/enabled"), False),
        (Request("PATCH", "/instances/7", {"name": "x"}), False),
    ],
)
def test_what_took_effect_on_an_instance_that_is_gone(request_: Request, expected: bool) -> None:
    assert took_effect(request_, None) == expected


@pytest.mark.parametrize("case", CASES)
def test_how_the_answer_was_lost_is_told(platform: Platform, client: Client, case: str) -> None:
    there, wanted, line = CASES[case]
    platform.add(**there)
    platform.once(line, problem(500, "Oops"))

    assert 'with HTTP 500 "Oops"' in only(client, wanted)["msg"]


# The platform's answer


@pytest.mark.parametrize("there", [False, True])
def test_a_key_that_the_platform_ignores_is_named(platform: Platform, client: Client, there: bool) -> None:
    platform.ignored = {"color"}
    if there:
        platform.add()
    result = only(client, desired(configuration={"color": "red"}))

    # The instance that exists is as it was before.
    assert done(result) == ((False, "none", True) if there else (True, "created", True))
    assert f"ignored the configuration key color: the element {ELEMENT} does not take it" in result["msg"]


def test_a_key_that_is_ignored_by_an_element_without_any_is_named(platform: Platform, client: Client) -> None:
    platform.ignored = {"color"}
    result = only(client, desired(configuration={"color": "red"}, secrets={}))

    assert result.get("failed")
    assert "color" in result["msg"]


@pytest.mark.parametrize("more", [{}, {"verify": "never"}, {"enabled": False}], ids=str)
def test_a_secret_key_that_the_platform_ignores_fails_on_each_run(
    platform: Platform, client: Client, more: dict[str, Any]
) -> None:
    platform.ignored = {"pasword"}
    wanted = desired(secrets={"password": SECRET, "pasword": SECRET}, **more)

    assert "ignored the configuration key pasword" in only(client, wanted)["msg"]
    assert "ignored the configuration key pasword" in only(client, wanted).get("msg", "")


def test_a_readable_key_that_reads_null_is_there_and_a_secret_is_not(platform: Platform, client: Client) -> None:
    def null(usual: Callable[[], Answer], key: str) -> Answer:
        answer = usual()
        answer.body["configuration"][key] = None
        return answer

    wanted = desired(configuration={"color": ""})
    platform.respond("POST /instances", lambda usual: null(usual, "color"))
    assert not only(client, wanted).get("failed")
    platform.instances.clear()
    platform.respond("POST /instances", lambda usual: null(usual, "password"))
    assert "ignored the configuration key password" in only(client, wanted)["msg"]


def test_a_rename_that_is_stored_otherwise_fails(platform: Platform, client: Client) -> None:
    number = platform.add(name="Old")["id"]
    platform.stored = lambda sent: {**sent, "name": "New!"}
    result = only(client, desired(id=number, name="New"))

    assert result["failed"]
    assert 'stores the name as "New!": write the name so.' in result["msg"]


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("kept", [0, 30])
def test_a_stamp_that_the_platform_drops_or_cuts_warns(
    platform: Platform, client: Client, there: bool, kept: int
) -> None:
    if there:
        platform.add(tags=["Acme"])
    platform.stored = lambda sent: {
        **sent,
        "tags": [cut for tag in sent["tags"] if (cut := tag[:kept] if tag.startswith("ansible:v1:") else tag)],
    }
    result = only(client, desired())

    assert done(result) == (True, "updated" if there else "created", False)
    assert result["warnings"] == [STAMP_LOST]


def test_a_tag_that_is_stored_in_another_form_warns(platform: Platform, client: Client) -> None:
    platform.stored = lambda sent: {**sent, "tags": [tag.lower() for tag in sent["tags"]]}

    assert only(client, desired(tags=("Big",)))["warnings"] == [TAGS_DIFFER]
    assert only(client, desired(tags=("Big",)))["warnings"] == [TAGS_DIFFER]
    assert only(client, desired(tags=("big",)))["action"] == "none"


def test_a_value_that_is_stored_in_another_form_warns_and_is_not_shown(platform: Platform, client: Client) -> None:
    def shortens(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        answer.body["configuration"].update({"color": "re", "api.key": "canary-ap"})
        return answer

    platform.respond("POST /instances", shortens)
    wanted = desired(configuration={"color": "red"}, secrets={"password": SECRET, "api.key": "canary-api-key"})
    result = only(client, wanted)

    assert result["warnings"] == [VALUE_DIFFERS % "api.key", VALUE_DIFFERS % "color"]
    assert "canary" not in str(result)


# Verification

ACCEPTED = [Answer(200, []), problem(404, "No contacts found"), Answer(200, {"dateTime": "now"})]
DOES_NOT_ACCEPT = "The vendor does not accept the credentials: the call /ping ended with HTTP {}"
NOT_VERIFIED = "The credentials are not verified: the vendor call /ping ended with HTTP {}"
NOT_ACCEPTED: list[tuple[Answer | Exception, str]] = [
    (problem(401, "Failed", providerMessage="bad login"), DOES_NOT_ACCEPT.format('401 "Failed", vendor: "bad login"')),
    (problem(400, "Failed", providerMessage="bad zone"), DOES_NOT_ACCEPT.format('400 "Failed", vendor: "bad zone"')),
    (problem(403, "No"), DOES_NOT_ACCEPT.format('403 "No"')),
    (problem(404, "Not found"), NOT_VERIFIED.format('404 "Not found"')),
    (problem(405, "Not allowed"), "The element seems to have no such call: set verify to never."),
    (page(404), NOT_VERIFIED.format("404")),
    (page(200), NOT_VERIFIED.format("200 and not with the JSON of Cloud Elements. Run again later.")),
    (Answer(200, ""), NOT_VERIFIED.format("200 and not with the JSON of Cloud Elements. Run again later.")),
    (problem(401, "No"), "Cloud Elements did not accept the token of the instance: run again."),
    (problem(500, "Oops"), NOT_VERIFIED.format('500 "Oops"')),
    (page(503), NOT_VERIFIED.format("503")),
    (problem(429, "Busy"), NOT_VERIFIED.format('429 "Busy"')),
    (lost(), "The credentials are not verified: The connection to Cloud Elements at"),
]


@pytest.mark.parametrize("answer", ACCEPTED, ids=["200", "an empty list", "an object"])
def test_the_vendor_accepts_with(platform: Platform, client: Client, answer: Answer) -> None:
    platform.once("GET /ping", answer)

    assert done(only(client, desired())) == (True, "created", False)


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize(("answer", "sentence"), NOT_ACCEPTED)
def test_the_vendor_does_not_accept_with(
    platform: Platform, client: Client, there: bool, answer: Answer | Exception, sentence: str
) -> None:
    if there:
        platform.add(tags=["mine"])
    platform.once("GET /ping", *[answer] * 5)
    result = only(client, desired())

    assert done(result) == (True, "updated" if there else "created", True)
    assert sentence in result["msg"]
    assert result["msg"].startswith(f'{ELEMENT} "Acme": ')
    # The stamp is withdrawn: a second run sends the secrets again, and a third has nothing to do.
    ((*others, withdrawn),) = platform.tags
    assert withdrawn.startswith("ansible:v1:")
    assert withdrawn.endswith(".-")
    assert others == (["mine"] if there else [])
    platform._once.clear()
    second, third = only(client, desired()), only(client, desired())
    assert (second["reasons"], second["action"]) == (["not_verified"], "updated")
    assert done(third) == (False, "none", False)


def test_nothing_is_withdrawn_where_there_is_no_stamp(platform: Platform, client: Client) -> None:
    platform.stored = lambda sent: {**sent, "tags": []}
    platform.vendor = problem(401, "Failed", providerMessage="bad login")
    only(client, desired())

    assert platform.writes == ["POST /instances"]


def test_a_stamp_that_nobody_wants_verified_stays_when_a_later_write_fails(platform: Platform, client: Client) -> None:
    platform.add(tags=[], disabled=True)
    platform.once(f"PUT {ONE}/enabled", problem(409))
    result = only(client, desired(enabled=True, verify="never"))

    assert done(result) == (True, "updated", True)
    assert not platform.tags[0][0].endswith(".-")


def test_a_stamp_that_cannot_be_withdrawn_is_told(platform: Platform, client: Client) -> None:
    platform.vendor = problem(401, "Failed", providerMessage="bad login")
    platform.once(f"PATCH {ONE}", problem(500))
    result = only(client, desired())

    assert 'vendor: "bad login"' in result["msg"]
    assert "could not be marked as not verified" in result["msg"]
    assert result["code"] == "credentials_rejected"


@pytest.mark.parametrize("short", [False, True])
def test_a_stamp_that_the_platform_does_not_let_go_of_is_told(platform: Platform, client: Client, short: bool) -> None:
    platform.vendor = problem(401, "Failed", providerMessage="bad login")

    def ignored(usual: Callable[[], Answer]) -> Answer:
        tags = platform.instances[101]["tags"]
        answer = usual()
        platform.instances[101]["tags"] = tags
        return Answer(200, {**answer.body, "tags": tags, **({"configuration": {}} if short else {})})

    platform.respond(f"PATCH {ONE}", ignored)
    result = only(client, desired())

    assert "could not be marked as not verified (Its tags stayed as they were.)" in result["msg"]
    assert result["code"] == "credentials_rejected"


def test_a_stamp_that_the_platform_cut_is_not_made_a_tag_of_nobody(platform: Platform, client: Client) -> None:
    platform.stored = lambda sent: {**sent, "tags": [tag[:15] for tag in sent["tags"]]}
    platform.vendor = problem(401, "Failed", providerMessage="bad login")
    only(client, desired())

    assert [tag for tags in platform.tags for tag in tags if not tag.startswith("ansible:")] == []


def test_a_stamp_is_withdrawn_where_the_answer_to_the_creation_left_out_tags(
    platform: Platform, client: Client
) -> None:
    def less(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        del answer.body["tags"]
        return answer

    platform.respond("POST /instances", less)
    platform.vendor = problem(401, "Failed", providerMessage="bad login")
    only(client, desired())

    assert platform.tags[0][0].endswith(".-")


def test_an_instance_without_a_token_is_not_verified(platform: Platform, client: Client) -> None:
    platform.add(tags=[], token=None)
    result = only(client, desired())

    assert done(result) == (True, "updated", True)
    assert "did not answer a token" in result["msg"]


def test_credentials_that_stay_invalid_fail_and_do_not_loop(platform: Platform, client: Client) -> None:
    body = platform.add(valid=False)

    def stays(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        body["valid"] = answer.body["valid"] = False
        return answer

    platform.respond(f"PUT {ONE}", stays)
    result = only(client, desired())

    assert done(result) == (True, "updated", True)
    assert "still reports the credentials as invalid" in result["msg"]
    assert [line for line in platform.writes if line.startswith("PUT")] == ["PUT /instances/101"]
    assert platform.tags[0][0].endswith(".-")


def test_what_was_invalid_is_read_again_when_the_answer_still_says_so(platform: Platform, client: Client) -> None:
    body = platform.add(valid=False)

    def late(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        return Answer(200, {**answer.body, "valid": False})

    platform.respond(f"PUT {ONE}", late)
    result = only(client, desired())

    assert done(result) == (True, "updated", False)
    assert (body["valid"], result["instance"]["valid"]) == (True, True)


@pytest.mark.parametrize(
    ("answer", "again"), [(problem(401, "No", providerMessage="bad login"), True), (problem(500), False)]
)
def test_a_stamp_of_an_earlier_run_is_withdrawn_only_when_the_vendor_says_no(
    platform: Platform, client: Client, answer: Answer, again: bool
) -> None:
    platform.add()
    platform.vendor = answer
    result = only(client, desired(verify="always", tags=("a",)))

    assert done(result) == (True, "updated", True)
    assert any(tag.endswith(".-") for tag in platform.tags[0]) == again


def test_a_stamp_is_withdrawn_after_an_unexpected_exception(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr(_apply, "ask_vendor", broken)
    result = only(client, desired())

    assert done(result) == (True, "created", True)
    assert "canary" not in str(result)
    assert platform.tags[0][0].endswith(".-")


def test_always_verifying_fails_without_a_write(platform: Platform, client: Client) -> None:
    platform.add()
    platform.vendor = problem(401, "Failed", providerMessage="bad login")
    result = only(client, desired(verify="always"))

    assert done(result) == (False, "none", True)
    assert platform.writes == []


@pytest.mark.parametrize(
    ("element", "path"),
    [
        ("autotaskcrm", "/hubs/crm/users"),
        ("autotaskhelpdesk", "/hubs/helpdesk/users"),
        ("actessentials", "/hubs/crm/contacts"),
        ("autotaskfinance", "/ping"),
    ],
)
def test_the_vendor_is_asked_with_the_instance_s_token(
    platform: Platform, client: Client, element: str, path: str
) -> None:
    platform.elements[element] = []
    only(client, desired(element=element))
    (asked,) = [sent for sent in platform.sent if "Element" in sent.authorization]

    assert (asked.method, asked.path, asked.body) == ("GET", path, None)
    assert asked.authorization.endswith(", Element canary-token")


# Somebody else is faster


def rotates(platform: Platform, number: int, secret: str) -> None:
    """Let another job send other credentials."""
    body = platform.instances[number]
    kept = [tag for tag in body["tags"] if not tag.startswith("ansible:v1:")]
    body["tags"] = [*kept, stamp({"password": secret}, salt=b"of other")]
    body["configuration"]["password"] = secret


@pytest.mark.parametrize("others", [0, 1], ids=["single", "list"])
def test_a_rotation_between_the_listing_and_a_write_of_tags_keeps_its_stamp(
    platform: Platform, client: Client, others: int
) -> None:
    number = platform.add()["id"]
    theirs = "canary-theirs"

    def rotated_meanwhile(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        rotates(platform, number, theirs)
        return answer

    platform.respond("GET /instances", rotated_meanwhile)
    first, *_others = run(client, Desired(ELEMENT, "Acme", tags=("ours",)), *[desired(name="Other")] * others)

    assert first["reasons"] == ["tags"]
    assert only(client, desired(secrets={"password": theirs}))["action"] == "none"
    assert only(client, desired())["reasons"] == ["secrets_changed"]


def test_a_rotation_while_the_vendor_is_asked_keeps_its_stamp(platform: Platform, client: Client) -> None:
    def rotated_meanwhile(_usual: Callable[[], Answer]) -> Answer:
        rotates(platform, 101, "canary-theirs")
        return problem(401, "Failed", providerMessage="bad login")

    platform.respond("GET /ping", rotated_meanwhile)
    assert only(client, desired())["failed"]

    assert only(client, desired(secrets={"password": "canary-theirs"}))["action"] == "none"


def test_tags_that_somebody_else_adds_meanwhile_stay(platform: Platform, client: Client) -> None:
    number = platform.add()["id"]

    def tagged_meanwhile(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        platform.instances[number]["tags"].append("theirs")
        return answer

    platform.respond("GET /instances", tagged_meanwhile)
    only(client, desired(tags=("ours",), purge_tags=False))

    assert {"ours", "theirs"} <= set(platform.instances[number]["tags"])


# Platforms that alter what is written


def test_a_new_instance_whose_name_and_tags_are_both_altered_is_deleted_again(
    platform: Platform, client: Client
) -> None:
    platform.stored = lambda sent: {**sent, "name": "Acme!", "tags": []}
    for _run in range(2):
        result = only(client, desired())
        assert done(result) == (False, "none", True)

    assert platform.instances == {}


CUT = 32


def cuts_tags(sent: dict[str, Any]) -> dict[str, Any]:
    tags = [tag if tag.startswith("ansible:v1:") else tag[:CUT] for tag in sent.get("tags", [])]
    return {**sent, **({"tags": tags} if "tags" in sent else {})}


def test_a_new_instance_that_would_pass_for_another_owner_s_is_deleted_again(
    platform: Platform, client: Client
) -> None:
    platform.stored = cuts_tags
    result = only(client, desired(owner="customer-alpha-production"))

    assert done(result) == (False, "none", True)
    assert "does not keep the tag of the owner as it was sent" in result["msg"]
    assert "deleted again: choose a shorter owner." in result["msg"]
    assert platform.instances == {}


def test_an_instance_that_was_listed_before_is_not_taken_for_the_new_one(platform: Platform, client: Client) -> None:
    platform.add(id=7, name="Somebody's")
    platform.once("POST /instances", Answer(200, platform.instances[7]))
    first, second = run(client, desired(owner="acme"), desired(name="B", secrets={"password": "canary-other"}))

    assert first["code"] == "outcome_unknown"
    assert "with instance 7, which existed before. Whether the instance was created is not known" in first["msg"]
    assert (done(second), 7 in platform.instances) == ((True, "created", False), True)


def test_a_listing_that_is_older_than_a_new_instance_deletes_nothing(platform: Platform, client: Client) -> None:
    def without_tags(usual: Callable[[], Answer]) -> Answer:
        listed = usual()
        return Answer(200, [{**body, "tags": []} for body in listed.body], listed.headers)

    platform.once("GET /instances", None, None)
    platform.respond("GET /instances", without_tags)
    result = only(client, desired(owner="acme"))

    assert done(result) == (True, "created", False)
    assert platform.writes == ["POST /instances"]


@pytest.mark.parametrize("read", [problem(500), page(404)])
def test_what_was_altered_is_deleted_again_also_when_it_cannot_be_read_at_first(
    platform: Platform, client: Client, read: Answer
) -> None:
    platform.stored = cuts_tags
    platform.once(f"GET {ONE}", *[read] * (5 if read.status == 500 else 1))
    result = only(client, desired(owner="customer-alpha-production"))

    assert (result["failed"], platform.instances) == (True, {})


def test_a_lost_creation_that_would_pass_for_another_owner_s_is_deleted_again(
    platform: Platform, client: Client
) -> None:
    platform.stored = cuts_tags
    platform.once("POST /instances", lost(), happens=True)
    result = only(client, desired(owner="customer-alpha-production"))

    assert (result["failed"], platform.instances) == (True, {})


@pytest.mark.parametrize("rotated", [False, True])
def test_an_adopted_instance_that_would_pass_for_another_owner_s_gets_its_tags_back(
    platform: Platform, client: Client, rotated: bool
) -> None:
    before = ["theirs", stamp({"password": "canary-old" if rotated else SECRET})]
    number = platform.add(tags=before)["id"]
    platform.stored = cuts_tags
    result = only(client, desired(owner="customer-alpha-production"))

    tags = platform.instances[number]["tags"]
    assert "so its tags were put back: choose a shorter owner." in result["msg"]
    assert not [tag for tag in tags if tag.startswith("ansible:owner:")]
    assert (tags == before) is not rotated
    assert result["changed"] is rotated
    if rotated:
        assert only(client, desired())["reasons"] == ["not_verified"]


def test_an_owner_s_tag_that_cannot_be_taken_off_again_is_told_with_the_id(platform: Platform, client: Client) -> None:
    number = platform.add()["id"]
    platform.stored = cuts_tags
    platform.once("PATCH .*", None, problem(403))
    result = only(client, desired(owner="customer-alpha-production"))

    assert f"Set the tags of instance {number} by hand" in result["msg"]
    assert result["changed"]


def test_an_owner_s_tag_that_stays_where_tags_are_only_added_is_told_with_the_id(
    platform: Platform, client: Client
) -> None:
    body = platform.add()
    platform.stored = lambda sent: {**sent, "tags": [*dict.fromkeys([*body["tags"], *cuts_tags(sent)["tags"]])]}
    result = only(client, desired(owner="customer-alpha-production"))

    assert "could not be put back: It still has the tag of another owner. Set the tags of instance" in result["msg"]
    assert result["changed"]


@pytest.mark.parametrize("left_out", [(), ("tags", "configuration")])
def test_a_withdrawn_stamp_leaves_the_tags_in_the_result(
    platform: Platform, client: Client, left_out: tuple[str, ...]
) -> None:
    platform.vendor = problem(401, "Failed", providerMessage="bad login")
    platform.respond("PATCH .*", without(*left_out))

    assert only(client, desired(tags=("a",)))["instance"]["tags"] == ["a"]


def test_a_re_authentication_that_replaces_the_configuration_says_which_keys_went(
    platform: Platform, client: Client
) -> None:
    before = {"password": SECRET, "event.notification.enabled": "true", "color": "red"}
    number = platform.add(configuration=before)["id"]

    def replaces(usual: Callable[[], Answer]) -> Answer:
        platform.instances[number]["configuration"] = {"event.notification.enabled": None}
        return usual()

    platform.respond("PUT .*", replaces)
    result = only(client, desired(secrets={"password": "canary-new"}))

    assert done(result) == (True, "updated", False)
    assert result["warnings"] == [UNSENT_CHANGED % "color, event.notification.enabled"]


def test_tokens_that_the_platform_renews_are_no_news(platform: Platform, client: Client) -> None:
    number = platform.add(configuration={"password": SECRET, "oauth.user.token": "canary-1"})["id"]

    def renews(usual: Callable[[], Answer]) -> Answer:
        platform.instances[number]["configuration"]["oauth.user.token"] = "canary-2"
        return usual()

    platform.respond("PUT .*", renews)

    assert only(client, desired(secrets={"password": "canary-new"}))["warnings"] == []


def test_tags_that_stay_though_they_were_taken_off_are_told(platform: Platform, client: Client) -> None:
    number = platform.add(tags=["old", stamp({"password": SECRET})])["id"]
    before = platform.instances[number]["tags"]
    platform.stored = lambda sent: {**sent, "tags": [*dict.fromkeys([*before, *sent["tags"]])]}
    result = only(client, desired(tags=("new",)))

    assert (done(result), result["warnings"]) == ((True, "updated", False), [TAGS_STAY])


def test_a_rename_that_is_ignored_is_no_change(platform: Platform, client: Client) -> None:
    platform.add(id=7, name="Old")
    platform.stored = lambda sent: {key: value for key, value in sent.items() if key != "name"}
    result = only(client, desired(id=7))

    assert done(result) == (False, "none", True)
    assert 'did not take the new name, and the instance is still called "Old"' in result["msg"]


def test_a_rename_that_is_ignored_beside_a_tag_that_is_not_is_a_change(platform: Platform, client: Client) -> None:
    platform.add(id=7, name="Old")
    platform.stored = lambda sent: {key: value for key, value in sent.items() if key != "name"}

    assert done(only(client, desired(id=7, tags=("new",)))) == (True, "updated", True)


# Answers that show a part only


@pytest.mark.parametrize("left_out", [{"configuration"}, {"tags"}, {"tags", "configuration"}, {"disabled"}])
@pytest.mark.parametrize("line", ["POST /instances", "PATCH .*", "PUT .*"])
def test_what_the_answer_to_a_write_leaves_out_is_read_before_anything_is_said_of_it(
    platform: Platform, client: Client, line: str, left_out: set[str]
) -> None:
    if not line.startswith("POST"):
        platform.add(tags=["old", *([] if line.startswith("PUT") else [stamp({"password": SECRET})])])
    platform.respond(line, without(*left_out))
    result = only(client, desired(tags=("new",)))

    assert done(result)[::2] == (True, False)
    assert (result["instance"]["tags"], result["warnings"]) == (["new"], [])


def test_an_empty_configuration_in_an_answer_is_no_key_that_was_ignored(platform: Platform, client: Client) -> None:
    platform.respond("POST /instances", lambda usual: Answer(200, {**usual().body, "configuration": {}}))

    assert done(only(client, desired(configuration={"color": "red"}))) == (True, "created", False)


def test_a_key_that_a_read_lacks_after_a_short_answer_is_named(platform: Platform, client: Client) -> None:
    platform.ignored = {"color"}
    platform.respond("POST /instances", lambda usual: Answer(200, {**usual().body, "configuration": {}}))

    assert "ignored the configuration key color" in only(client, desired(configuration={"color": "red"}))["msg"]


@pytest.mark.parametrize("enabled", [True, False])
def test_what_a_listing_says_of_a_short_item_is_no_default(platform: Platform, client: Client, enabled: bool) -> None:
    platform.unlisted = ("configuration", "disabled", "valid")
    platform.add(disabled=not enabled, valid=enabled)
    result = only(client, desired(enabled=True))

    assert result["reasons"] == ([] if enabled else ["invalid", "enabled"])


def test_a_disabled_instance_with_invalid_credentials_stays_disabled_and_that_is_told(
    platform: Platform, client: Client
) -> None:
    platform.add(disabled=True, valid=False)
    result = only(client, desired())

    assert (result["reasons"], result["instance"]["enabled"]) == (["invalid"], False)
    assert result["warnings"] == [SENT_TO_DISABLED]
    assert only(client, desired())["warnings"] == []


def test_what_is_wanted_disabled_is_no_news(platform: Platform, client: Client) -> None:
    platform.add(disabled=True, valid=False)

    assert only(client, desired(enabled=False))["warnings"] == []


def test_a_run_that_is_cancelled_does_not_wait_for_new_instances_to_settle(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    reports = reconcile(
        [desired(create_settle=600)], client, STAMPS, Policy(stopped=lambda: "POST /instances" in platform.lines)
    )

    assert time.now < 2
    assert reports[0].word == "created"


def test_a_short_answer_of_which_the_rest_cannot_be_read_fails_and_is_not_taken_for_right(
    platform: Platform, client: Client
) -> None:
    platform.respond("POST /instances", lambda usual: Answer(200, {**usual().body, "configuration": {}}))
    platform.once(f"GET {ONE}", *[problem(500)] * 5)
    result = only(client, desired())

    assert done(result) == (True, "created", True)
    assert "could not be read again to check it" in result["msg"]
    assert only(client, desired())["reasons"] == ["not_verified"]


def test_a_new_instance_that_no_read_by_id_shows_yet_is_checked_as_far_as_it_was_shown(
    platform: Platform, client: Client
) -> None:
    platform.respond("POST /instances", without("tags", "configuration"))
    platform.once(f"GET {ONE}", problem(404, "No instance found"))

    assert done(only(client, desired(tags=("a",), owner="acme"))) == (True, "created", False)


def test_tags_that_somebody_else_adds_during_a_write_are_no_news(platform: Platform, client: Client) -> None:
    platform.add(tags=["old", stamp({"password": SECRET})])
    platform.stored = lambda sent: {**sent, "tags": [*sent["tags"], "theirs"]}

    assert only(client, desired(tags=("new",)))["warnings"] == []
