# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sandbox finds by polls, and how it makes notifications of it: without HTTP."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox.events import ENABLED, Events, Wish
from tests.sandbox.instances import Instance
from tests.sandbox.notifications import Callback, Notification, compare, headers_of, retry_wait, signed, split
from tests.sandbox.state import State
from tests.sandbox.vendors import SEEDS, Account, with_changes
from tests.sandbox.wire import ApiError
from tests.unit.sandbox.calling import InMemory

KEY = "event.notification.signature.key"
ON = {ENABLED: True, "event.notification.callback.url": "http://receiver.test/x", KEY: "sesame"}


@pytest.fixture
def events(caller: InMemory) -> Events:
    return Events(caller.platform)


def instance_of(caller: InMemory, element: str = "autotaskcrm", **configuration: Any) -> Instance:
    made = caller.create(element, tags=["a tag"], configuration={**ON, **configuration})
    return caller.platform.state.instances[made["id"]]


def change(caller: InMemory, *changed: int, seed: Account = SEEDS[0], **changes: Any) -> None:
    """Let the vendor's data change."""
    account = caller.platform.state.accounts[seed.vendor, seed.username]
    caller.platform.state.put_account(with_changes(replace(account, **changes), map(str, changed)))


def message(notification: Notification) -> dict[str, Any]:
    return dict(json.loads(notification.body)["message"])


def found(notifications: list[Notification]) -> list[tuple[str, str]]:
    """Return the event types and ids in notifications."""
    everything = [event for each in notifications for event in message(each)["events"]]
    return [(event["eventType"], event["objectId"]) for event in everything]


def test_a_signature_is_that_of_the_bytes() -> None:
    # RFC 4231 has hexadecimal digits for it: its second test case.
    digest = "5bdcc146 bf60754e 6a042426 089575c7 5a003f08 9d273983 9dec58b9 64ec3843"
    text = base64.b64encode(bytes.fromhex(digest)).decode()
    assert signed(b"what do ya want for nothing?", "Jefe") == f"sha256={text}"


@pytest.mark.parametrize(
    ("callback", "signature", "names"),
    [
        (Callback("u", "key"), "right", {"Elements-Webhook-Signature"}),
        (Callback("u", "key"), "wrong", {"Elements-Webhook-Signature"}),
        (Callback("u", "key"), "missing", set()),
        (Callback("u"), "right", set()),
        (Callback("u"), "wrong", {"Elements-Webhook-Signature"}),
        (Callback("u", username="me"), "right", {"Authorization"}),
        (Callback("u", password="p"), "right", {"Authorization"}),
    ],
)
def test_a_notification_has_the_headers_that_its_callback_asks_for(
    callback: Callback, signature: str, names: set[str]
) -> None:
    headers = headers_of(callback, b"body", "the id", signature)
    assert headers.pop("Content-Type") == "application/json"
    assert headers.pop("elements-webhook-id") == "the id"
    assert set(headers) == names
    is_right = headers.get("Elements-Webhook-Signature") == signed(b"body", callback.signature_key)
    assert is_right == (bool(callback.signature_key) and signature == "right")


def test_basic_credentials_are_those_of_the_callback() -> None:
    authorization = headers_of(Callback("u", username="me", password="ä:"), b"", "")["Authorization"]
    assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == "me:ä:"


def test_objects_are_split_in_order() -> None:
    (*full, rest) = split([*range(25)], 10)
    assert ([len(part) for part in full], list(rest)) == ([10, 10], [20, 21, 22, 23, 24])
    assert split([], 10) == []


@pytest.mark.parametrize(
    ("before", "after", "differences"),
    [
        ({}, {}, []),
        ({"1": 0}, {"1": 0}, []),
        ({}, {"1": 0, "2": 5}, [("CREATED", "1"), ("CREATED", "2")]),
        ({"1": 0, "2": 0}, {"1": 1, "3": 0}, [("CREATED", "3"), ("UPDATED", "1"), ("DELETED", "2")]),
    ],
)
def test_two_states_of_a_resource_are_compared(before: Any, after: Any, differences: Any) -> None:
    assert compare(before, after) == differences


def test_a_delivery_is_tried_again_nine_times_at_growing_distances() -> None:
    waits = [retry_wait(attempts, 1) for attempts in range(1, 11)]
    assert waits == [4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, None]
    # About 73 hours.
    assert 72 < 262144 / 3600 < 73
    assert retry_wait(2, 0.5) == 8


def test_a_poll_finds_what_changed_at_the_vendor_since_the_one_before(caller: InMemory, events: Events) -> None:
    instance = instance_of(caller)
    assert events.poll(instance) == []
    change(caller, 201, 203)
    change(caller, 203, contacts=5)
    assert found(events.poll(instance)) == [
        ("CREATED", "204"),
        ("CREATED", "205"),
        ("UPDATED", "201"),
        ("UPDATED", "203"),
    ]
    assert events.poll(instance) == []
    change(caller, contacts=1)
    assert found(events.poll(instance)) == [("DELETED", each) for each in ("202", "203", "204", "205")]


def test_the_first_poll_looks_back_to_when_events_were_switched_on(caller: InMemory, events: Events) -> None:
    instance = instance_of(caller)
    change(caller, 201)
    changed = caller.change("PATCH", {"id": instance.id}, configuration={"event.poller.refresh_interval": 5})
    assert changed.status == 200
    assert found(events.poll(instance)) == [("UPDATED", "201")]
    off, on = ({"configuration": {ENABLED: value}} for value in (False, True))
    caller.change("PATCH", {"id": instance.id}, **off)
    change(caller, 202)
    caller.change("PATCH", {"id": instance.id}, **on)
    assert events.poll(instance) == []


def test_a_notification_has_the_documented_body(caller: InMemory, events: Events) -> None:
    instance = instance_of(caller)
    change(caller, 201)
    (notification,) = events.poll(instance)
    assert notification.url == "http://receiver.test/x"
    assert (notification.instance_id, notification.objects) == (instance.id, 1)
    assert notification.headers["Elements-Webhook-Signature"] == signed(notification.body, "sesame")
    date = "2020-09-13T12:26:40Z"
    assert message(notification) == {
        "eventId": notification.event_id,
        "instanceId": instance.id,
        "elementKey": "autotaskcrm",
        "instanceName": "one",
        "instanceTags": ["a tag"],
        "raw": {
            "contacts": [{"id": 201, "firstName": "Example", "lastName": "Contact 1", "email": "contact1@example.com"}]
        },
        "events": [
            {
                "date": date,
                "elementKey": "autotaskcrm",
                "eventType": "UPDATED",
                "objectType": "contacts",
                "objectId": "201",
            }
        ],
    }


@pytest.mark.parametrize(
    ("vendor_type", "lengths"), [("polling", [10, 10, 5]), ("webhook", [20, 5]), ("webhooks", [20, 5])]
)
def test_a_burst_is_split_as_the_platform_does(
    caller: InMemory, events: Events, vendor_type: str, lengths: list[int]
) -> None:
    instance = instance_of(caller, **{"event.vendor.type": vendor_type})
    notifications = events.on_request(instance, Wish(count=25, event_type="CREATED"))
    assert [each.objects for each in notifications] == [len(message(each)["events"]) for each in notifications]
    assert [each.objects for each in notifications] == lengths
    assert {len(message(each)["raw"]["contacts"]) for each in notifications} == {25}
    assert [object_id for _type, object_id in found(notifications)] == [str(201 + number) for number in range(25)]
    ids = [each.event_id for each in notifications]
    assert ids == sorted(set(ids))
    assert len({each.headers["elements-webhook-id"] for each in notifications}) == len(notifications)


def test_a_large_burst_has_raw_bodies_of_500_objects(caller: InMemory, events: Events) -> None:
    notifications = events.on_request(instance_of(caller), Wish(count=1001))
    assert [each.objects for each in notifications] == [10] * 100 + [1]
    assert [len(message(each)["raw"]["contacts"]) for each in notifications] == [500] * 100 + [1]


@pytest.mark.parametrize(
    ("wish", "events_found", "raw"),
    [
        ({}, [("UPDATED", "201")], [201]),
        ({"event_type": "DELETED"}, [("DELETED", "201")], ["201"]),
        ({"object_type": "tasks", "count": 2}, [("UPDATED", "1"), ("UPDATED", "2")], ["1", "2"]),
        ({"object_ids": [17, "x"], "event_type": "UNKNOWN"}, [("UNKNOWN", 17), ("UNKNOWN", "x")], [17, "x"]),
    ],
)
def test_events_on_request(caller: InMemory, events: Events, wish: Any, events_found: Any, raw: Any) -> None:
    notifications = events.on_request(instance_of(caller), Wish.of(wish))
    assert found(notifications) == events_found
    (objects,) = message(notifications[0])["raw"].values()
    assert [row["id"] for row in objects] == raw


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"count": 0}, "count must be"),
        ({"object_ids": []}, "object_ids must be"),
        ({"object_ids": [True]}, "object_ids must be"),
        ({"object_ids": [""]}, "object_ids must be"),
        ({"object_ids": ["1"], "count": 1}, "count and object_ids exclude each other"),
        ({"event_type": "CHANGED"}, "event_type must be one of CREATED, UPDATED, DELETED, UNKNOWN"),
        ({"signature": "none"}, "signature must be"),
        ({"repeats": 1}, "Unknown field repeats"),
    ],
)
def test_a_request_for_events_that_makes_no_sense_is_refused(wish: Any, words: str) -> None:
    with pytest.raises(ApiError, match=words):
        Wish.of(wish)


@pytest.mark.parametrize(
    ("configuration", "changes", "words"),
    [
        ({ENABLED: False}, {}, "events switched off"),
        ({"event.notification.callback.url": None}, {}, "no event.notification.callback.url"),
        ({}, {"disabled": True}, "is disabled"),
        ({}, {"valid": False}, "is invalid"),
    ],
)
def test_an_instance_without_events_says_why(
    caller: InMemory, events: Events, configuration: Any, changes: Any, words: str
) -> None:
    instance = replace(instance_of(caller, **configuration), **changes)
    caller.platform.state.save(instance)
    for attempt in (lambda: events.poll(instance), lambda: events.on_request(instance, Wish())):
        with pytest.raises(ApiError, match=words) as refused:
            attempt()
        assert refused.value.status == 400
    caller.now += 3600
    assert list(events.poll_due()) == []


def test_an_instance_whose_vendor_sends_webhooks_is_not_polled(caller: InMemory, events: Events) -> None:
    instance = instance_of(caller, **{"event.vendor.type": "webhook"})
    with pytest.raises(ApiError, match="does not poll"):
        events.poll(instance)
    caller.now += 3600
    assert list(events.poll_due()) == []


@pytest.mark.parametrize(
    "configuration",
    [
        {"event.poller.configuration": "{}"},
        {"event.poller.configuration": '{"accounts": {}}'},
        {"event.poller.configuration": "[]"},
        {"event.poller.configuration": "contacts"},
        {"event.poller.configuration": None},
    ],
)
def test_only_configured_resources_are_polled(caller: InMemory, events: Events, configuration: Any) -> None:
    instance = instance_of(caller, **configuration)
    change(caller, 201)
    assert events.poll(instance) == []


def test_instances_are_polled_at_their_interval(caller: InMemory, events: Events) -> None:
    caller.set(event_minute=2)
    instance, other = instance_of(caller), instance_of(caller, "actessentials")
    caller.change("PATCH", {"id": other.id}, configuration={"event.poller.refresh_interval": "1"})
    for seed in SEEDS[:2]:
        change(caller, 202, seed=seed)
    polled = []
    for _second in range(31):
        polled.append([notification.instance_id for each in events.poll_due() for notification in each])
        caller.now += 1
    assert [second for second, ids in enumerate(polled) if ids] == [2, 30]
    assert (polled[2], polled[30]) == ([other.id], [instance.id])


@pytest.mark.parametrize("interval", ["", "0", "-1", "often", "nan", None])
def test_without_a_usable_interval_there_are_no_polls(caller: InMemory, events: Events, interval: Any) -> None:
    instance_of(caller, **{"event.poller.refresh_interval": interval})
    change(caller, 201)
    caller.now += 10**6
    assert list(events.poll_due()) == []


def test_a_vendor_that_refuses_a_poll_makes_the_instance_invalid(caller: InMemory, events: Events) -> None:
    caller.set(event_minute=0)
    instance = instance_of(caller)
    change(caller, 201, password="rotated")
    assert list(events.poll_due()) == [[]]
    assert caller.get({"id": instance.id})["valid"] is False
    assert list(events.poll_due()) == []
    # Nothing of what changed in the meantime is lost.
    caller.change("PATCH", {"id": instance.id}, configuration={"crm.autotask.password": "rotated"})
    (notifications,) = events.poll_due()
    assert found(notifications) == [("UPDATED", "201")]


def test_a_deleted_instance_is_not_polled(caller: InMemory, events: Events) -> None:
    caller.set(event_minute=0)
    instance = instance_of(caller)
    change(caller, 201)
    caller.platform.delete(instance)
    assert list(events.poll_due()) == []
    events.deactivate(instance.id)
    assert caller.platform.state.instances == {}


def test_another_account_is_looked_at_afresh(caller: InMemory, events: Events) -> None:
    caller.platform.state.put_account(Account("autotask", "other", "p", contacts=9))
    instance = instance_of(caller)
    login = {"crm.autotask.username": "other", "crm.autotask.password": "p"}
    caller.change("PATCH", {"id": instance.id}, configuration=login)
    moved = caller.platform.state.instances[instance.id]
    assert events.poll(moved) == []
    change(caller, contacts=10, seed=Account("autotask", "other", "p"))
    assert found(events.poll(moved)) == [("CREATED", "210")]


def test_an_instance_that_was_wrong_at_first_is_polled_once_it_is_right(caller: InMemory, events: Events) -> None:
    instance = instance_of(caller, **{"crm.autotask.password": "wrong"})
    with pytest.raises(ApiError, match="Request failed"):
        events.poll(instance)
    caller.change("PATCH", {"id": instance.id}, configuration={"crm.autotask.password": SEEDS[0].password})
    right = caller.platform.state.instances[instance.id]
    assert events.poll(right) == []
    change(caller, 201)
    assert found(events.poll(right)) == [("UPDATED", "201")]


def test_instances_of_an_earlier_run_are_watched_and_their_event_ids_are_not_used_again(caller: InMemory) -> None:
    first = Events(caller.platform)
    instance = instance_of(caller)
    (before,) = first.on_request(instance, Wish())
    caller.now += 1
    again = Events(caller.platform)
    change(caller, 201)
    (after,) = again.poll(instance)
    assert after.event_id > before.event_id


def test_changes_of_contacts_are_part_of_the_state(tmp_path: Any) -> None:
    state = State(tmp_path)
    state.put_account(with_changes(SEEDS[0], ["201", "201"]))
    state.close()
    again = State(tmp_path)
    again.close()
    assert again.accounts[SEEDS[0].vendor, SEEDS[0].username].changed_contacts == {"201": 2}
