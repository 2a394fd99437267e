# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a fault from the body of a control call. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from . import problems, settings
from .faults import Answer, Fault
from .kinds import FLAG, OBJECT, TEXT, Kind, check, number, or_null


def fault_of(body: Mapping[str, Any], known: Collection[tuple[str, str]]) -> Fault:
    """The fault that a body describes; raises a 400. `known`: the methods and templates of all routes."""
    check(body, _FAULT)
    _demand_route(body, known)
    planned = Fault(**{**body, "answer": _planned_answer(body.get("answer"))})
    if planned.times is not None and planned.times < planned.together:
        raise problems.bad_request("times must be at least together: the others would never come")
    return planned


def _demand_route(body: Mapping[str, Any], known: Collection[tuple[str, str]]) -> None:
    """Raise a 400 where no request could ever be hit."""
    for name in ("method", "path"):
        if name not in body:
            raise problems.bad_request(f"{name} is required")
    methods = sorted(method for method, path in known if path == body["path"])
    if not methods:
        paths = ", ".join(sorted({path for _method, path in known}))
        raise problems.bad_request(f"No route has the path {body['path']}; known: {paths}")
    if body["method"] not in methods:
        raise problems.bad_request(f"{body['path']} has no method {body['method']}; known: {', '.join(methods)}")


def _planned_answer(body: Mapping[str, Any] | None) -> Answer | None:
    """Read an answer; its body is `json`, `text`, or any bytes in `base64`."""
    if body is None:
        return None
    check(body, _ANSWER)
    bodies = [name for name in ("json", "text", "base64") if name in body]
    if len(bodies) > 1:
        raise problems.bad_request(f"An answer has one body, not {' and '.join(bodies)}")
    headers = {"content-type": "application/json"} if "json" in body else {}
    headers |= {name.lower(): value for name, value in body.get("headers", {}).items()}
    content = json.dumps(body["json"]) if "json" in body else body.get("text", "")
    return Answer(body.get("status", 200), headers, _decoded(body["base64"]) if "base64" in body else content.encode())


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise problems.bad_request("base64 is no base64") from None


def _is_header(name: str, value: Any) -> bool:
    # The length is the server's own business.
    free = _HEADER_NAME.fullmatch(name) and name.lower() not in ("content-length", "transfer-encoding")
    return bool(free) and isinstance(value, str) and value.isprintable()


def _is_deed(deed: Any) -> bool:
    if not isinstance(deed, dict) or not _ID.fits(deed.get("id", 1)):
        return False
    what = set(deed) - {"id"}
    return len(what) == 1 and all(name in _DEED and _DEED[name].fits(deed[name]) for name in what)


_HEADER_NAME = re.compile(r"[A-Za-z0-9_-]+")

_ANYTHING = Kind(lambda _value: True, "anything")
_COUNT = number(0, 10**9)
_ID = number(1, 10**18 - 1)
_SECONDS = Kind(settings.is_seconds, f"seconds from 0 to {settings.MAX_SECONDS:g}")
_FLAGS = Kind(
    lambda value: isinstance(value, dict) and all(map(FLAG.fits, value.values())), "an object of true and false"
)
_HEADERS = Kind(
    lambda value: isinstance(value, dict) and all(_is_header(*item) for item in value.items()),
    "an object of header names and texts, without the headers of the length",
)
_BYTES = Kind(
    lambda value: isinstance(value, str) and all(letter < "\u0100" for letter in value), "a text of letters up to ÿ"
)
_DEED = {"create": OBJECT, "update": OBJECT, "delete": Kind(lambda value: value is True, "true")}
_DEEDS = Kind(
    lambda value: isinstance(value, list) and all(map(_is_deed, value)),
    'a list of {"create": {}}, {"update": {}} or {"delete": true}, the last two with an id or without',
)

_FAULT = {
    "method": TEXT,
    "path": TEXT,
    "query": _FLAGS,
    "skip": _COUNT,
    "times": or_null(_COUNT),
    "after": FLAG,
    "together": _COUNT,
    "meanwhile": _DEEDS,
    "delay": _SECONDS,
    "answer": or_null(OBJECT),
    "drop": FLAG,
    "raw": or_null(_BYTES),
    "cut": or_null(_COUNT),
    "headers": _HEADERS,
    "repeat_page": FLAG,
}
_ANSWER = {
    "status": number(200, 599),
    "headers": _HEADERS,
    "json": _ANYTHING,
    "text": TEXT,
    "base64": TEXT,
}
