# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every platform and hub call passes through, from the outside in. `app.py` puts them in their order."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import sys
import time
import traceback

from aiohttp import web
from aiohttp.typedefs import Handler

from . import problems
from .authorization import Needs, parse, part_names
from .rate_limit import SECONDS
from .routes import API_PREFIX, needs_of, template_of
from .wire import INSTANCE_ID, REQUEST_ID, SANDBOX, TOKEN_INSTANCE, answer

_JSON = "application/json"
_ACCEPTED = (_JSON, "application/*", "*/*")


@web.middleware
async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write the request down and count it as it arrives; its answer names it, and the instance of a hub call.

    The body is read here, so that nothing further in has to wait for the caller.
    """
    log = request.config_dict[SANDBOX].log
    template = template_of(request)
    needs = needs_of(request.method, template)
    query = {name: request.query.getall(name) for name in request.query}
    path = request.path.removeprefix(API_PREFIX)
    entry = log.arrived(request.method, path, query, part_names(request.headers.get("Authorization", "")))
    log.count(request.method, template, needs)
    request[REQUEST_ID] = secrets.token_hex(12)
    entry.body = await request.read()
    with log.under_way():
        response = await handler(request)
    if request.transport and not request.transport.is_closing():
        entry.status = response.status
    response.headers[REQUEST_ID] = request[REQUEST_ID]
    instance = request.get(TOKEN_INSTANCE)
    if needs is Needs.HUB and instance is not None:
        response.headers[INSTANCE_ID] = str(instance.id)
    return response


@web.middleware
async def error_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong further in into the platform's error body."""
    try:
        return await handler(request)
    except problems.ApiError as error:
        return _error_answer(request, error)
    except web.HTTPNotFound:
        return _error_answer(request, problems.unknown_path())
    except web.HTTPException as error:
        response = _error_answer(request, problems.ApiError(error.status, error.reason))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except Exception as error:  # noqa: BLE001 - a fault of the sandbox itself: said loudly, and still answered
        traceback.print_exc(file=sys.stderr)
        return _error_answer(request, problems.ApiError(500, f"Internal error: {type(error).__name__}"))


@web.middleware
async def rate_limit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Send calls above the limit away at once, as a gateway in front of the service does."""
    sandbox = request.config_dict[SANDBOX]
    if sandbox.window.passes(sandbox.settings.rate_limit, time.monotonic()):
        return await handler(request)
    response = _error_answer(request, problems.ApiError(429, "Too Many Requests"))
    response.headers["Retry-After"] = str(SECONDS)
    return response


@web.middleware
async def latency(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Wait as long as the settings say, before anything is done."""
    seconds = request.config_dict[SANDBOX].settings.latency
    if seconds:
        await asyncio.sleep(seconds)
    return await handler(request)


@web.middleware
async def media_types(request: web.Request, handler: Handler) -> web.StreamResponse:
    """JSON in (415 otherwise) and JSON out (406 otherwise)."""
    if await request.read() and request.content_type != _JSON:
        raise problems.ApiError(415, "Unsupported Media Type")
    accept = request.headers.get("Accept", "*/*")
    if not any(choice.partition(";")[0].strip().lower() in _ACCEPTED for choice in accept.split(",")):
        raise problems.ApiError(406, "Not Acceptable")
    return await handler(request)


@web.middleware
async def authorize(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a call through only with the parts of the header that it needs; find the instance of its token."""
    needs = needs_of(request.method, template_of(request))
    if needs is Needs.NOTHING:
        return await handler(request)
    sandbox = request.config_dict[SANDBOX]
    parts = parse(request.headers.get("Authorization", ""))
    instance = sandbox.store.by_token(parts["Element"]) if "Element" in parts else None
    shown = {
        "User": parts.get("User") == sandbox.secrets.user,
        "Organization": parts.get("Organization") == sandbox.secrets.organization,
        "Element": instance is not None,
    }
    if not _enough(needs, shown) or (needs is Needs.LIST and "Element" in parts and instance is None):
        raise problems.unauthorized()
    request[TOKEN_INSTANCE] = instance
    return await handler(request)


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The control API shows passwords, so it answers this machine alone."""
    if not (request.remote and ipaddress.ip_address(request.remote).is_loopback):
        raise problems.ApiError(403, "The control API answers this machine only")
    request[REQUEST_ID] = secrets.token_hex(12)
    return await handler(request)


def _enough(needs: Needs, shown: dict[str, bool]) -> bool:
    if needs is Needs.ANY:
        return shown["User"] and (shown["Organization"] or shown["Element"])
    return all(shown[part] for part in _PARTS[needs])


_PARTS = {
    Needs.PLATFORM: ("User", "Organization"),
    Needs.LIST: ("User", "Organization"),
    Needs.TOKEN: ("User", "Organization", "Element"),
    Needs.HUB: ("User", "Element"),
}


def _error_answer(request: web.Request, error: problems.ApiError) -> web.Response:
    return answer(error.body(request.get(REQUEST_ID, "")), error.status)
