# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Send HTTP requests, and retry them by a table. Only this file does. Private to this collection."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.client import HTTPException
from typing import Any

from .connection import ANSWER_MAX, REQUESTS_IMPORT_ERROR, Endless, RecordingAdapter, begin_request

if REQUESTS_IMPORT_ERROR is None:
    import requests
    from urllib3.exceptions import HTTPError

from .._model.errors import BadConnection, MaybeProcessed, NotSent, ServiceError
from .._model.message import Own
from .failure import Route, early_refusal, failure
from .throttle import Clock, Throttle

RETRY_ON: Mapping[str, frozenset[int]] = {
    "GET": frozenset({429, 500, 502, 503, 504}),
    "PUT": frozenset({429, 502, 503}),
    "PATCH": frozenset({429, 502, 503}),
    "DELETE": frozenset({429, 502, 503}),
    "POST": frozenset(),
}
"""The statuses after which a request is sent again. POST is not idempotent: never."""
BACK_OFF = (0.5, 20.0)
"""Seconds: the first wait, and the longest."""
RETRY_AFTER_MAX = 120.0
"""Seconds."""
RETRIES_WITHOUT_RETRY_AFTER = 2
"""A 429 without Retry-After may also mean that the request is too large, and then waiting does not help."""
PATIENCE = 30.0
"""Seconds for each retry.

When the platform names a pause, this time limits the attempts instead of their number, because other clients may use up
the rate limit many times in a row.
"""
NOT_JSON = object()
WAITED_MESSAGE = Own("Some requests to Cloud Elements failed and were retried.")


@dataclass(frozen=True)
class Settings:
    """How to reach the platform.

    :param base_url: the address with its path, without a slash at the end
    :param verify: True, False, or the path of a CA bundle
    :param timeout: seconds without a byte before a request counts as lost
    :param retries: maximum number of retries of a request; more only if the platform names a pause
    :param concurrency: maximum number of requests at once
    """

    base_url: str
    user_secret: str = field(repr=False)
    organization_secret: str = field(repr=False)
    verify: bool | str = True
    timeout: float = 60.0
    retries: int = 4
    concurrency: int = 1

    @property
    def patience(self) -> float:
        """How many seconds a request is retried if the platform names a pause."""
        return self.retries * PATIENCE


@dataclass(frozen=True)
class Response:
    """One complete answer."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Header names in any case."""
    body: bytes = field(repr=False)
    proxy: str = ""
    """The variable that names the proxy which may have answered itself, or ''."""

    @cached_property
    def json(self) -> Any:
        """The decoded body, or NOT_JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return NOT_JSON


def new_session(concurrency: int) -> requests.Session:
    """Return a session without connections.

    :param concurrency: how many connections stay open at most
    """
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, RecordingAdapter(pool_maxsize=concurrency))
    return session


class Transport:
    """Sends requests, again where that is safe.

    :param settings: how to reach the platform
    :param clock: the clock; tests replace it
    :param session: open connections, which others may use after it; None opens its own
    """

    def __init__(self, settings: Settings, clock: Clock, session: requests.Session | None = None) -> None:
        self.warnings: set[str] = set()
        self._settings = settings
        self._clock = clock
        self._has_answered = False
        """Whether the address has answered in this run."""
        self._throttle = Throttle(settings.concurrency, clock)
        self._session = session or new_session(settings.concurrency)

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        token: str | None = None,
    ) -> Response:
        """Send a request, with retries if the table allows them. Return the last answer, whatever its status.

        :param path: under the base URL
        :param token: of an instance, for a call to its vendor
        :raises NotSent: it never left
        :raises MaybeProcessed: it may have arrived
        """
        result = self._send_in_turn(0, method, path, query, body, token)
        maybe_done = False
        budget = _RetryBudget(self._settings, self._clock.now())
        while _may_retry(method, result, budget.failures) and budget.spend(result, self._clock.now()):
            maybe_done = maybe_done or not (isinstance(result, ServiceError) or _is_rate_limited(result))
            self.warnings.add(WAITED_MESSAGE)
            if not _is_rate_limited(result) and not self._clock.wait(_pause(result, budget.failures - 1)):
                break
            result = self._send_in_turn(budget.failures, method, path, query, body, token)
        # A 404 for the second DELETE may mean that the first one worked, although a gateway answered it with 502.
        maybe_done = maybe_done and method != "GET"
        if isinstance(result, ServiceError):
            raise MaybeProcessed("After an earlier attempt: {result}", result=result) if maybe_done else result
        if maybe_done and 400 <= result.status < 500:
            raise MaybeProcessed(
                "Cloud Elements answered a repeated {method} with HTTP {status}.",
                method=Own(method),
                status=result.status,
            )
        return result

    def _send_in_turn(self, attempt: int, *request: Any) -> Response | ServiceError:
        try:
            with self._throttle.turn():
                result = self._send_once(*request)
        except NotSent as error:
            return error
        if _is_rate_limited(result):
            self._throttle.slow_down(_pause(result, attempt))
        elif not isinstance(result, ServiceError):
            self._throttle.speed_up()
        return result

    def _send_once(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        token: str | None,
    ) -> Response | ServiceError:
        settings, session = self._settings, self._session
        phase = begin_request(settings.timeout)
        route = Route(settings.base_url, settings.timeout, has_answered=self._has_answered)
        try:
            request = session.prepare_request(
                requests.Request(
                    method,
                    settings.base_url + path,
                    params=query,
                    json=body,
                    auth=_Authorization(settings, token),
                    headers={"Accept": "application/json"},
                )
            )
            send_options = self._send_options
            route = route.over(send_options, has_ca_path=isinstance(settings.verify, str))
            # Not session.send: it parses redirects, reads their bodies to the end, and collects cookies.
            adapter = session.get_adapter(settings.base_url)
            with adapter.send(request, timeout=settings.timeout, **send_options) as response:
                phase.leaves()
                reply = self._read_response(response, route.forwarding_proxy)
        except Exception as error:
            if not (phase.sent or isinstance(error, (OSError, ValueError, HTTPException, HTTPError))):
                # A bug in this collection.
                raise
            return failure(error, phase, route)
        self._has_answered = True
        return early_refusal(reply.status, reply.body, route) or reply

    @cached_property
    def _send_options(self) -> Any:
        """The proxy and the certificates, from the settings and the environment. To find them takes long.

        They are set per request, not per session: in a session, the variable REQUESTS_CA_BUNDLE would override False.
        """
        settings = self._settings
        return self._session.merge_environment_settings(settings.base_url, {}, True, settings.verify, None)

    def _read_response(self, response: requests.Response, proxy: str) -> Response:
        """Read a complete answer, up to the size limit."""
        body = bytearray()
        for part in response.iter_content(2**16):
            body += part
            if len(body) > ANSWER_MAX:
                raise Endless
        # Before version 2, urllib3 counts missing bytes but does not raise an error.
        if (getattr(response.raw, "length_remaining", None) or 0) > 0:
            raise requests.ConnectionError
        # A truncated compressed body unpacks to nothing, which would look like the empty answer to a deletion.
        if not body and response.raw.tell() > 0:
            raise requests.exceptions.ContentDecodingError
        return Response(response.status_code, response.headers, bytes(body), proxy)


@dataclass
class _RetryBudget:
    """Counts the failed attempts of one request.

    :param settings: limits for attempts and time
    :param start: the time of the first answer
    """

    settings: Settings
    start: float
    rate_limited: int = 0
    """How often the platform asked for a pause and named its length."""
    failures: int = 0

    def spend(self, result: Response | ServiceError, now: float) -> bool:
        """Count one attempt, and return whether another may follow."""
        if _names_pause(result):
            self.rate_limited += 1
            return self.rate_limited <= self.settings.retries or now - self.start < self.settings.patience
        self.failures += 1
        return self.failures <= self.settings.retries


class _Authorization:
    """Sets the header as an auth object: the requests library would replace a plain header from ~/.netrc."""

    def __init__(self, settings: Settings, token: str | None) -> None:
        credential = f"Element {token}" if token else f"Organization {settings.organization_secret}"
        self._header = (f"User {settings.user_secret}, {credential}").encode()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header  # type: ignore[assignment]  # bytes: secrets may be non-ASCII
        return request


def _is_rate_limited(result: Response | ServiceError) -> bool:
    """Return whether the platform asks all requests to pause."""
    return not isinstance(result, ServiceError) and result.status == 429


def _names_pause(result: Response | ServiceError) -> bool:
    """Return whether the platform asks for a pause and names its length."""
    return not isinstance(result, ServiceError) and result.status == 429 and retry_after(result) is not None


def _may_retry(method: str, result: Response | ServiceError, attempt: int) -> bool:
    if isinstance(result, ServiceError):
        return not isinstance(result, BadConnection) and (method == "GET" or isinstance(result, NotSent))
    if result.status == 429 and retry_after(result) is None and attempt >= RETRIES_WITHOUT_RETRY_AFTER:
        return False
    return result.status in RETRY_ON[method]


def _pause(result: Response | ServiceError, attempt: int) -> float:
    delay = None if isinstance(result, ServiceError) else retry_after(result)
    first, longest = BACK_OFF
    if delay is not None:
        return max(delay, first)
    # The jitter keeps many jobs from retrying at the same moment. It needs no secure random numbers.
    return min(first * 2.0**attempt, longest) * random.uniform(0.5, 1.0)  # noqa: S311


def retry_after(reply: Response) -> float | None:
    """Return the seconds of the header Retry-After, clamped, or None."""
    text = reply.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        seconds = float(text)
    else:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(timezone.utc)).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX)
