# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real engine against the real sandbox, over HTTP: what it did, what it said, and what is truly there."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

import requests
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.connection import RecordingAdapter
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.throttle import Clock
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import Settings
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.reconcile import RunOptions, reconcile
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.release import release
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.stamp import Stamps
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import INSTANCE
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.tasks import desired_from_task

from tests.leak.canaries import Canary
from tests.leak.search import Searcher
from tests.sandbox.process import Running

PATIENT, IMPATIENT = 30.0, 1.0
"""Seconds without a byte after which a caller gives a request up; impatient where one is going to be delayed."""
DELAY = 120.0
"""Seconds: longer than any job takes. It ends when the job has ended, so no test depends on who is faster."""
FASTER = 1000
"""How many times faster than the clock the engine's waits are."""
GOOD, BAD, OLD = 'canary "good" €1/', "canary 'bad' %2+", "canary \\old\\ {{3}}"
"""Passwords."""
STAMP_KEY = "canary stamp key ä4"
FOREIGN = "ansible:of-another-program"
"""A tag that every job has to leave alone."""


class Killed(BaseException):
    """The job is gone: nothing in the engine may catch it."""


@dataclass
class Ended:
    """A job that has ended.

    `results`: of each instance, as a task would show them; none when the job was killed or could not begin.
    `requests`: what the sandbox saw meanwhile, from all callers.
    """

    results: list[dict[str, Any]] = field(default_factory=list)
    errors: list[Exception | None] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)
    requests: list[dict[str, Any]] = field(default_factory=list)
    killed: bool = False

    @property
    def writes(self) -> list[str]:
        """The writes, each as method and path."""
        return [f"{sent['method']} {sent['path']}" for sent in self.requests if sent["method"] != "GET"]


class Adapter(RecordingAdapter):
    """Lets something happen before each request leaves and after each answer has come."""

    def __init__(self, happen: Callable[[str], None]) -> None:
        super().__init__()
        self._happen = happen

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        self._happen("before")
        response = super().send(*args, **kwargs)
        self._happen("after")
        return response


class World:
    """One sandbox, and jobs that run against it."""

    def __init__(self, sandbox: Running) -> None:
        self._sandbox = sandbox
        self._session = requests.Session()
        self._session.trust_env = False
        self._timeout = PATIENT
        secrets = {"user": sandbox.user_secret, "organization": sandbox.organization_secret, "stamp": STAMP_KEY}
        secrets |= {"good": GOOD, "bad": BAD, "old": OLD}
        self._searcher = Searcher(Canary(name, value) for name, value in secrets.items())

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the control API."""
        answer = self._session.request(method, self._sandbox.control_url + path, json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self) -> None:
        """Begin anew: no instances, no faults, and vendors that accept the good password."""
        self.settled()
        self.control("POST", "/reset")
        self.accept(GOOD)

    def accept(self, password: str) -> None:
        """Let the vendors accept this password only."""
        for vendor, username in (("autotask", "api user"), ("examplebasic", "example"), ("act365", "api key")):
            self.control("PUT", f"/vendors/{vendor}/{username}", {"password": password})

    def fault(self, **fault: Any) -> None:
        """Plan a fault."""
        if fault.get("delay"):
            self._timeout = IMPATIENT
        self.control("POST", "/faults", fault)

    def mode(self, **settings: Any) -> None:
        """Change how the service behaves."""
        self.control("PUT", "/settings", settings)

    def settled(self) -> None:
        """Let nothing go wrong any more, and wait until nothing is under way."""
        self.control("DELETE", "/faults")
        self._timeout = PATIENT
        self.quiet()

    def quiet(self) -> None:
        """Wait until nothing is under way: a request may outlive the job that sent it."""
        self.control("DELETE", "/delays")
        give_up = time.monotonic() + 30
        while self.control("GET", "/counters")["under_way"]:
            assert time.monotonic() < give_up
            time.sleep(0.01)

    def there(self) -> dict[int, dict[str, Any]]:
        """Every instance as it truly is, by id."""
        return {instance["id"]: instance for instance in self.control("GET", "/instances")["instances"]}

    def outside_change(self, method: str, path: str, body: Any = None) -> requests.Response | None:
        """One call by somebody else; None where a fault that was planned for a job hit it, and left no answer."""
        header = f"User {self._sandbox.user_secret}, Organization {self._sandbox.organization_secret}"
        # A fault that hits it may close its connection, which no other call shall share.
        headers = {"Authorization": header, "Connection": "close"}
        url = self._sandbox.base_url + path
        try:
            return self._session.request(method, url, json=body, headers=headers, timeout=self._timeout)
        except requests.RequestException:
            assert any(fault["hits"] for fault in self.control("GET", "/faults")["faults"])
            self.quiet()
            return None

    def run(
        self,
        *wanted: Mapping[str, Any],
        check_mode: bool = False,
        happen: Callable[[str], None] | None = None,
        concurrency: int = 1,
    ) -> Ended:
        """Run a job; its options are a task's. What it says is searched for secrets.

        `happen`: called "before" each of its requests and "after" each answer.
        """
        seen = self._seen()
        ended = Ended()
        client = self._client(happen, concurrency)
        try:
            desired = [one for options in wanted for one in desired_from_task(_checked(options))]
            reports = reconcile(desired, client, Stamps(STAMP_KEY), RunOptions(check_mode, concurrency))
        except Killed:
            ended.killed = True
        except Exception as error:  # noqa: BLE001  # it is what the test looks at
            ended.errors.append(error)
        else:
            ended.results = [release(report.result(diff=True), report.redactor) for report in reports]
            ended.errors = [report.item.error for report in reports]
            ended.warnings = client.warnings.union(*(report.warnings for report in reports))
        ended.requests = self.control("GET", "/requests")["requests"][seen:]
        self._search(ended)
        return ended

    def _seen(self) -> int:
        return len(self.control("GET", "/requests")["requests"])

    def _client(self, happen: Callable[[str], None] | None, concurrency: int) -> Client:
        sandbox = self._sandbox
        secrets = (sandbox.user_secret, sandbox.organization_secret)
        settings = Settings(sandbox.base_url, *secrets, timeout=self._timeout, concurrency=concurrency)
        client = Client(settings, FasterClock().clock)
        session = client._wire._session
        session.trust_env = False
        if happen:
            session.mount("http://", Adapter(happen))
        return client.with_secrets(STAMP_KEY)

    def _search(self, ended: Ended) -> None:
        """No secret may be in what a job says."""
        said = [json.dumps(ended.results), *(str(error) for error in ended.errors), *ended.warnings]
        leaks = [leak for text in said for leak in self._searcher.search("a job", text)]
        assert not leaks, leaks
        tokens = [instance["token"] for instance in self.there().values()]
        assert not [text for text in said for token in tokens if token in text]


def _checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task's options as its module gets them."""
    connection = {"user_secret": "not used", "organization_secret": "not used"}
    checked = ArgumentSpecValidator(INSTANCE).validate({**connection, **options})
    assert not checked.error_messages, checked.error_messages
    return dict(checked.validated_parameters)


class FasterClock:
    """Waits are short, and count in full."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self.clock = Clock(now=self._now, sleep=self._sleep)

    def _now(self) -> float:
        return time.monotonic() + self._skipped

    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds / FASTER)
        self._skipped += seconds - seconds / FASTER


def contents(there: Mapping[int, Mapping[str, Any]]) -> dict[int, Any]:
    """What a person would call the contents of the account."""
    return {
        number: {key: one[key] for key in ("name", "element_key", "tags", "held", "disabled")}
        for number, one in there.items()
    }
