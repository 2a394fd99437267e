# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tests talk to a sandbox: over real HTTP, with the parts of the Authorization header named."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from tests.sandbox.process import Running

PLATFORM = ("User", "Organization")
TOKEN = ("User", "Organization", "Element")
HUB = ("User", "Element")

AUTOTASK = {
    "crm.autotask.username": "api.user@example.com",
    "crm.autotask.password": "autotask-example-password",
    "crm.autotask.server.url": "https://ww2.autotask.net",
}
HELPDESK = {key.replace("crm.", "helpdesk.", 1): value for key, value in AUTOTASK.items()}
FINANCE = {key.replace("crm.", "finance.", 1): value for key, value in AUTOTASK.items()}
ACT = {"username": "act-example-api-key", "password": "act-example-developer-key"}
EXAMPLE = {"username": "example", "password": "example-password"}
OAUTH = {"oauth.api.key": "client", "oauth.api.secret": "client-secret"}

CREDENTIALS = {
    "autotaskcrm": AUTOTASK,
    "autotaskhelpdesk": HELPDESK,
    "autotaskfinance": FINANCE,
    "actessentials": ACT,
    "examplebasic": EXAMPLE,
}


DEFAULT_SETTINGS = {
    "latency": 0,
    "strict_masks": False,
    "environment": "production",
    "listing_lag": 0,
    "page_size": 200,
    "pages": "by_id",
    "hydrates": True,
    "empty_list_status": 404,
    "tags": "kept",
    "rate_limit": 0,
    "names": "kept",
    "renames": True,
    "put_replaces": False,
    "patch_adds_tags": False,
    "whole_answers": True,
    "order": "ascending",
    "short_items": False,
    "refusals": "request_failed",
}


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until a condition holds, and insist that it comes to hold."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class Caller:
    """A caller of one sandbox."""

    def __init__(self, sandbox: Running) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        # The tests must not pick up credentials or proxies from the machine they run on.
        self.session.trust_env = False

    def api(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        parts: tuple[str, ...] = PLATFORM,
        token: str = "",
        params: Any = None,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
        timeout: float = 30,
    ) -> requests.Response:
        """One platform or hub call; `parts` are the parts of the Authorization header that it carries."""
        values = {"User": self.sandbox.user_secret, "Organization": self.sandbox.organization_secret, "Element": token}
        authorization = {"Authorization": ", ".join(f"{part} {values[part]}" for part in parts)} if parts else {}
        return self.session.request(
            method,
            self.sandbox.base_url + path,
            json=json,
            params=params,
            headers=authorization | (headers or {}),
            data=data,
            timeout=timeout,
        )

    def hub(self, path: str, instance: dict[str, Any], params: Any = None) -> requests.Response:
        """One hub call through an instance."""
        return self.api("GET", path, parts=HUB, token=instance["token"], params=params)

    def create(self, element: str = "examplebasic", name: str = "one", **body: Any) -> dict[str, Any]:
        """Make an instance with credentials that are right, and insist that it is made."""
        configuration = {**CREDENTIALS.get(element, {}), **body.pop("configuration", {})}
        wanted = {"name": name, "element": {"key": element}, "configuration": configuration, **body}
        answer = self.api("POST", "/instances", wanted)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def get(self, instance: dict[str, Any]) -> dict[str, Any]:
        """The instance as it is now."""
        answer = self.api("GET", f"/instances/{instance['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def patch(self, instance: dict[str, Any], **body: Any) -> requests.Response:
        """PATCH the instance."""
        return self.api("PATCH", f"/instances/{instance['id']}", body)

    def put(self, instance: dict[str, Any], params: Any = None, **body: Any) -> requests.Response:
        """PUT the instance."""
        return self.api("PUT", f"/instances/{instance['id']}", body, params=params)

    def names(self, **params: Any) -> list[str]:
        """The names in one listing; none for the platform's 404."""
        answer = self.api("GET", "/instances", params=params)
        return [] if answer.status_code == 404 else [item["name"] for item in answer.json()]

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """One call of the control API that must succeed; its answer."""
        answer = self.session.request(method, self.sandbox.control_url + path, json=json, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stored(self, instance: dict[str, Any]) -> dict[str, str | None]:
        """The configuration in clear, as the server holds it."""
        return dict(self.control("GET", f"/instances/{instance['id']}/stored"))

    def rotate(self, vendor: str, username: str, **account: Any) -> None:
        """Change a vendor account behind the platform's back."""
        self.control("PUT", f"/vendors/{vendor}/{username}", account)

    def log(self) -> list[dict[str, Any]]:
        """The request log."""
        return list(self.control("GET", "/requests")["requests"])

    def fault(self, method: str, path: str, **fault: Any) -> None:
        """Plan a fault."""
        self.control("POST", "/faults", {"method": method, "path": path, **fault})

    def under_way(self) -> int:
        """How many calls are under way."""
        return int(self.control("GET", "/counters")["under_way"])
