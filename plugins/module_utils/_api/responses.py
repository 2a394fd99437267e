# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Interpret the platform's answers. Only the client sees a decoded body. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .._model.errors import Refused, ServiceError
from .._model.message import Message, Own
from .._model.redact import Redactor, one_line
from .transport import Response

BODY_LIMIT = 300
"""Characters of a server's message that are shown."""

CREATE_REFUSED = frozenset({400, 401, 403, 404, 405, 409, 415, 422})
"""The statuses of a POST which prove that nothing was created."""
LISTINGS = frozenset({"/instances", "/elements"})
NO_SUCH_PATH = frozenset({404, 405})
"""The statuses of a listing that mean a wrong path in base_url, because every account has these listings."""
UNCITED_REFUSAL = "Failed to connect to the API URL"
"""The message of some elements, such as ConnectWise, when the vendor refused a login or an address."""
ERROR_KEYS = frozenset({"message", "requestId", "providerMessage"})
OWN_KEYS = frozenset({"id", "key"})
"""Keys of every instance or element, and of no error."""


@dataclass(frozen=True)
class Call:
    """A request, as messages about its answer name it."""

    method: str
    path: str
    base_url: str

    @property
    def shown_path(self) -> str:
        """The path. It may contain the key of an element, which may be any text."""
        return Own(self.path) if self.path.startswith("/instances") else self.path


@dataclass(frozen=True)
class ApiResponse:
    """The parts of an answer that other files may use.

    :param error: the decoded error body, or an empty one
    """

    status: int
    error: Mapping[str, Any] = field(repr=False)
    redactor: Redactor = field(repr=False)
    from_vendor: bool
    """It contains the vendor's reason, in the vendor's words or not."""
    from_platform: bool
    """It has the platform's error body, or for a success an object or a list. A proxy's page has neither."""
    proxy: str = ""
    """The variable that names the proxy which may have answered itself, or ''."""

    @property
    def is_empty_list(self) -> bool:
        """Return whether this 404 is the platform's form of an empty list."""
        message = _text_of(self.error, "message")
        return self.status == 404 and self.from_platform and bool(re.match(r"No .* found", message, re.IGNORECASE))

    @cached_property
    def description(self) -> Message:
        """The server's words in one line, redacted and cut, such as ``HTTP 400 "Failed", request id 5b04``.

        They are redacted when they are used, because that takes long with the secrets of thousands of instances.
        """
        message, provider, request_id = map(self._quote, ("message", "providerMessage", "requestId"))
        description = Message("HTTP {status}", status=self.status)
        if message:
            description = Message('{description} "{message}"', description=description, message=message)
        if provider:
            description = Message('{description}, vendor: "{provider}"', description=description, provider=provider)
        if request_id:
            description = Message("{description}, request id {id}", description=description, id=request_id)
        return description

    def _quote(self, key: str) -> str:
        # Redact first, then cut: a cut could leave a part of a secret that is no longer recognised.
        return one_line(self.redactor.redact_text(_text_of(self.error, key)))[:BODY_LIMIT]


def body_of(reply: Response, answer: ApiResponse, call: Call, kind: type) -> Any:
    """Return the decoded body of a success.

    :raises ServiceError: the answer is no success, or its body is not of the expected type
    """
    if not 200 <= answer.status < 300:
        raise refusal(answer, call)
    body = reply.json
    if isinstance(body, dict) and body.keys() & ERROR_KEYS and not body.keys() & OWN_KEYS:
        raise ServiceError(
            "Cloud Elements answered {method} {path} with {description}, but the body describes an error.",
            method=Own(call.method),
            path=call.shown_path,
            description=answer.description,
        )
    if not isinstance(body, kind):
        raise foreign_answer(answer, call)
    return body


def refusal(answer: ApiResponse, call: Call) -> ServiceError:
    """Return the error to raise for an answer that is no success."""
    base_url, status, method, path = call.base_url, answer.status, call.method, call.path
    # During a write, the platform may call the vendor. If the vendor refuses, the platform's own secrets are not wrong.
    by_vendor = answer.from_vendor and method != "GET"
    if status == 401 and not by_vendor:
        text = Message(
            "Cloud Elements at {base_url} rejected the user secret or the organization secret ({description}). Check "
            "user_secret and organization_secret, and that base_url is the address of their environment.",
            base_url=base_url,
            description=answer.description,
        )
    elif 300 <= status < 400:
        text = Message(
            "{base_url} answered with a redirect (HTTP {status}), which is not followed. Check base_url.",
            base_url=base_url,
            status=status,
        )
    elif not answer.from_platform:
        return foreign_answer(answer, call)
    elif status in NO_SUCH_PATH and path in LISTINGS:
        text = Message(
            "Cloud Elements at {base_url} has no {path} ({description}). Check base_url, whose path is "
            "/elements/api-v2.",
            base_url=base_url,
            path=call.shown_path,
            description=answer.description,
        )
    elif status == 403 and not by_vendor:
        text = Message(
            "Cloud Elements does not allow this user to {method} {path} ({description}). Ask for the privilege, or use "
            "another user.",
            method=Own(method),
            path=call.shown_path,
            description=answer.description,
        )
    else:
        text = Message(
            "Cloud Elements answered {method} {path} with {description}.",
            method=Own(method),
            path=call.shown_path,
            description=answer.description,
        )
    # A 408 from a gateway means that the platform did not answer in time. A redirect may come after the work was done.
    is_definite = status in CREATE_REFUSED if method == "POST" else 400 <= status < 500 and status != 408
    return Refused(text, status, answer.from_vendor) if is_definite else ServiceError(text)


def foreign_answer(answer: ApiResponse, call: Call) -> ServiceError:
    """Return the error to raise for an answer without the platform's JSON: something else answered."""
    proxy = f"that the proxy in {answer.proxy} reaches this host" if answer.proxy else "any proxy"
    text = Message(
        "{base_url} answered {method} {path} with HTTP {status}, but not with the JSON of Cloud Elements. Check "
        "base_url, whose path is /elements/api-v2, and {proxy}.",
        base_url=call.base_url,
        method=Own(call.method),
        path=call.shown_path,
        status=answer.status,
        proxy=Own(proxy),
    )
    return Refused(text, answer.status) if answer.status in CREATE_REFUSED else ServiceError(text)


def understand(reply: Response, redactor: Redactor) -> ApiResponse:
    """Return the parts of an answer that other files may use."""
    decoded = reply.json
    error = decoded if isinstance(decoded, dict) and reply.status >= 300 else {}
    message, provider, request_id = (_text_of(error, key) for key in ("message", "providerMessage", "requestId"))
    is_success = 200 <= reply.status < 300
    from_platform = isinstance(decoded, (dict, list)) if is_success else bool(message and request_id)
    from_vendor = bool(provider) or message.startswith(UNCITED_REFUSAL)
    return ApiResponse(reply.status, error, redactor, from_vendor, from_platform, reply.proxy)


def _text_of(error: Mapping[str, Any], key: str) -> str:
    value = error.get(key)
    return value if isinstance(value, str) else ""
