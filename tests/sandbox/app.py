# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve the sandbox over HTTP: platform and hub calls, faults, and the control API."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import secrets
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from .control import CONTROL_ROUTER, Sandbox
from .faults import Fault
from .platform import ROUTER
from .request_log import WINDOW_SECONDS
from .wire import NEXT_PAGE, REQUEST_ID, ApiError, Reply, Request, refusal, reply

API_PREFIX = "/elements/api-v2"
CONTROL_PREFIX = "/_sandbox"
_BELOW = "{path:(/.*)?}"
# How often to look which instances are to be polled.
TICK_SECONDS = 0.1


def make_app(sandbox: Sandbox) -> web.Application:
    """Return the application that serves this sandbox."""
    # 0: bodies of any size; the caller is a test on the same machine.
    app = web.Application(client_max_size=0)
    app.router.add_route("*", API_PREFIX + _BELOW, partial(_serve_platform, sandbox))
    app.router.add_route("*", CONTROL_PREFIX + _BELOW, partial(_serve_control, sandbox))
    app.cleanup_ctx.append(partial(_events, sandbox))
    return app


async def _events(sandbox: Sandbox, _app: web.Application) -> AsyncIterator[None]:
    """Poll and deliver events while the application runs, next to its requests. The end of it ends all deliveries."""
    async with sandbox.deliveries:
        polling = asyncio.create_task(_poll_regularly(sandbox))
        yield
        polling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await polling


async def _poll_regularly(sandbox: Sandbox) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for notifications in sandbox.events.poll_due():
            sandbox.deliveries.send(notifications)


async def _serve_platform(sandbox: Sandbox, request: web.Request) -> web.StreamResponse:
    """Log and count a call on arrival, before anything can fail."""
    call = _received(request, API_PREFIX)
    route, params = ROUTER.match(call.method, call.path)
    entry = sandbox.log.arrived(call, route)
    # Read the body here, so that no later step has to wait for the caller.
    entry.body = await request.read()
    with sandbox.log.under_way():
        call = replace(call, body=entry.body, params=params)
        response = await _response(sandbox, request, call, route.template)
    response.headers.setdefault(REQUEST_ID, secrets.token_hex(12))
    if request.transport and not request.transport.is_closing():
        entry.status = response.status
    return response


async def _response(sandbox: Sandbox, request: web.Request, call: Request, template: str) -> web.StreamResponse:
    """Return the response to a call, which may be rate limited, delayed, hit by a fault, or answered normally."""
    settings = sandbox.platform.settings
    if not sandbox.window.passes(settings.rate_limit, time.monotonic()):
        # Immediately, as a gateway in front of the service does.
        limited = ApiError(429, "Too Many Requests", Retry_After=str(WINDOW_SECONDS))
        return _sent(refusal(limited, secrets.token_hex(12)))
    if settings.latency:
        await asyncio.sleep(settings.latency)
    fault = await sandbox.faults.hit(call.method, template, call.query)
    if fault is None:
        return _sent(_guarded(lambda: sandbox.platform.answer(call)))
    try:
        return await _hit(sandbox, request, call, fault)
    except ApiError as error:
        # The fault is wrong, not the caller: its action is impossible.
        return _sent(reply({"message": f"Somebody else was refused: {error.message}"}, status=500))


async def _hit(sandbox: Sandbox, request: web.Request, call: Request, fault: Fault) -> web.StreamResponse:
    """Carry out a fault, with the call before or after it, or without the call."""
    in_place = fault.drop or fault.raw is not None or fault.answer is not None
    answer = _guarded(lambda: sandbox.platform.answer(call)) if fault.after else Reply()
    await _happen(sandbox, call, fault, answer)
    if in_place:
        return _in_place(request, fault)
    if not fault.after:
        answer = _guarded(lambda: sandbox.platform.answer(call))
    response = _sent(answer)
    response.headers.update(fault.headers)
    if fault.repeat_page and "nextPage" in call.query:
        response.headers[NEXT_PAGE] = call.parameter("nextPage")
    return response if fault.cut is None else await _cut(request, response, answer.body, fault.cut)


async def _happen(sandbox: Sandbox, call: Request, fault: Fault, answer: Reply) -> None:
    for deed in fault.meanwhile:
        _outside_change(sandbox, deed, int(deed.get("id", _instance_id(call, answer))))
    # Last, because the outside change and the request belong together.
    if fault.delay:
        await sandbox.faults.delay(fault.delay)


def _outside_change(sandbox: Sandbox, deed: Mapping[str, Any], instance_id: int) -> None:
    """Make an outside change in the same account: `create` or `update` with a body, or `delete`."""
    instance = sandbox.platform.state.instances.get(instance_id)
    if "create" in deed:
        sandbox.platform.create(deed["create"])
    elif instance and "update" in deed:
        sandbox.platform.update(instance, deed["update"], asks=False, heals=False)
    elif instance:
        sandbox.platform.state.remove(instance)


def _instance_id(call: Request, answer: Reply) -> int:
    """Return the id of the instance in a call or in its answer; 0 if there is none."""
    shown = json.loads(answer.body or b"null")
    return int(call.params.get("id") or (shown.get("id", 0) if isinstance(shown, dict) else 0))


def _in_place(request: web.Request, fault: Fault) -> web.Response:
    if fault.drop and request.transport:
        request.transport.abort()
    elif fault.raw is not None and isinstance(request.transport, asyncio.Transport):
        request.transport.write(fault.raw.encode("latin-1"))
        request.transport.close()
    return _sent(fault.answer or Reply())


async def _cut(request: web.Request, response: web.Response, whole: bytes, length: int) -> web.StreamResponse:
    """Announce the whole answer, send its beginning, and close the connection."""
    part = web.StreamResponse(status=response.status, headers=response.headers)
    part.content_length = len(whole)
    await part.prepare(request)
    await part.write(whole[:length])
    if request.transport:
        request.transport.close()
    return part


async def _serve_control(sandbox: Sandbox, request: web.Request) -> web.StreamResponse:
    """Answer this machine only, because the control API shows passwords."""
    call = _received(request, CONTROL_PREFIX)
    route, params = CONTROL_ROUTER.match(call.method, call.path)
    call = replace(call, body=await request.read(), params=params)

    def answer() -> Reply:
        if not request.remote or not ipaddress.ip_address(request.remote).is_loopback:
            raise ApiError(403, "The control API answers this machine only")
        return route.handler(sandbox, call)

    return _sent(_guarded(answer))


def _received(request: web.Request, prefix: str) -> Request:
    return Request.to(request.method, request.rel_url.raw_path_qs.removeprefix(prefix), request.headers, b"")


def _guarded(answer: Callable[[], Reply]) -> Reply:
    """Return an answer, which may be a refusal, or the report of a bug in the sandbox itself."""
    try:
        return answer()
    except ApiError as error:
        return refusal(error, secrets.token_hex(12))
    except Exception as error:  # noqa: BLE001 - the caller gets an answer in any case
        traceback.print_exc(file=sys.stderr)
        return refusal(ApiError(500, f"Internal error: {type(error).__name__}"), secrets.token_hex(12))


def _sent(answer: Reply) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
