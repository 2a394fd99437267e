# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries over HTTP: what a receiver gets, and how the sandbox goes on when there is none."""

from __future__ import annotations

import contextlib
import http.server
import json
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.tls import AUTHORITY, made

from tests.sandbox.notifications import signed
from tests.sandbox.process import start
from tests.unit.sandbox.calling import OverHttp, wait_for

KEY = "sesame"
CONTACTS = "/vendors/autotask/api.user@example.com"


class Receiver(http.server.ThreadingHTTPServer):
    """A receiver of notifications.

    `statuses`: of its responses, the last of them for good. `posts`: the headers and bodies that it got. `most`: how
    many it got at the same time.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int = 0, statuses: tuple[int, ...] = (204,), seconds: float = 0.0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.statuses = list(statuses)
        self.seconds = seconds
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.most = self.now = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/events"

    def event_ids(self) -> list[int]:
        return [json.loads(body)["message"]["eventId"] for _headers, body in self.posts]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
            status = self.server.statuses.pop(0) if len(self.server.statuses) > 1 else self.server.statuses[0]
        time.sleep(self.server.seconds)
        with self.server.lock:
            self.server.now -= 1
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url)
        self.send_header("Set-Cookie", "a=b")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Print nothing."""


@contextlib.contextmanager
def receiving(
    port: int = 0, statuses: tuple[int, ...] = (204,), seconds: float = 0.0, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    receiver = Receiver(port, statuses, seconds)
    if tls:
        receiver.socket = tls.wrap_socket(receiver.socket, server_side=True)
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        thread.join()
        receiver.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def instance_with_events(client: OverHttp, url: str, **configuration: Any) -> dict[str, Any]:
    on = {
        "event.notification.enabled": True,
        "event.notification.callback.url": url,
        "event.notification.signature.key": KEY,
    }
    return client.create("autotaskcrm", configuration={**on, **configuration})


def send(client: OverHttp, instance: dict[str, Any], **wish: Any) -> list[int]:
    return list(client.control("POST", f"/instances/{instance['id']}/events", wish)["event_ids"])


def deliveries(client: OverHttp) -> list[dict[str, Any]]:
    return list(client.control("GET", "/deliveries")["deliveries"])


def wait_until_none_waits(client: OverHttp) -> list[dict[str, Any]]:
    wait_for(lambda: client.control("GET", "/deliveries")["waiting"] == 0)
    return deliveries(client)


def test_a_notification_arrives_signed_and_without_any_other_secret(client: OverHttp) -> None:
    login = {"event.notification.basic.username": "me", "event.notification.basic.password": "p"}
    with receiving() as receiver:
        instance = instance_with_events(client, receiver.url, **login)
        (event_id,) = send(client, instance, object_ids=["17"], event_type="CREATED")
        (delivery,) = wait_until_none_waits(client)
    ((headers, body),) = receiver.posts
    assert headers["content-type"] == "application/json"
    assert headers["elements-webhook-signature"] == signed(body, KEY)
    assert headers["authorization"] == "Basic bWU6cA=="
    assert headers["elements-webhook-id"]
    assert json.loads(body)["message"]["events"][0]["objectId"] == "17"
    (attempt,) = delivery.pop("attempts")
    assert delivery == {"event_id": event_id, "instance": instance["id"], "objects": 1, "state": "delivered"}
    assert (attempt["status"], attempt["error"]) == (204, "")
    sent = str(headers) + body.decode()
    secrets = [KEY, instance["token"], "autotask-example-password", *client.secrets.values()]
    assert not [secret for secret in secrets if secret in sent]


@pytest.mark.parametrize("signature", ["wrong", "missing"])
def test_a_signature_that_is_wrong_or_missing(client: OverHttp, signature: str) -> None:
    with receiving(statuses=(401, 204)) as receiver:
        instance = instance_with_events(client, receiver.url)
        send(client, instance, signature=signature)
        wait_for(lambda: deliveries(client)[0]["attempts"])
    ((headers, body),) = receiver.posts
    assert headers.get("elements-webhook-signature") != signed(body, KEY)
    assert ("elements-webhook-signature" in headers) == (signature == "wrong")
    assert [attempt["status"] for attempt in deliveries(client)[0]["attempts"]] == [401]


def test_repeats_have_the_same_event_id(client: OverHttp) -> None:
    with receiving() as receiver:
        event_ids = send(client, instance_with_events(client, receiver.url), count=11, repeat=2)
        listed = wait_until_none_waits(client)
    assert len(event_ids) == 2
    assert sorted(receiver.event_ids()) == sorted(event_ids * 3)
    assert sorted(delivery["event_id"] for delivery in listed) == sorted(event_ids * 3)


def test_a_receiver_that_is_down_gets_the_notification_later(client: OverHttp) -> None:
    client.control("PUT", "/settings", {"event_retry": 0.05})
    port = free_port()
    instance = instance_with_events(client, f"http://127.0.0.1:{port}/events")
    event_ids = send(client, instance)
    wait_for(lambda: deliveries(client)[0]["attempts"])
    with receiving(port) as receiver:
        (delivery,) = wait_until_none_waits(client)
    assert receiver.event_ids() == event_ids
    *failed, last = delivery["attempts"]
    assert (delivery["state"], last["status"]) == ("delivered", 204)
    assert failed
    assert {attempt["status"] for attempt in failed} == {None}
    assert all("Cannot connect" in attempt["error"] for attempt in failed)


def test_a_retry_ends_the_wait_of_all(client: OverHttp) -> None:
    client.control("PUT", "/settings", {"event_retry": 300})
    with receiving(statuses=(500, 404, 503, 204)) as receiver:
        instance = instance_with_events(client, receiver.url)
        send(client, instance, count=20)
        for posts, left in ((2, 2), (4, 1)):
            wait_for(lambda posts=posts, left=left: (len(receiver.posts), len(waiting(client))) == (posts, left))
            client.control("POST", "/deliveries/retry")
        wait_until_none_waits(client)
    assert {delivery["state"] for delivery in deliveries(client)} == {"delivered"}
    statuses = sorted(attempt["status"] for delivery in deliveries(client) for attempt in delivery["attempts"])
    assert statuses == [204, 204, 404, 500, 503]


def waiting(client: OverHttp) -> list[dict[str, Any]]:
    """Return the deliveries that failed and wait for their next attempt."""
    return [each for each in deliveries(client) if each["state"] == "waiting" and each["attempts"]]


def test_after_nine_retries_the_events_of_the_instance_are_switched_off(client: OverHttp) -> None:
    client.control("PUT", "/settings", {"event_retry": 0})
    with receiving(statuses=(503,)) as receiver:
        instance = instance_with_events(client, receiver.url)
        send(client, instance)
        (delivery,) = wait_until_none_waits(client)
    assert delivery["state"] == "given up"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [503] * 10
    assert len(set(receiver.event_ids())) == 1
    assert client.get(instance)["configuration"]["event.notification.enabled"] == "false"
    refused = client.control("POST", f"/instances/{instance['id']}/events", {}, status=400)
    assert "events switched off" in refused["message"]


def test_a_redirect_is_a_failure_and_is_not_followed(client: OverHttp) -> None:
    with receiving(statuses=(302, 204)) as receiver:
        send(client, instance_with_events(client, receiver.url))
        wait_for(lambda: deliveries(client)[0]["attempts"])
    assert len(receiver.posts) == 1
    assert deliveries(client)[0]["attempts"][0]["status"] == 302


def test_no_cookie_is_sent_back(client: OverHttp) -> None:
    with receiving() as receiver:
        instance = instance_with_events(client, receiver.url)
        for _time in range(2):
            send(client, instance)
            wait_until_none_waits(client)
    assert [headers.get("cookie") for headers, _body in receiver.posts] == [None, None]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "nonsense", "http://", "http://[::1", "http://me:p@127.0.0.1:1/"])
def test_an_impossible_url_is_a_failed_attempt(client: OverHttp, url: str) -> None:
    login = {"event.notification.basic.username": "me"}
    send(client, instance_with_events(client, url, **login))
    wait_for(lambda: deliveries(client)[0]["attempts"])
    (attempt,) = deliveries(client)[0]["attempts"]
    assert attempt["status"] is None
    assert attempt["error"]


@pytest.mark.parametrize("verify", [True, False])
def test_a_certificate_is_verified_unless_a_setting_says_otherwise(
    client: OverHttp, tmp_path: Path, *, verify: bool
) -> None:
    client.control("PUT", "/settings", {"verify_callbacks": verify})
    tls = made("a receiver", AUTHORITY).shown_by_a_host(tmp_path)
    with receiving(tls=tls) as receiver:
        send(client, instance_with_events(client, receiver.url.replace("http:", "https:")))
        wait_for(lambda: deliveries(client)[0]["attempts"])
    (attempt,) = deliveries(client)[0]["attempts"]
    assert attempt["status"] == (None if verify else 204)
    assert ("certificate verify failed" in attempt["error"].lower()) == verify


def test_a_burst_is_delivered_by_ten_at_once_while_the_sandbox_serves_others(client: OverHttp) -> None:
    with receiving(seconds=0.05) as receiver:
        instance = instance_with_events(client, receiver.url)
        event_ids = send(client, instance, count=1000)
        began = time.monotonic()
        assert client.api("GET", "/elements/keys").status == 200
        assert time.monotonic() - began < 1
        assert client.control("GET", "/deliveries")["waiting"] > 0
        wait_until_none_waits(client)
    assert len(event_ids) == 100
    assert sorted(receiver.event_ids()) == event_ids
    assert receiver.most == 10


def test_the_vendor_is_polled_by_itself_and_on_request(client: OverHttp) -> None:
    with receiving() as receiver:
        instance = instance_with_events(client, receiver.url)
        client.control("PUT", CONTACTS, {"contacts": 4})
        path = f"/instances/{instance['id']}/poll"
        (event_id,) = client.control("POST", path)["event_ids"]
        wait_until_none_waits(client)
        assert receiver.event_ids() == [event_id]
        client.control("PUT", CONTACTS, {"changed_contacts": [202]})
        # 15 minutes of the default interval.
        client.control("PUT", "/settings", {"event_minute": 0.01})
        wait_for(lambda: len(receiver.posts) == 2)
    events = [json.loads(body)["message"]["events"] for _headers, body in receiver.posts]
    assert [(event["eventType"], event["objectId"]) for (event,) in events] == [("CREATED", "204"), ("UPDATED", "202")]
    assert client.control("POST", path)["event_ids"] == []


@pytest.mark.parametrize("end", ["POST /reset", "DELETE /deliveries"])
def test_deliveries_are_forgotten_on_request(client: OverHttp, end: str) -> None:
    client.control("PUT", "/settings", {"event_retry": 0.1})
    port = free_port()
    send(client, instance_with_events(client, f"http://127.0.0.1:{port}/"))
    wait_for(lambda: deliveries(client)[0]["attempts"])
    client.control(*end.split())
    assert client.control("GET", "/deliveries") == {"waiting": 0, "deliveries": []}
    with receiving(port) as receiver:
        # More than the first wait.
        time.sleep(0.6)
    assert receiver.posts == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_deliveries_that_wait_or_are_under_way(tmp_path: Path, number: int) -> None:
    sandbox = start(tmp_path)
    client = OverHttp(sandbox)
    with receiving(seconds=5) as slow:
        send(client, instance_with_events(client, slow.url))
        send(client, instance_with_events(client, f"http://127.0.0.1:{free_port()}/"))
        wait_for(lambda: slow.posts and waiting(client))
        began = time.monotonic()
        assert sandbox.stop(number) == 0
        assert time.monotonic() - began < 4
    assert "Traceback" not in sandbox.output()
