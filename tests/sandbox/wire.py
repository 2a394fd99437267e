# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, replies, refusals, routes and pages as values, without sockets and without the handlers of routes."""

from __future__ import annotations

import base64
import binascii
import enum
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from .instances import Instance

NEXT_PAGE = "elements-next-page-token"
REQUEST_ID = "elements-request-id"
INSTANCE_ID = "elements-element-instance-id"
# The template of a request without a route.
UNROUTED = "(no route)"


class ApiError(Exception):
    """An answer other than 200: the HTTP status, the platform's words, and those of the vendor if it refused."""

    def __init__(self, status: int, message: str, provider_message: str | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.provider_message = provider_message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def bad_request(message: str) -> ApiError:
    return ApiError(400, message)


def unknown_path() -> ApiError:
    return ApiError(404, "The requested resource does not exist")


@dataclass(frozen=True)
class Request:
    """A request as it arrived.

    `path`: below the prefix, percent-encoded. `query`: name to values. `headers`: by names in lower case. What its way
    in adds to it: `params`, the parts of the path that its route names, and `instance`, that of the Element token.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)
    instance: Instance | None = None

    @classmethod
    def to(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
        """Return a request to a target such as `/instances?searchText=a`."""
        path, _mark, text = target.partition("?")
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        return cls(method, path, query, {name.lower(): value for name, value in headers.items()}, body)

    def parameter(self, name: str) -> str:
        return next(iter(self.query.get(name, ())), "")

    def json_object(self) -> dict[str, Any]:
        """Return its JSON object, or raise a 400 for any other body."""
        value = parsed(self.body)
        if not isinstance(value, dict):
            raise bad_request("The request body must be a JSON object")
        return value


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def parsed(body: bytes) -> Any:
    """Return the content of a JSON text, or None for any other text."""
    try:
        value = json.loads(body)
        if b"\\u" in body:
            # Half a surrogate pair is valid JSON, but it cannot be encoded in an answer.
            compact(value).encode()
    except ValueError:
        return None
    return value


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def json_reply(text: str, headers: Mapping[str, str] | None = None, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, text.encode())


def reply(value: Any, headers: Mapping[str, str] | None = None, status: int = 200) -> Reply:
    return json_reply(compact(value), headers, status)


def refusal(error: ApiError, request_id: str) -> Reply:
    """Return the platform's answer to a refused request; `request_id` is 24 hex digits."""
    vendor = {} if error.provider_message is None else {"providerMessage": error.provider_message}
    body = {"requestId": request_id, "message": error.message, **vendor}
    return reply(body, {**error.headers, REQUEST_ID: request_id}, error.status)


class Needs(enum.Enum):
    """The parts of the Authorization header that a call needs."""

    NOTHING = ()
    PLATFORM = ("User", "Organization")
    TOKEN = ("User", "Organization", "Element")
    HUB = ("User", "Element")
    LIST = "User and Organization, and no Element that is wrong"
    ANY = "User with Organization or Element"


def header_parts(header: str) -> list[tuple[str, str]]:
    """Return the pairs of `User <secret>, Organization <secret>, Element <token>`; names are case-sensitive."""
    pieces = (piece.strip().partition(" ") for piece in header.split(",") if piece.strip())
    return [(name, value.strip()) for name, _space, value in pieces]


# Called with its context and the request.
Handler = Callable[[Any, Request], Reply]


@dataclass(frozen=True)
class Route:
    """One route. `template`: a path below the prefix such as `/instances/{id}`; `resource`: a pattern for that part.

    `needs`: where no route is, either kind of caller may be told so.
    """

    method: str
    template: str
    handler: Handler
    needs: Needs = Needs.PLATFORM
    resource: str = "[^{}/]+"

    def pattern(self) -> re.Pattern[str]:
        number = r"\d{1,18}"
        patterns = {"id": number, "cid": number, "username": "[^/]+", "resource": self.resource}
        return re.compile(re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{patterns.get(m[1], '[^{}/]+')})", self.template))


class Router:
    """Finds the route of a request: the first that matches."""

    def __init__(self, *routes: Route) -> None:
        self.known = [(route.method, route.template) for route in routes]
        self._routes = [(route, route.pattern()) for route in routes]

    def match(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route that matches a request, or else one that refuses it, and the named parts of the path."""
        matches = [(route, hit) for route, pattern in self._routes if (hit := pattern.fullmatch(path))]
        for route, hit in matches:
            if route.method == method:
                return route, {name: unquote(value) for name, value in hit.groupdict().items()}
        methods = sorted({route.method for route, _hit in matches})

        def refuse(_owner: object, _request: Request) -> Reply:
            raise ApiError(405, "Method Not Allowed", Allow=",".join(methods)) if methods else unknown_path()

        return Route(method, UNROUTED, refuse, Needs.ANY), {}


def as_number(text: str) -> int | None:
    """Return a whole number from 0 on, of at most 18 digits; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


@dataclass(frozen=True)
class Page:
    """`size` items that follow position `after` (an id or a row number; 0 is the start)."""

    size: int
    after: int

    @classmethod
    def of(cls, request: Request, longest: int, usual: int | None = None) -> Page:
        """Read `pageSize` and `nextPage`; raise a 400 for a size below 1 or a token this server did not make.

        `usual`: the size of a page where none is asked for, if it is not the longest one.
        """
        text = request.parameter("pageSize")
        size = as_number(text) if text else usual or longest
        if not size:
            raise bad_request(f"pageSize must be a number from 1 to {longest}")
        return cls(min(size, longest), _position(request.parameter("nextPage")))

    def cut(self, rows: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
        """Return the rows of the page, where positions are row numbers, and the headers that belong to them."""
        end = self.after + self.size
        page_rows = rows[self.after : end]
        return page_rows, list_headers(len(rows), len(page_rows), end if end < len(rows) else None)


def list_headers(total: int, returned: int, next_position: int | None) -> dict[str, str]:
    """Return the counts of a list, and the token of its next page if there is one."""
    headers = {"elements-total-count": str(total), "elements-returned-count": str(returned)}
    if next_position is not None:
        headers[NEXT_PAGE] = base64.urlsafe_b64encode(f"after:{next_position}".encode()).decode()
    return headers


def _position(token: str) -> int:
    try:
        word, _colon, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (binascii.Error, ValueError):
        word, number = "", ""
    position = as_number(number) if token else 0
    if (token and word != "after") or position is None:
        raise bad_request("Invalid nextPage token")
    return position
