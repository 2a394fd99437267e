# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Connections that record when a request may have left, and that bound its answer. Private to this collection."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from functools import cache
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from io import BufferedReader, RawIOBase
from typing import Any

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPSConnectionPool
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    # A module must be able to start without the library, to report that it is missing.
    HTTPAdapter = object  # type: ignore[assignment,misc]
else:
    REQUESTS_IMPORT_ERROR = None

HEAD_MAX = 2**20
"""Bytes: a status line and its headers, those of interim answers included."""
ANSWER_MAX = 64 * 2**20
"""Bytes: a body. A full page of instances with large poller configurations takes a few million."""
ANSWER_TIMEOUTS = 10
"""How many time-outs an answer may take as a whole, from the moment of sending, however steadily it drips."""


class Endless(OSError):
    """An answer is larger, or takes longer, than any that can be right."""


class Phase:
    """How far one request has come. It proves what no exception can: that nothing was sent yet.

    :param timeout: seconds without a byte before a request counts as lost
    """

    def __init__(self, timeout: float) -> None:
        self.connecting = False
        self.asked_proxy = False
        """A proxy was reached, and asked to connect to the platform."""
        self.sent = False
        """From here on, every failure leaves open whether the request was carried out."""
        self._seconds = timeout * ANSWER_TIMEOUTS
        self.deadline = 0.0

    def connects(self) -> None:
        """Record that a connection is being made. A proxy may answer meanwhile."""
        self.connecting = True
        self.deadline = time.monotonic() + self._seconds

    def leaves(self) -> None:
        """Record that a part of the request may leave now."""
        if not self.sent:
            self.sent = True
            self.deadline = time.monotonic() + self._seconds


class _Thread(threading.local):
    phase: Phase


_THREAD = _Thread()
"""A thread has one request at a time. Nothing else leads from a request to its connection."""


def begin_request(timeout: float) -> Phase:
    """Return the phase of the next request of this thread.

    :param timeout: seconds without a byte before it counts as lost
    """
    _THREAD.phase = Phase(timeout)
    return _THREAD.phase


class _BoundedReader(RawIOBase):
    """Reads from a socket, up to a number of bytes and a point in time."""

    def __init__(self, raw: RawIOBase, sock: socket.socket, deadline: float) -> None:
        super().__init__()
        self.bytes_left = HEAD_MAX
        self.at_end = False
        self._raw = raw
        self._socket = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds, timeout = self._deadline - time.monotonic(), self._socket.gettimeout()
        if seconds <= 0 or self.bytes_left <= 0:
            raise Endless
        is_last = timeout is None or seconds < timeout
        self._socket.settimeout(seconds if is_last else timeout)
        try:
            count: int | None = self._raw.readinto(buffer)
        except socket.timeout:
            if is_last:
                raise Endless from None
            raise
        finally:
            self._socket.settimeout(timeout)
        self.bytes_left -= count or 0
        self.at_end = count == 0
        return count

    def close(self) -> None:
        super().close()
        self._raw.close()


class _BoundedResponse(HTTPResponse):
    """An answer whose headers and body end, or fail."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reader = _BoundedReader(self.fp.detach(), sock, _THREAD.phase.deadline)
        self.fp = BufferedReader(self._reader)

    def begin(self) -> None:
        super().begin()
        # http.client passes over 100 only, and takes another interim answer for the true one. That would then be
        # read as the answer to the next request.
        while self.status < 200:
            self.headers = None  # type: ignore[assignment]
            super().begin()
        if self._reader.at_end:
            # http.client takes the end of a connection for the end of the headers.
            raise IncompleteRead(b"")
        self._reader.bytes_left += ANSWER_MAX


class _RecordingConnection(HTTPConnection):
    """What a connection of urllib3 does in addition."""

    response_class = _BoundedResponse
    _usable = False

    def connect(self) -> None:
        self._usable = False
        _THREAD.phase.connects()
        super().connect()
        self._usable = True

    def send(self, data: Any) -> None:
        if self.sock is None and self.auto_open:
            self.connect()
        # Until the connection is made, only a proxy is asked to make it.
        if self._usable:
            _THREAD.phase.leaves()
        else:
            _THREAD.phase.asked_proxy = True
        super().send(data)


class _QuietPool:
    """What a pool of urllib3 does otherwise: it does not warn on each request where the user wants no verification.

    The filters of the module warnings would silence others in this process too.
    """

    def _validate_conn(self, conn: Any) -> None:
        if conn.sock is None:
            conn.connect()


@cache
def _recording(pool: type) -> type:
    """Return a class of connection pools whose connections record and bound."""
    base: type = pool.ConnectionCls  # type: ignore[attr-defined]
    if issubclass(base, _RecordingConnection):
        return pool
    connection = type(base.__name__, (_RecordingConnection, base), {})
    mixins = (_QuietPool,) if issubclass(pool, HTTPSConnectionPool) else ()
    return type(pool.__name__, (*mixins, pool), {"ConnectionCls": connection})


def _record(manager: Any) -> Any:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _recording(pool) for scheme, pool in pools.items()}
    return manager


class RecordingAdapter(HTTPAdapter):
    """Sends on such connections, directly and through proxies. It sends one request once, and follows nothing."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Take such connections for what is reached directly."""
        super().init_poolmanager(*args, **kwargs)
        _record(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Take such connections for what is reached through a proxy."""
        return _record(super().proxy_manager_for(*args, **kwargs))

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Return the answer as it is: without its cookies, which nobody sends back, and without guesses at its text."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers = requests.structures.CaseInsensitiveDict(resp.headers)
        response.request = req
        response.raw = resp
        return response
