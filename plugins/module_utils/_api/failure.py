# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Explain a failed request: whether anything was sent, the cause, and the fix. Private to this collection."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .certificates import advice, certificate_error
from .connection import REQUESTS_IMPORT_ERROR, Endless, Phase

if REQUESTS_IMPORT_ERROR is None:
    import requests
    from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError

from .._model.errors import BadConnection, MaybeProcessed, NotSent, ServiceError
from .._model.message import Own

TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})")
"""Python's message when a proxy does not connect. The rest of it comes from the proxy and is not shown."""
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST"})
"""OpenSSL's reasons, in its different releases, when the server does not speak TLS, for example plain HTTP."""
NO_TLS_ANSWER = " The server accepted the connection, but did not answer in TLS: its port may be one of plain HTTP."
CLOSED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""How different releases of OpenSSL report a connection that is closed during the handshake."""
TLS_ALERT = "\x15\x03"
"""The start of a TLS server's answer to a plain HTTP request."""
WANTS_TLS = re.compile(rb"HTTPS (port|server)|SSL-enabled server port|requires TLS", re.IGNORECASE)
"""The answers of nginx, Go, Apache and Tomcat to plain HTTP on an HTTPS port, with status 400."""


@dataclass(frozen=True)
class Route:
    """The way of one request to the platform.

    :param base_url: without a user name
    :param timeout: seconds without a byte
    :param has_answered: whether the address has answered before
    :param proxy: the variable with the proxy of the request, or ''. The proxy's URL may contain a password
    :param verify: the path of the certificates in use, or whether certificates are verified
    :param bundle: the option or variable with that path
    """

    base_url: str
    timeout: float
    has_answered: bool = False
    proxy: str = ""
    verify: bool | str = True
    bundle: str = ""

    def over(self, send_options: Mapping[str, Any], *, has_ca_path: bool) -> Route:
        """Return this route with the proxy and certificates that the requests library takes from the environment."""
        proxy = requests.utils.select_proxy(self.base_url, send_options["proxies"])
        name = self._scheme if self._scheme in send_options["proxies"] else "all"
        return replace(
            self,
            proxy=f"{name.upper()}_PROXY" if proxy else "",
            verify=send_options["verify"],
            bundle="ca_path" if has_ca_path else _bundle_variable(),
        )

    @property
    def forwarding_proxy(self) -> str:
        """The variable of a proxy that reads the request and may answer it itself; '' if it only connects."""
        return self.proxy if self._scheme == "http" else ""

    @property
    def _scheme(self) -> str:
        return self.base_url.partition(":")[0]

    @property
    def is_direct_tls(self) -> bool:
        """Whether the first answer has to come from a server that speaks TLS."""
        return self._scheme == "https" and not self.proxy

    @property
    def may_want_tls(self) -> bool:
        """Whether a connection that ends without an answer may be due to a server that expects TLS."""
        return self._scheme == "http" and not self.proxy and not self.has_answered


def _bundle_variable() -> str:
    """Return the variable that the requests library takes certificates from, if any."""
    return "REQUESTS_CA_BUNDLE" if os.environ.get("REQUESTS_CA_BUNDLE") else "CURL_CA_BUNDLE"


def failure(error: Exception, phase: Phase, route: Route) -> ServiceError:
    """Return the error to raise. The phase is needed, because the same exceptions occur before and after sending."""
    causes = list(_causes(error))
    return (None if phase.sent else _unsent_failure(error, causes, phase, route)) or _maybe_processed(
        error, causes, route
    )


def early_refusal(status: int, body: bytes, route: Route) -> BadConnection | None:
    """Return the error for an answer that proves that the request did not reach the platform, or None.

    :param status: of the answer
    :param body: of the answer
    """
    if status == 407 and route.forwarding_proxy:
        return BadConnection(
            "The proxy in {proxy} did not forward the request to Cloud Elements at {base_url} (HTTP 407). Check "
            "the user name and password in that variable. Nothing was done.",
            proxy=Own(route.proxy),
            base_url=route.base_url,
        )
    if status == 400 and route.base_url.startswith("http:") and WANTS_TLS.search(body[:4096]):
        return _tls_required_failure(route)
    return None


def _unsent_failure(
    error: Exception, causes: Sequence[BaseException], phase: Phase, route: Route
) -> ServiceError | None:
    """Return the error to raise if it is proven that nothing was sent, or None."""
    base_url = route.base_url
    # The connection begins at the proxy. A failure before the proxy was asked to connect is the proxy's.
    at_proxy = bool(route.proxy) and not phase.asked_proxy
    certificate = certificate_error(causes)
    if certificate:
        return _certificate_failure(certificate, route, at_proxy=at_proxy)
    if any(isinstance(cause, ssl.SSLError) and cause.reason in NO_TLS for cause in causes):
        return _no_tls_failure(route, at_proxy=at_proxy)
    if isinstance(error, ValueError) or not isinstance(error, (requests.RequestException, HTTPError)):
        return BadConnection(
            "Cloud Elements at {base_url} cannot be called with these settings ({kind}). Check base_url, the proxy, "
            "and the certificates in REQUESTS_CA_BUNDLE. Nothing was sent.",
            base_url=base_url,
            kind=Own(type(error).__name__),
        )
    refusal = next(filter(None, (TUNNEL_REFUSED.match(str(cause)) for cause in causes)), None)
    if refusal:
        return _proxy_refusal(int(refusal[1]), route)
    if phase.connecting or _has_no_connection(causes):
        return _connection_failure(error, causes, route, at_proxy=at_proxy)
    return None


def _certificate_failure(error: BaseException, route: Route, *, at_proxy: bool) -> BadConnection:
    host = Own(f"the proxy in {route.proxy}") if at_proxy else route.base_url
    reason = getattr(error, "verify_message", "host name mismatch")
    next_step = advice(error, route.verify, route.bundle, route.proxy if at_proxy else "base_url")
    return BadConnection(
        "The TLS certificate of {host} could not be verified ({reason}): {next_step} Nothing was sent.",
        host=host,
        reason=reason,
        next_step=next_step,
    )


def _no_tls_failure(route: Route, *, at_proxy: bool) -> BadConnection:
    if at_proxy:
        return BadConnection(
            "The proxy in {proxy} does not speak TLS, and this looks like plain HTTP: use http:// for its address "
            "in that variable. Nothing was sent.",
            proxy=Own(route.proxy),
        )
    return BadConnection(
        "The server at {base_url} does not speak TLS, and this looks like plain HTTP: check base_url, its scheme "
        "and its port. Nothing was sent.",
        base_url=route.base_url,
    )


def _tls_required_failure(route: Route) -> BadConnection:
    return BadConnection(
        "The server at {base_url} expects TLS, but got plain HTTP: use https:// in base_url, or correct the port. "
        "Nothing was done.",
        base_url=route.base_url,
    )


def _proxy_refusal(status: int, route: Route) -> NotSent:
    # A proxy that refuses will refuse a retry as well.
    meaning = BadConnection if 400 <= status < 500 else NotSent
    variable = route.proxy or "HTTPS_PROXY"
    return meaning(
        "The proxy refused to connect to Cloud Elements at {base_url} (HTTP {status}). Check {variable}, the user "
        "name and password in it, and whether the proxy allows this host. Nothing was sent.",
        base_url=route.base_url,
        status=status,
        variable=variable,
    )


def _connection_failure(error: Exception, causes: Sequence[BaseException], route: Route, *, at_proxy: bool) -> NotSent:
    timed_out = isinstance(error, requests.Timeout)
    reason = Own(f"no answer within {route.timeout:g} s") if timed_out else _reason(causes) or Own("connection failed")
    if at_proxy:
        return NotSent(
            "Cannot connect to the proxy in {proxy} ({reason}). Check that variable and the network, or list the host "
            "of base_url in NO_PROXY. Nothing was sent.",
            proxy=Own(route.proxy),
            reason=reason,
        )
    return NotSent(
        "Cannot connect to Cloud Elements at {base_url} ({reason}). Check base_url, the network and any proxy. "
        "Nothing was sent.{tls}",
        base_url=route.base_url,
        reason=reason,
        tls=Own(
            NO_TLS_ANSWER if route.is_direct_tls and not (_has_no_connection(causes) or _has_tls_answer(causes)) else ""
        ),
    )


def _has_no_connection(causes: Sequence[BaseException]) -> bool:
    """Return whether an error proves that nothing accepted a connection."""
    return any(isinstance(cause, (requests.ConnectTimeout, NewConnectionError)) for cause in causes)


def _has_tls_answer(causes: Sequence[BaseException]) -> bool:
    """Return whether an error shows that a server answered in TLS, for example with a refusal."""
    return any(isinstance(cause, ssl.SSLError) and not isinstance(cause, CLOSED) for cause in causes)


def _maybe_processed(error: Exception, causes: Sequence[BaseException], route: Route) -> ServiceError:
    """Return the error to raise if the request may have been carried out."""
    base_url = route.base_url
    if any(isinstance(cause, Endless) for cause in causes):
        return MaybeProcessed(
            "The answer of Cloud Elements at {base_url} is too large or takes too long. Check base_url and any proxy.",
            base_url=base_url,
        )
    if base_url.startswith("http:") and any(TLS_ALERT in str(cause) for cause in causes):
        return _tls_required_failure(route)
    tls, reason = "", ""
    if isinstance(error, requests.Timeout):
        reason = Own(f"no answer within {route.timeout:g} s; raise timeout to wait longer")
    elif isinstance(error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, ProtocolError)):
        reason = _reason(causes) or Own("connection closed")
        tls = " If that service expects TLS, use https:// in base_url." if route.may_want_tls else ""
    else:
        reason = Own(f"unreadable answer, {type(error).__name__}")
    return MaybeProcessed(
        "The connection to Cloud Elements at {base_url} was lost ({reason}).{tls}",
        base_url=base_url,
        reason=reason,
        tls=Own(tls),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, the ones that it wraps and its causes: requests and urllib3 use all three ways."""
    queue: list[Any] = [error]
    visited: list[BaseException] = []
    while queue:
        cause = queue.pop(0)
        if isinstance(cause, BaseException) and cause not in visited:
            visited.append(cause)
            yield cause
            queue += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def _reason(causes: Sequence[BaseException]) -> str | None:
    """Return the operating system's message for a failure."""
    # The TLS library's message about a closed connection contains a place in its own code.
    if any(isinstance(cause, CLOSED) for cause in causes):
        return Own("connection closed")
    return next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), None)
