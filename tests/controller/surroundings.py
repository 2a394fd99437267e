# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox whose secrets are canaries, and jobs against it of which nothing goes unsearched."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.controller.jobs import Ended, Job, run
from tests.controller.searched import Tally, leaks
from tests.leak.canaries import Canary, made_up
from tests.leak.search import Searcher
from tests.sandbox.process import Running

VAULT_PASSWORD = "correct horse battery staple 4711"
USER = "api.user@example.com"
ZONE = "https://ww2.autotask.net"
LOUD = ("-vvvv", "--diff")
MAIN = "Apply the list of element instances"
"""The task of the role that writes."""
CHECK = "Check that the list was applied"
"""The task of the role that fails when something did."""


@dataclass(frozen=True)
class Surroundings:
    """What the jobs of a test are run in."""

    sandbox: Running
    directory: Path
    searcher: Searcher = field(repr=False)
    """Knows all secrets but tokens, which are made on the way."""
    tally: Tally
    secrets: Mapping[str, str] = field(default_factory=lambda: {one.name: one.value for one in made_up().values()})

    def __post_init__(self) -> None:
        self.account("autotask", USER, self.secrets["autotask_password"])
        self.account("act365", self.secrets["act365_api_key"], self.secrets["act365_developer_key"])

    def credentials(self, **more: str) -> dict[str, str]:
        """Return the environment that credentials inject, each variable of `more` instead of the right one."""
        return {
            **self.sandbox.environment,
            "CLOUD_ELEMENTS_STAMP_KEY": self.secrets["stamp_key"],
            "CLOUD_ELEMENTS_AUTOTASK_USERNAME": USER,
            "CLOUD_ELEMENTS_AUTOTASK_PASSWORD": self.secrets["autotask_password"],
            "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL": ZONE,
            "CLOUD_ELEMENTS_ACT365_API_KEY": self.secrets["act365_api_key"],
            "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY": self.secrets["act365_developer_key"],
            **more,
        }

    def run(self, job: Job, name: str) -> Ended:
        """Run a job as loud as it can be, search all that it left, and fail when there is a secret in it."""
        ended = self.unsearched(job, name)
        if found := self.leaks(job, ended):
            pytest.fail("\n".join(map(str, found)), pytrace=False)
        return ended

    def unsearched(self, job: Job, name: str) -> Ended:
        """Run a job as loud as it can be."""
        return run(dataclasses.replace(job, arguments=(*LOUD, *job.arguments)), self.directory / name)

    def leaks(self, job: Job, ended: Ended) -> list[Any]:
        """Search all that a job left, also for the tokens of what is there now."""
        found = leaks(job, ended, self.searcher, self.tally)
        tokens = [Canary(f"token of {one['name']}", one["token"]) for one in self.there()]
        return found + (leaks(job, ended, Searcher(tokens), Tally()) if tokens else [])

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the sandbox's control API."""
        answer = requests.request(method, self.sandbox.control_url + path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def account(self, vendor: str, user: str, password: str) -> None:
        """Make an account at a vendor, or change its password."""
        self.control("PUT", f"/vendors/{vendor}/{quote(user, safe='')}", {"password": password})

    def there(self) -> list[dict[str, Any]]:
        """Return the instances at the platform."""
        listed: list[dict[str, Any]] = self.control("GET", "/instances")["instances"]
        return listed

    def writes(self) -> int:
        """Return how many requests have written since this was asked last."""
        number: int = self.control("GET", "/counters")["writes"]
        self.control("DELETE", "/requests")
        return number


def encrypted(variables: Mapping[str, str], label: str = "default") -> str:
    """Return a vault file with these variables; unsafe, or Ansible would take a brace in a password for a template."""
    lines = [f"{name}: !unsafe {json.dumps(value, ensure_ascii=False)}\n" for name, value in variables.items()]
    secret = VaultSecret(VAULT_PASSWORD.encode())
    text: bytes = VaultLib([(label, secret)]).encrypt("---\n" + "".join(lines), secret, label)
    return text.decode()


def decrypted(file: Path) -> str:
    """Return the text of a file that the vault password encrypts."""
    text: bytes = VaultLib([("any", VaultSecret(VAULT_PASSWORD.encode()))]).decrypt(file.read_bytes())
    return text.decode()


def searcher_for(sandbox: Running) -> Searcher:
    """Return a search for every secret that is known before a job begins."""
    known = {
        **{one.name: one.value for one in made_up().values()},
        "user_secret": sandbox.user_secret,
        "organization_secret": sandbox.organization_secret,
        "vault_password": VAULT_PASSWORD,
    }
    return Searcher(Canary(name, value) for name, value in known.items())
