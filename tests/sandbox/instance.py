# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An element instance: the value, and how answers show it. Pure."""

from __future__ import annotations

import enum
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .catalogue import Catalogue, compact
from .configuration import effective, shown

ORGANIZATION_ID = 1190
ACCOUNT_ID = 2380
USER_ID = 3570


@dataclass(frozen=True)
class Instance:
    """One row of the platform's instances.

    `held`: the configuration that was written, in clear, without defaults. `in_use`: a formula instance needs it.
    `traced_until`: seconds since the epoch up to which trace logging is on. `created`, `updated`: ISO 8601, UTC.
    """

    id: int
    name: str
    element_key: str
    token: str
    tags: tuple[str, ...]
    held: Mapping[str, str | None]
    external_authentication: str = "none"
    valid: bool = True
    disabled: bool = False
    in_use: bool = False
    traced_until: float = 0.0
    created: str = ""
    updated: str = ""


class View(enum.Enum):
    """How much of an instance an answer shows."""

    WHOLE = "everything"
    TAGGED = "no configuration"
    BARE = "neither configuration nor tags"
    SHORT = "an empty configuration, no tags, no `disabled`, no hub, and `valid` whatever is true"


def now() -> str:
    """The present moment as the platform writes it: `2019-12-11T07:30:43Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def instance_json(instance: Instance, catalogue: Catalogue, view: View) -> str:
    """The JSON text of one instance."""
    body = compact(_body(instance, catalogue, view))
    # The element is the bulk of the answer and always the same: its text is joined on, not encoded again.
    return f'{body[:-1]},"element":{catalogue.json_in_instance(instance.element_key, view is View.SHORT)}}}'


def list_json(instances: list[Instance], catalogue: Catalogue, view: View) -> str:
    """The JSON text of a list of instances."""
    return f"[{','.join(instance_json(instance, catalogue, view) for instance in instances)}]"


def _body(instance: Instance, catalogue: Catalogue, view: View) -> dict[str, Any]:
    element = catalogue.find(instance.element_key)
    body: dict[str, Any] = {
        "id": instance.id,
        "name": instance.name,
        "createdDate": instance.created,
        "updatedDate": instance.updated,
        "token": instance.token,
        "elementId": catalogue.id(element),
        "valid": instance.valid,
        "disabled": instance.disabled,
        "maxCacheSize": 0,
        "cacheTimeToLive": 0,
        "cachingEnabled": False,
        "authenticationType": element.authentication,
        "eventsEnabled": effective(element, instance.held).get("event.notification.enabled") == "true",
        "traceLoggingEnabled": time.time() < instance.traced_until,
        "externalAuthentication": instance.external_authentication,
        "organizationId": ORGANIZATION_ID,
        "accountId": ACCOUNT_ID,
        "userId": USER_ID,
        "user": {"id": USER_ID, "emailAddress": "user@example.com", "firstName": "Example", "lastName": "User"},
    }
    if view in (View.WHOLE, View.TAGGED):
        body["tags"] = list(instance.tags)
    if view is View.WHOLE:
        body["configuration"] = shown(element, instance.held)
    if view is View.SHORT:
        del body["disabled"]
        body |= {"configuration": {}, "valid": True}
    return body
