# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a request when something fails, and how long an answer may be: with real sockets.

Only the libraries that are installed show which exceptions they raise, and when.
"""

from __future__ import annotations

import contextlib
import gzip
import http.server
import itertools
import re
import select
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Optional, Union

import pytest
import requests
from ansible_collections.cloud_elements.platform.plugins.module_utils._api import connection as _connection
from ansible_collections.cloud_elements.platform.plugins.module_utils._api import transport as _wire
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import Settings, Transport
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import (
    BadConnection,
    MaybeProcessed,
    NotSent,
    ServiceError,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import FakeTime
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.tls import AUTHORITY, Made, made
from urllib3.exceptions import InsecureRequestWarning

TIMEOUT, PATIENT = 0.5, 10.0
"""Seconds without a byte."""
PAUSE = 0.02
"""Seconds between two bytes that drip."""
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# Optional and Union, and not |, because these are evaluated: Python 3.9 runs these tests.
Said = Union[bytes, Iterable[bytes]]
Script = Callable[[socket.socket], Optional[Said]]


class Server:
    """Listens on 127.0.0.1, and carries out the planned action for each request on each connection.

    :param scripts: what is said to the first request, to the second, and so on; the last one is repeated
    :param tls: what each connection begins with
    """

    def __init__(self, *scripts: Said | Script, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._scripts = [*scripts[:-1], *itertools.repeat(scripts[-1], 50)]
        self._tls = tls
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        # Wakes it up.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 5).close()
        for taken in self._open:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(taken, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            taken, _address = self._listener.accept()
            if self._ended.is_set():
                taken.close()
                return
            self._threads.append(threading.Thread(target=self._serve, args=(taken,)))
            self._threads[-1].start()

    def _serve(self, taken: socket.socket) -> None:
        taken.settimeout(5)
        # A client may break off at any time, within the handshake too.
        with contextlib.suppress(OSError), contextlib.closing(taken), self._begun(taken) as ready:
            self._open.append(ready)
            self._talk(ready)

    def _begun(self, taken: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(taken, server_side=True) if self._tls else taken

    def _talk(self, taken: socket.socket) -> None:
        while received := _received(taken):
            self.requests.append(received)
            said = self._scripts.pop(0)
            said = said(taken) if callable(said) else said
            for part in [said] if isinstance(said, bytes) else said or ():
                taken.sendall(part)
                if not isinstance(said, bytes) and self._ended.wait(0 if len(part) > 99 else PAUSE):
                    return


def _received(taken: socket.socket) -> bytes:
    """Return a whole request, or nothing at the end of a connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += (part := taken.recv(65536))
        if not part:
            return b""
    head, _empty, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)^content-length: (\d+)\r?$", head, re.MULTILINE)
    while length and len(body) < int(length[1]):
        body += taken.recv(65536)
    return head + b"\r\n\r\n" + body


def wire_at(url: str, user_secret: str = "canary-user", retries: int = 0, **changes: Any) -> Transport:
    settings = Settings(url, user_secret, "canary-organization", **{"timeout": TIMEOUT, "retries": retries, **changes})
    return Transport(settings, FakeTime().clock)


def wire_to(server: Any, scheme: str = "http", retries: int = 1, **changes: Any) -> Transport:
    return wire_at(f"{scheme}://127.0.0.1:{server.port}/x", retries=retries, **changes)


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an answer take half a second, and a head a few thousand bytes. No pause is long enough for a time-out."""
    monkeypatch.setattr(_connection, "ANSWER_TIMEOUTS", 0.5 / PATIENT)
    monkeypatch.setattr(_connection, "HEAD_MAX", 2**15)
    monkeypatch.setattr(_connection, "ANSWER_MAX", 2**17)
    monkeypatch.setattr(_wire, "ANSWER_MAX", 2**17)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def fails(wire: Transport, meaning: type[ServiceError], sentence: str, method: str = "POST") -> None:
    """Send a request, which fails so; its message shows no secret and no word of a server."""
    with pytest.raises(ServiceError, match=sentence) as caught:
        wire.send(method, "/y", body={})
    assert caught.type is meaning
    assert "canary" not in str(caught.value)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def headed(*lines: bytes, status: bytes = b"200 OK", body: bytes = b"{}") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", body])


def chunked(chunks: bytes) -> bytes:
    return headed(b"Transfer-Encoding: chunked", body=chunks)


# Once a request may have left, no failure means that it was not carried out.

UNREADABLE = {
    "nothing": b"",
    "no HTTP": b"nonsense\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "another version of HTTP": b"HTTP/2 200\r\n\r\n",
    "a status that is no number": b"HTTP/1.1 OK 200\r\n\r\n",
    "half a status line": b"HTTP/1.1 20",
    "half of its headers": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": headed(b"Content-Length: 50"),
    "two lengths": headed(b"Content-Length: 5, 9", body=b"{}   "),
    "two headers of lengths": headed(b"Content-Length: 5", b"Content-Length: 9", body=b"{}   "),
    "too many headers": headed(*[b"X: y"] * 200),
    "a header without an end": headed(b"X: " + b"y" * 2**17),
    "a size of a chunk that is no number": chunked(b"zz\r\n{}\r\n0\r\n\r\n"),
    "a negative size of a chunk": chunked(b"-5\r\n{}\r\n0\r\n\r\n"),
    "a size of a chunk without an end": chunked(b"1" * 2**12),
    "half a chunk": chunked(b"10\r\n{}"),
    "no end of chunks": chunked(b"2\r\n{}\r\n"),
    # Their bodies are whole, so the connection could be kept, which the server closes at the same moment.
    "no gzip": headed(b"Content-Encoding: gzip", b"Content-Length: 2", b"Connection: close"),
    "no deflate": headed(b"Content-Encoding: deflate", b"Content-Length: 4", b"Connection: close", body=b"\xff" * 4),
    "half of gzip, of another length": headed(b"Content-Encoding: gzip", b"Content-Length: 99", body=b"\x1f\x8b\x08"),
}


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("answer", UNREADABLE)
def test_an_answer_that_cannot_be_read_leaves_open_what_was_done(method: str, answer: str) -> None:
    with Server(lambda taken: _say_and_hang_up(taken, UNREADABLE[answer])) as server:
        fails(
            wire_to(server), MaybeProcessed, r"^(?!.*Nothing was sent).*(was lost|too large or takes too long)", method
        )

        assert len(server.requests) == 1


def _say_and_hang_up(taken: socket.socket, said: bytes) -> None:
    taken.sendall(said)
    taken.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("answer", ["two lengths", "no gzip", "a negative size of a chunk", "nothing"])
def test_a_read_is_repeated_after_an_answer_that_cannot_be_read(answer: str) -> None:
    with Server(lambda taken: _say_and_hang_up(taken, UNREADABLE[answer]), OK) as server:
        assert wire_to(server).send("GET", "/y").body == b"{}"


@pytest.mark.parametrize("error", [ValueError, UnicodeError, KeyError, TypeError, RecursionError, AssertionError])
def test_any_exception_after_sending_leaves_open_what_was_done(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def broken(*_arguments: Any) -> Any:
        raise error("canary")

    monkeypatch.setattr(_connection.RecordingAdapter, "build_response", broken)
    with Server(OK) as server:
        fails(wire_to(server), MaybeProcessed, "unreadable answer")


def test_a_bug_before_sending_is_reported_as_a_bug() -> None:
    with Server(OK) as server:
        with pytest.raises(TypeError):
            wire_to(server).send("POST", "/y", body={"a": object()})

        assert server.requests == []


# An answer that can be read is returned as it is: nothing in it is followed, parsed or kept.

ODD_HEADERS = {
    "a broken address": b"Location: http://[bad",
    "an address without a port": b"Location: http://host:port/",
    "an address in no encoding": b"Location: http://h\xc3\xb6st/\xff\xfe",
    "an empty address": b"Location:",
    "an address of another protocol": b"Location: file:///etc/passwd",
    "an odd cookie": b'Set-Cookie: =;;; a="; Expires=Fri, 99 Foo 99999 99:99:99; Domain=[; Max-Age=x; Port="',
    "an unknown character set": b"Content-Type: application/json; charset=no-such-thing",
    "a type that is none": b'Content-Type: ;;="; charset',
    "a length that is no number": b"X-Length: many",
    "bytes": b"X: \xff\xfe\x00",
}


@pytest.mark.parametrize("status", [b"200 OK", b"302 Found", b"307 Temporary Redirect", b"401 Unauthorized"])
@pytest.mark.parametrize("header", ODD_HEADERS)
def test_an_answer_with_an_odd_header_is_an_answer(header: str, status: bytes) -> None:
    with Server(headed(ODD_HEADERS[header], b"Content-Length: 2", status=status)) as server:
        reply = wire_to(server).send("POST", "/y", body={})

        assert (reply.status, reply.body) == (int(status[:3]), b"{}")
        assert len(server.requests) == 1


def test_no_cookie_is_sent_back() -> None:
    with Server(headed(b"Set-Cookie: a=canary; Path=/", b"Content-Length: 2"), OK) as server:
        wire = wire_to(server)
        wire.send("GET", "/y")
        wire.send("GET", "/y")

        assert not any(b"cookie" in request.lower() for request in server.requests)


@pytest.mark.parametrize("status", [b"102 Processing", b"103 Early Hints", b"100 Continue"])
def test_an_interim_answer_is_not_taken_for_the_answer(status: bytes) -> None:
    interim = headed(b"Link: </style.css>", status=status, body=b"")
    first = headed(b"Content-Length: 7", body=b'"first"')
    with Server(interim * 3 + first, OK) as server:
        wire = wire_to(server)

        assert wire.send("PUT", "/y", body={}).body == b'"first"'
        assert wire.send("GET", "/y").body == b"{}"


def test_a_compressed_answer_is_read() -> None:
    packed = gzip.compress(b"{}")
    with Server(headed(b"Content-Encoding: gzip", b"Content-Length: %d" % len(packed), body=packed)) as server:
        assert wire_to(server).send("GET", "/y").body == b"{}"


# Each answer ends, whatever it is made of.


def endless(head: bytes, part: bytes) -> Iterable[bytes]:
    """Return what begins in some way and never ends."""
    return itertools.chain([head], itertools.repeat(part))


CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "a header": (JSON + b"X: ", b"y"),
    "headers": (JSON, b"X: y\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "other interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"),
    "a body": (JSON + b"Content-Length: 9999999\r\n\r\n", b" "),
    "a body without a length": (JSON + b"\r\n", b" "),
    "a body of a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /z\r\n\r\n", b" "),
    "a body of an error": (b"HTTP/1.1 500 Oops\r\n\r\n", b" "),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "the size of a chunk": (CHUNKED, b"0"),
    "what follows the chunks": (CHUNKED + b"0\r\n", b"X: y\r\n"),
}


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("what", ENDLESS)
def test_an_answer_that_drips_ends(what: str) -> None:
    with Server(endless(*ENDLESS[what])) as server, within(PATIENT / 2):
        fails(
            wire_to(server, timeout=PATIENT),
            MaybeProcessed,
            "is too large or takes too long. Check base_url and any proxy",
        )

        assert len(server.requests) == 1


def flood(head: bytes, part: bytes) -> Iterable[bytes]:
    return endless(head, part * 2**14)


@pytest.fixture
def unhurried(bounded: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  # but for its time
    monkeypatch.setattr(_connection, "ANSWER_TIMEOUTS", 10)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("what", ENDLESS)
def test_an_answer_that_floods_is_not_read_to_its_end(what: str) -> None:
    with Server(flood(*ENDLESS[what])) as server, within(PATIENT):
        fails(wire_to(server, timeout=PATIENT), MaybeProcessed, r"(too large or takes too long|was lost)")


@pytest.mark.usefixtures("unhurried")
def test_an_answer_that_floods_when_it_is_unpacked_is_not_read_to_its_end() -> None:
    packed = gzip.compress(bytes(2**22))
    head = JSON + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with Server(head + packed) as server, within(PATIENT):
        fails(wire_to(server, timeout=PATIENT), MaybeProcessed, "is too large or takes too long")


def test_silence_is_still_no_answer_in_time() -> None:
    with Server(lambda taken: taken.recv(1)) as server, within(PATIENT):
        fails(wire_to(server), MaybeProcessed, r"was lost \(no answer within 0.5 s; raise timeout to wait longer\)")


@pytest.mark.usefixtures("bounded")
def test_the_next_request_on_a_connection_has_its_own_time() -> None:
    slowly = [JSON + b"Content-Length: 7\r\n\r\n", *[b" "] * 5, b"{}"]
    with Server(slowly) as server:
        wire, began = wire_to(server, timeout=PATIENT), time.monotonic()
        while time.monotonic() < began + 0.7:
            assert wire.send("GET", "/y").status == 200


@pytest.mark.usefixtures("bounded")
def test_threads_do_not_share_their_time_or_what_they_have_sent() -> None:
    with Server(endless(*ENDLESS["headers"])) as dripping, Server(OK) as well, ThreadPoolExecutor(2) as pool:
        lost = pool.submit(wire_to(dripping, timeout=PATIENT).send, "POST", "/y", body={})
        refused = pool.submit(wire_to(nobody(), timeout=PATIENT).send, "POST", "/y", body={})

        assert wire_to(well, timeout=PATIENT).send("POST", "/y", body={}).status == 200
        with pytest.raises(NotSent):
            refused.result()
        with pytest.raises(MaybeProcessed, match="is too large or takes too long"):
            lost.result()


def nobody() -> Any:
    """Return where nobody listens."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return SimpleNamespace(port=listener.getsockname()[1])


# What fails before anything was sent: with TLS and through proxies, too.


HOST = made("host", AUTHORITY)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a file with the authority that vouches for the host."""
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    return tmp_path / "ca.pem"


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    return HOST.shown_by_a_host(tmp_path)


def test_a_port_where_nobody_listens_was_sent_nothing() -> None:
    fails(wire_to(nobody()), NotSent, r"Cannot connect to .*\(Connection refused\)")


def test_a_name_that_does_not_resolve_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    fails(wire_at("http://nowhere.invalid"), NotSent, r"Cannot connect to Cloud Elements at http://nowhere.invalid")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("shown", "why"), [(AUTHORITY, "self.signed certificate"), (HOST, "unable to get local issuer certificate")]
)
def test_a_certificate_that_does_not_verify_fails_at_once(tmp_path: Path, shown: Made, why: str, method: str) -> None:
    with Server(OK, tls=shown.shown_by_a_host(tmp_path)) as server:
        wire = wire_to(server, "https")
        fails(wire, BadConnection, rf"could not be verified \({why}\): its authority is unknown", method)

        assert (server.requests, wire.warnings) == ([], set())


def test_what_is_sent_over_tls_and_lost_is_ambiguous(tls: ssl.SSLContext, certificate: Path) -> None:
    with Server(OK, headed(b"Content-Length: 5, 9"), tls=tls) as server:
        wire = wire_to(server, "https", verify=str(certificate))

        assert wire.send("POST", "/y", body={}).status == 200
        fails(wire, MaybeProcessed, r"unreadable answer, InvalidHeader")


@pytest.mark.usefixtures("bounded")
def test_an_answer_that_drips_over_tls_ends(tls: ssl.SSLContext, certificate: Path) -> None:
    with Server(endless(*ENDLESS["headers"]), tls=tls) as server, within(PATIENT / 2):
        fails(
            wire_to(server, "https", timeout=PATIENT, verify=str(certificate)),
            MaybeProcessed,
            "is too large or takes too long",
        )


def test_a_certificate_of_another_host_is_reported_before_anything_is_sent(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    with Server(OK, tls=tls) as server:
        wire = wire_at(f"https://localhost:{server.port}/x", verify=str(certificate))
        fails(wire, BadConnection, r"\(.+\): the certificate is for another host\. Write .* in base_url")

        assert server.requests == []


PLAIN_HTTP = (
    r"The server at https://127\.0\.0\.1:\d+/\S* does not speak TLS, and this looks like plain HTTP: check base_url, "
    r"its scheme and its port\. Nothing was sent\."
)


@contextlib.contextmanager
def without_tls() -> Iterator[int]:
    """Answer in plain HTTP, on this port, what is no request for it: Server waits for the end of one."""

    def answer() -> None:
        with contextlib.closing(listener.accept()[0]) as taken:
            taken.recv(65536)
            taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def test_a_server_without_tls_was_sent_nothing() -> None:
    with without_tls() as port:
        wire = wire_to(SimpleNamespace(port=port), "https")
        fails(wire, BadConnection, f"^{PLAIN_HTTP}$")


class Handler(http.server.BaseHTTPRequestHandler):
    """Handles no request: what it gets is none."""

    def log_message(self, *_what: object) -> None:
        """Say nothing."""


def test_tls_for_a_real_server_of_plain_http_looks_like_plain_http() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            fails(wire_to(SimpleNamespace(port=server.server_port), "https", timeout=10), BadConnection, PLAIN_HTTP)
        finally:
            server.shutdown()
            thread.join(5)


NO_TLS_ANSWER = r"Nothing was sent\. The server accepted .* in TLS: its port may be one of plain HTTP\.$"


@pytest.mark.parametrize(
    ("behaviour", "reason"), [("closes", "connection closed"), ("is silent", r"no answer within 0\.5 s")]
)
def test_a_server_that_does_not_answer_in_tls_may_speak_plain_http(behaviour: str, reason: str) -> None:
    gone = threading.Event()

    def answer(taken: socket.socket) -> None:
        taken.recv(65536)
        if behaviour == "is silent":
            gone.wait(5)

    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def take() -> None:
            with contextlib.closing(listener.accept()[0]) as taken:
                answer(taken)

        thread = threading.Thread(target=take)
        thread.start()
        wire = wire_to(SimpleNamespace(port=listener.getsockname()[1]), "https", retries=0, timeout=0.5)
        fails(wire, NotSent, rf"\({reason}\)\..* {NO_TLS_ANSWER}")
        gone.set()
        thread.join(5)


def test_a_server_that_refuses_in_tls_speaks_tls() -> None:
    # Without a certificate, it has no cipher to agree on.
    with Server(OK, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)) as server:
        fails(wire_to(server, "https", retries=0), NotSent, r"^(?!.*plain HTTP)Cannot connect to Cloud Elements")


def test_a_port_that_nobody_listens_at_says_nothing_of_tls() -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    wire = wire_to(SimpleNamespace(port=port), "https", retries=0)
    fails(wire, NotSent, r"^(?!.*plain HTTP)Cannot connect to Cloud Elements")


def bad_request(body: bytes, *lines: bytes) -> bytes:
    return headed(*lines or (b"Connection: close",), status=b"400 Bad Request", body=body)


WANT_TLS = {
    "nginx": bad_request(b"The plain HTTP request was sent to HTTPS port, canary...", b"Content-Length: 56"),
    "Go": bad_request(b"Client sent an HTTP request to an HTTPS server.\n"),
    "Apache": bad_request(b"Reason: You're speaking plain HTTP to an SSL-enabled server port."),
    "Tomcat": bad_request(b"Bad Request\r\nThis combination of host and port requires TLS.\r\n"),
    "an alert": b"\x15\x03\x01\x00\x02\x02\x46",
    "an alert and a line": b"\x15\x03\x03\x00\x02\x02\x16\r\n",
}


@pytest.mark.parametrize("answer", WANT_TLS)
def test_a_server_that_wants_tls_is_recognised(answer: str) -> None:
    with Server(lambda taken: _say_and_hang_up(taken, WANT_TLS[answer])) as server:
        fails(wire_to(server), BadConnection, r"expects TLS, but got plain HTTP: use https:// in base_url, or")

        assert len(server.requests) == 1


def test_a_server_that_says_nothing_may_want_tls(tls: ssl.SSLContext) -> None:
    with Server(OK, tls=tls) as server:
        fails(wire_to(server), MaybeProcessed, r"If that service expects TLS, use https:")


def test_a_server_that_has_answered_does_not_want_tls() -> None:
    with Server(OK, lambda taken: taken.close()) as server:
        wire = wire_to(server)
        wire.send("GET", "/y")
        fails(wire, MaybeProcessed, r"was lost \(.+\)\.$")


def test_a_connection_that_ends_within_the_handshake_was_sent_nothing() -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=lambda: [listener.accept()[0].close() for _time in range(2)])
        thread.start()
        port = listener.getsockname()[1]
        fails(wire_to(SimpleNamespace(port=port), "https"), NotSent, r"Cannot connect to .* Nothing was sent")
        thread.join(5)


def test_a_missing_file_of_authorities_is_reported_before_anything_is_sent(
    tls: ssl.SSLContext, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    with Server(OK, tls=tls) as server:
        fails(
            wire_to(server, "https"), BadConnection, r"\(OSError\). Check base_url, the proxy, and .* Nothing was sent"
        )

        assert server.requests == []


@pytest.mark.parametrize("secret", ["canary\nlines", "canary\rreturn"])
def test_a_header_that_cannot_be_sent_is_reported_before_anything_is_sent(secret: str) -> None:
    with Server(OK) as server:
        fails(
            wire_at(f"http://127.0.0.1:{server.port}", secret),
            BadConnection,
            r"^(?!.*(lines|return)).*Nothing was sent",
        )

        assert server.requests == []


def tunnel(server: Server) -> Script:
    """Return what connects to another server, as a proxy does."""

    def connect(taken: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", server.port), 5) as further:
            taken.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ends = {taken: further, further: taken}
            while True:
                for ready in select.select(list(ends), [], [], 5)[0]:
                    part = ready.recv(65536)
                    if not part:
                        taken.shutdown(socket.SHUT_RDWR)
                        return
                    ends[ready].sendall(part)

    return connect


@pytest.fixture
def through(environment: pytest.MonkeyPatch) -> Callable[[Server], None]:
    """Return what makes a server the proxy."""
    return lambda proxy: environment.setenv("HTTPS_PROXY", f"http://user:canary@127.0.0.1:{proxy.port}")


@pytest.mark.parametrize(
    ("status", "meaning", "times"),
    [(407, BadConnection, 1), (403, BadConnection, 1), (502, NotSent, 2), (503, NotSent, 2)],
)
def test_a_proxy_that_does_not_connect_is_named_with_its_status(
    through: Callable[[Server], None], status: int, meaning: type[ServiceError], times: int
) -> None:
    says = headed(b"Proxy-Authenticate: Basic", b"Content-Length: 0", status=b"%d canary words" % status, body=b"")
    with Server(lambda taken: _say_and_hang_up(taken, says)) as proxy, Server(OK) as server:
        through(proxy)
        fails(wire_to(server, "https"), meaning, rf"proxy refused to .* \(HTTP {status}\).* Nothing was sent")

        assert len(proxy.requests) == times
        assert server.requests == []


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    "says",
    [
        lambda: endless(b"HTTP/1.1 200 ", b"O"),
        lambda: endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        lambda: endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000),
        lambda: b"nonsense\r\n\r\n",
        lambda: lambda taken: taken.recv(1),
    ],
    ids=["drips", "drips headers", "floods headers", "speaks otherwise", "is silent"],
)
def test_a_proxy_that_does_not_come_to_an_end_was_sent_nothing_for_the_platform(
    through: Callable[[Server], None], says: Callable[[], Any]
) -> None:
    with Server(says()) as proxy, Server(OK) as server, within(PATIENT / 2):
        through(proxy)
        fails(wire_to(server, "https", retries=0, timeout=PATIENT), NotSent, "Nothing was sent")

        assert server.requests == []


def test_a_certificate_that_does_not_verify_behind_a_proxy_was_sent_nothing(
    through: Callable[[Server], None], tls: ssl.SSLContext
) -> None:
    with Server(OK, tls=tls) as server, Server(tunnel(server)) as proxy:
        through(proxy)
        fails(wire_to(server, "https"), BadConnection, "could not be verified")

        assert server.requests == []


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (lambda: headed(b"Content-Length: 5, 9"), "unreadable answer"),
        (lambda: endless(*ENDLESS["headers"]), "is too large or takes too long"),
        (lambda: lambda taken: taken.close(), "was lost"),
    ],
    ids=["nonsense", "drips", "nothing"],
)
def test_what_is_lost_behind_a_proxy_is_ambiguous(
    through: Callable[[Server], None], tls: ssl.SSLContext, certificate: Path, says: Callable[[], Any], sentence: str
) -> None:
    with Server(says(), tls=tls) as server, Server(tunnel(server)) as proxy, within(PATIENT / 2):
        through(proxy)
        fails(wire_to(server, "https", timeout=PATIENT, verify=str(certificate)), MaybeProcessed, sentence)

        assert len(server.requests) == 1


NOWHERE = "nowhere.invalid"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_where_nobody_listens_is_named_by_its_variable(environment: pytest.MonkeyPatch, variable: str) -> None:
    environment.setenv(variable, f"http://user:canary@127.0.0.1:{nobody().port}")
    sentence = rf"Cannot connect to the proxy in {variable} \(Connection refused\)"
    fails(wire_at(f"https://{NOWHERE}"), NotSent, sentence, "GET")


def test_a_proxy_that_does_not_speak_tls_is_named_by_its_variable(environment: pytest.MonkeyPatch) -> None:
    with without_tls() as port:
        environment.setenv("HTTPS_PROXY", f"https://user:canary@127.0.0.1:{port}")
        sentence = r"^The proxy in HTTPS_PROXY does not speak TLS, .* http://"
        fails(wire_at(f"https://{NOWHERE}"), BadConnection, sentence, "GET")


def test_a_certificate_of_a_proxy_is_reported_as_the_proxy_s(
    environment: pytest.MonkeyPatch, tls: ssl.SSLContext
) -> None:
    with Server(OK, tls=tls) as proxy:
        environment.setenv("HTTPS_PROXY", f"https://user:canary@127.0.0.1:{proxy.port}")
        sentence = r"^The TLS certificate of the proxy in HTTPS_PROXY could not be ver"
        fails(wire_at(f"https://{NOWHERE}"), BadConnection, sentence, "GET")

        assert proxy.requests == []


@pytest.fixture
def forwarding(environment: pytest.MonkeyPatch) -> Callable[[Server], Transport]:
    """Return what makes a server the proxy of requests without TLS."""

    def wire(proxy: Server) -> Transport:
        environment.setenv("HTTP_PROXY", f"http://user:canary@127.0.0.1:{proxy.port}")
        return wire_at(f"http://{NOWHERE}", retries=1)

    return wire


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_proxy_that_wants_a_password_is_named(forwarding: Callable[[Server], Transport], method: str) -> None:
    with Server(headed(b"Content-Length: 6", status=b"407 canary", body=b"canary")) as proxy:
        sentence = r"^The proxy in HTTP_PROXY did not forward .* \(HTTP 407\)"
        fails(forwarding(proxy), BadConnection, sentence, method)

        assert len(proxy.requests) == 1


@pytest.mark.parametrize(("status", "times"), [(403, 1), (502, 2), (503, 2)])
def test_an_answer_that_may_be_the_proxy_s_says_so(
    forwarding: Callable[[Server], Transport], status: int, times: int
) -> None:
    with Server(headed(b"Content-Length: 6", status=b"%d canary" % status, body=b"canary")) as proxy:
        reply = forwarding(proxy).send("GET", "/y")

        assert (reply.status, reply.proxy) == (status, "HTTP_PROXY")
        assert len(proxy.requests) == times


def test_an_answer_without_a_proxy_says_so() -> None:
    with Server(OK) as server:
        assert wire_to(server).send("GET", "/y").proxy == ""


def test_a_proxy_for_requests_without_tls_is_sent_the_request(forwarding: Callable[[Server], Transport]) -> None:
    with Server(headed(b"Content-Length: 5, 9")) as proxy:
        fails(forwarding(proxy), MaybeProcessed, "unreadable answer")

        assert len(proxy.requests) == 1


@pytest.mark.parametrize("by", ["itself", "proxy"])
def test_no_verification_means_no_warning_and_others_get_theirs(
    tls: ssl.SSLContext, through: Callable[[Server], None], by: str
) -> None:
    with Server(OK, tls=tls) as server, Server(tunnel(server)) as proxy, warnings.catch_warnings():
        warnings.simplefilter("error")
        if by == "proxy":
            through(proxy)

        assert wire_to(server, "https", verify=False).send("POST", "/y", body={}).status == 200
        with pytest.raises(InsecureRequestWarning):
            requests.get(f"https://127.0.0.1:{server.port}", verify=False, timeout=5)  # noqa: S501
