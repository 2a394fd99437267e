# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer that carries faults out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from . import problems, provisioning
from .faults import Answer, Fault
from .routes import template_of
from .sandbox import Sandbox
from .wire import NEXT_PAGE, SANDBOX, answer


@web.middleware
async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let what is planned happen to a request, before or after it is carried out."""
    sandbox = request.config_dict[SANDBOX]
    fault = await sandbox.faults.hit(request.method, template_of(request), request.query)
    if fault is None:
        return await handler(request)
    try:
        return await _carry_out(fault, request, handler)
    except problems.ApiError as error:
        # Not a mistake of the caller but of the fault: what it plans cannot be done.
        return answer({"message": f"Another hand was refused: {error.message}"}, 500)


async def _carry_out(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    in_place = fault.drop or fault.raw is not None or fault.answer is not None
    if fault.after:
        response = await handler(request)
        await _happen(fault, request, response)
    else:
        await _happen(fault, request, None)
        response = web.Response() if in_place else await handler(request)
    if in_place:
        return _in_place(fault, request)
    response.headers.update(fault.headers)
    if fault.repeat_page and "nextPage" in request.query:
        response.headers[NEXT_PAGE] = request.query["nextPage"]
    return response if fault.cut is None else await _cut(response, fault.cut, request)


async def _happen(fault: Fault, request: web.Request, response: web.StreamResponse | None) -> None:
    for deed in fault.meanwhile:
        _another_hand(request.config_dict[SANDBOX], deed, _instance_id(request, response))
    # Last: what another hand does and what the request itself does belong together.
    if fault.delay:
        await request.config_dict[SANDBOX].faults.delay(fault.delay)


def _another_hand(sandbox: Sandbox, deed: Mapping[str, Any], instance_id: int) -> None:
    """Do what somebody else does in the same account: `create` or `update` with a body, or `delete`."""
    if "create" in deed:
        provisioning.create(sandbox, provisioning.element_of(sandbox, deed["create"]), deed["create"])
        return
    instance = sandbox.store.get(deed.get("id", instance_id))
    if instance is None:
        # Another hand finds nothing there either.
        return
    if "update" in deed:
        provisioning.update(sandbox, instance, deed["update"], ask_vendor=False, heals=False)
    else:
        sandbox.store.remove(instance.id)


def _instance_id(request: web.Request, response: web.StreamResponse | None) -> int:
    """The instance that a request is about, or that its answer shows; 0 when there is none."""
    if "id" in request.match_info:
        return int(request.match_info["id"])
    shown = json.loads(response.text) if isinstance(response, web.Response) and response.text else None
    return int(shown["id"]) if isinstance(shown, dict) and "id" in shown else 0


def _in_place(fault: Fault, request: web.Request) -> web.Response:
    if fault.drop and request.transport:
        request.transport.abort()
    elif fault.raw is not None and isinstance(request.transport, asyncio.Transport):
        request.transport.write(fault.raw.encode("latin-1"))
        request.transport.close()
    planned = fault.answer or Answer()
    return web.Response(status=planned.status, headers=planned.headers, body=planned.body)


async def _cut(response: web.StreamResponse, length: int, request: web.Request) -> web.StreamResponse:
    """Announce the whole answer, send its beginning, and hang up."""
    assert isinstance(response, web.Response)
    whole = response.body if isinstance(response.body, bytes) else b""
    part = web.StreamResponse(status=response.status, headers=response.headers)
    part.content_length = len(whole)
    await part.prepare(request)
    await part.write(whole[:length])
    if request.transport:
        request.transport.close()
    return part
