# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP: what is sent again, how long it waits, and what a loss means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from ansible_collections.cloud_elements.platform.plugins.module_utils._api import transport as _wire
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import (
    WAITED_MESSAGE,
    Response,
    Settings,
    Transport,
    retry_after,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import (
    BadConnection,
    MaybeProcessed,
    NotSent,
    ServiceError,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    BASE_URL,
    ORGANIZATION_SECRET,
    SETTINGS,
    USER_SECRET,
    Answer,
    FakeTime,
    Platform,
    lost,
    page,
    problem,
    refused,
)
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import ProtocolError

ALWAYS = 99


@pytest.fixture
def wire(platform: Platform, time: FakeTime) -> Transport:  # noqa: ARG001  # it must not reach anything else
    return Transport(SETTINGS, time.clock)


# Again or not: the table. 4 retries make 5 requests, a 429 without Retry-After 3.

REQUESTS = [
    ("GET", [(429, 3), (500, 5), (502, 5), (503, 5), (504, 5), (400, 1), (401, 1), (403, 1), (404, 1), (501, 1)]),
    ("PUT", [(429, 3), (502, 5), (503, 5), (500, 1), (504, 1), (400, 1), (401, 1), (404, 1), (409, 1)]),
    ("PATCH", [(429, 3), (502, 5), (503, 5), (500, 1), (504, 1), (400, 1), (401, 1), (404, 1), (409, 1)]),
    ("DELETE", [(429, 3), (502, 5), (503, 5), (500, 1), (504, 1), (400, 1), (401, 1), (404, 1), (409, 1)]),
    ("POST", [(429, 1), (500, 1), (502, 1), (503, 1), (504, 1), (400, 1), (401, 1), (404, 1), (409, 1)]),
]
TABLE = [(method, *expected) for method, statuses in REQUESTS for expected in statuses]


@pytest.mark.parametrize(("method", "status", "times"), TABLE)
def test_this_many_requests_are_sent(platform: Platform, wire: Transport, method: str, status: int, times: int) -> None:
    platform.once(f"{method} /x", *[problem(status)] * ALWAYS)

    assert wire.send(method, "/x").status == status
    assert platform.lines == [f"{method} /x"] * times
    assert wire.warnings == ({WAITED_MESSAGE} if times > 1 else set())


@pytest.mark.parametrize(("method", "times"), [("GET", 5), ("PUT", 5), ("PATCH", 5), ("DELETE", 5), ("POST", 1)])
def test_this_many_requests_are_sent_when_it_says_to_come_back_much_later(
    platform: Platform, wire: Transport, time: FakeTime, method: str, times: int
) -> None:
    platform.once(f"{method} /x", *[problem(429, headers={"Retry-After": "70"})] * ALWAYS)

    assert wire.send(method, "/x").status == 429
    assert len(platform.sent) == times
    assert time.sleeps == [70.0] * (times - 1)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_client_that_waits_as_asked_does_not_give_up_because_others_were_faster(
    platform: Platform, wire: Transport, method: str
) -> None:
    platform.once(f"{method} /x", *[problem(429, headers={"Retry-After": "1"})] * 50, problem(503), Answer(200, "[]"))

    assert wire.send(method, "/x").status == 200


@pytest.mark.parametrize(("retries", "seconds"), [(0, 0), (1, 30), (4, 120)])
def test_a_client_that_is_always_asked_to_wait_gives_up_after_half_a_minute_for_each_retry(
    platform: Platform, time: FakeTime, retries: int, seconds: int
) -> None:
    platform.once("GET /x", *[problem(429, headers={"Retry-After": "1"})] * 999)

    assert Transport(Settings(BASE_URL, "u", "o", retries=retries), time.clock).send("GET", "/x").status == 429
    assert sum(time.sleeps) == seconds


@pytest.mark.parametrize(("method", "times"), [("GET", 5), ("PUT", 1), ("PATCH", 1), ("DELETE", 1), ("POST", 1)])
def test_this_many_requests_are_sent_when_the_connection_breaks(
    platform: Platform, wire: Transport, method: str, times: int
) -> None:
    platform.once(f"{method} /x", *[lost()] * ALWAYS)
    with pytest.raises(MaybeProcessed, match="was lost"):
        wire.send(method, "/x")

    assert len(platform.sent) == times


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
def test_what_was_not_sent_is_sent_again(platform: Platform, wire: Transport, method: str) -> None:
    platform.once(f"{method} /x", *[refused()] * ALWAYS)
    with pytest.raises(NotSent, match="Nothing was sent"):
        wire.send(method, "/x")

    assert len(platform.sent) == 5


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("first", [502, 503])
def test_a_write_that_may_have_happened_is_not_reported_as_not_sent(
    platform: Platform, wire: Transport, method: str, first: int
) -> None:
    platform.once(f"{method} /x", page(first), *[refused()] * ALWAYS)
    with pytest.raises(MaybeProcessed):
        wire.send(method, "/x")


def test_a_create_is_not_sent_twice_after_it_may_have_arrived(platform: Platform, wire: Transport) -> None:
    platform.once("POST /x", refused(), lost(), *[Answer(200)] * ALWAYS)
    with pytest.raises(MaybeProcessed):
        wire.send("POST", "/x", body={})

    assert len(platform.sent) == 2


def test_the_last_answer_counts(platform: Platform, wire: Transport) -> None:
    platform.once("GET /x", problem(503), refused(), lost(), Answer(200, "[]"))

    assert wire.send("GET", "/x").body == b"[]"
    assert len(platform.sent) == 4


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_retries_bounds_the_requests(platform: Platform, time: FakeTime, retries: int) -> None:
    platform.once("GET /x", *[problem(503)] * ALWAYS)
    Transport(Settings(BASE_URL, "u", "o", retries=retries), time.clock).send("GET", "/x")

    assert len(platform.sent) == retries + 1


def test_the_waits_grow_and_are_bounded(platform: Platform, time: FakeTime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire.random, "uniform", lambda _low, high: high)
    platform.once("GET /x", *[problem(503)] * ALWAYS)
    Transport(Settings(BASE_URL, "u", "o", retries=8), time.clock).send("GET", "/x")

    assert time.sleeps == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]


def test_no_wait_that_the_platform_asks_for_is_shorter_than_the_first_of_our_own(
    platform: Platform, wire: Transport, time: FakeTime
) -> None:
    platform.once("GET /x", *[problem(429, headers={"Retry-After": "0"})] * 3, Answer(200, "[]"))
    wire.send("GET", "/x")

    assert time.sleeps == [0.5] * 3


def test_the_waits_differ_from_job_to_job(platform: Platform, wire: Transport, time: FakeTime) -> None:
    platform.once("GET /x", *[problem(503)] * ALWAYS)
    wire.send("GET", "/x")

    assert all(low <= slept <= 2 * low for low, slept in zip([0.25, 0.5, 1.0, 2.0], time.sleeps))
    assert time.sleeps != [0.5, 1.0, 2.0, 4.0]


# Retry-After


def with_header(text: str | None) -> Any:
    return SimpleNamespace(headers={} if text is None else {"Retry-After": text})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("0", 0.0),
        (" 5 ", 5.0),
        ("120", 120.0),
        ("121", 120.0),
        ("9" * 500, 120.0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 120.0),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", None),
        ("Fri, 31 Dec 1999 23:59:59 +99999999999999999999", None),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    assert retry_after(with_header(text)) == seconds


@pytest.mark.parametrize("seconds", [10, 60, 100])
def test_retry_after_as_a_date(seconds: int) -> None:
    when = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=seconds), usegmt=True)

    assert retry_after(with_header(when)) == pytest.approx(seconds, abs=2)


@given(st.text() | st.from_regex(r"Fri, [0-9]{1,2} Dec [0-9]{1,22} [0-9:]{1,8} (GMT|[+-][0-9]{1,22})", fullmatch=True))
def test_no_retry_after_breaks_anything(text: str) -> None:
    seconds = retry_after(with_header(text))

    assert seconds is None or 0 <= seconds <= 120


# What is sent


def test_a_request_to_the_platform(platform: Platform, wire: Transport) -> None:
    platform.once("PATCH /x", Answer(200))
    wire.send("PATCH", "/x", {"a": "b c"}, {"name": "ü"})

    (sent,) = platform.sent
    assert sent.authorization == f"User {USER_SECRET}, Organization {ORGANIZATION_SECRET}"
    assert (sent.query, sent.body) == ({"a": "b c"}, {"name": "ü"})


def test_a_request_to_a_vendor(platform: Platform, wire: Transport) -> None:
    platform.once("GET /hubs/crm/users", Answer(200))
    wire.send("GET", "/hubs/crm/users?pageSize=1", token="canary-token")

    (sent,) = platform.sent
    assert sent.authorization == f"User {USER_SECRET}, Element canary-token"
    assert sent.query == {"pageSize": "1"}


def test_a_secret_that_is_not_ascii_is_sent(platform: Platform, time: FakeTime) -> None:
    platform.once("GET /x", Answer(200))
    Transport(Settings(BASE_URL, "clé", "o"), time.clock).send("GET", "/x")

    assert platform.sent[0].authorization == "User clé, Organization o"


def test_a_netrc_does_not_replace_the_header(
    platform: Platform, wire: Transport, tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.example.com login somebody password else\n")
    netrc.chmod(0o600)
    environment.setenv("NETRC", str(netrc))
    platform.once("GET /x", Answer(200))
    wire.send("GET", "/x")

    assert platform.sent[0].authorization.startswith("User ")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(platform: Platform, wire: Transport, status: int) -> None:
    platform.once("GET /x", Answer(status, "", {"Location": BASE_URL + "/y"}))

    assert wire.send("GET", "/x").status == status
    assert platform.lines == ["GET /x"]


def test_settings_do_not_show_their_secrets() -> None:
    assert "canary" not in repr(SETTINGS)


# What a loss means; with real sockets, and what an answer is, in test_connection.py


def test_no_connection_in_time_is_not_sent(platform: Platform, wire: Transport) -> None:
    platform.once("POST /x", *[requests.ConnectTimeout("canary")] * ALWAYS)
    with pytest.raises(NotSent, match=r"\(no answer within 60 s\)"):
        wire.send("POST", "/x")


def test_an_answer_that_is_too_long_is_not_read_to_its_end(
    platform: Platform, wire: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_wire, "ANSWER_MAX", 2**17)
    platform.once("POST /x", Answer(200, "x" * 2**17), Answer(200, "x" * (2**17 + 1)))
    assert len(wire.send("POST", "/x").body) == 2**17
    with pytest.raises(MaybeProcessed, match=r"is too large or takes too long\. Check base_url and any proxy"):
        wire.send("POST", "/x")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (requests.ConnectionError("canary"), MaybeProcessed),
        (requests.ReadTimeout("canary"), MaybeProcessed),
        (requests.Timeout("canary"), MaybeProcessed),
        (requests.exceptions.ChunkedEncodingError("canary"), MaybeProcessed),
        (requests.exceptions.ContentDecodingError("canary"), MaybeProcessed),
        (requests.exceptions.SSLError("canary"), MaybeProcessed),
        (requests.exceptions.ProxyError("canary"), MaybeProcessed),
        (ProtocolError("canary"), MaybeProcessed),
        (requests.ConnectTimeout("canary"), NotSent),
        (requests.exceptions.InvalidURL("canary"), BadConnection),
        (requests.exceptions.InvalidProxyURL("canary"), BadConnection),
        (requests.exceptions.InvalidHeader("canary"), BadConnection),
        (OSError("canary"), BadConnection),
    ],
    ids=repr,
)
def test_what_an_exception_of_the_library_means(
    platform: Platform, wire: Transport, error: Exception, meaning: type[Exception]
) -> None:
    platform.once("POST /x", *[error] * ALWAYS)
    with pytest.raises(ServiceError) as caught:
        wire.send("POST", "/x")

    assert caught.type is meaning
    assert "canary" not in str(caught.value)
    assert len(platform.sent) == (5 if meaning is NotSent else 1)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [400, 404, 409])
def test_what_a_repeated_write_is_refused_may_have_happened(
    platform: Platform, wire: Transport, method: str, status: int
) -> None:
    platform.once(f"{method} /x", page(502), problem(status))
    with pytest.raises(MaybeProcessed, match=f"a repeated {method} with HTTP {status}"):
        wire.send(method, "/x")


@pytest.mark.parametrize("first", [problem(429), refused()])
def test_what_was_surely_not_done_before_is_refused(
    platform: Platform, wire: Transport, first: Answer | Exception
) -> None:
    platform.once("DELETE /x", first, problem(404))

    assert wire.send("DELETE", "/x").status == 404


# A run that is cancelled

CANCELLED = {
    "a read that a gateway answered": ("GET", problem(503), Response, 1),
    "what surely never left": ("PATCH", refused(), NotSent, 1),
    "a write that a busy platform put off": ("PUT", problem(429), NotSent, 1),
    "a write that may have been done before": ("DELETE", problem(502), Response, 1),
}


@pytest.mark.parametrize("sentence", CANCELLED)
def test_a_cancelled_run_sends_nothing_again(platform: Platform, time: FakeTime, sentence: str) -> None:
    method, answer, meaning, requests = CANCELLED[sentence]
    platform.once(f"{method} /x", *[answer] * 5)
    wire = Transport(SETTINGS, replace(time.clock, cancelled=lambda: True))
    try:
        came: Any = wire.send(method, "/x")
    except Exception as error:  # noqa: BLE001
        came = error

    assert type(came) is meaning
    assert len(platform.sent) == requests
    assert time.now == 0.0
