# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn a notification of Cloud Elements into one event per object. Let nothing else of it through.

The playbook that gets an event would evaluate a template in it. So only strings of harmless characters pass.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

DOCUMENTATION = r"""
---
short_description: Turn a notification of Cloud Elements into one event per object
description:
  - An event filter for the source C(eda.builtin.webhook). Cloud Elements sends up to 20 changed objects in one
    notification. The filter turns it into one event per object.
  - An event has the keys C(element), C(instance), C(object_type), C(object_id), C(event_type), C(date) and
    C(event_id). All are strings, and a value that the notification lacks is an empty string. Headers, tags, names and
    the vendor's own data do not pass the filter.
  - Cloud Elements sends a notification again until it is accepted, for about three days. The filter drops a
    notification that it has seen, by C(instance) and C(event_id). It remembers 100,000 notifications and forgets the
    oldest first. A restart of ansible-rulebook forgets all of them.
  - A string has at most 250 characters. These are letters, digits, spaces and C(_ . : @ / + = , ~ # % -). Otherwise the
    event has the key C(problem) in place of the object, and the value is not shown. Braces are refused because Ansible
    would evaluate a template in an event.
  - Anything that is not a notification also becomes an event with the key C(problem). Each problem is logged as a
    warning.
  - Needs ansible-rulebook 1.2 or newer, because an older one cannot take several events from a filter.
options: {}
"""

EXAMPLES = r"""
- eda.builtin.webhook:
    port: 5000
    hmac_secret: "{{ cloud_elements_signature_key }}"
    hmac_algo: sha256
    hmac_header: Elements-Webhook-Signature
    hmac_format: base64
  filters:
    - cloud_elements.platform.notification:
"""

REMEMBERED = 100_000
LONGEST = 250
HARMLESS = re.compile(r"[\w .:@/+=,~#%-]*")

logger = logging.getLogger("cloud_elements.platform.notification")


class ProblemError(Exception):
    """A notification, or an object in it, cannot be used. The message says why, without anything that was sent."""


class Recent:
    """The notifications that arrived last. The oldest are forgotten first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._keys: OrderedDict[tuple[str, str], None] = OrderedDict()

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._keys

    def add(self, key: tuple[str, str]) -> None:
        """Remember a notification by its instance and its id."""
        self._keys[key] = None
        if len(self._keys) > self._size:
            self._keys.popitem(last=False)


recent = Recent(REMEMBERED)


def main(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an event for each object of a notification, or none if the notification was seen before."""
    try:
        message = _message(event.get("payload"))
        instance = _text(message, "instanceId", "instance_id")
        event_id = _text(message, "eventId")
        objects = _objects(message)
    except ProblemError as error:
        return [_problem(str(error), "", "")]
    if event_id:
        if (instance, event_id) in recent:
            logger.info("A repeated notification was dropped.")
            return []
        recent.add((instance, event_id))
    return [_event(one, message, instance, event_id) for one in objects]


def _message(payload: object) -> Mapping[str, Any]:
    """Return the part of the body that holds the ids and the objects."""
    if not isinstance(payload, Mapping):
        raise ProblemError("The body is not a JSON object.")
    message = payload.get("message", payload)
    if not isinstance(message, Mapping):
        raise ProblemError("message is not a JSON object.")
    return message


def _objects(message: Mapping[str, Any]) -> list[object]:
    """Return the objects. An older form of the notification has them below `response`."""
    objects = message.get("events")
    response = message.get("response")
    if objects is None and isinstance(response, Mapping):
        objects = response.get("events")
    if not isinstance(objects, list) or not objects:
        raise ProblemError("The notification has no list of events.")
    return objects


def _event(one: object, message: Mapping[str, Any], instance: str, event_id: str) -> dict[str, Any]:
    """Return the event for an object, or an event with its problem."""
    try:
        if not isinstance(one, Mapping):
            raise ProblemError("An item of events is not a JSON object.")
        return {
            "element": _text(one, "elementKey") or _text(message, "elementKey"),
            "instance": instance,
            "object_type": _text(one, "objectType"),
            "object_id": _text(one, "objectId"),
            "event_type": _text(one, "eventType"),
            "date": _text(one, "date"),
            "event_id": event_id,
        }
    except ProblemError as error:
        return _problem(str(error), instance, event_id)


def _problem(problem: str, instance: str, event_id: str) -> dict[str, Any]:
    """Log a problem, and return the event that describes it."""
    logger.warning("instance %s, notification %s: %s", instance or "unknown", event_id or "unknown", problem)
    return {"problem": problem, "instance": instance, "event_id": event_id}


def _text(data: Mapping[str, Any], *names: str) -> str:
    """Return the first of these values that is set, as a string, or an empty string."""
    for name in names:
        value = data.get(name)
        if value is not None:
            return _harmless(name, value)
    return ""


def _harmless(name: str, value: object) -> str:
    """Return a string or a number as a string, if it is safe to pass on."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ProblemError(f"{name} is neither a string nor a number.")
    text = str(value)
    if len(text) > LONGEST:
        raise ProblemError(f"{name} is longer than {LONGEST} characters.")
    if not HARMLESS.fullmatch(text):
        raise ProblemError(f"{name} contains a character that is not allowed.")
    return text
