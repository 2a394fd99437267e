# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox as the benchmark needs it: set up, counted, and watched for being the bottleneck itself."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.benchmark.wanted import ELEMENT, PAGE_SIZE
from tests.sandbox.process import Running

THREADS = 8


@dataclass
class Watch:
    """What was seen of the sandbox during a `with` block; `busy`: 1.0 when it computed all the time."""

    reads: int = 0
    writes: int = 0
    busy: float | None = None


class Service:
    """One sandbox."""

    def __init__(self, sandbox: Running) -> None:
        self._sandbox = sandbox
        self.environment = sandbox.environment

    def reset(self, latency: float) -> None:
        """Begin anew with an empty account, where each answer takes so many seconds more."""
        self._control("POST", "/reset")
        self._control("PUT", "/settings", {"latency": latency})

    @contextmanager
    def watched(self) -> Iterator[Watch]:
        """Count requests, and the time that the sandbox computes."""
        watch = Watch()
        self._control("DELETE", "/requests")
        computed, began = self._computed(), time.perf_counter()
        yield watch
        seconds, now = time.perf_counter() - began, self._computed()
        watch.busy = None if computed is None or now is None else (now - computed) / seconds
        counters = self._control("GET", "/counters")
        watch.reads, watch.writes = counters["reads"] + counters["hub"], counters["writes"]

    def ceilings(self) -> dict[str, dict[str, float | None]]:
        """Return how many requests the sandbox serves in a second, to callers that do nothing else.

        `per_second`: so many were served; `at_most`: so many would be, if the sandbox computed all the time.
        """
        self.reset(latency=0)
        body = {"element": {"key": ELEMENT}, "tags": [], "configuration": {"username": "example", "password": "first"}}
        rates = {"create": self._rate(600, "POST", "/instances", {**body, "name": "Benchmark ceiling"})}
        rates["list a page"] = self._rate(60, "GET", f"/instances?hydrate=true&pageSize={PAGE_SIZE}")
        rates["read one"] = self._rate(2000, "GET", f"/instances/{self._any_id()}")
        return rates

    def _rate(self, times: int, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send the same request again and again, from a few threads, each on a connection of its own."""
        base, own = urlsplit(self._sandbox.base_url), threading.local()
        headers, content = self._authorization(), json.dumps(body) if body else None

        def send(_number: int) -> None:
            if not hasattr(own, "connection"):
                own.connection = http.client.HTTPConnection(base.netloc, timeout=60)
            own.connection.request(method, base.path + path, content, headers)
            answer = own.connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"The sandbox answers {method} {path} with {answer.status}.")

        with self.watched() as watch:
            began = time.perf_counter()
            with ThreadPoolExecutor(THREADS) as pool:
                for _sent in pool.map(send, range(times)):
                    pass
            seconds = time.perf_counter() - began
        rate = times / seconds
        return {"per_second": rate, "busy": watch.busy, "at_most": rate / watch.busy if watch.busy else None}

    def _any_id(self) -> int:
        listed = requests.get(
            f"{self._sandbox.base_url}/instances?pageSize=1", headers=self._authorization(), timeout=30
        )
        number: int = listed.json()[0]["id"]
        return number

    def _authorization(self) -> dict[str, str]:
        sandbox = self._sandbox
        return {
            "Authorization": f"User {sandbox.user_secret}, Organization {sandbox.organization_secret}",
            "Content-Type": "application/json",
        }

    def _computed(self) -> float | None:
        """Return the processor seconds of the sandbox so far; only Linux tells."""
        try:
            fields = Path(f"/proc/{self._sandbox.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except FileNotFoundError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, self._sandbox.control_url + path, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()
