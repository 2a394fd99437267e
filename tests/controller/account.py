# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account that jobs work on, as the sandbox's control API shows it: what is there, and what was sent."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any, Callable

import requests

from tests.sandbox.process import Running

PATIENCE = 120.0
"""Seconds."""


class Account:
    """One account, past all faults and modes."""

    def __init__(self, sandbox: Running) -> None:
        self._url = sandbox.control_url

    def names(self) -> list[str]:
        """Return the names of all instances, those that are there twice twice."""
        return [one["name"] for one in self._control("GET", "/instances")["instances"]]

    def ids(self) -> dict[str, int]:
        """Return the id of each name."""
        return {one["name"]: one["id"] for one in self._control("GET", "/instances")["instances"]}

    def owners(self) -> dict[str, str]:
        """Return the owner of each name, as its tag tells."""
        prefix = "ansible:owner:"
        there = self._control("GET", "/instances")["instances"]
        tags = [(one["name"], tag) for one in there for tag in one["tags"]]
        return {name: tag.removeprefix(prefix) for name, tag in tags if tag.startswith(prefix)}

    def by(self) -> dict[str, int]:
        """Return how many requests came since the last `forget`, by method and route."""
        return dict(self._control("GET", "/counters")["by"])

    def writes(self) -> Counter[str]:
        """Return how many writes came, by their methods."""
        return Counter(sent["method"] for sent in self._log() if sent["method"] != "GET")

    def carried_out(self, method: str) -> int:
        """Return how many requests of a method were answered with success."""
        return sum(sent["method"] == method and sent["status"] == 200 for sent in self._log())

    def refused(self) -> int:
        """Return how many requests were told to come back later."""
        return sum(sent["status"] == 429 for sent in self._log())

    def forget(self) -> None:
        """Count from 0 again."""
        self._control("DELETE", "/requests")

    def setting(self, **settings: Any) -> None:
        """Change how the service behaves."""
        self._control("PUT", "/settings", settings)

    def fault(self, **fault: Any) -> None:
        """Plan a fault."""
        self._control("POST", "/faults", fault)

    def vendor(self, vendor: str, username: str, password: str) -> None:
        """Let a vendor accept these credentials too."""
        self._control("PUT", f"/vendors/{vendor}/{username}", {"password": password})

    def wait_for_posts(self, number: int) -> None:
        """Wait until so many creations have come."""
        self._wait(lambda: self.by().get("POST /instances", 0) >= number)

    def settle(self) -> None:
        """Wait until nothing is under way: what a killed caller sent is carried out all the same."""
        self._wait(lambda: self._control("GET", "/counters")["under_way"] == 0)

    def _log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._control("GET", "/requests")["requests"]
        return found

    def _wait(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.05)

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, self._url + path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()
