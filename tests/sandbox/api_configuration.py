# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers of `/instances/{id}/configuration`: the configuration of an instance, entry by entry."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from . import problems, provisioning
from .api_instances import addressed
from .configuration import entries
from .instance import Instance
from .sandbox import Sandbox
from .wire import SANDBOX, answer, object_body


async def list_configuration(request: web.Request) -> web.Response:
    """All entries."""
    return answer(_entries(request.config_dict[SANDBOX], addressed(request)))


async def get_entry(request: web.Request) -> web.Response:
    """One entry."""
    return answer(_entry(request, addressed(request)))


async def patch_entry(request: web.Request) -> web.Response:
    """Change the value of one entry: `{"propertyValue": ...}`, or a whole entry sent back."""
    instance = addressed(request)
    entry = _entry(request, instance)
    body = await object_body(request)
    if "propertyValue" not in body:
        raise problems.bad_request("propertyValue is required")
    change = {"configuration": {entry["key"]: body["propertyValue"]}}
    changed = provisioning.update(request.config_dict[SANDBOX], instance, change, ask_vendor=False, heals=True)
    return answer(_entry(request, changed))


def _entries(sandbox: Sandbox, instance: Instance) -> list[dict[str, Any]]:
    return entries(sandbox.catalogue.find(instance.element_key), instance.held, instance.id)


def _entry(request: web.Request, instance: Instance) -> dict[str, Any]:
    entry_id = int(request.match_info["cid"])
    for entry in _entries(request.config_dict[SANDBOX], instance):
        if entry["id"] == entry_id:
            return entry
    raise problems.unknown_entry(entry_id)
