# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers of `/elements`: the catalogue."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from typing import Any

from aiohttp import web

from . import problems
from .element import Element
from .paging import page_request, page_token
from .settings import MAX_PAGE_SIZE
from .wire import SANDBOX, answer, list_headers, object_body

MAX_METADATA_PAGE_SIZE = 500


async def list_elements(request: web.Request) -> web.Response:
    """A page of elements, without their configuration keys."""
    return _page(request, request.config_dict[SANDBOX].catalogue.summary, MAX_PAGE_SIZE)


async def list_metadata(request: web.Request) -> web.Response:
    """A page of what elements can do."""
    return _page(request, request.config_dict[SANDBOX].catalogue.metadata, MAX_METADATA_PAGE_SIZE)


async def list_keys(request: web.Request) -> web.Response:
    """The keys of all elements."""
    return answer([element.key for element in request.config_dict[SANDBOX].catalogue.elements])


async def get_element(request: web.Request) -> web.Response:
    """One element, whole."""
    return answer(request.config_dict[SANDBOX].catalogue.full(_element(request)))


async def get_configuration(request: web.Request) -> web.Response:
    """The configuration keys of an element: inside an object, not a bare list."""
    element = _element(request)
    keys = request.config_dict[SANDBOX].catalogue.configuration(element)
    return answer({"configuration": keys, "authentication": {"type": element.authentication}})


async def get_metadata(request: web.Request) -> web.Response:
    """What an element can do."""
    return answer(request.config_dict[SANDBOX].catalogue.metadata(_element(request)))


async def get_oauth_url(request: web.Request) -> web.Response:
    """Where a person has to consent before an instance of an OAuth element can be made; a POST may say it in a body."""
    element = _element(request)
    if not element.oauth:
        raise problems.bad_request(f"Element {element.key} does not use OAuth")
    given = {**request.query, **(await object_body(request) if await request.read() else {})}
    lacking = [name for name in ("apiKey", "apiSecret", "callbackUrl") if not given.get(name)]
    if lacking:
        raise problems.bad_request(f"Missing query parameters: {', '.join(lacking)}")
    query = {
        "response_type": "code",
        "client_id": given["apiKey"],
        "redirect_uri": given["callbackUrl"],
        "scope": given.get("scope", ""),
        "state": given.get("state", element.key),
    }
    consent = element.by_key["oauth.authorization.url"].default
    return answer({"element": element.key, "oauthUrl": f"{consent}?{urllib.parse.urlencode(query)}"})


def _page(request: web.Request, shown: Callable[[Element], dict[str, Any]], longest: int) -> web.Response:
    elements = request.config_dict[SANDBOX].catalogue.elements
    page = page_request(request.query, longest)
    end = page.after + page.size
    found = [shown(element) for element in elements[page.after : end]]
    headers = list_headers(len(elements), len(found), page_token(end) if end < len(elements) else None)
    return answer(found, headers=headers)


def _element(request: web.Request) -> Element:
    return request.config_dict[SANDBOX].catalogue.find(request.match_info["element"])
