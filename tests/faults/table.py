# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault, every step of every operation, and what comes of each pair. Data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.faults.world import DELAY, GOOD, OLD

HTML = {"headers": {"Content-Type": "text/html"}, "text": "<html><body>Sign in to the network</body></html>"}


UNREADABLE: Mapping[str, str] = {
    "two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 5, 9\r\n\r\n{}   ",
    "a chunk of no size": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "no gzip": "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "too many headers": "HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 200 + "\r\n{}",
    "half of the headers": "HTTP/1.1 200 OK\r\nContent-Le",
    "no HTTP": "SSH-2.0-OpenSSH_9.2\r\n",
}
"""Answers that no library reads. Each raises another exception, and all of them mean the same."""
AFTER, ALWAYS = {"after": True}, {"times": None}


def _says(echo: str, status: int, **headers: str) -> dict[str, Any]:
    """The platform's own error; it echoes a secret, as vendors do."""
    body = {"requestId": "5b04a3c1f6d27e9081b2c3d4", "message": f"Something about {echo}", "echo": OLD}
    return {"answer": {"status": status, "headers": headers, "json": body}}


def _page(status: int) -> dict[str, Any]:
    return {"answer": {"status": status, **HTML}}


def faults(echo: str) -> dict[str, dict[str, Any]]:
    """Return what may go wrong with any request; the errors say a secret that the job knows."""
    says, wait = partial(_says, echo), {"Retry-After": "2"}
    return {
        **{f"HTTP {status}": says(status) for status in (400, 401, 403, 404, 405, 408, 409, 415, 422)},
        "HTTP 404 of a proxy": _page(404),
        "HTTP 429 with Retry-After": says(429, **wait),
        "HTTP 429 with Retry-After, always": {**says(429, **wait), **ALWAYS},
        "HTTP 429": says(429),
        "HTTP 429, always": {**says(429), **ALWAYS},
        **{f"HTTP {status}": says(status) for status in (500, 502, 503, 504)},
        "HTTP 503 with Retry-After": says(503, **wait),
        "HTTP 502 of a proxy": _page(502),
        "HTTP 503, always": {**says(503), **ALWAYS},
        **{f"HTTP {status} after it was done": {**says(status), **AFTER} for status in (408, 500, 502, 503, 504)},
        "no connection kept": {"drop": True},
        "no connection kept, always": {"drop": True, **ALWAYS},
        "no connection kept after it was done": {"drop": True, **AFTER},
        "a delay, then it is done": {"delay": DELAY},
        "a delay after it was done": {"delay": DELAY, **AFTER},
        "half an answer": {"cut": 20, **AFTER},
        "HTML with 200": _page(200),
        "HTML with 200 after it was done": {**_page(200), **AFTER},
        "{} with 200 after it was done": {"answer": {"json": {}}, **AFTER},
        "[] with 200 after it was done": {"answer": {"json": []}, **AFTER},
        "null with 200 after it was done": {"answer": {"json": None}, **AFTER},
        "nothing with 200 after it was done": {"answer": {}, **AFTER},
        "a redirect": {"answer": {"status": 307, "headers": {"Location": "/elsewhere"}}},
        "a redirect to nowhere after it was done": {
            "answer": {"status": 302, "headers": {"Location": "http://[bad"}},
            **AFTER,
        },
        "an error with 200": says(200),
        "an error with 200 after it was done": {**says(200), **AFTER},
        **{f"{name} after it was done": {"raw": raw, **AFTER} for name, raw in UNREADABLE.items()},
    }


LIST_FAULTS: Mapping[str, Mapping[str, Any]] = {
    "a page again": {"repeat_page": True, **AFTER},
    "a wrong total": {"headers": {"elements-total-count": "7"}, **AFTER},
    "a wrong total, always": {"headers": {"elements-total-count": "7"}, **AFTER, **ALWAYS},
}
"""What else may go wrong with a listing."""


def faults_of(step: Step) -> Mapping[str, Mapping[str, Any]]:
    """Return the faults that can happen at a step."""
    possible = {**faults(GOOD), **(LIST_FAULTS if (step.method, step.path) == ("GET", "/instances") else {})}
    if step.path.endswith("/enabled") or step.method == "DELETE":
        # Its answer is empty.
        del possible["half an answer"]
    return possible


@dataclass(frozen=True)
class Step:
    """One request of an operation.

    `first`: the options with which the instance was made before, None for none. `wanted`: those of the run. `skip`: how
    many requests like it come before.
    """

    method: str
    path: str
    wanted: Mapping[str, Any]
    first: Mapping[str, Any] | None = None
    query: Mapping[str, bool] = field(default_factory=dict)
    skip: int = 0
    beside: tuple[Mapping[str, Any], ...] = ()
    """What else the run wants: then it is a fleet, and knows the listing only."""
    mode: Mapping[str, Any] = field(default_factory=dict)


NAME = {"name": "Acme"}
BASIC = {**NAME, "element": "examplebasic", "tags": ["one"]}
KNOWN = {**BASIC, "configuration": {"username": "example"}, "secrets": {"password": GOOD}}
CHANGED = {**KNOWN, "tags": ["two"]}
OTHER = {**KNOWN, "name": "Other"}
STALE = {**KNOWN, "secrets": {"password": OLD}}
AUTOTASK = {**NAME, "autotask": {"hub": "crm", "username": "api user", "password": GOOD, "server_url": "https://x"}}

SEARCH = {"searchText": True}
FIRST_PAGE, NEXT_PAGE = {"searchText": False, "nextPage": False}, {"nextPage": True}

STEPS: Mapping[str, Step] = {
    "search": Step("GET", "/instances", CHANGED, KNOWN, SEARCH),
    "list, first page": Step("GET", "/instances", CHANGED, KNOWN, FIRST_PAGE, beside=(OTHER,)),
    "list, second page": Step("GET", "/instances", CHANGED, KNOWN, NEXT_PAGE, beside=(OTHER,)),
    "proof of absence, first page": Step("GET", "/instances", KNOWN, query=FIRST_PAGE),
    "proof of absence, second page": Step("GET", "/instances", KNOWN, query=NEXT_PAGE),
    "read by id": Step("GET", "/instances/{id}", CHANGED, KNOWN, beside=(OTHER,), mode={"hydrates": False}),
    "element": Step("GET", "/elements/{element}", KNOWN),
    # What comes later than the last look is what cannot be known; so there are not many.
    "create": Step("POST", "/instances", {**KNOWN, "create_confirm_timeout": 10}),
    "look for the new one": Step("GET", "/instances", KNOWN, query=SEARCH, skip=1),
    "update": Step("PATCH", "/instances/{id}", CHANGED, KNOWN),
    "rotate": Step("PUT", "/instances/{id}", KNOWN, STALE),
    "enable": Step("PUT", "/instances/{id}/enabled", {**KNOWN, "enabled": True}, {**KNOWN, "enabled": False}),
    "disable": Step("DELETE", "/instances/{id}/enabled", {**KNOWN, "enabled": False}, KNOWN),
    "delete": Step("DELETE", "/instances/{id}", {**KNOWN, "state": "absent"}, KNOWN),
    "verify after create": Step("GET", "/hubs/{hub}/{resource}", AUTOTASK),
    "verify after rotate": Step("GET", "/ping", KNOWN, STALE),
}
