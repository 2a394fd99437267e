# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API under `/_sandbox`: what a test looks at, and what another hand or the vendor may do meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from . import problems, settings, vendors
from .configuration import effective
from .instance import Instance, now
from .wire import SANDBOX, answer, instance_answer, object_body


async def get_requests(request: web.Request) -> web.Response:
    """The request log, oldest first."""
    return answer({"requests": request.config_dict[SANDBOX].log.requests()})


async def clear_requests(request: web.Request) -> web.Response:
    """Empty the log and count from 0 again."""
    request.config_dict[SANDBOX].log.clear()
    return answer({})


async def get_counters(request: web.Request) -> web.Response:
    """How many calls there were, by kind and by route."""
    return answer(request.config_dict[SANDBOX].log.counters())


async def get_settings(request: web.Request) -> web.Response:
    """The switches."""
    return answer(asdict(request.config_dict[SANDBOX].settings))


async def put_settings(request: web.Request) -> web.Response:
    """Change the given switches."""
    sandbox = request.config_dict[SANDBOX]
    sandbox.settings = settings.changed(sandbox.settings, await object_body(request))
    return answer(asdict(sandbox.settings))


async def get_vendors(request: web.Request) -> web.Response:
    """All vendor accounts, with passwords: they are examples."""
    return answer({"vendors": [asdict(account) for account in request.config_dict[SANDBOX].directory.all()]})


async def put_vendor(request: web.Request) -> web.Response:
    """Add an account, or change one: a new password is a rotation."""
    directory = request.config_dict[SANDBOX].directory
    vendor, username = _vendor(request), request.match_info["username"]
    known = directory.get(vendor, username) or vendors.Account(vendor, username, password="")
    account = replace(known, **_account_changes(await object_body(request)))
    if not account.password:
        raise problems.bad_request("password is required")
    directory.put(account)
    return answer(asdict(account))


async def delete_vendor(request: web.Request) -> web.Response:
    """Close an account."""
    username = request.match_info["username"]
    if not request.config_dict[SANDBOX].directory.remove(_vendor(request), username):
        raise problems.ApiError(404, f"No vendor account found with name {username}")
    return answer({})


async def put_instance(request: web.Request) -> web.Response:
    """Change an instance past all checks: `in_use`, `valid`, `name`."""
    sandbox = request.config_dict[SANDBOX]
    body = await object_body(request)
    kinds = {"in_use": bool, "valid": bool, "name": str}
    _check(body, kinds)
    changed = replace(_instance(request), **body, updated=now())
    sandbox.store.update(changed)
    return instance_answer(sandbox, changed)


async def get_stored(request: web.Request) -> web.Response:
    """The whole configuration in clear, key to value, as the server holds it."""
    instance = _instance(request)
    element = request.config_dict[SANDBOX].catalogue.find(instance.element_key)
    return answer(effective(element, instance.held))


async def reset(request: web.Request) -> web.Response:
    """As on the first start, but with the same secrets."""
    request.config_dict[SANDBOX].reset()
    return answer({})


def _instance(request: web.Request) -> Instance:
    instance_id = int(request.match_info["id"])
    instance = request.config_dict[SANDBOX].store.get(instance_id)
    if instance is None:
        raise problems.unknown_instance(instance_id)
    return instance


def _vendor(request: web.Request) -> str:
    vendor = request.match_info["vendor"]
    if vendor not in vendors.VENDORS:
        raise problems.ApiError(404, f"No vendor found with name {vendor}; known: {', '.join(vendors.VENDORS)}")
    return vendor


def _account_changes(body: Mapping[str, Any]) -> Mapping[str, Any]:
    _check(body, {"password": str, "server_url": (str, type(None)), "contacts": int})
    if not 0 <= body.get("contacts", 0) <= vendors.MAX_CONTACTS:
        raise problems.bad_request(f"contacts must be from 0 to {vendors.MAX_CONTACTS}")
    return body


def _check(body: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    """Raise a 400 for a name that is not in `kinds` or a value of another kind."""
    for name, value in body.items():
        if name not in kinds:
            raise problems.bad_request(f"Unknown field {name}; known: {', '.join(kinds)}")
        if not isinstance(value, kinds[name]) or (kinds[name] is int and isinstance(value, bool)):
            raise problems.bad_request(f"Wrong kind of value for {name}")
