# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing: what is sent, what is proven of it, and what is done when no answer comes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine import change as _change
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.change import (
    STAMP_LOST,
    TAGS_DIFFER,
    TAGS_STAY,
    UNSENT_CHANGED,
    VALUE_DIFFERS,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.create import UNCONFIRMED_MESSAGE
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.plan import SENT_TO_DISABLED
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.reconcile import RunOptions, reconcile
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.changes import (
    Change,
    Delete,
    Disable,
    Enable,
    Patch,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Desired
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
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.scenarios import (
    ALWAYS,
    BAD_LOGIN,
    CREATED,
    CREATED_AND_FAILED,
    DELETED,
    FAILED,
    LISTING,
    ONE,
    POST,
    UNCHANGED,
    UPDATED,
    UPDATED_AND_FAILED,
    afterwards,
    answers,
    answers_with,
    becomes,
    before,
    done,
    gone,
    instead,
    leaves_out,
    only,
    prepare,
    row,
    setting,
    there,
)

STAMPED = stamp({"password": SECRET})
UNKNOWN = "It is unknown whether the instance was created"
BUSY = problem(429, headers={"Retry-After": "9"})
NEW_SECRET = desired(secrets={"password": "canary-new"})
RECOVERED = {"done": CREATED, "reasons": ["not_found", "recovered"], "writes": [POST]}
ANSWERS_LOST = {
    "no answer": lost(),
    "HTTP 500": problem(500),
    "HTTP 502": problem(502),
    "the HTML of a proxy": page(504),
    "half an answer": Answer(200, "{cut"),
    "an answer without an id": Answer(200, {"name": "Acme"}),
    "the 429 of a proxy": page(429),
}


def named_otherwise(sent: dict[str, Any]) -> dict[str, Any]:
    return {**sent, "name": "Acme!"}


def without_tags(sent: dict[str, Any]) -> dict[str, Any]:
    return {**sent, "tags": []}


def without_a_name(sent: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in sent.items() if key != "name"}


ANSWER_LOST = answers(POST, lost(), happens=True)
UNREADABLE = answers(f"GET {ONE}", *[problem(500)] * 5)
UNDELETABLE = answers("DELETE .*", *[problem(403)] * ALWAYS)
OTHER_NAME, KEEPS_NAME = setting(stored=named_otherwise), setting(stored=without_a_name)
IGNORES_COLOR = setting(ignored={"color"})
HASTY = desired(create_confirm_timeout=10)
TAGGED = desired(tags=("a",))


CREATING = {
    "an answer that leaves out configuration is enough": row(
        leaves_out(POST, "configuration"), done=CREATED, warnings=[]
    ),
    **{
        f"it is found by its stamp after {name}": row(setting(lag=3), answers(POST, loss, happens=True), **RECOVERED)
        for name, loss in ANSWERS_LOST.items()
    },
    "it is found where a listing leaves out tags": row(
        setting(unlisted=("tags", "configuration")), ANSWER_LOST, done=CREATED
    ),
    "it is found where a search finds nothing": row(setting(searches=False), ANSWER_LOST, done=CREATED, warnings=[]),
    "it is looked for again when its tags cannot be read": row(
        setting(unlisted=("tags",)), ANSWER_LOST, UNREADABLE, **RECOVERED
    ),
    "what became of it is unknown when nothing can be listed": row(
        instead(POST, answers(LISTING, *[problem(500)] * ALWAYS * 10), answer=lost()),
        done=FAILED,
        says=("was lost", UNKNOWN),
    ),
    "the instance of another is not taken for it": row(
        instead(POST, there(), answer=lost()), done=FAILED, says="It is unknown whether"
    ),
    "that it was not sent is said": row(answers(POST, *[refused()] * ALWAYS), done=FAILED, says="Nothing was sent."),
    **{
        f"it fails at once when it is refused with {status}": row(
            answers(POST, problem(status, "No way", providerMessage="The vendor's words")),
            done=FAILED,
            says="No way",
            writes=[POST],
            waited=0,
        )
        for status in (400, 401, 403, 404, 405, 409, 415, 422)
    },
    "what another made while the platform was busy is adopted": row(
        instead(POST, there(), answer=BUSY), done=UNCHANGED, writes=[POST]
    ),
    "a platform that stays busy is given up": row(
        answers(POST, *[BUSY] * ALWAYS), done=FAILED, says="Run again later", ids=[]
    ),
    "another name or element is no race": row(
        there(id=1, name="Acme 2"), there(id=2, element={"key": "other"}), done=CREATED, writes=[POST]
    ),
    "a listing that lags is waited for": row(
        setting(lag=4), wanted=desired(create_settle=5), done=CREATED, warnings=[], waited=5 + 1 + 2
    ),
    "a listing that never shows it is warned about": row(
        setting(lag=ALWAYS), wanted=HASTY, done=CREATED, warnings=[UNCONFIRMED_MESSAGE], waited=1 + 2 + 4 + 3
    ),
    "one under another name is deleted again": row(
        OTHER_NAME,
        done=FAILED,
        says='stores the name as "Acme!", so the new instance was deleted again. Use this name.',
        ids=[],
    ),
    "one under another name that cannot be deleted is named by its id": row(
        OTHER_NAME, UNDELETABLE, done=CREATED_AND_FAILED, says="the new one (id 101) could not be deleted"
    ),
    "one under another name and without its tags is deleted again": row(
        setting(stored=lambda sent: without_tags(named_otherwise(sent))), done=FAILED, ids=[]
    ),
    "a listing that is older than it deletes nothing": row(
        answers(LISTING, None, None),
        lambda platform: platform.respond(
            LISTING, lambda usual: Answer(200, [{**body, "tags": []} for body in usual().body])
        ),
        wanted=desired(owner="acme"),
        done=CREATED,
        writes=[POST],
    ),
    "one that no read by id shows yet is checked as far as it was shown": row(
        leaves_out(POST, "tags", "configuration"),
        answers(f"GET {ONE}", problem(404, "No instance found")),
        wanted=desired(tags=("a",), owner="acme"),
        done=CREATED,
    ),
}


@pytest.mark.parametrize("sentence", CREATING)
def test_a_creation(platform: Platform, client: Client, time: FakeTime, sentence: str) -> None:
    platform.elements["other"] = []
    assert CREATING[sentence].seen(platform, client, time) == CREATING[sentence].expected


def test_a_creation_is_sent_once_after_and_before_a_complete_listing(platform: Platform, client: Client) -> None:
    result = only(client, desired())
    sent = platform.lines.index(POST)
    looks = [each.query.get("searchText") for each in platform.sent[:sent] if each.path == "/instances"]

    assert (done(result), result["instance"]["id"], platform.writes) == (CREATED, 101, [POST])
    assert looks == ["Acme", None]
    assert platform.lines[sent + 1 :] == ["GET /ping", LISTING]


def test_a_disabled_instance_is_created_disabled_and_not_verified(platform: Platform, client: Client) -> None:
    result = only(client, desired(enabled=False))

    assert (done(result), result["instance"]["enabled"]) == (CREATED, False)
    assert platform.writes == [POST, "DELETE /instances/101/enabled"]
    assert "GET /ping" not in platform.lines


def test_a_lost_creation_is_looked_for_for_two_minutes(platform: Platform, client: Client, time: FakeTime) -> None:
    platform.once(POST, lost())
    result = only(client, desired())

    assert done(result) == FAILED
    assert f"{UNKNOWN}, because it did not appear within 120 s" in result["msg"]
    assert "That is safe: if the instance exists, the run finds it." in result["msg"]
    assert platform.writes == [POST]
    looks = platform.lines[platform.lines.index(POST) + 1 :]
    # After 1, 2, 4 and 8 seconds, then every ten, and once more at the end.
    assert (sum(time.sleeps), looks) == (120, [LISTING] * 16)


def test_a_busy_platform_is_waited_for_and_looked_at_again(platform: Platform, client: Client, time: FakeTime) -> None:
    platform.once(POST, BUSY)

    assert done(only(client, desired())) == CREATED
    assert (platform.writes, time.sleeps[0]) == ([POST] * 2, 9.0)
    first, second = (number for number, line in enumerate(platform.lines) if line == POST)
    assert LISTING in platform.lines[first:second]


def test_an_instance_that_was_listed_before_is_not_taken_for_the_new_one(platform: Platform, client: Client) -> None:
    platform.add(id=7, name="Somebody's")
    platform.once(POST, Answer(200, platform.instances[7]))
    first, second = run(client, desired(owner="acme"), desired(name="B", secrets={"password": "canary-other"}))

    assert first["code"] == "outcome_unknown"
    assert f"with instance 7, which already existed. {UNKNOWN}" in first["msg"]
    assert (done(second), 7 in platform.instances) == (CREATED, True)


# Another job creates the same instance, with a lower id, just before ours.
RACED = before(POST, there(id=50))
RACED_BY_TWO = before(POST, there(id=50), there(id=60))

RACES = {
    "the higher id deletes only itself and adopts the other": row(
        RACED, done=UNCHANGED, writes=[POST, "DELETE /instances/102"], ids=[50], id=50
    ),
    "the lowest id stays and deletes nothing": row(before(POST, there(id=500)), done=CREATED, writes=[POST], id=102),
    "of three, it is waited until the other loser has gone": row(
        RACED_BY_TWO, before(f"DELETE {ONE}", afterwards(LISTING, gone(60))), done=UNCHANGED, id=50, waited=1 + 2
    ),
    "of three, the other loser is not waited for without end": row(
        RACED_BY_TWO, wanted=HASTY, done=FAILED, says=("50", "60"), waited=10, ids=[50, 60]
    ),
    "a loser whose answer was lost is not called recovered": row(
        before(POST, there(id=50), answer=lost()), done=UNCHANGED, reasons=[]
    ),
    "a loser that cannot be deleted is named by its id": row(
        RACED,
        UNDELETABLE,
        done=CREATED_AND_FAILED,
        says="(id 50) at the same time, and the new one (id 102) could not be deleted",
    ),
    "it is not decided from a part of a listing": row(
        setting(unlisted=("tags",)),
        afterwards(POST, there(id=50)),
        answers("GET /instances/50", *[problem(500)] * 5),
        ids=[50],
    ),
    "what somebody else took back first is gone": row(
        RACED,
        instead("GET /instances/102", gone(102), answer=problem(404, "No instance found with ID 102")),
        done=UNCHANGED,
        writes=[POST, "DELETE /instances/102"],
        ids=[50],
        id=50,
    ),
    "what our own POST made is deleted also where no read shows it yet": row(
        RACED,
        instead("GET /instances/102", answer=problem(404, "No instance found with ID 102")),
        done=UNCHANGED,
        writes=[POST, "DELETE /instances/102"],
        ids=[50],
        id=50,
    ),
    "what our own POST answered is ours whatever became of its tags": row(
        setting(stored=without_tags),
        RACED,
        wanted=desired(verify="never"),
        writes=[POST, "DELETE /instances/102"],
        ids=[50],
    ),
    "nothing is deleted that neither our stamp nor our POST proves": row(
        before(POST, there(id=50), before("GET /instances/102", becomes(102, tags=[])), answer=lost()),
        says="(id 102) could not be deleted: It does not have the tag that was sent.",
        writes=[POST],
    ),
}


@pytest.mark.parametrize("sentence", RACES)
def test_in_a_race(platform: Platform, client: Client, time: FakeTime, sentence: str) -> None:
    assert RACES[sentence].seen(platform, client, time) == RACES[sentence].expected


# Writes that may have happened

CASES: dict[str, tuple[dict[str, Any], Desired, str]] = {
    "PUT": ({"tags": []}, desired(), f"PUT {ONE}"),
    "PATCH": ({}, TAGGED, f"PATCH {ONE}"),
    "DELETE": ({}, desired(state="absent"), f"DELETE {ONE}"),
    "enable": ({"disabled": True}, desired(enabled=True), f"PUT {ONE}/enabled"),
    "disable": ({}, desired(enabled=False), f"DELETE {ONE}/enabled"),
}
LOSSES = {
    "connection": [lost()],
    "500": [problem(500, "Oops")],
    "502": [problem(502)] * ALWAYS,
    "HTML": [page(500)],
    "HTML of 502": [page(502)],
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("case", CASES)
def test_a_write_whose_answer_was_lost_counts_when_reading_proves_it(
    platform: Platform, client: Client, case: str, loss: str
) -> None:
    found, wanted, line = CASES[case]
    prepare(platform, there(**found), answers(line, *LOSSES[loss], happens=True))

    assert done(only(client, wanted)) == (DELETED if case == "DELETE" else UPDATED)
    assert (platform.instances == {}) is (case == "DELETE")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("case", CASES)
def test_a_write_that_reading_disproves_is_reported(platform: Platform, client: Client, case: str, loss: str) -> None:
    found, wanted, line = CASES[case]
    prepare(platform, there(**found), answers(line, *LOSSES[loss] * 5))
    result = only(client, wanted)

    assert done(result) == FAILED
    assert "is not in the state that the" in result["msg"]
    assert ('with HTTP 500 "Oops"' in result["msg"]) is (loss == "500")


@pytest.mark.parametrize("happens", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_a_write_that_cannot_be_read_back_is_reported_as_unknown(
    platform: Platform, client: Client, case: str, happens: bool
) -> None:
    found, wanted, line = CASES[case]
    prepare(platform, there(**found), answers(line, lost(), happens=happens))
    platform.once(f"GET {ONE}", None, *[problem(500)] * ALWAYS)
    result = only(client, wanted)

    assert done(result) == FAILED
    assert "was carried out, because reading it again failed" in result["msg"]


@pytest.mark.parametrize("case", CASES)
def test_a_write_that_is_refused_fails_with_the_server_s_words(platform: Platform, client: Client, case: str) -> None:
    found, wanted, line = CASES[case]
    prepare(platform, there(**found), answers(line, problem(409, "It is in use by a formula")))
    result = only(client, wanted)

    assert done(result) == FAILED
    assert "It is in use by a formula" in result["msg"]


ABSENT = desired(state="absent")
PARTS = {
    "a deletion that somebody else was faster with is no change": row(
        there(),
        answers(f"DELETE {ONE}", problem(404, "No instance found with ID 101"), happens=True),
        wanted=ABSENT,
        done=UNCHANGED,
    ),
    "a 404 for what is still there is an error": row(
        there(), answers(f"DELETE {ONE}", page(404)), wanted=ABSENT, done=FAILED
    ),
    "what was carried out in part is a change": row(
        there(configuration={"password": SECRET, "color": "red"}),
        instead(f"PATCH {ONE}", becomes(101, tags=[STAMPED, "a"]), answer=lost()),
        wanted=desired(tags=("a",), configuration={"color": "blue"}),
        done=UPDATED_AND_FAILED,
        says="It was only carried out in part, or somebody else changed the instance.",
        tags=["a"],
    ),
    "a first write is a change when the second fails": row(
        there(),
        answers(f"DELETE {ONE}/enabled", problem(403)),
        wanted=desired(tags=("a",), enabled=False),
        done=UPDATED_AND_FAILED,
        tags=["a"],
    ),
}


@pytest.mark.parametrize("sentence", PARTS)
def test_of_writes(platform: Platform, client: Client, time: FakeTime, sentence: str) -> None:
    assert PARTS[sentence].seen(platform, client, time) == PARTS[sentence].expected


def test_an_instance_is_read_directly_before_it_is_deleted_and_not_afterwards(
    platform: Platform, client: Client
) -> None:
    platform.add(valid=False)

    assert done(only(client, ABSENT)) == DELETED
    assert platform.lines == [LISTING, "GET /instances/101", "DELETE /instances/101"]


EFFECTS = [
    (Enable(), {"enabled": True}, True),
    (Enable(), {"enabled": False}, False),
    (Disable(), {"enabled": False}, True),
    (Disable(), {"enabled": True}, False),
    (Patch(name="Acme"), {}, True),
    (Patch(name="New"), {}, False),
    (Patch(tags=("b", "a")), {"tags": ("a", "b")}, True),
    (Patch(tags=("a",)), {"tags": ("a", "b")}, False),
    (Patch(tags=()), {"tags": ()}, True),
    (Patch(configuration={"a": "true"}), {"configuration": {"a": "TRUE"}}, True),
    (Patch(configuration={"a": "1"}), {"configuration": {"a": "2"}}, False),
    # The platform ignores an unknown key, which is reported when the answer is checked.
    (Patch(configuration={"a": "1"}), {"configuration": {}}, True),
    (Patch(configuration={"a": "1"}), {"configuration": {"a": MASK}}, True),
    (Patch(configuration={"oauth.user.token": "1"}), {"configuration": {"oauth.user.token": "2"}}, True),
    (Delete(), None, True),
    (Delete(), {}, False),
    (Disable(), None, False),
    (Enable(), None, False),
    (Patch(name="x"), None, False),
]


@pytest.mark.parametrize(("change", "seen", "expected"), EFFECTS)
def test_whether_a_change_took_effect(change: Change, seen: dict[str, Any] | None, expected: bool) -> None:
    assert change.took_effect(None if seen is None else actual(**seen)) == expected


# The platform's answer

COLORED, COLORLESS = (desired(configuration={"color": color}) for color in ("red", ""))
OLD_NAME = there(id=7, name="Old")
IGNORED = f"ignored these configuration keys: color. The element {ELEMENT} does not accept them"
OLD_TAG = there(tags=["old", STAMPED])
NEW_TAG = desired(tags=("new",))


def loses_stamps(kept: int) -> Any:
    """Return a platform's way to store tags that cuts stamps, or drops them."""

    def store(sent: dict[str, Any]) -> dict[str, Any]:
        tags = [tag[:kept] if tag.startswith("ansible:v1:") else tag for tag in sent["tags"]]
        return {**sent, "tags": [tag for tag in tags if tag]}

    return store


def only_adds_tags(platform: Platform) -> None:
    """Let tags be added to those of the only instance, cut or not, and never be taken off."""
    platform.stored = lambda sent: {**sent, "tags": [*dict.fromkeys([*platform.tags[0], *cuts_tags(sent)["tags"]])]}


def cuts_tags(sent: dict[str, Any]) -> dict[str, Any]:
    cut = [tag if tag.startswith("ansible:v1:") else tag[:32] for tag in sent.get("tags", [])]
    return {**sent, **({"tags": cut} if "tags" in sent else {})}


STORED = {
    "a key of a new instance that is ignored is named": row(
        IGNORES_COLOR, wanted=COLORED, done=CREATED_AND_FAILED, says=IGNORED
    ),
    "a key of an instance from before that is ignored is named, and nothing was changed": row(
        IGNORES_COLOR, there(), wanted=COLORED, done=FAILED, says=IGNORED
    ),
    "a key that is ignored by an element without any is named": row(
        IGNORES_COLOR, wanted=desired(configuration={"color": "red"}, secrets={}), done=CREATED_AND_FAILED, says="color"
    ),
    "a readable key that reads null is there": row(
        answers_with(POST, configuration={"color": None, "password": MASK}), wanted=COLORLESS, done=CREATED
    ),
    "a secret that reads null is ignored": row(
        answers_with(POST, configuration={"color": "", "password": None}),
        wanted=COLORLESS,
        says="ignored these configuration keys: password",
    ),
    "an empty configuration in an answer is no key that was ignored": row(
        answers_with(POST, configuration={}), wanted=COLORED, done=CREATED
    ),
    "a key that a read lacks after a short answer is named": row(
        IGNORES_COLOR, answers_with(POST, configuration={}), wanted=COLORED, says=IGNORED
    ),
    "a short answer of which the rest cannot be read fails and is not taken for right": row(
        answers_with(POST, configuration={}),
        UNREADABLE,
        done=CREATED_AND_FAILED,
        says="could not be read again to check it",
        again=["not_verified"],
    ),
    "another new name is told": row(
        OLD_NAME,
        setting(stored=lambda sent: {**sent, "name": "New!"}),
        wanted=desired(id=7, name="New"),
        done=UPDATED_AND_FAILED,
        says='stores the name as "New!". Use this name.',
    ),
    "a rename that is ignored is no change": row(
        OLD_NAME,
        KEEPS_NAME,
        wanted=desired(id=7),
        done=FAILED,
        says='did not accept the new name, and the instance is still called "Old"',
    ),
    "a rename that is ignored beside a tag that is not is a change": row(
        OLD_NAME, KEEPS_NAME, wanted=desired(id=7, tags=("new",)), done=UPDATED_AND_FAILED
    ),
    **{
        f"a stamp of {which} that is {what} is warned about": row(
            *found, setting(stored=loses_stamps(kept)), done=became, warnings=[STAMP_LOST]
        )
        for which, found, became in (
            ("a new instance", [], CREATED),
            ("an instance from before", [there(tags=["Acme"])], UPDATED),
        )
        for what, kept in (("dropped", 0), ("cut", 30))
    },
    "tags that stay though they were taken off are warned about": row(
        OLD_TAG, only_adds_tags, wanted=NEW_TAG, done=UPDATED, warnings=[TAGS_STAY]
    ),
    "tags that somebody else adds during a write are no news": row(
        OLD_TAG, setting(stored=lambda sent: {**sent, "tags": [*sent["tags"], "theirs"]}), wanted=NEW_TAG, warnings=[]
    ),
    "a re-authentication that replaces the configuration says which keys went": row(
        there(configuration={"password": SECRET, "event.notification.enabled": "true", "color": "red"}),
        before("PUT .*", becomes(101, configuration={"event.notification.enabled": None})),
        wanted=NEW_SECRET,
        done=UPDATED,
        warnings=[UNSENT_CHANGED % "color, event.notification.enabled"],
    ),
    "tokens that the platform renews are no news": row(
        there(configuration={"password": SECRET, "oauth.user.token": "canary-1"}),
        before("PUT .*", becomes(101, configuration={"oauth.user.token": "canary-2"})),
        wanted=NEW_SECRET,
        warnings=[],
    ),
    "a disabled instance with invalid credentials stays disabled, which is told once": row(
        there(disabled=True, valid=False), reasons=["invalid"], enabled=False, warnings=[SENT_TO_DISABLED], again=[]
    ),
    "what is wanted disabled is no news": row(
        there(disabled=True, valid=False), wanted=desired(enabled=False), warnings=[]
    ),
    **{
        f"what a listing does not show of {what} is no default": row(
            setting(unlisted=("configuration", "disabled", "valid")),
            there(disabled=not right, valid=right),
            wanted=desired(enabled=True),
            reasons=reasons,
        )
        for what, right, reasons in (("what is right", True, []), ("what is wrong", False, ["invalid", "enabled"]))
    },
    **{
        f"what the answer to {line} leaves out ({', '.join(left_out)}) is read before anything is said of it": row(
            *found, leaves_out(line, *left_out), wanted=NEW_TAG, done=became, tags=["new"], warnings=[]
        )
        for line, found, became in (
            (POST, [], CREATED),
            (f"PATCH {ONE}", [OLD_TAG], UPDATED),
            (f"PUT {ONE}", [there(tags=["old"])], UPDATED),
        )
        for left_out in (["configuration"], ["tags"], ["tags", "configuration"], ["disabled"])
    },
}


@pytest.mark.parametrize("sentence", STORED)
def test_of_what_is_stored(platform: Platform, client: Client, time: FakeTime, sentence: str) -> None:
    assert STORED[sentence].seen(platform, client, time) == STORED[sentence].expected


@pytest.mark.parametrize("more", [{}, {"verify": "never"}, {"enabled": False}], ids=str)
def test_a_secret_key_that_the_platform_ignores_fails_on_each_run(
    platform: Platform, client: Client, more: dict[str, Any]
) -> None:
    platform.ignored = {"pasword"}
    wanted = desired(secrets={"password": SECRET, "pasword": SECRET}, **more)

    for _run in range(2):
        assert "ignored these configuration keys: pasword" in only(client, wanted).get("msg", "")


def test_a_tag_that_is_stored_in_another_form_warns(platform: Platform, client: Client) -> None:
    platform.stored = lambda sent: {**sent, "tags": [tag.lower() for tag in sent["tags"]]}

    for _run in range(2):
        assert only(client, desired(tags=("Big",)))["warnings"] == [TAGS_DIFFER]
    assert only(client, desired(tags=("big",)))["action"] == "none"


def test_the_diff_of_a_failure_shows_what_really_happened(platform: Platform, client: Client) -> None:
    prepare(platform, there(tags=["old"]), answers("DELETE .*/enabled", problem(400)))
    result = only(client, desired(tags=("new",), enabled=False, update_secrets="on_create"))

    assert (result["changed"], result["failed"]) == (True, True)
    assert (result["diff"]["before"]["tags"], result["diff"]["after"]["tags"]) == (["old"], ["new"])
    assert result["diff"]["after"]["enabled"] is True


def test_configuration_keys_in_a_warning_show_no_secret_and_fit_on_a_screen(platform: Platform, client: Client) -> None:
    keys = {f"{SECRET}.{number:02}\x1b[2J\n{'k' * 250}": "set" for number in range(30)}
    platform.add(configuration={"password": SECRET, "color": "red", **keys})
    prepare(platform, answers_with("PATCH .*", configuration={"password": MASK, "color": "blue"}))
    (warning,) = only(client, desired(configuration={"color": "blue"}))["warnings"]

    assert "canary" not in warning
    assert warning.isprintable()
    assert "and 20 more" in warning
    assert len(warning) < 2000


def test_a_value_that_is_stored_in_another_form_warns_and_is_not_shown(platform: Platform, client: Client) -> None:
    prepare(platform, answers_with(POST, configuration={"password": MASK, "color": "re", "api.key": "canary-ap"}))
    wanted = desired(configuration={"color": "red"}, secrets={"password": SECRET, "api.key": "canary-api-key"})
    result = only(client, wanted)

    assert result["warnings"] == [VALUE_DIFFERS % "api.key", VALUE_DIFFERS % "color"]
    assert "canary" not in str(result)


def test_a_run_that_is_cancelled_does_not_wait_for_new_instances_to_settle(
    platform: Platform, client: Client, time: FakeTime
) -> None:
    client.clock = replace(client.clock, cancelled=lambda: POST in platform.lines)
    (report,) = reconcile([desired(create_settle=600)], client, STAMPS, RunOptions())

    assert time.now < 2
    assert report.status == "created"


# Verification

ACCEPTED = {
    "200": Answer(200, []),
    "an empty list": problem(404, "No contacts found"),
    "an object": Answer(200, {"dateTime": "now"}),
}
DOES_NOT_ACCEPT = "The vendor rejected the credentials: the call /ping ended with HTTP {}"
NOT_VERIFIED = "The credentials were not verified: the vendor call /ping ended with HTTP {}"
NOT_ACCEPTED: list[tuple[Answer | Exception, str]] = [
    (BAD_LOGIN, DOES_NOT_ACCEPT.format('401 "Failed", vendor: "bad login"')),
    (problem(400, "Failed", providerMessage="bad zone"), DOES_NOT_ACCEPT.format('400 "Failed", vendor: "bad zone"')),
    (problem(403, "No"), DOES_NOT_ACCEPT.format('403 "No"')),
    (problem(404, "Not found"), NOT_VERIFIED.format('404 "Not found"')),
    (problem(405, "Not allowed"), "The element seems to have no such call. Set verify to never."),
    (page(404), NOT_VERIFIED.format("404")),
    (page(200), NOT_VERIFIED.format("200, but not with the JSON of Cloud Elements. Run again later.")),
    (Answer(200, ""), NOT_VERIFIED.format("200, but not with the JSON of Cloud Elements. Run again later.")),
    (problem(401, "No"), "Cloud Elements did not accept the token of the instance. Run again."),
    (problem(500, "Oops"), NOT_VERIFIED.format('500 "Oops"')),
    (page(503), NOT_VERIFIED.format("503")),
    (problem(429, "Busy"), NOT_VERIFIED.format('429 "Busy"')),
    (lost(), "The credentials were not verified: The connection to Cloud Elements at"),
]


@pytest.mark.parametrize("answer", ACCEPTED)
def test_the_vendor_accepts_with(platform: Platform, client: Client, answer: str) -> None:
    platform.vendor = ACCEPTED[answer]

    assert done(only(client, desired())) == CREATED


@pytest.mark.parametrize("found", [False, True], ids=["new", "known"])
@pytest.mark.parametrize(("answer", "sentence"), NOT_ACCEPTED)
def test_the_vendor_does_not_accept_with(
    platform: Platform, client: Client, found: bool, answer: Answer | Exception, sentence: str
) -> None:
    if found:
        platform.add(tags=["mine"])
    if isinstance(answer, Answer):
        platform.vendor = answer
    else:
        platform.once("GET /ping", *[answer] * 5)
    result = only(client, desired())

    assert done(result) == (UPDATED_AND_FAILED if found else CREATED_AND_FAILED)
    assert result["msg"].startswith(f'{ELEMENT} "Acme": ')
    assert sentence in result["msg"]
    # The stamp is withdrawn: a second run sends the secrets again, and a third has nothing to do.
    ((*others, withdrawn),) = platform.tags
    assert withdrawn.startswith("ansible:v1:")
    assert withdrawn.endswith(".-")
    assert others == (["mine"] if found else [])
    platform.vendor = Answer(200, [])
    second, third = only(client, desired()), only(client, desired())
    assert (second["reasons"], second["action"]) == (["not_verified"], "updated")
    assert done(third) == UNCHANGED


REFUSES = setting(vendor=BAD_LOGIN)
ALWAYS_VERIFIED = desired(verify="always", tags=("a",))
INVALID = "still reports the credentials as invalid"
NOT_MARKED = "could not be marked as not verified"
STAYS = "could not be marked as not verified (Its tags did not change.)"
VERIFYING = {
    "there is nothing to withdraw where there is no stamp": row(
        setting(stored=without_tags), REFUSES, done=CREATED_AND_FAILED, writes=[POST]
    ),
    "a stamp that nobody wants verified stays when a later write fails": row(
        there(tags=[], disabled=True),
        answers(f"PUT {ONE}/enabled", problem(409)),
        wanted=desired(enabled=True, verify="never"),
        done=UPDATED_AND_FAILED,
        verified=True,
    ),
    "a stamp that cannot be withdrawn is told": row(
        REFUSES,
        answers(f"PATCH {ONE}", problem(500)),
        says=('vendor: "bad login"', NOT_MARKED),
        code="credentials_rejected",
    ),
    "a stamp is withdrawn where the answer to the creation left out tags": row(
        REFUSES, leaves_out(POST, "tags"), done=CREATED_AND_FAILED, verified=False
    ),
    "a withdrawn stamp leaves the tags in the result": row(REFUSES, wanted=TAGGED, tags=["a"]),
    "a withdrawn stamp leaves the tags in the result when the answer lacks them": row(
        REFUSES, leaves_out("PATCH .*", "tags", "configuration"), wanted=TAGGED, tags=["a"]
    ),
    "an instance without a token is not verified": row(
        there(tags=[], token=None), done=UPDATED_AND_FAILED, says="returned no token"
    ),
    "credentials that stay invalid fail and do not loop": row(
        there(valid=False),
        answers_with(f"PUT {ONE}", becomes(101, valid=False), valid=False),
        done=UPDATED_AND_FAILED,
        says=INVALID,
        writes=["PUT /instances/101", "PATCH /instances/101"],
        verified=False,
    ),
    "what was invalid is read again when the answer still says so": row(
        there(valid=False), answers_with(f"PUT {ONE}", valid=False), done=UPDATED, valid=True
    ),
    "a stamp of an earlier run is withdrawn when the vendor says no": row(
        there(), REFUSES, wanted=ALWAYS_VERIFIED, done=UPDATED_AND_FAILED, verified=False
    ),
    "a stamp of an earlier run stays when the vendor says nothing": row(
        there(), setting(vendor=problem(500)), wanted=ALWAYS_VERIFIED, done=UPDATED_AND_FAILED, verified=True
    ),
    "verifying always fails without a write": row(
        there(), REFUSES, wanted=desired(verify="always"), done=FAILED, writes=[]
    ),
}


@pytest.mark.parametrize("sentence", VERIFYING)
def test_of_credentials(platform: Platform, client: Client, time: FakeTime, sentence: str) -> None:
    assert VERIFYING[sentence].seen(platform, client, time) == VERIFYING[sentence].expected


@pytest.mark.parametrize("fields", [{}, {"configuration": {}}], ids=["a whole answer", "a short answer"])
def test_a_stamp_that_the_platform_does_not_let_go_of_is_reported(
    platform: Platform, client: Client, fields: dict[str, Any]
) -> None:
    platform.vendor = BAD_LOGIN

    def ignores_tags(usual: Any) -> Answer:
        tags = platform.instances[101]["tags"]
        answer = usual()
        platform.instances[101]["tags"] = tags
        return Answer(200, {**answer.body, "tags": tags, **fields})

    platform.respond(f"PATCH {ONE}", ignores_tags)
    result = only(client, desired())

    assert STAYS in result["msg"]
    assert result["code"] == "credentials_rejected"


def test_a_stamp_that_the_platform_cut_is_not_made_a_tag_of_nobody(platform: Platform, client: Client) -> None:
    prepare(platform, REFUSES, setting(stored=loses_stamps(15)))
    only(client, desired())

    assert [tag for tags in platform.tags for tag in tags if not tag.startswith("ansible:")] == []


def test_a_stamp_is_withdrawn_after_an_unexpected_exception(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr(_change, "ask_vendor", broken)
    result = only(client, desired())

    assert done(result) == CREATED_AND_FAILED
    assert "canary" not in str(result)
    assert platform.tags[0][0].endswith(".-")


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

THEIRS = {"password": "canary-theirs"}
ROTATED = becomes(101, tags=[stamp(THEIRS, salt=b"of other")], configuration=THEIRS)


@pytest.mark.parametrize("others", [0, 1], ids=["single", "list"])
def test_a_rotation_between_the_listing_and_a_write_of_tags_keeps_its_stamp(
    platform: Platform, client: Client, others: int
) -> None:
    prepare(platform, there(), afterwards(LISTING, ROTATED))
    first, *_others = run(client, Desired(ELEMENT, "Acme", tags=("ours",)), *[desired(name="Other")] * others)

    assert first["reasons"] == ["tags"]
    assert only(client, desired(secrets=THEIRS))["action"] == "none"
    assert only(client, desired())["reasons"] == ["secrets_changed"]


def test_a_rotation_while_the_vendor_is_asked_keeps_its_stamp(platform: Platform, client: Client) -> None:
    prepare(platform, instead("GET /ping", ROTATED, answer=BAD_LOGIN))

    assert only(client, desired())["failed"]
    assert only(client, desired(secrets=THEIRS))["action"] == "none"


def test_tags_that_somebody_else_adds_meanwhile_stay(platform: Platform, client: Client) -> None:
    prepare(platform, there(), afterwards(LISTING, becomes(101, tags=[STAMPED, "theirs"])))
    only(client, desired(tags=("ours",), purge_tags=False))

    assert {"ours", "theirs"} <= set(platform.instances[101]["tags"])


# Platforms that cut a tag of an owner, so that it may be the tag of another owner


CUTS, LONG = setting(stored=cuts_tags), desired(owner="customer-alpha-production")
OWNERS = {
    "a new instance is deleted again": row(
        CUTS,
        wanted=LONG,
        done=FAILED,
        says=("did not store the owner tag as it was sent", "deleted again. Choose a shorter owner."),
        ids=[],
    ),
    "a new instance is deleted again when it cannot be read at first": row(
        CUTS, UNREADABLE, wanted=LONG, done=FAILED, ids=[]
    ),
    "a new instance is deleted again when a proxy says that it is not there": row(
        CUTS, answers(f"GET {ONE}", page(404)), wanted=LONG, done=FAILED, ids=[]
    ),
    "a new instance is deleted again when its answer was lost": row(
        CUTS, ANSWER_LOST, wanted=LONG, done=FAILED, ids=[]
    ),
    "a tag that cannot be taken off again is told with the id": row(
        there(),
        CUTS,
        answers("PATCH .*", None, problem(403)),
        wanted=LONG,
        done=UPDATED_AND_FAILED,
        says="Correct the tags of instance 101 by hand",
    ),
    "a tag that stays where tags are only added is told with the id": row(
        there(),
        only_adds_tags,
        wanted=LONG,
        done=UPDATED_AND_FAILED,
        says="could not be restored: The instance still has the tag of another owner. Correct the tags of instance",
    ),
}


@pytest.mark.parametrize("sentence", OWNERS)
def test_where_an_owner_is_cut(platform: Platform, client: Client, time: FakeTime, sentence: str) -> None:
    assert OWNERS[sentence].seen(platform, client, time) == OWNERS[sentence].expected


@pytest.mark.parametrize("rotated", [False, True])
def test_an_adopted_instance_that_would_pass_for_another_owner_s_gets_its_tags_back(
    platform: Platform, client: Client, rotated: bool
) -> None:
    before_ = ["theirs", stamp({"password": "canary-old"}) if rotated else STAMPED]
    prepare(platform, there(tags=before_), CUTS)
    result = only(client, LONG)

    (tags,) = platform.tags
    assert "so the previous tags were restored. Choose a shorter owner." in result["msg"]
    assert not [tag for tag in tags if tag.startswith("ansible:owner:")]
    assert (tags == before_) is not rotated
    assert result["changed"] is rotated
    if rotated:
        assert only(client, desired())["reasons"] == ["not_verified"]
