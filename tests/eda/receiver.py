# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-rulebook as a child process, and send it signed notifications."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.collection import collections_in

KEY = "canary-signature-key"
SIGNATURE = "Elements-Webhook-Signature"
RULEBOOK = "cloud_elements.platform.events"
STARTS_IN = 60
"""Seconds."""


@dataclass(frozen=True)
class Receiver:
    """A running rulebook."""

    url: str
    process: subprocess.Popen[bytes]
    file: Path

    def output(self) -> str:
        """Return its output so far."""
        return self.file.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, *texts: str, seconds: float = 60) -> str:
        """Wait until its output contains all of these texts, and return it."""
        end = time.monotonic() + seconds
        while missing := [text for text in texts if text not in self.output()]:
            assert time.monotonic() < end, f"{missing} not in:\n{self.output()}"
            assert self.process.poll() is None, self.output()
            time.sleep(0.1)
        return self.output()

    def post(
        self, body: object, key: str = KEY, headers: Mapping[str, str] | None = None, verify: str | None = None
    ) -> int:
        """Send a body with its signature, and return the status of the reply."""
        data = json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **({SIGNATURE: signature(data, key)} if key else {})}
        sent.update(headers or {})
        return requests.post(self.url, data=data, headers=sent, timeout=60, verify=verify).status_code


def signature(data: bytes, key: str) -> str:
    """Return the value of the signature's header."""
    return "sha256=" + base64.b64encode(hmac.new(key.encode(), data, hashlib.sha256).digest()).decode()


def notification(event_id: int, *object_ids: str, object_type: str = "contacts", **message: object) -> dict[str, Any]:
    """Return a notification about objects, as Cloud Elements sends it."""
    events = [
        {
            "date": "2026-06-01T04:09:10Z",
            "elementKey": "autotaskcrm",
            "eventType": "UPDATED",
            "objectType": object_type,
            "objectId": object_id,
        }
        for object_id in object_ids
    ]
    return {"message": {"eventId": event_id, "instanceId": 12001, "events": events, **message}}


def free_port() -> int:
    """Return a port that is free now. ansible-rulebook cannot choose one itself."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def start(
    directory: Path, *options: str, rulebook: str | Path = RULEBOOK, port: int | None = None, **variables: object
) -> Receiver:
    """Start a rulebook, with variables in a file, and return it before it listens."""
    directory.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    known = {"cloud_elements_signature_key": KEY, "cloud_elements_webhook_port": port, **variables}
    (directory / "vars.yml").write_text(json.dumps(known), encoding="utf-8")
    (directory / "inventory").write_text("localhost ansible_connection=local\n", encoding="utf-8")
    place = directory / "collections"
    collections = place if place.exists() else collections_in(directory)
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(directory),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
    }
    if java := os.environ.get("JAVA_HOME"):
        environment["JAVA_HOME"] = java
    files = ("--rulebook", str(rulebook), "--inventory", "inventory", "--vars", "vars.yml")
    file = directory / "output.txt"
    with file.open("ab") as output:
        process = subprocess.Popen(
            ("ansible-rulebook", *files, *options),
            cwd=directory,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Receiver(f"http://127.0.0.1:{port}/", process, file)


def wait_until_listening(receiver: Receiver, port: int) -> None:
    """Wait until a rulebook listens."""
    end = time.monotonic() + STARTS_IN
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        assert receiver.process.poll() is None, receiver.output()
        assert time.monotonic() < end, receiver.output()
        time.sleep(0.05)


def stop(receiver: Receiver) -> None:
    """End a rulebook, and the playbooks that it runs."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(receiver.process.pid, signal.SIGKILL)
    receiver.process.wait()


def failing(directory: Path, rulebook: str | Path = RULEBOOK, **variables: object) -> str:
    """Run a rulebook that has to end with an error by itself, and return its output."""
    receiver = start(directory, rulebook=rulebook, **variables)
    try:
        assert receiver.process.wait(timeout=60) != 0
    finally:
        stop(receiver)
    return receiver.output()


@contextlib.contextmanager
def receiving(
    directory: Path, *options: str, rulebook: str | Path = RULEBOOK, **variables: object
) -> Iterator[Receiver]:
    """Run a rulebook during a `with` block."""
    receiver = start(directory, *options, rulebook=rulebook, **variables)
    try:
        wait_until_listening(receiver, int(receiver.url.rpartition(":")[2].strip("/")))
        yield receiver
    finally:
        stop(receiver)
