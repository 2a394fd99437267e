# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The method, path and body of each change. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._model.changes import Change, Create, Delete, Disable, Enable, Patch, Reauthenticate

REQUESTS: Mapping[type[Change], tuple[str, str]] = {
    Create: ("POST", "/instances"),
    Reauthenticate: ("PUT", "/instances/{id}?reAuthenticate=true"),
    Patch: ("PATCH", "/instances/{id}"),
    Enable: ("PUT", "/instances/{id}/enabled"),
    Disable: ("DELETE", "/instances/{id}/enabled"),
    Delete: ("DELETE", "/instances/{id}"),
}
"""Method and path of each change."""


def request_of(change: Change, instance_id: int | str = "") -> tuple[str, str, dict[str, Any] | None]:
    """Return the method, the path and the JSON body of a change. The body is None if it needs none."""
    method, path = REQUESTS[type(change)]
    return method, path.format(id=instance_id), _body(change)


def _body(change: Change) -> dict[str, Any] | None:
    """Return the JSON body of a change, or None if it needs none."""
    if isinstance(change, Patch):
        tags = None if change.tags is None else list(change.tags)
        content = {"name": change.name, "tags": tags, "configuration": dict(change.configuration) or None}
        return {key: value for key, value in content.items() if value is not None}
    if not isinstance(change, (Create, Reauthenticate)):
        return None
    body: dict[str, Any] = {
        "element": {"key": change.element},
        "configuration": dict(change.configuration),
        "tags": list(change.tags or ()),
        "name": change.name,
    }
    if change.external_authentication is not None:
        body["externalAuthentication"] = change.external_authentication
    if isinstance(change, Create) and change.provider_data is not None:
        body["providerData"] = change.provider_data
    return body
