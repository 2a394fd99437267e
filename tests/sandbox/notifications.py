# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifications as values: what changed, how it is split and signed, and when a delivery is tried again. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .wire import compact

EVENT_TYPES = ("CREATED", "UPDATED", "DELETED", "UNKNOWN")
SIGNATURES = ("right", "wrong", "missing")
# How many objects are in a notification at most, and in the vendor's raw body beside them.
POLLED_OBJECTS, PUSHED_OBJECTS, RAW_OBJECTS = 10, 20, 500
MAX_RETRIES = 9


@dataclass(frozen=True)
class Change:
    """A change at the vendor. `object_id`: a text, or a number as somebody requested it."""

    event_type: str
    object_type: str
    object_id: str | int


@dataclass(frozen=True)
class Callback:
    """Where the notifications of an instance go, and its secrets for them; an empty one is not used."""

    url: str
    signature_key: str = ""
    username: str = ""
    password: str = ""


@dataclass(frozen=True)
class Notification:
    """One POST to a callback. `objects`: how many are in it."""

    event_id: int
    instance_id: int
    objects: int
    url: str
    headers: Mapping[str, str]
    body: bytes


def split(changes: Sequence[Change], size: int) -> list[Sequence[Change]]:
    """Return the changes in parts of this size, in order."""
    return [changes[start : start + size] for start in range(0, len(changes), size)]


def message_of(event_id: int, about: Mapping[str, Any], changes: Sequence[Change], date: str, raw_json: str) -> bytes:
    """Return the body of a notification.

    `about`: the instance's own fields, with its `elementKey`. `raw_json`: the vendor's body, which is long and the same
    in many notifications, so it is encoded once.
    """
    events = [
        {
            "date": date,
            "elementKey": about["elementKey"],
            "eventType": change.event_type,
            "objectType": change.object_type,
            "objectId": change.object_id,
        }
        for change in changes
    ]
    message = compact({"eventId": event_id, **about, "events": events})
    return f'{{"message":{message[:-1]},"raw":{raw_json}}}}}'.encode()


def headers_of(callback: Callback, body: bytes, webhook_id: str, signature: str = "right") -> dict[str, str]:
    """Return the headers of a notification. `signature`: `right`, or `wrong` or `missing` on request."""
    headers = {"Content-Type": "application/json", "elements-webhook-id": webhook_id}
    if callback.username or callback.password:
        login = f"{callback.username}:{callback.password}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
    key = f"not {callback.signature_key}" if signature == "wrong" else callback.signature_key
    if key and signature != "missing":
        headers["Elements-Webhook-Signature"] = signed(body, key)
    return headers


def signed(body: bytes, key: str) -> str:
    digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def compare(before: Mapping[str, int], after: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the event types and ids of what differs between two states of a resource, which map ids to versions."""
    created = [("CREATED", each) for each in after if each not in before]
    updated = [("UPDATED", each) for each in after if each in before and after[each] != before[each]]
    return [*created, *updated, *(("DELETED", each) for each in before if each not in after)]


def retry_wait(attempts: int, seconds: float) -> float | None:
    """Return how long to wait after so many failed attempts, or None if that is enough."""
    return seconds * 4.0**attempts if attempts <= MAX_RETRIES else None
