# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out which events the instances have: by polls of the vendors, or on request. No sockets, no waits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import vendors
from .instances import Instance, effective, in_clear
from .notifications import (
    EVENT_TYPES,
    POLLED_OBJECTS,
    PUSHED_OBJECTS,
    RAW_OBJECTS,
    SIGNATURES,
    Callback,
    Change,
    Notification,
    compare,
    headers_of,
    message_of,
    split,
)
from .platform import Platform
from .settings import TEXT, Kind, check, kinds_of, number, of_kind, one_of
from .state import random_token
from .wire import ApiError, bad_request, compact

MAX_OBJECTS = 10_000
ENABLED = "event.notification.enabled"
POLLED_RESOURCE = "contacts"
_IDS = Kind(
    lambda value: isinstance(value, list) and 0 < len(value) <= MAX_OBJECTS and all(map(_is_id, value)),
    f"a list of 1 to {MAX_OBJECTS} texts and numbers",
)


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


@dataclass(frozen=True)
class Wish:
    """A request for events. README.md describes each field."""

    object_type: str = of_kind(TEXT, POLLED_RESOURCE)
    event_type: str = of_kind(one_of(*EVENT_TYPES), "UPDATED")
    count: int = of_kind(number(1, MAX_OBJECTS), 1)
    object_ids: Sequence[str | int] = of_kind(_IDS, ())
    signature: str = of_kind(one_of(*SIGNATURES), "right")
    repeat: int = of_kind(number(0, 100), 0)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Wish:
        if {"count", "object_ids"} <= set(body):
            raise bad_request("count and object_ids exclude each other")
        return cls(**check(body, kinds_of(cls)))

    @property
    def changes(self) -> list[Change]:
        first = vendors.first_id(self.object_type)
        ids = self.object_ids or [str(first + number) for number in range(self.count)]
        return [Change(self.event_type, self.object_type, object_id) for object_id in ids]


@dataclass(frozen=True)
class Watch:
    """What is remembered of an instance with events. `account`: as last polled, None before. `polled`: when."""

    account: vendors.Account | None
    polled: float


class Events:
    """The events of all instances of a platform. Event ids grow, also over restarts: a receiver drops known ones."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._watched: dict[int, Watch] = {}
        self._last_id = int(platform.clock() * 1000)
        platform.state.on_save = self._see
        for instance in platform.state.instances.values():
            self._see(instance)

    def clear(self) -> None:
        self._watched.clear()

    def poll_due(self) -> Iterator[list[Notification]]:
        """Poll the instances whose interval is over, and return the notifications of each."""
        now = self._platform.clock()
        for instance_id, watch in list(self._watched.items()):
            instance = self._platform.state.instances.get(instance_id)
            if instance is None:
                del self._watched[instance_id]
            elif self._is_due(instance, now - watch.polled):
                yield self._polled(instance)

    def poll(self, instance: Instance) -> list[Notification]:
        """Poll the vendor of an instance. Raise a 400 if it has no events, or the error of a vendor that refuses."""
        if reason := self._obstacle(instance):
            raise bad_request(reason)
        if self._settings(instance)["event.vendor.type"] != "polling":
            raise bad_request(f"Element instance {instance.id} does not poll: its vendor sends webhooks")
        watch, now = self._watched[instance.id], self._platform.clock()
        self._watched[instance.id] = replace(watch, polled=now)
        # The instance signs in as for a hub call: a vendor that refuses makes it invalid.
        self._platform.sign_in(instance)
        account = self._account(instance)
        self._watched[instance.id] = Watch(account, now)
        return self._notifications(instance, self._changes(instance, watch.account, account))

    def on_request(self, instance: Instance, wish: Wish) -> list[Notification]:
        """Return the notifications of requested events. Raise a 400 if the instance has none."""
        if reason := self._obstacle(instance):
            raise bad_request(reason)
        return self._notifications(instance, wish.changes, wish.signature)

    def deactivate(self, instance_id: int) -> None:
        """Switch off the events of an instance whose receiver does not respond."""
        instance = self._platform.state.instances.get(instance_id)
        if instance:
            self._platform.state.save(replace(instance, held={**instance.held, ENABLED: "false"}))

    # How

    def _see(self, instance: Instance) -> None:
        """Begin to watch an instance once its events are on, and stop once they are off."""
        if in_clear(self._platform.element_of(instance), instance.held, ENABLED) != "true":
            self._watched.pop(instance.id, None)
        elif instance.id not in self._watched:
            self._watched[instance.id] = Watch(self._account(instance), self._platform.clock())

    def _settings(self, instance: Instance) -> Mapping[str, str | None]:
        return effective(self._platform.element_of(instance), instance.held)

    def _account(self, instance: Instance) -> vendors.Account | None:
        element = self._platform.element_of(instance)
        return vendors.account_of(element, instance.held, self._platform.state.accounts)

    def _obstacle(self, instance: Instance) -> str:
        """Return why an instance has no events, "" if it has."""
        settings, who = self._settings(instance), f"Element instance {instance.id}"
        if settings[ENABLED] != "true":
            return f"{who} has events switched off ({ENABLED})"
        if not settings["event.notification.callback.url"]:
            return f"{who} has no event.notification.callback.url"
        if instance.disabled:
            return f"{who} is disabled"
        return "" if instance.valid else f"{who} is invalid: the vendor refused its credentials"

    def _is_due(self, instance: Instance, seconds: float) -> bool:
        # The interval first: it is quick to read, and of many instances few are due.
        element, held = self._platform.element_of(instance), instance.held
        minutes = _minutes(in_clear(element, held, "event.poller.refresh_interval"))
        if minutes is None or seconds < minutes * self._platform.settings.event_minute:
            return False
        return not self._obstacle(instance) and in_clear(element, held, "event.vendor.type") == "polling"

    def _polled(self, instance: Instance) -> list[Notification]:
        try:
            return self.poll(instance)
        except ApiError:
            # The refusal is stored: the instance is invalid, and not polled until it is valid again.
            return []

    def _changes(
        self, instance: Instance, before: vendors.Account | None, after: vendors.Account | None
    ) -> list[Change]:
        """Return what changed at the vendor since the last poll: nothing on the first poll of an account."""
        if not before or not after or before.username != after.username:
            return []
        if POLLED_RESOURCE not in _resources(self._settings(instance)):
            return []
        found = compare(vendors.contact_versions(before), vendors.contact_versions(after))
        return [Change(event_type, POLLED_RESOURCE, object_id) for event_type, object_id in found]

    def _notifications(
        self, instance: Instance, changes: Sequence[Change], signature: str = "right"
    ) -> list[Notification]:
        settings = self._settings(instance)
        about = {
            "instanceId": instance.id,
            "elementKey": instance.element_key,
            "instanceName": instance.name,
            "instanceTags": list(instance.tags),
        }
        callback, size = _callback(settings), _size(settings)
        notifications = []
        for page in split(changes, RAW_OBJECTS):
            raw_json = compact({page[0].object_type: [_row(change) for change in page]})
            for part in split(page, size):
                self._last_id += 1
                body = message_of(self._last_id, about, part, self._platform.now(), raw_json)
                headers = headers_of(callback, body, random_token(), signature)
                notifications.append(Notification(self._last_id, instance.id, len(part), callback.url, headers, body))
        return notifications


def _row(change: Change) -> Mapping[str, Any]:
    gone = change.event_type == "DELETED"
    return {"id": change.object_id} if gone else vendors.row_of(change.object_type, change.object_id)


def _callback(settings: Mapping[str, str | None]) -> Callback:
    names = ("callback.url", "signature.key", "basic.username", "basic.password")
    return Callback(*(settings.get(f"event.notification.{name}") or "" for name in names))


def _size(settings: Mapping[str, str | None]) -> int:
    return POLLED_OBJECTS if settings["event.vendor.type"] == "polling" else PUSHED_OBJECTS


def _resources(settings: Mapping[str, str | None]) -> Mapping[str, Any]:
    """Return the resources that are polled. A configuration that is not a JSON object has none."""
    try:
        configured = json.loads(settings["event.poller.configuration"] or "{}")
    except ValueError:
        return {}
    return configured if isinstance(configured, dict) else {}


def _minutes(text: str | None) -> float | None:
    try:
        minutes = float(text or "")
    except ValueError:
        return None
    return minutes if minutes > 0 else None
