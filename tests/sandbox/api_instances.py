# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers of `/instances` and of `/elements/{element}/instances`: by id, or by the token in the header."""

from __future__ import annotations

import time
from dataclasses import replace

from aiohttp import web

from . import problems, provisioning
from .instance import Instance, View, list_json
from .paging import page_request, page_token
from .settings import Settings
from .store import Filter
from .texts import as_number, as_text
from .wire import SANDBOX, TOKEN_INSTANCE, answer, instance_answer, json_answer, list_headers, object_body

DEFAULT_TRACE_MINUTES = 30


def addressed(request: web.Request) -> Instance:
    """The instance a request is about: the one of its path, or else the one of its token; raises a 404.

    A path that also names an element finds only instances of that element, and of its clones.
    """
    if "id" not in request.match_info:
        instance = request[TOKEN_INSTANCE]
        assert isinstance(instance, Instance)
        return instance
    sandbox = request.config_dict[SANDBOX]
    instance_id = int(request.match_info["id"])
    instance = sandbox.store.get(instance_id)
    element_key = _element_key(request)
    if instance is None:
        raise problems.unknown_instance(instance_id)
    element = sandbox.catalogue.find(instance.element_key)
    if element_key not in ("", element.key, element.clone_of):
        raise problems.unknown_instance(instance_id)
    return instance


async def list_instances(request: web.Request) -> web.Response:
    """A page of instances; 404 when nothing matches at all. With a token in the header, the instance of that token."""
    sandbox = request.config_dict[SANDBOX]
    if request[TOKEN_INSTANCE] is not None and "element" not in request.match_info:
        return instance_answer(sandbox, request[TOKEN_INSTANCE])
    wanted = Filter(
        search_text=request.query.get("searchText", ""),
        tags=tuple(request.query.getall("tags[]", [])),
        element_key=_element_key(request),
        newest=sandbox.newest_listed(),
    )
    page = page_request(request.query, sandbox.settings.page_size)
    total = sandbox.store.count(wanted)
    if not total and sandbox.settings.empty_list_status == 404:
        raise problems.no_instances()
    by_position = sandbox.settings.pages == "by_position"
    after, skip = (0, page.after) if by_position else (page.after, 0)
    # One more than asked for tells whether another page follows.
    found = sandbox.store.page(wanted, after, page.size + 1, skip, sandbox.settings.order)
    returned = found[: page.size]
    next_page = None
    if len(found) > page.size:
        next_page = page_token(skip + page.size if by_position else returned[-1].id)
    text = list_json(returned, sandbox.catalogue, _view(sandbox.settings, request.query.get("hydrate", "")))
    return json_answer(text, headers=list_headers(total, len(returned), next_page))


def _view(habits: Settings, hydrate: str) -> View:
    """What list items show: without a word in `hydrate` their tags, and no configuration."""
    if habits.short_items:
        return View.SHORT
    if not habits.hydrates:
        return View.BARE
    return {"true": View.WHOLE, "false": View.BARE}.get(hydrate.lower(), View.TAGGED)


async def create_instance(request: web.Request) -> web.Response:
    """Make an instance. Nothing is unique: the same request twice makes two."""
    sandbox = request.config_dict[SANDBOX]
    body = await object_body(request)
    in_path = request.match_info.get("element")
    element = sandbox.catalogue.find(in_path) if in_path else provisioning.element_of(sandbox, body)
    return instance_answer(sandbox, provisioning.create(sandbox, element, body), whole=sandbox.settings.whole_answers)


async def get_instance(request: web.Request) -> web.Response:
    """One instance, whole."""
    return instance_answer(request.config_dict[SANDBOX], addressed(request))


async def put_instance(request: web.Request) -> web.Response:
    """Update and re-authenticate, unless the query says `reAuthenticate=false`."""
    sandbox, body = request.config_dict[SANDBOX], await object_body(request)
    again = request.query.get("reAuthenticate", "true").lower() != "false"
    changed = provisioning.update(sandbox, addressed(request), body, ask_vendor=again, heals=again, put=True)
    return instance_answer(sandbox, changed, whole=sandbox.settings.whole_answers)


async def patch_instance(request: web.Request) -> web.Response:
    """Update what is given; the vendor is not asked, but new configuration is taken to be better than the old."""
    sandbox, body = request.config_dict[SANDBOX], await object_body(request)
    heals = body.get("configuration") is not None
    changed = provisioning.update(sandbox, addressed(request), body, ask_vendor=False, heals=heals)
    return instance_answer(sandbox, changed, whole=sandbox.settings.whole_answers)


async def delete_instance(request: web.Request) -> web.Response:
    """Delete; 409 when a formula instance needs it. The answer has no body."""
    instance = addressed(request)
    if instance.in_use:
        raise problems.in_use(instance.id)
    request.config_dict[SANDBOX].store.remove(instance.id)
    return web.Response()


async def enable(request: web.Request) -> web.Response:
    """Let hub calls through again. The answer has no body."""
    return _switch(request, disabled=False)


async def disable(request: web.Request) -> web.Response:
    """Let no hub call through. The answer has no body."""
    return _switch(request, disabled=True)


async def start_trace(request: web.Request) -> web.Response:
    """Trace logging for `duration` minutes; it ends by itself."""
    body = await object_body(request) if await request.read() else {}
    minutes = as_number(as_text(body.get("duration", DEFAULT_TRACE_MINUTES)) or "")
    if minutes is None:
        raise problems.bad_request("duration must be a number of minutes")
    return _trace(request, until=time.time() + 60 * minutes)


async def stop_trace(request: web.Request) -> web.Response:
    """End trace logging now."""
    return _trace(request, until=0.0)


async def count_instances(request: web.Request) -> web.Response:
    """How many instances there are, in all and by element."""
    by_element = request.config_dict[SANDBOX].store.counts_by_element()
    return answer({"totalInstances": sum(by_element.values()), "elementInstances": by_element})


def _element_key(request: web.Request) -> str:
    """The key of the element in the path, "" when the path names none; raises a 404 for an unknown one."""
    in_path = request.match_info.get("element")
    return request.config_dict[SANDBOX].catalogue.find(in_path).key if in_path else ""


def _switch(request: web.Request, disabled: bool) -> web.Response:
    request.config_dict[SANDBOX].store.update(replace(addressed(request), disabled=disabled))
    return web.Response()


def _trace(request: web.Request, until: float) -> web.Response:
    request.config_dict[SANDBOX].store.update(replace(addressed(request), traced_until=until))
    return web.Response()
