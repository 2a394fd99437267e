# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: finding, planning, stopping in check mode, and the report of each instance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from time import sleep
from typing import Any, Callable, NamedTuple

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import WAITED_MESSAGE
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine import reconcile as _reconcile
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.plan import NOT_SENT, Plan
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.reconcile import RunOptions
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import (
    BadInput,
    Conflict,
    ServiceError,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.release import release
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    SECRET,
    STAMPS,
    Answer,
    FakeTime,
    Platform,
    desired,
    lost,
    page,
    problem,
    run,
    shown,
    stamp,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.scenarios import (
    ALWAYS,
    BAD_LOGIN,
    CREATED,
    FAILED,
    LISTING,
    POST,
    UNCHANGED,
    Given,
    afterwards,
    answers,
    becomes,
    done,
    gone,
    instead,
    only,
    prepare,
    row,
    setting,
    there,
)

BUSY = problem(429, headers={"Retry-After": "1"})
NEEDS_URL = [{"key": "url", "required": True}, {"key": "password", "type": "PASSWORD"}]
UNREADABLE = answers("GET /elements/.*", *[problem(500)] * ALWAYS)


def described(*keys: dict[str, Any]) -> Given:
    """Let the element have these configuration keys."""
    return lambda platform: platform.elements.update({ELEMENT: list(keys)})


def list_of(names: str, **changes: Any) -> list[Desired]:
    """Return a list with an instance for each letter; one login is one instance's."""
    return [desired(name=name, **{"secrets": {"password": f"{SECRET} {name}"}, **changes}) for name in names]


# Check mode: the same answer, and no write

RUNS: dict[str, tuple[list[dict[str, Any]], Desired]] = {
    "create": ([], desired(tags=("a",), owner="acme")),
    "create disabled": ([], desired(enabled=False)),
    "nothing to do": ([{}], desired()),
    "secrets changed": ([{}], desired(secrets={"password": "canary-new"})),
    "adopt": ([{"tags": []}], desired()),
    "configuration": ([{}], desired(configuration={"color": "red"})),
    "tags": ([{}], desired(tags=("a",))),
    "disable": ([{}], desired(enabled=False)),
    "enable": ([{"disabled": True}], desired(enabled=True)),
    "rename": ([{"id": 7, "name": "Old"}], desired(id=7)),
    "invalid": ([{"valid": False}], desired()),
    "delete": ([{}], desired(state="absent")),
    "delete by id": ([{"id": 7}], Desired(None, id=7, state="absent")),
    "absent already": ([], desired(state="absent")),
    "absent id": ([], Desired(None, id=7, state="absent")),
    "several": ([{}, {}], desired()),
    "other owner": ([{"tags": ["ansible:owner:x"]}], desired(owner="y")),
    "id of another element": ([{"id": 7, "element": {"key": "other"}}], desired(id=7)),
    "id not there": ([], desired(id=7)),
    "no such element": ([], desired(element="unknown")),
}
TOLD = ("changed", "action", "reasons", "failed", "msg", "diff", "warnings")


@pytest.mark.parametrize("name", RUNS)
def test_check_mode_shows_what_a_run_does_and_a_second_run_changes_nothing(
    platform: Platform, client: Client, name: str
) -> None:
    found, wanted = RUNS[name]
    prepare(platform, *[there(**body) for body in found])
    checked = only(client, wanted, check_mode=True)
    assert platform.writes == []

    really = only(client, wanted)

    assert {key: checked.get(key) for key in TOLD} == {key: really.get(key) for key in TOLD}
    assert bool(platform.writes) == really["changed"]
    assert (checked["instance"] or {}).get("tags") == (really["instance"] or {}).get("tags")
    assert done(only(client, wanted)) == (FAILED if really.get("failed") else UNCHANGED)


def test_check_mode_verifies_where_nothing_is_to_be_written(platform: Platform, client: Client) -> None:
    prepare(platform, there(), setting(vendor=BAD_LOGIN))

    assert only(client, desired(verify="always"), check_mode=True)["failed"]
    assert platform.writes == []


def test_check_mode_shows_the_instance_as_it_would_be(client: Client) -> None:
    wanted = desired(configuration={"color": "red"}, tags=("b", "a"), owner="acme")
    expected = {"name": "Acme", "element": ELEMENT, "tags": ["a", "b"], "owner": "acme", "enabled": True, "valid": True}

    shown = only(client, wanted, check_mode=True)["instance"]
    assert {key: shown[key] for key in expected} == expected
    assert (shown["id"], shown["configuration"]) == (None, {"color": "red"})
    assert set(shown) == set(only(client, wanted)["instance"])


@pytest.mark.parametrize("text", ["true", "false"])
def test_check_mode_shows_whether_events_will_be_delivered(platform: Platform, client: Client, text: str) -> None:
    platform.add(name="there", eventsEnabled=text == "false")
    for name in ("there", "new"):
        wanted = desired(name=name, configuration={"event.notification.enabled": text})
        assert only(client, wanted, check_mode=True)["instance"]["events_enabled"] is (text == "true")


# Finding


def test_what_a_search_finds_is_not_listed_again(platform: Platform, client: Client) -> None:
    prepare(platform, there(), there(name="Acme 2"))
    only(client, desired())

    assert [sent.query.get("searchText") for sent in platform.sent] == ["Acme"]


def test_a_deletion_does_not_trust_a_search(platform: Platform, client: Client) -> None:
    prepare(platform, setting(searches=False), there())

    assert only(client, desired(state="absent"))["action"] == "deleted"
    assert [sent.query.get("searchText") for sent in platform.sent if sent.path == "/instances"] == [None]


@pytest.mark.parametrize("left_out", [("tags",), ("configuration",), ("tags", "configuration")])
def test_what_a_listing_leaves_out_is_read_by_id(platform: Platform, client: Client, left_out: tuple[str, ...]) -> None:
    prepare(platform, setting(unlisted=left_out), there(id=7))

    assert only(client, desired())["action"] == "none"
    assert platform.lines == [LISTING, "GET /instances/7"]


UNWRITTEN = {
    "what a search does not find, and a complete listing does": row(
        there(), answers(LISTING, Answer(200, [])), done=UNCHANGED, writes=[]
    ),
    "in the place of what is listed and cannot be read": row(
        setting(unlisted=("tags",)),
        there(id=7),
        answers("GET /instances/7", problem(404, "No")),
        done=FAILED,
        says="is in the listing, but Cloud Elements reports that it does not exist",
        writes=[],
    ),
    "with a wrong base_url": row(
        answers("GET .*", *[page(404)] * ALWAYS), done=FAILED, says="Check base_url", writes=[]
    ),
    "when the elements of an empty account cannot be read": row(UNREADABLE, done=FAILED, writes=[]),
    "without a key that the element needs": row(described(*NEEDS_URL), done=FAILED, says="requires url", writes=[]),
    "with a key that the element does not have": row(
        described({"key": "password", "type": "PASSWORD"}, {"key": "color"}),
        there(),
        wanted=desired(configuration={"colour": "red"}),
        done=FAILED,
        says="has no configuration key colour. Did you mean color?",
        writes=[],
        # What failed is shown with its id.
        id=101,
    ),
}


@pytest.mark.parametrize("sentence", UNWRITTEN)
def test_nothing_is_written(platform: Platform, client: Client, time: FakeTime, sentence: str) -> None:
    assert UNWRITTEN[sentence].seen(platform, client, time) == UNWRITTEN[sentence].expected


OTHERS = pytest.mark.parametrize("others", [[], [desired(name="Other")]], ids=["single", "fleet"])


@OTHERS
@pytest.mark.parametrize("element", [ELEMENT, None])
def test_a_rename_to_a_name_that_is_taken_is_refused(
    platform: Platform, client: Client, element: str | None, others: list[Desired]
) -> None:
    prepare(platform, there(id=7, name="Old"), there(id=8), there(id=9, name="Other"))
    results = run(client, desired(id=7, element=element), *others)

    assert 'Instance 7 cannot be renamed to "Acme", because instance 8 has this name' in results[0]["msg"]
    assert platform.writes == []


@OTHERS
def test_a_rename_to_a_name_that_another_element_has_is_done(
    platform: Platform, client: Client, others: list[Desired]
) -> None:
    prepare(platform, there(id=7, name="Old"), there(id=8, element={"key": "other"}), there(id=9, name="Other"))
    results = run(client, desired(id=7), *others)

    assert (results[0]["action"], results[0]["reasons"]) == ("updated", ["name"])


# Reports


def test_a_result_is_built_from_an_allow_list(platform: Platform, client: Client) -> None:
    platform.add(providerData={"code": SECRET}, configuration={"password": SECRET, "other": "canary-api-key"})
    (report,) = _reconcile.reconcile([desired(tags=("a",))], client, STAMPS, RunOptions())

    assert set(shown(report, diff=False)) == {"changed", "action", "reasons", "instance"}
    assert set(shown(report, diff=True)) == {"changed", "action", "reasons", "instance", "diff"}
    assert "canary" not in str(shown(report, diff=True))


def test_a_difference_names_the_instance_and_leaves_out_what_nobody_asks_for(
    platform: Platform, client: Client
) -> None:
    platform.add()
    diff = only(client, desired(tags=("a",), secrets={"password": "canary-new"}))["diff"]
    fields = {"name", "element", "tags", "owner", "enabled", "valid", "configuration", "secrets"}

    assert diff["before_header"] == diff["after_header"] == 'examplebasic "Acme"'
    assert (diff["before"]["tags"], diff["after"]["tags"]) == ([], ["a"])
    assert diff["before"]["secrets"] != diff["after"]["secrets"]
    assert set(diff["before"]) == set(diff["after"]) == fields


def test_nothing_to_do_has_no_difference_and_needs_no_description_of_the_element(
    platform: Platform, client: Client
) -> None:
    platform.add(configuration={"password": SECRET, "color": "red"})

    assert "diff" not in only(client, desired(configuration={"color": "red"}))
    assert platform.lines == [LISTING]


def test_warnings_of_the_plan_are_reported(platform: Platform, client: Client) -> None:
    platform.add(valid=False)

    assert only(client, desired(update_secrets="on_create"))["warnings"] == [NOT_SENT]


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_element_that_cannot_be_read_is_only_warned_about(
    platform: Platform, client: Client, check_mode: bool
) -> None:
    prepare(platform, there(name="other"), UNREADABLE)
    result = only(client, desired(), check_mode=check_mode)

    assert (result["action"], result["warnings"]) == ("created", [_reconcile.UNCHECKED_MESSAGE])


def test_a_wait_is_reported_once(platform: Platform, client: Client) -> None:
    prepare(platform, answers(POST, BUSY), answers(LISTING, problem(503), problem(503)))
    only(client, desired())

    assert client.warnings == {WAITED_MESSAGE}


ECHOES: list[tuple[str, dict[str, Any], Desired]] = [
    (POST, {}, desired()),
    (POST, {}, desired(secrets={"password": SECRET, "json": '{"a":"canary \\" quoted"}'})),
    (POST, {}, desired(provider_data={"code": "canary-code"})),
    (POST, {}, desired(provider_data={"oauth": {"code": "canary-code"}})),
    (POST, {}, desired(name="canary-pass word/1")),
    (r"PUT /instances/\d+", {"tags": []}, desired()),
    ("GET /ping", {"tags": []}, desired()),
    (r"PATCH /instances/\d+", {"name": "Acme"}, desired(configuration={"color": SECRET})),
]


@pytest.mark.parametrize(("line", "found", "wanted"), ECHOES)
def test_a_server_that_repeats_what_it_was_sent_discloses_nothing(
    platform: Platform, client: Client, line: str, found: dict[str, Any], wanted: Desired
) -> None:
    if found:
        platform.add(**found)

    def echo(_usual: Callable[[], Answer]) -> Answer:
        sent = platform.sent[-1]
        words = json.dumps([sent.body, (sent.body or {}).get("providerData"), sent.authorization])
        return problem(400, words + str(sent.body), providerMessage=words)

    platform.respond(line, echo)
    result = only(client, wanted)

    assert result["failed"]
    assert "canary" not in str(result)


# A vendor whose login is a key, which the platform returns in clear: the label in the element's description shows it.
KEYS_OF_TEXTS = [
    {"key": "username", "name": "API Key", "type": "TEXTFIELD_32", "required": True},
    {"key": "password", "name": "Password", "type": "TEXTFIELD_32"},
    {"key": "color", "name": "Color", "type": "TEXTFIELD_32"},
]
STORED = "canary-stored"
UNDESCRIBED: dict[str, Given] = {
    "has no description": lambda platform: platform.elements.clear(),
    "may not be read": answers("GET /elements/.*", *[problem(403)] * ALWAYS),
}


def shown_of(platform: Platform, client: Client, wanted: Desired) -> list[dict[str, Any]]:
    """Return what check mode and a run show, of an instance that holds secrets in clear."""
    platform.masked = set()
    platform.add(id=7, configuration={"username": STORED, "password": STORED, "color": "blue"}, tags=[])
    return [only(client, wanted, check_mode=check) for check in (True, False)]


@pytest.mark.parametrize("wanted", [Desired(None, id=7), Desired(ELEMENT, "Acme")], ids=["by id", "by name"])
@pytest.mark.parametrize("key", ["username", "password"])
def test_a_secret_by_the_description_of_the_element_is_refused_before_a_write_and_never_shown(
    platform: Platform, client: Client, wanted: Desired, key: str
) -> None:
    platform.elements[ELEMENT] = KEYS_OF_TEXTS
    shown = shown_of(platform, client, replace(wanted, configuration={key: "canary-new"}))

    assert all(f"The configuration key {key} is a secret of this element" in result["msg"] for result in shown)
    assert "canary" not in str(shown)
    assert platform.writes == []


@pytest.mark.parametrize("element", UNDESCRIBED)
def test_what_an_element_may_hold_is_not_shown_when_it(platform: Platform, client: Client, element: str) -> None:
    prepare(platform, UNDESCRIBED[element])
    shown = shown_of(platform, client, Desired(None, id=7, configuration={"username": "new", "color": "blue"}))

    assert [result["changed"] for result in shown] == [True, True]
    assert "canary" not in str(shown)
    assert "'color': 'blue'" in str(shown)


def test_a_failed_write_does_not_show_what_an_unknown_element_may_hold(platform: Platform, client: Client) -> None:
    prepare(platform, UNDESCRIBED["has no description"], answers("PATCH /.*", problem(403)))
    shown = shown_of(platform, client, Desired(None, id=7, configuration={"username": "new"}))

    assert (shown[1]["failed"], shown[1]["instance"]["id"]) == (True, 7)
    assert "canary" not in str(shown)


@pytest.mark.parametrize("check", [False, True])
def test_the_api_key_of_act_365_is_refused_by_id_in_a_list_too(platform: Platform, client: Client, check: bool) -> None:
    for number in (7, 8):
        platform.add(id=number, name=f"A{number}", element={"key": "actessentials"}, configuration={"username": STORED})
    wanted = [Desired(None, id=number, configuration={"username": "wrong-place"}) for number in (7, 8)]
    results = run(client, *wanted, check_mode=check)

    assert [result["failed"] for result in results] == [True, True]
    assert "The configuration key username is a secret of this element" in results[0]["msg"]
    assert "canary" not in str(results)
    assert platform.writes == []


def test_a_secret_that_is_also_a_readable_value_is_not_shown(client: Client) -> None:
    for _run in range(2):
        result = only(client, desired(configuration={"color": SECRET}))
        assert not result.get("failed")
        assert "canary" not in str(result)


# Fleet

BY_ID = Desired(None, id=7)
TO_X, OTHER = Desired(None, "X", id=7), desired(name="Other")
FIRST_TWO, LAST_TWO = r"^instances\[0\] and instances\[1\] are the same", r"^instances\[1\] and instances\[2\] are the"
RENAMED = there(id=7, name="Old")


def named_twice(*items: Desired, given: Sequence[Given] = (), sentence: str) -> tuple[Any, ...]:
    return given, items, sentence


CONTRADICTIONS = {
    "one name": named_twice(OTHER, desired(), desired(secrets={}), sentence=LAST_TWO),
    "one name, present and absent": named_twice(OTHER, desired(), desired(state="absent"), sentence=LAST_TWO),
    "one id": named_twice(OTHER, desired(id=7, name="A"), desired(id=7, name="B"), sentence=LAST_TWO),
    "one id, present and absent": named_twice(OTHER, BY_ID, replace(BY_ID, state="absent"), sentence=LAST_TWO),
    "a name, and an id with it": named_twice(OTHER, desired(), desired(id=7), sentence=LAST_TWO),
    "an id, and the name that it has": named_twice(
        BY_ID, desired(), given=[there(id=7)], sentence=FIRST_TWO + r" instance \(id 7\)"
    ),
    "an id that takes a name which another keeps": named_twice(
        desired(id=7), desired(id=8), given=[there(id=7), there(id=8, name="Other")], sentence=FIRST_TWO
    ),
    "an id that takes the name of a new one": named_twice(TO_X, desired(name="X"), given=[RENAMED], sentence=FIRST_TWO),
    "an id that takes the name of a known one": named_twice(
        TO_X, desired(name="X"), given=[RENAMED, there(name="X")], sentence=FIRST_TWO
    ),
    "an id that no listing shows yet": named_twice(
        TO_X, desired(name="X"), given=[there(id=7, name="Old", new=True), setting(lag=1)], sentence=FIRST_TWO
    ),
    "two ids that take one name": named_twice(
        TO_X,
        replace(TO_X, id=8),
        given=[there(id=7, name="A"), there(id=8, name="B")],
        sentence=r'are the same instance \(examplebasic "X"\)',
    ),
}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("items", CONTRADICTIONS)
def test_a_list_that_names_an_instance_twice_is_refused_before_a_write(
    platform: Platform, client: Client, items: str, order: int
) -> None:
    given, wanted, sentence = CONTRADICTIONS[items]
    prepare(platform, *given)
    with pytest.raises(BadInput, match=sentence):
        run(client, *wanted[:-2], *wanted[-2:][::order])

    # What a list says by itself is refused before anything is asked.
    assert (platform.writes, bool(platform.sent)) == ([], bool(given))


def test_what_differs_in_name_or_element_is_not_twice_in_the_list(platform: Platform, client: Client) -> None:
    platform.elements["other"] = []
    results = run(client, desired(), desired(name="acme"), desired(element="other"), replace(BY_ID, state="absent"))

    assert [result["action"] for result in results] == ["created", "created", "created", "none"]


def test_instances_of_one_name_may_stand_in_the_list_by_their_ids(platform: Platform, client: Client) -> None:
    prepare(platform, there(id=7), there(id=8))
    results = run(client, desired(id=7), desired(id=8, tags=("second",)), desired(name="Other"))

    assert [result["action"] for result in results] == ["none", "updated", "created"]
    assert [result["instance"]["id"] for result in results[:2]] == [7, 8]


def test_a_fleet_is_one_listing_whether_by_name_or_by_id(platform: Platform, client: Client) -> None:
    prepare(platform, there(id=7), there(name="A"), there(name="B"))
    results = run(client, desired(id=7), desired(name="A"), desired(name="B"))

    assert [result["action"] for result in results] == ["none"] * 3
    assert platform.lines == [LISTING]


def test_an_item_that_fails_does_not_stop_the_others(platform: Platform, client: Client) -> None:
    prepare(platform, there(name="Twice"), there(name="Twice"), answers(POST, None, problem(400, "No way"), None))
    results = run(client, *[desired(name=name) for name in ("A", "Twice", "B", "C")])

    assert [done(result) for result in results] == [CREATED, FAILED, FAILED, CREATED]
    assert "2 instances have this element and name" in results[1]["msg"]
    assert results[2]["msg"].startswith('examplebasic "B": ')


def test_a_listing_that_fails_fails_all_before_anything_is_written(platform: Platform, client: Client) -> None:
    platform.once(LISTING, *[problem(500)] * ALWAYS)
    with pytest.raises(ServiceError):
        run(client, *list_of("AB"))

    assert platform.writes == []


def test_an_unknown_element_in_a_fleet_fails_its_own_item_only(platform: Platform, client: Client) -> None:
    results = run(client, desired(element="unknown"), desired())

    assert [done(result) for result in results] == [FAILED, CREATED]
    assert "has no element with the key unknown" in results[0]["msg"]
    assert len(platform.instances) == 1


def test_an_id_that_cannot_be_read_fails_its_own_item_only(platform: Platform, client: Client) -> None:
    prepare(platform, there(name="Other"), answers("GET /instances/7", *[problem(500)] * ALWAYS))
    unread, other = run(client, TO_X, OTHER)

    assert "GET /instances/7" in unread["msg"]
    assert other["action"] == "none"


@pytest.mark.parametrize("error", [KeyError("canary-data"), ValueError("canary-data"), RecursionError("canary-data")])
def test_an_unexpected_exception_is_one_clean_sentence_and_stops_nothing(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    usual = _reconcile.make_plan

    def plan(wanted: Desired, *rest: Any) -> Plan:
        if wanted.name == "Bad":
            raise error
        return usual(wanted, *rest)

    monkeypatch.setattr(_reconcile, "make_plan", plan)
    bad, good = run(client, desired(name="Bad"), desired(name="Good"))

    assert bad["msg"] == f'examplebasic "Bad": internal error, please report it: {type(error).__name__}'
    assert (done(bad), done(good)) == (FAILED, CREATED)
    assert "canary-data" not in str(bad)
    assert platform.writes == [POST]


def test_an_instance_is_read_directly_before_it_is_changed(platform: Platform, client: Client) -> None:
    theirs = becomes(101, tags=[stamp({"password": SECRET}), "theirs"])
    prepare(platform, there(name="A"), afterwards(LISTING, theirs))
    first, _second = run(client, desired(name="A", tags=("ours",), purge_tags=False), desired(name="B"))

    assert (first["action"], first["instance"]["tags"]) == ("updated", ["ours", "theirs"])


def test_instances_that_vanish_during_a_run_are_looked_for_in_one_listing_and_created(
    platform: Platform, client: Client
) -> None:
    prepare(platform, *[there(name=name) for name in "ABCDE"], afterwards(LISTING, gone(*range(101, 106))))
    results = run(client, *[desired(name=name, tags=("new",)) for name in "ABCDE"])

    assert [result["action"] for result in results] == ["created"] * 5
    # The first look, the second, an empty account twice, and one for all that was created.
    assert platform.lines.count(LISTING) <= 4


def test_a_list_of_renames_is_one_listing_and_a_read_before_each_write(platform: Platform, client: Client) -> None:
    numbers = [platform.add(name=f"Old {number}")["id"] for number in range(3)]
    wanted = [Desired(None, f"New {number}", id=number) for number in numbers]
    run(client, *wanted, check_mode=True)
    assert platform.lines == [LISTING]

    results = run(client, *wanted)
    assert [result["reasons"] for result in results] == [["name"]] * 3
    assert platform.lines.count(LISTING) == 2
    assert len(platform.sent) == 2 + 2 * len(numbers)


def in_two_pages(usual: Callable[[], Answer]) -> Answer:
    """Answer the first half of a listing; the platform answers the whole as its next page."""
    answer = usual()
    return Answer(200, answer.body[:1], {**answer.headers, "elements-next-page-token": "2"})


@pytest.mark.parametrize("wanted", [[desired(name="A", state="absent")], [desired(name="A"), desired(name="B")]])
def test_what_a_listing_of_several_pages_lacks_is_looked_for_once_more(
    platform: Platform, client: Client, wanted: list[Desired]
) -> None:
    prepare(platform, there(name="B"), there(name="C"))
    for _listing in range(2):
        platform.respond(LISTING, in_two_pages)
        platform.once(LISTING, None)
    results = run(client, *wanted, check_mode=True)

    assert results[0]["action"] == ("created" if len(wanted) > 1 else "none")
    assert platform.lines.count(LISTING) == 4


def test_a_fleet_works_on_an_item_again_with_a_fresh_look(platform: Platform, client: Client, time: FakeTime) -> None:
    prepare(platform, instead(POST, there(name="A"), answer=problem(429, headers={"Retry-After": "9"})))
    results = run(client, desired(name="A"), desired(name="B"))

    assert [done(result) for result in results] == [UNCHANGED, CREATED]
    assert platform.writes == [POST] * 2
    assert time.sleeps[0] == 9.0


@pytest.mark.parametrize("names", ["A", "AB"])
def test_a_creation_that_is_asked_to_wait_does_not_give_up_because_others_were_faster(
    platform: Platform, client: Client, names: str
) -> None:
    platform.once(POST, *[BUSY] * 50)

    results = run(client, *[desired(name=name) for name in names])
    assert [result["action"] for result in results] == ["created"] * len(names)


def test_a_creation_that_is_always_asked_to_wait_fails_after_two_minutes_without_any_progress(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    platform.once(POST, *[BUSY] * 999)

    assert "keeps asking for a pause" in only(client, desired())["msg"]
    assert platform.instances == {}
    assert 120 <= time.now <= 130


# Policies

OWNER = "ansible:owner:us"


def actions(client: Client, wanted: list[Desired], how: RunOptions) -> list[tuple[str | None, str]]:
    reports = _reconcile.reconcile(wanted, client, STAMPS, how)
    return [(report.item.desired.name, report.status) for report in reports]


def words(client: Client, wanted: list[Desired], how: RunOptions) -> str:
    return " ".join(word for _name, word in actions(client, wanted, how))


def owned(*names: str, owner: str = OWNER) -> list[Given]:
    return [there(name=name, tags=[stamp({"password": SECRET}), owner]) for name in names]


def ours(*names: str) -> list[Desired]:
    return [desired(name=name, owner="us") for name in names]


def pruning(share: int = 10, **changes: Any) -> RunOptions:
    return RunOptions(prune="us", max_delete=lambda _total: share, **changes)


STOPS = RunOptions(stop_on_error=True)
NEEDED, NO = described(*NEEDS_URL), problem(400, "No")
ABC = [desired(name=name) for name in "ABC"]
TWICE, AB, OLD = [there(name="B")] * 2, owned("A", "B"), owned("Old")


class Case(NamedTuple):
    """What there is, what is wanted and how; what becomes of the list and of what is pruned, in how many writes."""

    given: list[Given]
    wanted: list[Desired]
    how: RunOptions
    words: str
    writes: int


POLICIES = {
    "a failure is told before what may not be pruned": Case(
        [NEEDED, *owned("B", "C")], ours("New"), pruning(1), "failed not_attempted not_attempted", writes=0
    ),
    "it is read whose an instance is where the listing leaves that out": Case(
        [setting(unlisted=("tags",)), *AB, there(name="nobody's")], ours("A"), pruning(), "unchanged deleted", writes=1
    ),
    **{
        f"it is looked again whose an instance is before it is pruned: {tags}": Case(
            [*AB, afterwards(LISTING, becomes(102, tags=tags))], ours("A"), pruning(), words, writes=writes
        )
        for tags, words, writes in (
            ([OWNER], "unchanged deleted", 1),
            ([], "unchanged unchanged", 0),
            (["ansible:owner:x"], "unchanged unchanged", 0),
        )
    },
    **{
        f"nothing is pruned when an item failed: stop_on_error {stops}, check_mode {check}": Case(
            [NEEDED, *OLD],
            ours("New"),
            pruning(stop_on_error=stops, check_mode=check),
            "failed not_attempted",
            writes=0,
        )
        for stops in (True, False)
        for check in (True, False)
    },
    "nothing is pruned when the vendor refused an item": Case(
        [*OLD, answers("GET /ping", BAD_LOGIN)], ours("New"), pruning(), "failed not_attempted", writes=2
    ),
    "nothing is pruned when an answer is lost": Case(
        [*OLD, answers(POST, lost())], ours("New"), pruning(), "failed not_attempted", writes=1
    ),
    "after a failure nothing new is begun when that is asked for": Case(
        [answers(POST, None, NO)], ABC, STOPS, "created failed not_attempted", writes=2
    ),
    "what is wrong before the first write stops all": Case(
        TWICE, list_of("AB"), STOPS, "not_attempted failed", writes=0
    ),
    "check mode predicts that it stops all": Case(
        TWICE, list_of("AB"), replace(STOPS, check_mode=True), "not_attempted failed", writes=0
    ),
    "a creation that is not found again is a failure that stops the run": Case(
        [answers(POST, lost(), BUSY)], list_of("AB"), STOPS, "failed not_attempted", writes=2
    ),
    "what was done is told when a second look fails": Case(
        [answers(POST, None, BUSY, BUSY), answers(LISTING, None, None, *[page(500)] * ALWAYS)],
        ABC,
        RunOptions(),
        "created failed failed",
        writes=3,
    ),
}


@pytest.mark.parametrize("sentence", POLICIES)
def test_of_a_policy(platform: Platform, client: Client, sentence: str) -> None:
    case = POLICIES[sentence]
    prepare(platform, *case.given)

    assert (words(client, case.wanted, case.how), len(platform.writes)) == (case.words, case.writes)


@pytest.mark.parametrize(("kept", "pruned"), [("A", "BCD"), ("AB", "CD")])
def test_prune_deletes_in_the_order_of_names_what_the_owner_has_and_the_list_does_not_name(
    platform: Platform, client: Client, kept: str, pruned: str
) -> None:
    theirs = owned("theirs", owner="ansible:owner:them")
    prepare(platform, *owned("A", "D", "B", "C"), *theirs, there(name="nobody's"))
    expected = [*((name, "unchanged") for name in kept), *((name, "deleted") for name in pruned)]

    assert actions(client, ours(*kept), pruning(len(pruned))) == expected
    assert [body["name"] for body in platform.instances.values()] == [*kept, "theirs", "nobody's"]


def test_prune_shows_in_check_mode_what_would_be_deleted(platform: Platform, client: Client) -> None:
    prepare(platform, *owned("A", "B"))
    (kept, pruned) = _reconcile.reconcile(ours("A"), client, STAMPS, pruning(check_mode=True))

    assert (kept.status, pruned.status, shown(pruned)["reasons"]) == ("unchanged", "deleted", ["pruned"])
    assert platform.writes == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_prune_deletes_no_more_than_it_may_and_then_nothing_is_written(
    platform: Platform, client: Client, check_mode: bool
) -> None:
    prepare(platform, *owned("A", "B", "C"))
    sentence = "2 of 3 instances of the owner us are not in the list, but max_delete allows only 1 deletion. Nothing"
    with pytest.raises(Conflict, match=sentence):
        actions(client, [desired(name="A", owner="us", tags=("new",))], pruning(1, check_mode=check_mode))

    assert platform.writes == []


def test_a_refusal_to_prune_names_what_would_go_and_hides_secrets(platform: Platform, client: Client) -> None:
    prepare(platform, *owned("A", f"B {SECRET}", *(f"C {number:02}" for number in range(25))))
    with pytest.raises(Conflict) as refused:
        actions(client, ours("A"), pruning(5))

    sentence = str(refused.value)
    assert 'Affected: examplebasic "B <secret>", examplebasic "C 00", ' in sentence
    assert " and 6 more. Complete the list" in sentence
    assert SECRET not in sentence


def test_a_refusal_to_prune_leaves_names_as_they_are_and_fits_on_a_screen(platform: Platform, client: Client) -> None:
    prepare(platform, *owned("A", "B user_secret", *(f"C {number:02} {'n' * 250}" for number in range(25))))
    with pytest.raises(Conflict) as refused:
        actions(client, ours("A"), pruning(5))
    sentence = release(refused.value.message, client.redactor, lambda words: words.replace("user_secret", "renamed"))

    assert 'examplebasic "B user_secret"' in sentence
    assert len(sentence) < 2000


def test_max_delete_is_asked_with_the_number_that_the_owner_has(platform: Platform, client: Client) -> None:
    prepare(platform, *owned("A", "B", "C"))
    totals: list[int] = []
    how = RunOptions(prune="us", max_delete=lambda total: totals.append(total) or 9)  # type: ignore[func-returns-value]
    actions(client, ours("A", "new"), how)

    assert totals == [3]


def test_nothing_is_pruned_before_the_list_is_as_it_should_be(platform: Platform, client: Client) -> None:
    prepare(platform, *owned("A", "Old"))
    actions(client, ours("A", "New", "Newer"), pruning(concurrency=4))

    assert platform.writes == [POST, POST, "DELETE /instances/102"]


def test_nothing_new_is_begun_once_it_is_stopped_and_no_lost_creation_is_waited_for(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    platform.once(POST, None, lost())
    client.clock = replace(client.clock, cancelled=lambda: platform.lines.count(POST) == 2)

    assert words(client, ABC, RunOptions()) == "created failed not_attempted"
    assert time.sleeps == []


@pytest.mark.parametrize("concurrency", [1, 4])
def test_all_that_was_lost_is_found_in_one_listing(platform: Platform, client: Client, concurrency: int) -> None:
    platform.once(POST, *[lost()] * 3, happens=True)

    assert words(client, list_of("ABC"), RunOptions(concurrency=concurrency)) == "created created created"
    assert platform.lines.count(LISTING) == 2


def test_what_was_not_attempted_is_shown_as_it_is(platform: Platform, client: Client) -> None:
    platform.add(id=7, name="there", disabled=True)
    wanted = [desired(name="first"), desired(name="there", enabled=True), desired(name="missing")]
    client.clock = replace(client.clock, cancelled=lambda: POST in platform.lines)
    _first, known, missing = (
        release(report.entry(diff=False, with_instance=True), report.redactor)
        for report in _reconcile.reconcile(wanted, client, STAMPS, RunOptions())
    )

    assert (known["id"], known["instance"]["enabled"]) == (7, False)
    assert (missing["id"], missing["instance"]) == (None, None)


class Heard:
    """Progress that records its calls."""

    def __init__(self) -> None:
        self.words: list[object] = []

    def begin(self, total: int) -> None:
        self.words.append(total)

    def item_done(self, job: Any) -> None:
        self.words.append(job.plan.desired.name)

    def idle(self) -> None:
        self.words.append("waiting")


def test_progress_receives_the_number_of_items_and_each_end(platform: Platform, client: Client) -> None:
    heard = Heard()
    platform.add(name="same")
    actions(client, [desired(name=name) for name in ("A", "same", "B")], RunOptions(progress=heard))

    assert heard.words == [2, "A", "B"]


def test_progress_counts_what_was_done_and_not_what_was_left(platform: Platform, client: Client) -> None:
    heard = Heard()
    prepare(platform, *OLD, answers(POST, NO))
    actions(client, list_of("ABCD", owner="us"), pruning(stop_on_error=True, progress=heard))

    assert heard.words == [5, "A"]


def test_while_all_wait_progress_is_notified(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(usual: Callable[[], Answer]) -> Answer:
        sleep(0.05)
        return usual()

    monkeypatch.setattr(_reconcile, "POLL_SECONDS", 0.01)
    heard = Heard()
    for _time in range(2):
        platform.respond(POST, slow)
    actions(client, [desired(name=name) for name in "AB"], RunOptions(concurrency=2, progress=heard))

    assert "waiting" in heard.words


# Events, and what the element says

POLLED = {"contacts": {"url": "/hubs/crm/contacts"}, "accounts": {"url": "/hubs/crm/accounts"}}
POLLER = "event.poller.configuration"
POLLS = [
    {"key": "password", "type": "PASSWORD"},
    {"key": POLLER, "type": "TEXTAREA", "defaultValue": json.dumps(POLLED)},
]


@pytest.mark.parametrize("wanted", [desired(), Desired(None, id=101)])
def test_resources_are_written_as_the_element_polls_them(platform: Platform, client: Client, wanted: Desired) -> None:
    platform.elements[ELEMENT] = POLLS
    platform.add(configuration={"password": SECRET, POLLER: json.dumps(POLLED, indent=1)})
    same, fewer = (replace(wanted, event_resources=names) for names in (("accounts", "contacts"), ("contacts",)))

    assert only(client, same)["reasons"] == []
    changed = only(client, fewer)
    assert changed["reasons"] == ["configuration"]
    (sent,) = (request.body["configuration"] for request in platform.sent if request.method == "PATCH")
    assert {key: json.loads(text) for key, text in sent.items()} == {POLLER: {"contacts": POLLED["contacts"]}}
    # A reader sees which of them went, not two long lines.
    assert changed["diff"]["before"]["configuration"][POLLER] == POLLED
    assert only(client, fewer)["changed"] is False


def test_resources_of_an_instance_that_is_not_there_are_not_looked_up(platform: Platform, client: Client) -> None:
    result = only(client, Desired(None, id=7, event_resources=("contacts",)))

    assert (result["failed"], platform.lines) == (True, ["GET /instances/7"])


def test_a_resource_that_the_element_does_not_poll_is_refused_before_a_write(
    platform: Platform, client: Client
) -> None:
    platform.elements[ELEMENT] = POLLS

    assert only(client, desired(event_resources=("contact",)))["msg"].endswith("Did you mean contacts?")
    assert platform.writes == []


def test_a_misspelt_key_is_reported_before_anything_is_sent_where_an_id_alone_names_the_instance(
    platform: Platform, client: Client
) -> None:
    platform.elements[ELEMENT] = [{"key": "color", "name": "Color", "type": "TEXTFIELD_32"}]
    platform.add(configuration={"color": "red"})
    (report,) = _reconcile.reconcile(
        [Desired(None, id=101, configuration={"colour": "blue"})], client, STAMPS, RunOptions()
    )

    assert "has no configuration key colour. Did you mean color?" in shown(report, diff=False)["msg"]
    assert platform.writes == []
