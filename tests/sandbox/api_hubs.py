# Copyright: Contributors to the cloud_elements.platform project
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
from .wire import SANDBOX, TOKEN_INSTANCE, answer, list_headers

PING = "ping"
OBJECTS = "objects"


async def call(request: web.Request) -> web.Response:
    """A list of the vendor's resource, or a ping. The name of the hub in the path does not matter."""
    sandbox = request.config_dict[SANDBOX]
    instance: Instance = request[TOKEN_INSTANCE]
    element = sandbox.catalogue.find(instance.element_key)
    resource = request.match_info.get("resource", PING)
    if resource == OBJECTS:
        return answer(list(element.resources))
    if instance.disabled:
        raise problems.disabled(instance.id)
    if resource == PING:
        return _ping(sandbox, instance, element)
    if resource not in element.resources:
        raise problems.unknown_path()
    return _list(request, instance, element, resource)


def _ping(sandbox: Sandbox, instance: Instance, element: Element) -> web.Response:
    if element.ping_asks_vendor:
        _sign_in(sandbox, instance, element)
    return answer({"dateTime": now(), "endpoint": element.key})


def _list(request: web.Request, instance: Instance, element: Element, resource: str) -> web.Response:
    sandbox = request.config_dict[SANDBOX]
    page = page_request(request.query)
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
    if element.oauth and verdict.valid:
        # The platform renews OAuth tokens by itself: what a client once sent is soon not what is held.
        verdict = replace(verdict, held={**instance.held, **renewed_tokens()})
    if verdict != instance:
        sandbox.store.update(verdict)
    if words:
        raise problems.vendor_refused(401, words)
