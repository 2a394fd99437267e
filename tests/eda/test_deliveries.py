# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events from the platform's side: the sandbox delivers them to ansible-rulebook, late, again, and many at once."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.collection import ROOT
from tests.eda.receiver import KEY, Receiver, free_port, receiving
from tests.sandbox.process import Running, running

SHIPPED = ROOT / "extensions/eda/rulebooks/events.yml"
PRINTING = """\
  rules:
    - name: Print it, because a thousand playbooks would take too long
      condition: event.object_type == "contacts"
      action:
        print_event:
"""
BURST = 1000
SLOW = 40
"""Playbooks that take longer than the ten seconds that the sandbox waits for a reply."""


class Account:
    """An account in the sandbox, with one instance whose events go to a port of this machine."""

    def __init__(self, sandbox: Running, port: int) -> None:
        self.port = port
        self._control = sandbox.control_url
        secrets = f"User {sandbox.user_secret}, Organization {sandbox.organization_secret}"
        configuration = {
            "crm.autotask.username": "api.user@example.com",
            "crm.autotask.password": "autotask-example-password",
            "crm.autotask.server.url": "https://ww2.autotask.net",
            "event.notification.enabled": "true",
            "event.notification.callback.url": f"http://127.0.0.1:{port}/",
            "event.notification.signature.key": KEY,
        }
        reply = requests.post(
            f"{sandbox.base_url}/instances",
            headers={"Authorization": secrets},
            json={"element": {"key": "autotaskcrm"}, "name": "Acme CRM", "configuration": configuration},
            timeout=30,
        )
        reply.raise_for_status()
        self.id = reply.json()["id"]

    def control(self, method: str, path: str, **body: Any) -> Any:
        """Call the control API of the sandbox."""
        reply = requests.request(method, f"{self._control}{path}", json=body, timeout=30)
        reply.raise_for_status()
        return reply.json()

    def deliver(self, **wish: Any) -> None:
        """Let the sandbox deliver events."""
        self.control("POST", f"/instances/{self.id}/events", **wish)

    def deliveries(self) -> list[dict[str, Any]]:
        """Return the deliveries so far."""
        found: list[dict[str, Any]] = self.control("GET", "/deliveries")["deliveries"]
        return found

    def statuses(self) -> list[list[int | None]]:
        """Return the statuses of each delivery, in the order of the attempts."""
        return [[attempt["status"] for attempt in delivery["attempts"]] for delivery in self.deliveries()]

    def wait(self, expected: str, seconds: float) -> None:
        """Wait until all deliveries are in a state."""
        end = time.monotonic() + seconds
        while {delivery["state"] for delivery in self.deliveries()} != {expected}:
            assert time.monotonic() < end, self.deliveries()
            time.sleep(0.2)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with running(tmp_path / "sandbox", "--fresh") as sandbox:
        yield Account(sandbox, free_port())


def printing(directory: Path) -> Path:
    """Write the shipped rulebook with a cheap action in place of its rules, and return it."""
    source, rules = SHIPPED.read_text(encoding="utf-8").split("  rules:\n")
    assert rules
    file = directory / "printing.yml"
    file.write_text(source + PRINTING, encoding="utf-8")
    return file


def printed(receiver: Receiver) -> Counter[str]:
    """Return how often each object was printed."""
    return Counter(re.findall(r"'object_id': '(\d+)'", receiver.output()))


def wait_for_all(receiver: Receiver, count: int, seconds: float) -> None:
    """Wait until so many objects were printed."""
    end = time.monotonic() + seconds
    while len(printed(receiver)) < count:
        assert time.monotonic() < end, (len(printed(receiver)), receiver.output()[-5000:])
        time.sleep(0.05)


def test_a_contact_that_changes_at_the_vendor_runs_a_playbook(account: Account, tmp_path: Path) -> None:
    with receiving(tmp_path / "receiver", port=account.port) as receiver:
        account.control("PUT", "/vendors/autotask/api.user@example.com", changed_contacts=[201])
        account.control("POST", f"/instances/{account.id}/poll")

        receiver.wait_for(f"UPDATED: contact 201 of autotaskcrm, instance {account.id}, at", "failed=0")
        account.wait("delivered", 20)


def test_a_wrong_and_a_missing_signature_are_refused(account: Account, tmp_path: Path) -> None:
    with receiving(tmp_path / "receiver", port=account.port) as receiver:
        account.deliver(object_ids=["right"])
        account.wait("delivered", 20)
        account.deliver(object_ids=["wrong"], signature="wrong")
        account.deliver(object_ids=["missing"], signature="missing")
        end = time.monotonic() + 20
        while not all(account.statuses()) and time.monotonic() < end:
            time.sleep(0.1)
        # Playbooks run one after another, so the refused ones would come before this one.
        account.deliver(object_ids=["last"])
        said = receiver.wait_for("contact right", "contact last")

    assert [found[0] for found in account.statuses()] == [200, 401, 400, 200]
    assert "contact wrong" not in said
    assert "contact missing" not in said


def test_a_receiver_that_was_down_catches_up(account: Account, tmp_path: Path) -> None:
    account.control("PUT", "/settings", event_retry=0.5)
    account.deliver(count=25)
    end = time.monotonic() + 20
    while not all(account.statuses()) and time.monotonic() < end:
        time.sleep(0.1)
    assert [found[0] for found in account.statuses()] == [None] * 3

    with receiving(tmp_path / "receiver", port=account.port, rulebook=printing(tmp_path)) as receiver:
        account.wait("delivered", 60)
        wait_for_all(receiver, 25, 20)

        assert {*printed(receiver).values()} == {1}
        assert [found[-1] for found in account.statuses()] == [200] * 3


def test_all_events_of_a_burst_are_handled_once(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiving(tmp_path / "receiver", port=account.port, rulebook=printing(tmp_path)) as receiver:
        began = time.monotonic()
        account.deliver(count=BURST, repeat=1)
        wait_for_all(receiver, BURST, 120)
        seconds = time.monotonic() - began
        account.wait("delivered", 60)

        assert {*printed(receiver).values()} == {1}
    assert len(account.deliveries()) == BURST / 10 * 2
    with capsys.disabled():
        print(f"\n{BURST} events in {seconds:.1f} s: {BURST / seconds:.0f} events/s")  # noqa: T201


def test_playbooks_that_delay_the_reply_too_long_run_once(account: Account, tmp_path: Path) -> None:
    account.control("PUT", "/settings", event_retry=0.5)
    with receiving(tmp_path / "receiver", port=account.port) as receiver:
        account.deliver(count=SLOW)
        account.wait("delivered", 300)
        receiver.wait_for(*(f"contact {number} of" for number in range(201, 201 + SLOW)), seconds=300)

        runs = Counter(re.findall(r"UPDATED: contact (\d+)", receiver.output()))
    assert {*runs.values()} == {1}
    # The sandbox gave up waiting for a reply and sent the notification again.
    assert [None, 200] in account.statuses()
