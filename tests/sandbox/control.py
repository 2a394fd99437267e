# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API under `/_sandbox`: what a test looks at, and what another hand or the vendor may do meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from . import problems, settings, vendors
from .configuration import effective
from .fault_bodies import fault_of
from .instance import Instance, now
from .kinds import FLAG, TEXT, check, number, or_null
from .store import Filter
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


async def get_faults(request: web.Request) -> web.Response:
    """What is planned to go wrong, and how often each has."""
    return answer({"faults": request.config_dict[SANDBOX].faults.shown()})


async def post_fault(request: web.Request, known: Collection[tuple[str, str]]) -> web.Response:
    """Plan a fault, behind those that are planned already. `known`: method and template of every route."""
    body = await object_body(request)
    request.config_dict[SANDBOX].faults.add(fault_of(body, known))
    return answer({})


async def clear_faults(request: web.Request) -> web.Response:
    """Let nothing go wrong any more."""
    request.config_dict[SANDBOX].faults.clear()
    return answer({})


async def end_delays(request: web.Request) -> web.Response:
    """Let those that a fault delays go on at once."""
    request.config_dict[SANDBOX].faults.end_delays()
    return answer({})


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


async def get_instances(request: web.Request) -> web.Response:
    """Every instance as it truly is, its configuration in clear: past all faults, habits and logs."""
    sandbox = request.config_dict[SANDBOX]
    everything = sandbox.store.page(Filter(), 0, -1)
    return answer({"instances": [asdict(instance) for instance in everything]})


async def put_instance(request: web.Request) -> web.Response:
    """Change an instance past all checks: `in_use`, `valid`, `name`."""
    sandbox = request.config_dict[SANDBOX]
    body = await object_body(request)
    check(body, {"in_use": FLAG, "valid": FLAG, "name": TEXT})
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
    contacts = number(0, vendors.MAX_CONTACTS)
    return check(body, {"password": TEXT, "server_url": or_null(TEXT), "contacts": contacts})
