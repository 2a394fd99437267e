# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Connections that record when a request may have left, and that limit its answer. Private to this collection."""

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
    # A module must start without the library, to report that it is missing.
    HTTPAdapter = object  # type: ignore[assignment,misc]
else:
    REQUESTS_IMPORT_ERROR = None

HEAD_MAX = 2**20
"""Bytes: a status line and its headers, those of interim answers included."""
ANSWER_MAX = 64 * 2**20
"""Bytes: a body. A full page of instances with large poller configurations takes a few million."""
ANSWER_TIMEOUTS = 10
"""How many time-outs the whole answer may take from the moment of sending, even if data arrives all the time."""


class Endless(OSError):
    """An answer is larger, or takes longer, than any valid answer."""


class Phase:
    """The progress of one request. It can prove that nothing was sent, which no exception can.

    :param timeout: seconds without a byte before a request counts as lost
    """

    def __init__(self, timeout: float) -> None:
        self.connecting = False
        self.asked_proxy = False
        """Whether a proxy was reached and asked to connect to the platform."""
        self.sent = False
        """Whether a part of the request may have left. From then on, every failure is ambiguous."""
        self._seconds = timeout * ANSWER_TIMEOUTS
        self.deadline = 0.0

    def connects(self) -> None:
        """Record that a connection is being made. A proxy may answer in the meantime."""
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
"""The request of each thread. A thread has one at a time, and nothing else links a request to its connection."""


def begin_request(timeout: float) -> Phase:
    """Return the phase of the next request of this thread.

    :param timeout: seconds without a byte before it counts as lost
    """
    _THREAD.phase = Phase(timeout)
    return _THREAD.phase


class _BoundedReader(RawIOBase):
    """Reads from a socket, up to a number of bytes and until a deadline."""

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
    """An answer whose headers and body are limited in size and time."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reader = _BoundedReader(self.fp.detach(), sock, _THREAD.phase.deadline)
        self.fp = BufferedReader(self._reader)

    def begin(self) -> None:
        super().begin()
        # http.client skips status 100 only, and returns any other interim answer as the final one. The final answer
        # would then be read as the answer to the next request.
        while self.status < 200:
            self.headers = None  # type: ignore[assignment]
            super().begin()
        if self._reader.at_end:
            # http.client treats the end of a connection as the end of the headers.
            raise IncompleteRead(b"")
        self._reader.bytes_left += ANSWER_MAX


class _RecordingConnection(HTTPConnection):
    """Records the phase of a request, in addition to what urllib3's connection does."""

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
        # Before the connection is made, data can only be a request to a proxy to make it.
        if self._usable:
            _THREAD.phase.leaves()
        else:
            _THREAD.phase.asked_proxy = True
        super().send(data)


class _QuietPool:
    """Suppresses urllib3's warning on each request if the user turned verification off.

    A filter of the module `warnings` would also suppress the warnings of other code in this process.
    """

    def _validate_conn(self, conn: Any) -> None:
        if conn.sock is None:
            conn.connect()


@cache
def _recording(pool: type) -> type:
    """Return a class of connection pools with recording, limited connections."""
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
    """Sends on recording connections, directly and through proxies. It sends a request once and follows no redirect."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use recording connections for direct requests."""
        super().init_poolmanager(*args, **kwargs)
        _record(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Use recording connections for requests through a proxy."""
        return _record(super().proxy_manager_for(*args, **kwargs))

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Return the answer without storing cookies, which are never sent back, and without guessing its encoding."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers = requests.structures.CaseInsensitiveDict(resp.headers)
        response.request = req
        response.raw = resp
        return response
