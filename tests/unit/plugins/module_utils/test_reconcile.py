# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: finding, planning, stopping in check mode, and what is told of each instance."""

from __future__ import annotations

import json
from dataclasses import replace
from time import sleep
from typing import Any, Callable

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils import _reconcile
from ansible_collections.cloud_elements.platform.plugins.module_utils._client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._errors import BadInput, Conflict, ServiceError
from ansible_collections.cloud_elements.platform.plugins.module_utils._instance import Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._plan import NOT_SENT, Plan
from ansible_collections.cloud_elements.platform.plugins.module_utils._reconcile import Policy
from ansible_collections.cloud_elements.platform.plugins.module_utils._wire import WAITED
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
    stamp,
)

ALWAYS = 99


def only(client: Client, wanted: Desired, check_mode: bool = False) -> dict[str, Any]:
    (result,) = run(client, wanted, check_mode=check_mode)
    return result


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
def test_check_mode_tells_what_a_run_does_and_writes_nothing(platform: Platform, client: Client, name: str) -> None:
    there, wanted = RUNS[name]
    for body in there:
        platform.add(**body)
    checked = only(client, wanted, check_mode=True)
    assert platform.writes == []

    really = only(client, wanted)

    assert {key: checked.get(key) for key in TOLD} == {key: really.get(key) for key in TOLD}
    assert bool(platform.writes) == really["changed"]
    ours = [(r["instance"] or {}).get("tags") for r in (checked, really)]
    assert ours[0] == ours[1]


@pytest.mark.parametrize("name", RUNS)
def test_a_second_run_changes_nothing(platform: Platform, client: Client, name: str) -> None:
    there, wanted = RUNS[name]
    for body in there:
        platform.add(**body)
    first = only(client, wanted)
    second = only(client, wanted)

    assert (second["changed"], second["action"]) == (False, "none")
    assert second.get("failed") == first.get("failed")


def test_check_mode_verifies_where_nothing_is_to_be_written(platform: Platform, client: Client) -> None:
    platform.add()
    platform.vendor = problem(401, "Failed", providerMessage="bad login")
    result = only(client, desired(verify="always"), check_mode=True)

    assert result["failed"]
    assert platform.writes == []


def test_check_mode_shows_the_instance_as_it_would_be(client: Client) -> None:
    wanted = desired(configuration={"color": "red"}, tags=("b", "a"), owner="acme")
    expected = {"name": "Acme", "element": ELEMENT, "tags": ["a", "b"], "owner": "acme", "enabled": True, "valid": True}

    shown = only(client, wanted, check_mode=True)["instance"]
    assert {key: shown[key] for key in expected} == expected
    assert (shown["id"], shown["configuration"]) == (None, {"color": "red"})
    assert set(shown) == set(only(client, wanted)["instance"])


def test_check_mode_refuses_what_the_element_would(platform: Platform, client: Client) -> None:
    platform.elements[ELEMENT] = [{"key": "url", "required": True}, {"key": "password", "type": "PASSWORD"}]
    result = only(client, desired(), check_mode=True)

    assert "needs url" in result["msg"]


# Finding


def test_what_a_search_finds_is_not_listed_again(platform: Platform, client: Client) -> None:
    platform.add()
    platform.add(name="Acme 2")
    only(client, desired())

    assert [sent.query.get("searchText") for sent in platform.sent] == ["Acme"]


def test_what_a_search_does_not_find_is_looked_for_in_a_complete_listing(platform: Platform, client: Client) -> None:
    platform.add()
    platform.once("GET /instances", Answer(200, []))

    assert only(client, desired())["action"] == "none"
    assert platform.writes == []


@pytest.mark.parametrize("left_out", [("tags",), ("configuration",), ("tags", "configuration")])
def test_what_a_listing_leaves_out_is_read_by_id(platform: Platform, client: Client, left_out: tuple[str, ...]) -> None:
    platform.unlisted = left_out
    number = platform.add()["id"]

    assert only(client, desired())["action"] == "none"
    assert platform.lines == ["GET /instances", f"GET /instances/{number}"]


def test_nothing_is_created_in_the_place_of_what_is_listed_and_cannot_be_read(
    platform: Platform, client: Client
) -> None:
    platform.unlisted = ("tags",)
    number = platform.add()["id"]
    platform.once(f"GET /instances/{number}", problem(404, "No"))

    assert "is listed, and Cloud Elements says that it is not there" in only(client, desired())["msg"]
    assert platform.writes == []


def test_a_wrong_base_url_never_creates(platform: Platform, client: Client) -> None:
    platform.once("GET .*", *[page(404)] * ALWAYS)
    result = only(client, desired())

    assert "check base_url" in result["msg"]
    assert platform.writes == []


def test_a_platform_whose_elements_cannot_be_read_never_creates(platform: Platform, client: Client) -> None:
    platform.once("GET /elements/.*", *[problem(500)] * ALWAYS)
    result = only(client, desired())

    assert result["failed"]
    assert platform.writes == []


@pytest.mark.parametrize("others", [0, 1], ids=["single", "fleet"])
@pytest.mark.parametrize("element", [ELEMENT, None])
def test_a_rename_to_a_name_that_is_taken_is_refused(
    platform: Platform, client: Client, element: str | None, others: int
) -> None:
    platform.add(id=7, name="Old")
    platform.add(id=8)
    platform.add(id=9, name="Other")
    results = run(client, desired(id=7, element=element), *[desired(name="Other")] * others)

    assert 'id 7 cannot take the name "Acme": the instance with id 8 has it' in results[0]["msg"]
    assert platform.writes == []


@pytest.mark.parametrize("others", [0, 1], ids=["single", "fleet"])
def test_a_rename_to_a_name_that_another_element_has_is_done(platform: Platform, client: Client, others: int) -> None:
    platform.add(id=7, name="Old")
    platform.add(id=8, element={"key": "other"})
    platform.add(id=9, name="Other")
    results = run(client, desired(id=7), *[desired(name="Other")] * others)

    assert (results[0]["action"], results[0]["reasons"]) == ("updated", ["name"])


# What is told


def test_a_result_is_built_from_an_allow_list(platform: Platform, client: Client) -> None:
    platform.add(providerData={"code": SECRET}, configuration={"password": SECRET, "other": "canary-api-key"})
    (report,) = _reconcile.reconcile([desired(tags=("a",))], client, STAMPS, Policy())

    assert set(report.result(diff=False)) == {"changed", "action", "reasons", "instance"}
    assert set(report.result(diff=True)) == {"changed", "action", "reasons", "instance", "diff"}
    assert "canary" not in str(report.result(diff=True))


def test_a_difference_names_the_instance_and_leaves_out_what_nobody_asks_for(
    platform: Platform, client: Client
) -> None:
    platform.add()
    diff = only(client, desired(tags=("a",), secrets={"password": "canary-new"}))["diff"]

    assert diff["before_header"] == diff["after_header"] == 'examplebasic "Acme"'
    assert (diff["before"]["tags"], diff["after"]["tags"]) == ([], ["a"])
    assert diff["before"]["secrets"] != diff["after"]["secrets"]
    assert (
        set(diff["before"])
        == set(diff["after"])
        == {
            "name",
            "element",
            "tags",
            "owner",
            "enabled",
            "valid",
            "configuration",
            "secrets",
        }
    )


def test_nothing_to_do_has_no_difference(platform: Platform, client: Client) -> None:
    platform.add()

    assert "diff" not in only(client, desired())


def test_warnings_of_the_plan_are_told(platform: Platform, client: Client) -> None:
    platform.add(valid=False)

    assert only(client, desired(update_secrets="on_create"))["warnings"] == [NOT_SENT]


def test_a_wait_is_told_once(platform: Platform, client: Client) -> None:
    platform.once("POST /instances", problem(429, headers={"Retry-After": "9"}))
    platform.once("GET /instances", problem(503), problem(503))
    only(client, desired())

    assert client.warnings == {WAITED}


ECHOES: list[tuple[str, dict[str, Any], Desired]] = [
    ("POST /instances", {}, desired()),
    ("POST /instances", {}, desired(secrets={"password": SECRET, "json": '{"a":"canary \\" quoted"}'})),
    ("POST /instances", {}, desired(provider_data={"code": "canary-code"})),
    ("POST /instances", {}, desired(provider_data={"oauth": {"code": "canary-code"}})),
    ("POST /instances", {}, desired(name="canary-pass word/1")),
    (r"PUT /instances/\d+", {"tags": []}, desired()),
    ("GET /ping", {"tags": []}, desired()),
    (r"PATCH /instances/\d+", {"name": "Acme"}, desired(configuration={"color": SECRET})),
]


@pytest.mark.parametrize(("line", "there", "wanted"), ECHOES)
def test_a_server_that_repeats_what_it_was_sent_discloses_nothing(
    platform: Platform, client: Client, line: str, there: dict[str, Any], wanted: Desired
) -> None:
    if there:
        platform.add(**there)

    def echo(_usual: Callable[[], Answer]) -> Answer:
        sent = platform.sent[-1]
        words = json.dumps([sent.body, (sent.body or {}).get("providerData"), sent.authorization])
        return problem(400, words + str(sent.body), providerMessage=words)

    platform.respond(line, echo)
    result = only(client, wanted)

    assert result["failed"]
    assert "canary" not in str(result)


# A vendor whose login is a key, which the platform answers in clear: the element's description tells by its label.
KEYS_OF_TEXTS = [
    {"key": "username", "name": "API Key", "type": "TEXTFIELD_32", "required": True},
    {"key": "password", "name": "Password", "type": "TEXTFIELD_32"},
    {"key": "color", "name": "Color", "type": "TEXTFIELD_32"},
]
STORED = "canary-stored"


def shown_of(platform: Platform, client: Client, wanted: Desired) -> Any:
    """Return what a run and check mode show, of an instance that holds secrets in clear."""
    platform.masked = set()
    platform.add(id=7, configuration={"username": STORED, "password": STORED, "color": "blue"}, tags=[])
    return [run(client, wanted, check_mode=check) for check in (True, False)]


@pytest.mark.parametrize("wanted", [Desired(None, id=7), Desired(ELEMENT, "Acme")], ids=["by id", "by name"])
@pytest.mark.parametrize("key", ["username", "password"])
def test_a_secret_by_the_description_of_the_element_is_refused_before_a_write_and_never_shown(
    platform: Platform, client: Client, wanted: Desired, key: str
) -> None:
    platform.elements[ELEMENT] = KEYS_OF_TEXTS
    shown = shown_of(platform, client, replace(wanted, configuration={key: "canary-new"}))

    assert all(f"The configuration key {key} is a secret on this element" in str(results) for results in shown)
    assert "canary" not in str(shown)
    assert platform.writes == []


@pytest.mark.parametrize("gone", [True, False])
def test_what_an_element_that_cannot_be_read_may_hold_is_not_shown(
    platform: Platform, client: Client, gone: bool
) -> None:
    if gone:
        del platform.elements[ELEMENT]
    else:
        platform.once("GET /elements/.*", *[problem(403)] * ALWAYS)
    wanted = Desired(None, id=7, configuration={"username": "new", "color": "blue"})
    shown = shown_of(platform, client, wanted)

    assert [result["changed"] for (result,) in shown] == [True, True]
    assert "canary" not in str(shown)
    assert "'color': 'blue'" in str(shown)


def test_what_is_as_desired_needs_no_description(platform: Platform, client: Client) -> None:
    platform.add(configuration={"password": SECRET, "color": "red"})
    only(client, desired(configuration={"color": "red"}))

    assert platform.lines == ["GET /instances"]


def test_a_failed_write_does_not_show_what_an_unknown_element_may_hold(platform: Platform, client: Client) -> None:
    del platform.elements[ELEMENT]
    platform.once("PATCH /.*", problem(403))
    shown = shown_of(platform, client, Desired(None, id=7, configuration={"username": "new"}))

    assert shown[1][0]["failed"]
    assert shown[1][0]["instance"]["id"] == 7
    assert "canary" not in str(shown)


@pytest.mark.parametrize("check", [False, True])
def test_the_api_key_of_act_365_is_refused_by_id_in_a_list_too(platform: Platform, client: Client, check: bool) -> None:
    for number in (7, 8):
        platform.add(id=number, name=f"A{number}", element={"key": "actessentials"}, configuration={"username": STORED})
    wanted = [Desired(None, id=number, configuration={"username": "wrong-place"}) for number in (7, 8)]
    results = run(client, *wanted, check_mode=check)

    assert [result["failed"] for result in results] == [True, True]
    assert "The configuration key username is a secret on this element" in results[0]["msg"]
    assert "canary" not in str(results)
    assert platform.writes == []


def test_a_secret_that_is_also_a_readable_value_is_not_shown(client: Client) -> None:
    for _run in range(2):
        result = only(client, desired(configuration={"color": SECRET}))
        assert not result.get("failed")
        assert "canary" not in str(result)


# Fleet


def test_a_fleet_is_one_listing(platform: Platform, client: Client) -> None:
    for number in range(3):
        platform.add(name=f"Acme {number}")
    results = run(client, *[desired(name=f"Acme {number}") for number in range(3)])

    assert [result["action"] for result in results] == ["none"] * 3
    assert platform.lines == ["GET /instances"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (desired(), desired(secrets={})),
        (desired(), desired(state="absent")),
        (desired(id=7, name="A"), desired(id=7, name="B")),
        (Desired(None, id=7), Desired(None, id=7, state="absent")),
        (desired(), desired(id=7)),
    ],
)
def test_what_is_in_the_list_twice_is_refused_before_anything_is_sent(
    platform: Platform, client: Client, first: Desired, second: Desired
) -> None:
    with pytest.raises(BadInput, match=r"^instances\[1\] and instances\[2\] are the same instance"):
        run(client, desired(name="Other"), first, second)

    assert platform.sent == []


def test_what_differs_in_name_or_element_is_not_twice_in_the_list(platform: Platform, client: Client) -> None:
    platform.elements["other"] = []
    results = run(
        client, desired(), desired(name="acme"), desired(element="other"), Desired(None, id=7, state="absent")
    )

    assert [result["action"] for result in results] == ["created", "created", "created", "none"]


def test_instances_of_one_name_may_stand_in_the_list_by_their_ids(platform: Platform, client: Client) -> None:
    first, second = platform.add()["id"], platform.add()["id"]
    results = run(client, desired(id=first), desired(id=second, tags=("second",)), desired(name="Other"))

    assert [result["action"] for result in results] == ["none", "updated", "created"]
    assert [result["instance"]["id"] for result in results[:2]] == [first, second]


@pytest.mark.parametrize("order", [1, -1])
def test_an_id_cannot_take_the_name_that_another_one_keeps(platform: Platform, client: Client, order: int) -> None:
    first, second = platform.add()["id"], platform.add(name="Other")["id"]
    with pytest.raises(BadInput, match=r"^instances\[0\] and instances\[1\] are the same instance"):
        run(client, *[desired(id=first), desired(id=second)][::order])

    assert platform.writes == []


def test_an_item_that_fails_does_not_stop_the_others(platform: Platform, client: Client) -> None:
    platform.add(name="Twice")
    platform.add(name="Twice")
    platform.once("POST /instances", None, problem(400, "No way"), None)
    results = run(client, *[desired(name=name) for name in ("A", "Twice", "B", "C")])

    assert [(r["changed"], r["action"], r.get("failed", False)) for r in results] == [
        (True, "created", False),
        (False, "none", True),
        (False, "none", True),
        (True, "created", False),
    ]
    assert "2 instances have this element and name" in results[1]["msg"]
    assert results[2]["msg"].startswith('examplebasic "B": ')


def test_a_listing_that_fails_fails_all_before_anything_is_written(platform: Platform, client: Client) -> None:
    platform.once("GET /instances", *[problem(500)] * ALWAYS)
    with pytest.raises(ServiceError):
        run(client, desired(name="A"), desired(name="B"))

    assert platform.writes == []


def test_a_fleet_of_an_empty_account_is_created(platform: Platform, client: Client) -> None:
    results = run(client, desired(name="A"), desired(name="B"))

    assert [result["action"] for result in results] == ["created", "created"]
    assert platform.writes == ["POST /instances"] * 2


def test_an_unknown_element_in_a_fleet_fails_its_own_item_only(platform: Platform, client: Client) -> None:
    results = run(client, desired(element="unknown"), desired())

    assert [result.get("failed", False) for result in results] == [True, False]
    assert "has no element with the key unknown" in results[0]["msg"]
    assert len(platform.instances) == 1


@pytest.mark.parametrize("error", [KeyError("canary-data"), ValueError("canary-data"), RecursionError("canary-data")])
def test_an_unexpected_exception_is_one_clean_sentence_and_stops_nothing(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    usual = _reconcile.plan

    def plan(wanted: Desired, *rest: Any) -> Plan:
        if wanted.name == "Bad":
            raise error
        return usual(wanted, *rest)

    monkeypatch.setattr(_reconcile, "plan", plan)
    bad, good = run(client, desired(name="Bad"), desired(name="Good"))

    assert bad["msg"] == f'examplebasic "Bad": internal error, please report it: {type(error).__name__}'
    assert (bad["changed"], bad["action"], good["action"]) == (False, "none", "created")
    assert "canary-data" not in str(bad)
    assert platform.writes == ["POST /instances"]


def test_an_instance_is_read_directly_before_it_is_changed(platform: Platform, client: Client) -> None:
    body = platform.add(name="A")

    def changed_meanwhile(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        body["tags"] = [*body["tags"], "theirs"]
        return answer

    platform.respond("GET /instances", changed_meanwhile)
    first, _second = run(client, desired(name="A", tags=("ours",), purge_tags=False), desired(name="B"))

    assert (first["action"], first["instance"]["tags"]) == ("updated", ["ours", "theirs"])


def test_an_instance_that_was_deleted_meanwhile_is_created(platform: Platform, client: Client) -> None:
    number = platform.add(name="A")["id"]

    def deleted_meanwhile(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        del platform.instances[number]
        return answer

    platform.respond("GET /instances", deleted_meanwhile)
    results = run(client, desired(name="A", tags=("ours",)), desired(name="B"))

    assert [result["action"] for result in results] == ["created", "created"]


def test_two_items_that_turn_out_to_be_one_instance_are_refused(platform: Platform, client: Client) -> None:
    platform.add(id=7)
    with pytest.raises(BadInput, match=r"^instances\[0\] and instances\[1\] are the same instance \(id 7\)"):
        run(client, Desired(None, id=7), desired())

    assert platform.writes == []


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("there", [[], [{"name": "X"}]], ids=["new", "known"])
def test_a_rename_to_the_name_of_another_item_is_refused_before_anything_is_sent(
    platform: Platform, client: Client, order: int, there: list[dict[str, Any]]
) -> None:
    platform.add(id=7, name="Old")
    for body in there:
        platform.add(**body)
    with pytest.raises(BadInput, match=r"^instances\[0\] and instances\[1\] are the same instance"):
        run(client, *[Desired(None, "X", id=7), desired(name="X")][::order])

    assert platform.writes == []


def test_two_ids_that_take_one_name_are_refused_before_anything_is_sent(platform: Platform, client: Client) -> None:
    platform.add(id=7, name="A")
    platform.add(id=8, name="B")
    with pytest.raises(BadInput, match=r'are the same instance \(examplebasic "X"\)'):
        run(client, Desired(None, "X", id=7), Desired(None, "X", id=8))

    assert platform.writes == []


def test_an_id_that_no_listing_shows_yet_counts_as_well(platform: Platform, client: Client) -> None:
    platform.add(id=7, name="Old", new=True)
    platform.lag = 1
    with pytest.raises(BadInput, match=r"^instances\[0\] and instances\[1\] are the same instance"):
        run(client, Desired(None, "X", id=7), desired(name="X"))


def test_an_id_that_cannot_be_read_fails_its_own_item_only(platform: Platform, client: Client) -> None:
    platform.add(name="Other")
    platform.once("GET /instances/7", *[problem(500)] * ALWAYS)
    unread, other = run(client, Desired(None, "X", id=7), desired(name="Other"))

    assert "GET /instances/7" in unread["msg"]
    assert other["action"] == "none"


def test_a_list_of_renames_is_one_listing_and_a_read_before_each_write(platform: Platform, client: Client) -> None:
    numbers = [platform.add(name=f"Old {number}")["id"] for number in range(3)]
    wanted = [Desired(None, f"New {number}", id=number) for number in numbers]
    run(client, *wanted, check_mode=True)
    assert platform.lines == ["GET /instances"]

    results = run(client, *wanted)
    assert [result["reasons"] for result in results] == [["name"]] * 3
    assert platform.lines.count("GET /instances") == 2
    assert len(platform.sent) == 2 + 2 * len(numbers)


def in_two_pages(usual: Callable[[], Answer]) -> Answer:
    """Answer the first half of a listing; the platform answers the whole as its next page."""
    answer = usual()
    return Answer(200, answer.body[:1], {**answer.headers, "elements-next-page-token": "2"})


@pytest.mark.parametrize("wanted", [[desired(name="A", state="absent")], [desired(name="A"), desired(name="B")]])
def test_what_a_listing_of_several_pages_lacks_is_looked_for_once_more(
    platform: Platform, client: Client, wanted: list[Desired]
) -> None:
    platform.add(name="B")
    platform.add(name="C")
    for _listing in range(2):
        platform.respond("GET /instances", in_two_pages)
        platform.respond("GET /instances", lambda usual: usual())
    results = run(client, *wanted, check_mode=True)

    assert results[0]["action"] == ("created" if len(wanted) > 1 else "none")
    assert platform.lines.count("GET /instances") == 4


def test_a_deletion_does_not_trust_a_search(platform: Platform, client: Client) -> None:
    platform.searches = False
    platform.add()

    assert only(client, desired(state="absent"))["action"] == "deleted"
    assert [sent.query.get("searchText") for sent in platform.sent if sent.path == "/instances"] == [None]


def test_a_key_that_the_element_does_not_have_is_refused_before_a_write(platform: Platform, client: Client) -> None:
    platform.elements[ELEMENT] = [{"key": "password", "type": "PASSWORD"}, {"key": "color"}]
    platform.add()
    result = only(client, desired(configuration={"colour": "red"}))

    assert "has no configuration key colour: did you mean color?" in result["msg"]
    assert platform.writes == []


def test_an_item_by_id_is_taken_from_the_listing(platform: Platform, client: Client) -> None:
    platform.add(id=7)
    platform.add(id=8, name="Other")
    results = run(client, desired(id=7), desired(name="Other"))

    assert [result["action"] for result in results] == ["none", "none"]
    assert platform.lines == ["GET /instances"]


def test_a_fleet_works_on_an_item_again_with_a_fresh_look(platform: Platform, client: Client, time: FakeTime) -> None:
    def other_is_first(_usual: Callable[[], Answer]) -> Answer:
        platform.add(name="A")
        return problem(429, headers={"Retry-After": "9"})

    platform.respond("POST /instances", other_is_first)
    results = run(client, desired(name="A"), desired(name="B"))

    assert [(result["action"], result.get("failed", False)) for result in results] == [
        ("none", False),
        ("created", False),
    ]
    assert platform.writes == ["POST /instances"] * 2
    assert time.sleeps[0] == 9.0


@pytest.mark.parametrize("names", ["A", "AB"])
def test_a_creation_that_is_told_to_come_back_does_not_give_up_because_others_were_faster(
    platform: Platform, client: Client, names: str
) -> None:
    platform.once("POST /instances", *[problem(429, headers={"Retry-After": "1"})] * 50)
    results = run(client, *(desired(name=name) for name in names))

    assert [result["action"] for result in results] == ["created"] * len(names)


def test_a_creation_that_is_always_told_to_come_back_fails_after_two_minutes_without_any_progress(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    platform.once("POST /instances", *[problem(429, headers={"Retry-After": "1"})] * 999)
    result = only(client, desired())

    assert "keeps asking to come back later" in result["msg"]
    assert platform.instances == {}
    assert 120 <= time.now <= 130


# Policies

OWNER = "ansible:owner:us"


def policy(**changes: Any) -> Policy:
    return Policy(**changes)


def actions(client: Client, wanted: list[Desired], how: Policy) -> list[tuple[str | None, str]]:
    reports = _reconcile.reconcile(wanted, client, STAMPS, how)
    return [(report.identity()["name"], report.word) for report in reports]


def owned(platform: Platform, *names: str, owner: str = OWNER) -> None:
    for name in names:
        platform.add(name=name, tags=[stamp({"password": SECRET}), owner])


def pruning(share: int = 10, **changes: Any) -> Policy:
    return policy(prune="us", max_delete=lambda _total: share, **changes)


@pytest.mark.parametrize("count", [1, 2])
def test_prune_deletes_in_the_order_of_names_what_the_owner_has_and_the_list_does_not_name(
    platform: Platform, client: Client, count: int
) -> None:
    owned(platform, "A", "D", "B", "C")
    owned(platform, "theirs", owner="ansible:owner:them")
    platform.add(name="nobody's")
    wanted = [desired(name=name, owner="us") for name in ("A", "B")[:count]]
    gone = ["C", "D"] if count == 2 else ["B", "C", "D"]

    assert actions(client, wanted, pruning()) == [
        *((each.name, "unchanged") for each in wanted),
        *((name, "deleted") for name in gone),
    ]
    assert [body["name"] for body in platform.instances.values()] == [
        *("A", "B")[:count],
        "theirs",
        "nobody's",
    ]


def test_prune_tells_in_check_mode_what_would_go(platform: Platform, client: Client) -> None:
    owned(platform, "A", "B")
    (kept, gone) = _reconcile.reconcile([desired(name="A", owner="us")], client, STAMPS, pruning(check_mode=True))

    assert (kept.word, gone.word, gone.result(diff=True)["reasons"]) == ("unchanged", "deleted", ["pruned"])
    assert platform.writes == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_prune_deletes_no_more_than_it_may_and_then_nothing_is_written(
    platform: Platform, client: Client, check_mode: bool
) -> None:
    owned(platform, "A", "B", "C")
    sentence = "2 of 3 instances of the owner us are not in the list, and max_delete allows 1. Nothing was changed."
    with pytest.raises(Conflict, match=sentence):
        actions(client, [desired(name="A", owner="us", tags=("new",))], pruning(1, check_mode=check_mode))

    assert platform.writes == []


def test_a_failure_is_told_before_what_prune_may_not_delete(platform: Platform, client: Client) -> None:
    platform.elements[ELEMENT] = [{"key": "url", "required": True}, {"key": "password", "type": "PASSWORD"}]
    owned(platform, "B", "C")

    assert actions(client, [desired(name="New", owner="us")], pruning(1)) == [
        *[("New", "failed"), ("B", "not_attempted"), ("C", "not_attempted")]
    ]


def test_instances_that_vanish_during_a_run_are_looked_for_in_one_listing(platform: Platform, client: Client) -> None:
    numbers = [platform.add(name=f"Acme {number}")["id"] for number in range(5)]

    def vanish(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        for number in numbers:
            platform.instances.pop(number, None)
        return answer

    platform.respond("GET /instances", vanish)
    results = run(client, *[desired(name=f"Acme {number}", tags=("new",)) for number in range(5)])

    assert [result["action"] for result in results] == ["created"] * 5
    # The first look, the second, an empty account twice, and one for all that was created.
    assert platform.lines.count("GET /instances") <= 4


def test_max_delete_is_asked_with_the_number_that_the_owner_has(platform: Platform, client: Client) -> None:
    owned(platform, "A", "B", "C")
    totals: list[int] = []
    how = policy(prune="us", max_delete=lambda total: totals.append(total) or 9)  # type: ignore[func-returns-value]
    actions(client, [desired(name="A", owner="us"), desired(name="new", owner="us")], how)

    assert totals == [3]


def test_prune_reads_whose_an_instance_is_where_the_listing_leaves_it_out(platform: Platform, client: Client) -> None:
    platform.unlisted = ("tags",)
    owned(platform, "A", "B")
    platform.add(name="nobody's")

    assert actions(client, [desired(name="A", owner="us")], pruning()) == [("A", "unchanged"), ("B", "deleted")]


@pytest.mark.parametrize(
    ("tags", "word"), [([OWNER], "deleted"), ([], "unchanged"), (["ansible:owner:x"], "unchanged")]
)
def test_prune_looks_again_whose_an_instance_is_before_it_is_deleted(
    platform: Platform, client: Client, tags: list[str], word: str
) -> None:
    owned(platform, "A", "B")

    def taken_over(usual: Callable[[], Answer]) -> Answer:
        answer = usual()
        platform.instances[102]["tags"] = tags
        return answer

    platform.respond("GET /instances", taken_over)

    assert actions(client, [desired(name="A", owner="us")], pruning()) == [("A", "unchanged"), ("B", word)]


def test_nothing_is_pruned_before_the_list_is_as_it_should_be(platform: Platform, client: Client) -> None:
    owned(platform, "A", "Old")
    wanted = [desired(name=name, owner="us") for name in ("A", "New", "Newer")]
    actions(client, wanted, pruning(concurrency=4))

    assert platform.writes == ["POST /instances", "POST /instances", "DELETE /instances/102"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("stop_on_error", [True, False])
def test_nothing_is_pruned_when_an_item_failed(
    platform: Platform, client: Client, stop_on_error: bool, check_mode: bool
) -> None:
    platform.elements[ELEMENT] = [{"key": "url", "required": True}, {"key": "password", "type": "PASSWORD"}]
    owned(platform, "Old")
    how = pruning(stop_on_error=stop_on_error, check_mode=check_mode)

    assert actions(client, [desired(name="New", owner="us")], how) == [("New", "failed"), ("Old", "not_attempted")]
    assert platform.writes == []


@pytest.mark.parametrize(
    "breaks",
    [("GET /ping", problem(401, "No", providerMessage="bad login")), ("POST /instances", lost())],
    ids=["vendor", "answer"],
)
def test_nothing_is_pruned_when_what_became_of_an_item_is_not_certain(
    platform: Platform, client: Client, breaks: tuple[str, Answer | Exception]
) -> None:
    owned(platform, "Old")
    platform.once(*breaks)

    assert dict(actions(client, [desired(name="New", owner="us")], pruning()))["Old"] == "not_attempted"
    assert 101 in platform.instances


def test_a_refusal_to_prune_names_what_would_go_and_hides_secrets(platform: Platform, client: Client) -> None:
    owned(platform, "A", f"B {SECRET}", *(f"C {number:02}" for number in range(25)))
    with pytest.raises(Conflict) as refused:
        actions(client, [desired(name="A", owner="us")], pruning(5))

    sentence = str(refused.value)
    assert 'It would delete examplebasic "B <secret>", examplebasic "C 00", ' in sentence
    assert sentence.endswith(", and 6 more.")
    assert SECRET not in sentence


def test_after_a_failure_nothing_new_is_begun_when_that_is_asked_for(platform: Platform, client: Client) -> None:
    platform.once("POST /instances", None, problem(400, "No"))
    wanted = [desired(name=name) for name in "ABCD"]

    assert [word for _name, word in actions(client, wanted, policy(stop_on_error=True))] == [
        *("created", "failed", "not_attempted", "not_attempted"),
    ]
    assert platform.writes == ["POST /instances"] * 2


def test_what_is_wrong_before_the_first_write_stops_all(platform: Platform, client: Client) -> None:
    platform.add(name="B")
    platform.add(name="B")
    wanted = [desired(name=name) for name in "AB"]

    assert [word for _name, word in actions(client, wanted, policy(stop_on_error=True))] == ["not_attempted", "failed"]
    assert platform.writes == []


def test_nothing_new_is_begun_once_it_is_stopped_and_no_lost_creation_is_waited_for(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    platform.once("POST /instances", None, lost())
    wanted = [desired(name=name) for name in "ABC"]
    how = policy(stopped=lambda: platform.lines.count("POST /instances") == 2)

    assert [word for _name, word in actions(client, wanted, how)] == ["created", "failed", "not_attempted"]
    assert time.sleeps == []


def test_progress_is_told_of_what_has_to_be_done_and_of_each_end(platform: Platform, client: Client) -> None:
    class Heard:
        def __init__(self) -> None:
            self.words: list[object] = []

        def begin(self, total: int) -> None:
            self.words.append(total)

        def ended(self, job: Any) -> None:
            self.words.append(job.plan.desired.name)

    heard = Heard()
    platform.add(name="same")
    actions(client, [desired(name=name) for name in ("A", "same", "B")], policy(progress=heard))

    assert heard.words == [2, "A", "B"]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_all_that_was_lost_is_found_in_one_listing(platform: Platform, client: Client, concurrency: int) -> None:
    platform.once("POST /instances", *[lost()] * 5, happens=True)
    # Of those with one login, the others would wait until the first is found.
    wanted = [desired(name=name, secrets={"password": f"{SECRET} {name}"}) for name in "ABCDE"]

    assert {word for _name, word in actions(client, wanted, policy(concurrency=concurrency))} == {"created"}
    assert platform.lines.count("GET /instances") == 2


def test_a_creation_that_is_not_found_again_is_a_failure_that_stops_the_run(platform: Platform, client: Client) -> None:
    busy = problem(429, headers={"Retry-After": "1"})
    platform.once("POST /instances", lost(), busy)
    wanted = [desired(name=name, secrets={"password": f"{SECRET} {name}"}) for name in "AB"]

    assert actions(client, wanted, policy(stop_on_error=True)) == [("A", "failed"), ("B", "not_attempted")]
    assert platform.writes == ["POST /instances"] * 2


def test_what_was_done_is_told_when_a_second_look_fails(platform: Platform, client: Client) -> None:
    platform.once("POST /instances", None, *[problem(429, headers={"Retry-After": "1"})] * 2)
    platform.respond("GET /instances", lambda usual: usual())
    platform.respond("GET /instances", lambda usual: usual())
    platform.once("GET /instances", *[page(500)] * ALWAYS)
    wanted = [desired(name=name) for name in "ABC"]

    assert [word for _name, word in actions(client, wanted, policy())] == ["created", "failed", "failed"]


def test_check_mode_predicts_that_what_is_wrong_before_the_first_write_stops_all(
    platform: Platform, client: Client
) -> None:
    platform.add(name="B")
    platform.add(name="B")
    wanted = [desired(name=name) for name in "AB"]
    how = policy(stop_on_error=True, check_mode=True)

    assert [word for _name, word in actions(client, wanted, how)] == ["not_attempted", "failed"]


def test_what_was_not_attempted_is_shown_as_it_is(platform: Platform, client: Client) -> None:
    number = platform.add(name="there", disabled=True)["id"]
    wanted = [desired(name="first"), desired(name="there", enabled=True), desired(name="missing")]
    how = policy(stopped=lambda: "POST /instances" in platform.lines)
    _first, there, missing = (
        report.item(diff=False, whole=True) for report in _reconcile.reconcile(wanted, client, STAMPS, how)
    )

    assert (there["id"], there["instance"]["enabled"]) == (number, False)
    assert (missing["id"], missing["instance"]) == (None, None)


def test_what_failed_is_shown_with_its_id(platform: Platform, client: Client) -> None:
    platform.elements[ELEMENT] = [{"key": "password", "type": "PASSWORD"}]
    number = platform.add()["id"]

    assert only(client, desired(configuration={"color": "red"}))["instance"]["id"] == number


def test_progress_counts_what_was_done_and_not_what_was_left(platform: Platform, client: Client) -> None:
    class Counts(_reconcile.Silent):
        def __init__(self) -> None:
            self.total, self.done = 0, 0

        def begin(self, total: int) -> None:
            self.total += total

        def ended(self, job: object) -> None:
            self.done += job is not None

    counts = Counts()
    platform.once("POST /instances", problem(400, "No"))
    wanted = [desired(name=name, owner="us", secrets={"password": name}) for name in "ABCD"]
    owned(platform, "Old")
    actions(client, wanted, pruning(stop_on_error=True, progress=counts))

    assert (counts.total, counts.done) == (5, 1)


def test_while_all_wait_progress_is_told_so(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waited(_reconcile.Silent):
        times = 0

        def waiting(self) -> None:
            self.times += 1

    def slow(usual: Callable[[], Answer]) -> Answer:
        sleep(0.05)
        return usual()

    monkeypatch.setattr(_reconcile, "TICK", 0.01)
    waited = Waited()
    for _time in range(2):
        platform.respond("POST /instances", slow)
    actions(client, [desired(name=name) for name in "AB"], policy(concurrency=2, progress=waited))

    assert waited.times > 0


# Events, and what the element says

POLLED = {"contacts": {"url": "/hubs/crm/contacts"}, "accounts": {"url": "/hubs/crm/accounts"}}
POLLS = [
    {"key": "password", "type": "PASSWORD"},
    {"key": "event.poller.configuration", "type": "TEXTAREA", "defaultValue": json.dumps(POLLED)},
]


@pytest.mark.parametrize("wanted", [desired(), Desired(None, id=101)])
def test_resources_are_written_as_the_element_polls_them(platform: Platform, client: Client, wanted: Desired) -> None:
    platform.elements[ELEMENT] = POLLS
    platform.add(configuration={"password": SECRET, "event.poller.configuration": json.dumps(POLLED, indent=1)})
    same, fewer = (replace(wanted, event_resources=names) for names in (("accounts", "contacts"), ("contacts",)))

    assert only(client, same)["reasons"] == []
    changed = only(client, fewer)
    assert changed["reasons"] == ["configuration"]
    (sent,) = (request.body["configuration"] for request in platform.sent if request.method == "PATCH")
    assert {key: json.loads(text) for key, text in sent.items()} == {
        "event.poller.configuration": {"contacts": POLLED["contacts"]}
    }
    # A reader sees which of them went, not two long lines.
    assert changed["diff"]["before"]["configuration"]["event.poller.configuration"] == POLLED
    assert only(client, fewer)["changed"] is False


def test_resources_of_an_instance_that_is_not_there_are_not_looked_up(platform: Platform, client: Client) -> None:
    result = only(client, Desired(None, id=7, event_resources=("contacts",)))

    assert (result["failed"], platform.lines) == (True, ["GET /instances/7"])


def test_a_resource_that_the_element_does_not_poll_is_refused_before_a_write(
    platform: Platform, client: Client
) -> None:
    platform.elements[ELEMENT] = POLLS

    assert only(client, replace(desired(), event_resources=("contact",)))["msg"].endswith("did you mean contacts?")
    assert platform.writes == []


@pytest.mark.parametrize("text", ["true", "false"])
def test_check_mode_tells_whether_events_will_be_delivered(platform: Platform, client: Client, text: str) -> None:
    platform.add(name="there", eventsEnabled=text == "false")
    for name in ("there", "new"):
        wanted = desired(name=name, configuration={"event.notification.enabled": text})
        assert only(client, wanted, check_mode=True)["instance"]["events_enabled"] is (text == "true")


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_element_that_cannot_be_read_is_only_warned_about(
    platform: Platform, client: Client, check_mode: bool
) -> None:
    platform.add(name="other")
    platform.once("GET /elements/.*", *[problem(503)] * ALWAYS)
    result = only(client, desired(), check_mode=check_mode)

    assert (result["action"], result["warnings"]) == ("created", [_reconcile.UNCHECKED])
