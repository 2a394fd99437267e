# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers of hub calls: through an instance to its vendor, who accepts the credentials or refuses them."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from . import problems, vendors
from .element import Element
from .instance import Instance, now
from .paging import page_request, page_token
from .provisioning import renewed_tokens
from .sandbox import Sandbox
from .settings import MAX_PAGE_SIZE
from .wire import SANDBOX, TOKEN_INSTANCE, answer, list_headers

PING = "ping"
OBJECTS = "objects"
HELIUM = "Helium"
MAX_HUB_PAGE_SIZE = 5000
MAX_FAILED_REFRESHES = 5


async def call(request: web.Request) -> web.Response:
    """A list of the vendor's resource, or a ping. The name of the hub in the path does not matter."""
    sandbox = request.config_dict[SANDBOX]
    instance: Instance = request[TOKEN_INSTANCE]
    element = sandbox.catalogue.find(instance.element_key)
    resource = request.match_info.get("resource", PING)
    if resource == OBJECTS:
        return answer(_objects(element, request.headers.get("Elements-Version", "")))
    if instance.disabled:
        raise problems.disabled(instance.id)
    if resource == PING:
        return _ping(sandbox, instance, element)
    if resource not in element.resources:
        raise problems.unknown_path()
    return _list(request, instance, element, resource)


def _objects(element: Element, version: str) -> list[str] | list[dict[str, str]]:
    if version != HELIUM:
        return list(element.resources)
    return [{"name": name, "vendorName": name, "type": "vendor"} for name in element.resources]


def _ping(sandbox: Sandbox, instance: Instance, element: Element) -> web.Response:
    if element.ping_asks_vendor:
        _sign_in(sandbox, instance, element)
    return answer({"dateTime": now(), "endpoint": element.key})


def _list(request: web.Request, instance: Instance, element: Element, resource: str) -> web.Response:
    sandbox = request.config_dict[SANDBOX]
    page = page_request(request.query, MAX_HUB_PAGE_SIZE, MAX_PAGE_SIZE)
    _sign_in(sandbox, instance, element)
    rows = vendors.rows(resource, vendors.account_of(element, instance.held, sandbox.directory))
    if not rows:
        raise problems.ApiError(404, f"No {resource} found")
    end = page.after + page.size
    returned = rows[page.after : end]
    headers = list_headers(len(rows), len(returned), page_token(end) if end < len(rows) else None)
    return answer(returned, headers=headers)


def _sign_in(sandbox: Sandbox, instance: Instance, element: Element) -> None:
    """Show the credentials to the vendor and remember its verdict in `valid`; raises a 401 when it refuses."""
    words = vendors.refusal(element, instance.held, sandbox.directory)
    verdict = replace(instance, valid=words is None)
    if element.oauth:
        verdict = _refreshed(sandbox, verdict)
    if verdict != instance:
        sandbox.store.update(verdict)
    if words:
        raise problems.vendor_refused(sandbox.settings.refusals, 401, words)


def _refreshed(sandbox: Sandbox, verdict: Instance) -> Instance:
    """The instance after the platform tried to renew its tokens; it disables one of which that fails too often."""
    failures = 0 if verdict.valid else sandbox.failed_refreshes.get(verdict.id, 0) + 1
    sandbox.failed_refreshes[verdict.id] = failures % MAX_FAILED_REFRESHES
    if verdict.valid:
        # What a client once sent is soon not what is held.
        return replace(verdict, held={**verdict.held, **renewed_tokens()})
    return replace(verdict, disabled=failures == MAX_FAILED_REFRESHES)
