# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event filter, loaded as ansible-rulebook loads it. tests/eda runs it in ansible-rulebook."""

from __future__ import annotations

import logging
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

FILTER = Path(__file__).resolve().parents[4] / "extensions/eda/plugins/event_filter/notification.py"
CANARY = "canary-b7f1"
CONTACT = {
    "date": "2026-06-01T04:09:10Z",
    "elementKey": "autotaskcrm",
    "eventType": "UPDATED",
    "objectType": "contacts",
    "objectId": "17",
}
EVENT = {
    "element": "autotaskcrm",
    "instance": "12001",
    "object_type": "contacts",
    "object_id": "17",
    "event_type": "UPDATED",
    "date": "2026-06-01T04:09:10Z",
    "event_id": "11211123",
}


@pytest.fixture
def loaded() -> dict[str, Any]:
    """The filter as a fresh start of ansible-rulebook has it: with nothing to remember."""
    return runpy.run_path(str(FILTER))


@pytest.fixture
def react(loaded: dict[str, Any]) -> Any:
    return loaded["main"]


def notification(*objects: Any, **message: Any) -> dict[str, Any]:
    """Return what the source passes to the filter."""
    body = {
        "eventId": 11211123,
        "instanceId": 12001,
        "instanceName": CANARY,
        "instanceTags": [CANARY],
        "raw": {"token": CANARY},
        "events": list(objects or [CONTACT]),
        **message,
    }
    headers = {"X-Token": CANARY}
    return {"payload": {"message": body}, "meta": {"endpoint": CANARY, "headers": headers, "hosts": CANARY}}


def test_an_object_becomes_an_event_of_strings(react: Any) -> None:
    assert react(notification()) == [EVENT]


def test_each_object_becomes_an_event(react: Any) -> None:
    objects = [{**CONTACT, "objectId": number} for number in range(20)]

    assert [event["object_id"] for event in react(notification(*objects))] == [str(number) for number in range(20)]


def test_the_older_form_is_read_too(react: Any) -> None:
    body = {"eventId": 11211123, "instance_id": 12001, "response": {"events": [CONTACT]}, "notificationId": 1047}

    assert react({"payload": body}) == [EVENT]


def test_the_element_may_be_named_once(react: Any) -> None:
    unnamed = {name: value for name, value in CONTACT.items() if name != "elementKey"}

    assert react(notification(unnamed, elementKey="autotaskcrm")) == [EVENT]


def test_a_missing_value_is_an_empty_string(react: Any) -> None:
    (event,) = react(notification({"objectType": "contacts", "objectId": None}, eventId=None))

    empty = {name: "" for name in EVENT if name not in ("instance", "object_type")}
    assert event == {"instance": "12001", "object_type": "contacts", **empty}


def test_a_repeated_notification_is_dropped(react: Any) -> None:
    assert len(react(notification(CONTACT, {**CONTACT, "objectId": "18"}))) == 2
    assert react(notification()) == []
    assert react(notification(eventId="11211123", instanceId="12001")) == []


def test_another_id_or_another_instance_is_another_notification(react: Any) -> None:
    react(notification())

    assert len(react(notification(eventId=11211124))) == 1
    assert len(react(notification(instanceId=12002))) == 1


def test_a_notification_without_an_id_is_never_dropped(react: Any) -> None:
    assert [len(react(notification(eventId=None))) for _ in range(2)] == [1, 1]


def test_the_oldest_is_forgotten_first(loaded: dict[str, Any]) -> None:
    recent = loaded["Recent"](2)
    for number in "123":
        recent.add(("12001", number))

    assert [("12001", number) in recent for number in "123"] == [False, True, True]


def test_it_remembers_as_many_as_documented(loaded: dict[str, Any]) -> None:
    assert f"{loaded['REMEMBERED']:,} notifications" in loaded["DOCUMENTATION"]
    assert f"at most {loaded['LONGEST']} characters" in loaded["DOCUMENTATION"]


@pytest.mark.parametrize("payload", [None, [], "text", 5, {"message": CANARY}, {}, {"message": {"eventId": 1}}])
def test_what_is_no_notification_becomes_one_event_that_says_so(react: Any, payload: Any) -> None:
    (event,) = react({"payload": payload, "meta": {"headers": {"X-Token": CANARY}}})

    assert event == {"problem": event["problem"], "instance": "", "event_id": ""}
    assert event["problem"].endswith(".")
    assert CANARY not in event["problem"]


@pytest.mark.parametrize("events", [[], {}, CANARY, None])
def test_a_notification_without_objects_has_a_problem(react: Any, events: Any) -> None:
    (event,) = react(notification(events=events))

    assert event["problem"] == "The notification has no list of events."


@pytest.mark.parametrize(
    "value",
    [
        "{{ lookup('ansible.builtin.pipe', 'id') }}",
        "{% set x = 1 %}",
        "{# x #}",
        "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
        "$ANSIBLE_VAULT;1.1;AES256",
        "`id`",
        "17\n",
        "17\x1b[2K",
        "17\u202e",
        "1" * 251,
        True,
        ["17"],
        {"id": "17"},
    ],
)
@pytest.mark.parametrize("name", ["objectId", "objectType", "eventType", "elementKey", "date"])
def test_a_value_that_is_not_safe_is_a_problem_of_this_object_alone(
    react: Any, caplog: pytest.LogCaptureFixture, name: str, value: Any
) -> None:
    with caplog.at_level(logging.DEBUG):
        problem, event = react(notification({**CONTACT, name: value}, CONTACT))

    assert event == EVENT
    assert problem == {"problem": problem["problem"], "instance": "12001", "event_id": "11211123"}
    assert problem["problem"].startswith(f"{name} ")
    assert caplog.messages == [f"instance 12001, notification 11211123: {problem['problem']}"]


@pytest.mark.parametrize("name", ["eventId", "instanceId"])
def test_an_id_that_is_not_safe_is_a_problem_of_the_notification(react: Any, name: str) -> None:
    (event,) = react(notification(**{name: "{{ 7 * 7 }}"}))

    assert event == {"problem": f"{name} contains a character that is not allowed.", "instance": "", "event_id": ""}


@pytest.mark.parametrize("value", ["Jörg Müller", "a@example.com", "0Q/x+y==", "urn:x~1,2%20#3-4", "007", ""])
def test_ordinary_ids_pass_unchanged(react: Any, value: str) -> None:
    assert react(notification({**CONTACT, "objectId": value}))[0]["object_id"] == value


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
)
NAMES = some.sampled_from(["eventId", "instanceId", "instance_id", "events", "response", "message", "objectId", "date"])
BODIES = some.recursive(
    JSON, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(NAMES, inner, max_size=5), max_leaves=30
)


@given(body=BODIES)
def test_no_body_raises_an_error_and_only_harmless_strings_pass(body: Any) -> None:
    for event in runpy.run_path(str(FILTER))["main"]({"payload": body}):
        assert {*event} in ({*EVENT}, {"problem", "instance", "event_id"})
        assert not [value for value in event.values() if not isinstance(value, str) or "{" in value]
