# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP in and out: bodies read, answers written, and the keys under which requests carry what belongs to them."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from . import problems
from .catalogue import compact
from .instance import Instance, View, instance_json
from .sandbox import Sandbox

SANDBOX = web.AppKey("sandbox", Sandbox)
# On a request: the instance whose token the Authorization header showed.
TOKEN_INSTANCE = "token_instance"

NEXT_PAGE = "elements-next-page-token"
TOTAL_COUNT = "elements-total-count"
RETURNED_COUNT = "elements-returned-count"
REQUEST_ID = "elements-request-id"
INSTANCE_ID = "elements-element-instance-id"


async def object_body(request: web.Request) -> dict[str, Any]:
    """The JSON object a request carries; raises a 400 when it carries anything else."""
    raw = await request.read()
    try:
        value = json.loads(raw)
        if b"\\u" in raw:
            # Half a surrogate pair is valid JSON but no text: nothing could be stored of it.
            compact(value).encode()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise problems.bad_request("The request body must be a JSON object")
    return value


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return json_answer(compact(value), status, headers)


def json_answer(text: str, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """An answer whose JSON text is there already."""
    return web.Response(text=text, status=status, headers=headers, content_type="application/json")


def instance_answer(sandbox: Sandbox, instance: Instance, *, whole: bool = True) -> web.Response:
    """One instance. `whole`: with its tags and its configuration, as in most recorded answers."""
    return json_answer(instance_json(instance, sandbox.catalogue, View.WHOLE if whole else View.BARE))


def list_headers(total: int, returned: int, next_page: str | None) -> dict[str, str]:
    """The counts of a list, and the token of its next page if there is one."""
    headers = {TOTAL_COUNT: str(total), RETURNED_COUNT: str(returned)}
    return headers if next_page is None else headers | {NEXT_PAGE: next_page}
