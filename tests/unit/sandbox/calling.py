# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tests talk to the platform: in memory, or to a sandbox over real HTTP."""

from __future__ import annotations

import json as json_module
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import requests

from tests.sandbox.platform import Platform
from tests.sandbox.process import Running
from tests.sandbox.wire import Request

USER, PLATFORM = ("User",), ("User", "Organization")
TOKEN, HUB = ("User", "Organization", "Element"), ("User", "Element")

AUTOTASK = {
    "crm.autotask.username": "api.user@example.com",
    "crm.autotask.password": "autotask-example-password",
    "crm.autotask.server.url": "https://ww2.autotask.net",
}
ACT = {"username": "act-example-api-key", "password": "act-example-developer-key"}
EXAMPLE = {"username": "example", "password": "example-password"}
OAUTH = {"oauth.api.key": "client", "oauth.api.secret": "client-secret"}
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "autotaskcrm": AUTOTASK,
    "autotaskhelpdesk": {key.replace("crm.", "helpdesk.", 1): value for key, value in AUTOTASK.items()},
    "autotaskfinance": {key.replace("crm.", "finance.", 1): value for key, value in AUTOTASK.items()},
    "actessentials": ACT,
    "actessentialsoauth": OAUTH,
    "examplebasic": EXAMPLE,
    "exampletext": EXAMPLE,
}
BODY = {"name": "one", "element": {"key": "examplebasic"}, "configuration": EXAMPLE}


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until a condition holds, and insist that it comes to hold."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class Answer:
    """An answer, whichever way it came."""

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.content = content

    def json(self) -> Any:
        return json_module.loads(self.content)

    @property
    def message(self) -> str:
        return str(self.json()["message"])


class Caller:
    """Somebody who calls the platform."""

    secrets: Mapping[str, str]

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        raise NotImplementedError

    def api(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        parts: tuple[str, ...] = PLATFORM,
        token: str = "",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Make one platform or hub call; `parts` are the parts of the Authorization header that it carries."""
        values = {**self.secrets, "Element": token}
        sent = {"Authorization": ", ".join(f"{part} {values[part]}" for part in parts)} if parts else {}
        if json is not None:
            sent["Content-Type"], body = "application/json", json_module.dumps(json).encode()
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        return self.send(method, path + query, {**sent, **(headers or {})}, body)

    def hub(self, path: str, instance: Mapping[str, Any], **params: Any) -> Answer:
        return self.api("GET", path, parts=HUB, token=instance["token"], params=params)

    def create(self, element: str = "examplebasic", name: str = "one", **body: Any) -> dict[str, Any]:
        """Make an instance with credentials that are right, and insist that it is made."""
        configuration = {**CREDENTIALS[element], **body.pop("configuration", {})}
        wanted = {"name": name, "element": {"key": element}, "configuration": configuration, **body}
        answer = self.api("POST", "/instances", wanted)
        assert answer.status == 200, answer.content
        return dict(answer.json())

    def change(self, method: str, instance: Mapping[str, Any], **body: Any) -> Answer:
        return self.api(method, f"/instances/{instance['id']}", body)

    def get(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.api("GET", f"/instances/{instance['id']}")
        assert answer.status == 200, answer.content
        return dict(answer.json())

    def names(self, **params: Any) -> list[str]:
        """Return the names in one listing; none for the platform's 404."""
        answer = self.api("GET", "/instances", params=params)
        return [] if answer.status == 404 else [item["name"] for item in answer.json()]


class InMemory(Caller):
    """A caller without sockets, and the platform that it calls; `now` is what time it is there."""

    def __init__(self) -> None:
        self.now = 1_600_000_000.0
        self.platform = Platform(clock=lambda: self.now)
        self.secrets = self.platform.state.secrets

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        reply = self.platform.answer(Request.to(method, target, headers, body))
        return Answer(reply.status, reply.headers, reply.body)

    def set(self, **settings: Any) -> None:
        self.platform.settings = self.platform.settings.changed(settings)


class OverHttp(Caller):
    """A caller of a sandbox in another process."""

    def __init__(self, sandbox: Running) -> None:
        self.sandbox = sandbox
        self.secrets = {"User": sandbox.user_secret, "Organization": sandbox.organization_secret}
        self.session = requests.Session()
        # The tests must not pick up credentials or proxies from the machine they run on.
        self.session.trust_env = False

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes, timeout: float = 30) -> Answer:
        url = self.sandbox.base_url + target
        got = self.session.request(method, url, headers=headers, data=body or None, timeout=timeout)
        return Answer(got.status_code, got.headers, got.content)

    def control(self, method: str, path: str, json: Any = None, status: int = 200) -> Any:
        """Make one call of the control API, and insist on its status; its answer."""
        url, body = self.sandbox.control_url + path, None if json is None else json_module.dumps(json)
        answer = self.session.request(method, url, data=body, timeout=30)
        assert answer.status_code == status, answer.text
        return answer.json()

    def log(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "/requests")["requests"])

    def fault(self, method: str, path: str, **fault: Any) -> None:
        self.control("POST", "/faults", {"method": method, "path": path, **fault})

    def under_way(self) -> int:
        return int(self.control("GET", "/counters")["under_way"])
