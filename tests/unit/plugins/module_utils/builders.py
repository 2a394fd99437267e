# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builders of values, and a platform in memory, for all tests of the plugins."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Callable, NamedTuple, Optional
from urllib.parse import parse_qsl, urlsplit

import requests
import responses
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.throttle import Clock
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import Settings
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.writes import request_of
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.plan import Plan
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.reconcile import RunOptions, reconcile
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.report import Report
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Actual, Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.release import release
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.stamp import Stamps
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.values import MASK
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import INSTANCE
from urllib3.exceptions import MaxRetryError, NewConnectionError

HOST = "https://api.example.com"
BASE_URL = HOST + "/elements/api-v2"
USER_SECRET, ORGANIZATION_SECRET = "canary-user-secret", "canary-organization-secret"
SETTINGS = Settings(BASE_URL, USER_SECRET, ORGANIZATION_SECRET)
CONNECTION = {"base_url": BASE_URL, "user_secret": USER_SECRET, "organization_secret": ORGANIZATION_SECRET}

ELEMENT = "examplebasic"
SOURCES = ", ".join(["element", *VENDORS])
"""The options that select the element, as messages name them."""
SECRET = "canary-pass word/1"
TOKEN = "canary-token"
STAMPS = Stamps("unit test stamp key")
OLD_SALT, NEW_SALT = b"old salt", b"new salt"


def stamp(secrets: Mapping[str, str], element: str = ELEMENT, stamps: Stamps = STAMPS, salt: bytes = OLD_SALT) -> str:
    """Return the stamp that an earlier run left."""
    return stamps.make(element, secrets, salt)


def desired(**changes: Any) -> Desired:
    values: dict[str, Any] = {"element": ELEMENT, "name": "Acme", "secrets": {"password": SECRET}}
    return Desired(**{**values, **changes})


def actual(**changes: Any) -> Actual:
    """Return an instance which is as :func:`desired` wants it."""
    return replace(
        Actual(
            id=7,
            name="Acme",
            element=ELEMENT,
            tags=(stamp({"password": SECRET}),),
            enabled=True,
            valid=True,
            events_enabled=False,
            configuration={"password": MASK},
            created_date="2026-01-02T03:04:05Z",
            updated_date="2026-01-02T03:04:05Z",
            token=TOKEN,
        ),
        **changes,
    )


class Request(NamedTuple):
    """A request as the client sends it."""

    method: str
    path: str
    body: dict[str, Any] | None


def requests_of(made: Plan) -> tuple[Request, ...]:
    """Return what the client makes of the changes of a plan."""
    number = made.actual.id if made.actual else "{id}"
    return tuple(Request(*request_of(change, number)) for change in made.changes)


def after(request: Any, before: Actual | None, masked: frozenset[str] = frozenset({"password"})) -> Actual | None:
    """Return what a request makes of an instance, on a platform that behaves as documented."""
    if request.path.endswith("/enabled"):
        assert before is not None
        return replace(before, enabled=request.method == "PUT")
    if request.method == "DELETE":
        return None
    body = request.body
    before = before or actual(id=8, element=body["element"]["key"], configuration={}, tags=())
    sent = {key: MASK if key in masked else value for key, value in body.get("configuration", {}).items()}
    return replace(
        before,
        name=body.get("name", before.name),
        tags=tuple(body.get("tags", before.tags)),
        configuration={**(before.configuration or {}), **sent},
        valid=before.valid or request.method == "PUT",
    )


def options(spec: Mapping[str, Any] = INSTANCE, **given: Any) -> dict[str, Any]:
    """Return options as Ansible hands them over: with their defaults, types and environment."""
    connection = {name: value for name, value in CONNECTION.items() if name in spec}
    checked = ArgumentSpecValidator(spec).validate({**connection, **given})
    assert checked.error_messages == []
    return dict(checked.validated_parameters)


def run(client: Client, *wanted: Desired, check_mode: bool = False) -> list[dict[str, Any]]:
    """Return the results of a run, each with its warnings."""
    reports = reconcile(wanted, client, STAMPS, RunOptions(check_mode))
    return [{**shown(report), "warnings": report.warnings} for report in reports]


def shown(report: Report, *, diff: bool = True) -> dict[str, Any]:
    """Return the result of one instance, as it leaves the collection."""
    result: dict[str, Any] = release(report.result(diff), report.redactor)
    return result


class FakeTime:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []
        self.clock = Clock(now=lambda: self.now, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@dataclass
class Answer:
    """An answer of the platform."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def triple(self) -> tuple[int, Mapping[str, str], str]:
        return self.status, self.headers, self.body if isinstance(self.body, str) else json.dumps(self.body)


def problem(status: int, message: str = "Request failed", **more: Any) -> Answer:
    """Return the platform's own error."""
    headers = more.pop("headers", {})
    return Answer(status, {"requestId": "5b0437c6", "message": message, **more}, headers)


def page(status: int) -> Answer:
    """Return what a proxy answers."""
    return Answer(status, "<html>Some proxy</html>", {"Content-Type": "text/html"})


def refused() -> Exception:
    """Return what requests raises when nobody listens."""
    reason = NewConnectionError(None, "Connection refused")  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


def lost() -> Exception:
    """Return what requests raises when the connection breaks on the way."""
    return requests.ConnectionError("Connection aborted")


@dataclass(frozen=True)
class Sent:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    authorization: str

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


# Optional, and not |, for it is evaluated: Python 3.9 runs these tests.
Respond = Callable[[Callable[[], Answer]], Optional[Answer]]


class Platform:
    """The platform's instance API in memory, behind :mod:`responses`. Tests can set single answers."""

    def __init__(self) -> None:
        self.instances: dict[int, dict[str, Any]] = {}
        self.elements: dict[str, list[dict[str, Any]]] = {ELEMENT: []}
        self.masked = {"password"}
        self.ignored: set[str] = set()
        """Configuration keys that the element does not have."""
        self.stored: Callable[[dict[str, Any]], dict[str, Any]] = dict
        """The stored form of the name and tags in a request."""
        self.lag = 0
        """How many listings do not show a new instance."""
        self.searches = True
        """Whether a search finds anything."""
        self.unlisted: tuple[str, ...] = ()
        """Fields that a listing leaves out."""
        self.vendor = Answer(200, [])
        self.sent: list[Sent] = []
        self.surprises: list[str] = []
        self._once: list[tuple[str, str, Respond]] = []
        self._next_id = 100

    # Settings for a test

    def add(self, **changes: Any) -> dict[str, Any]:
        """Let there be an instance: as desired, but for the changes."""
        self._next_id += 1
        body: dict[str, Any] = {
            "id": self._next_id,
            "name": "Acme",
            "element": {"key": ELEMENT},
            "tags": [stamp({"password": SECRET})],
            "disabled": False,
            "valid": True,
            "configuration": {"password": SECRET},
            "createdDate": "2026-01-02T03:04:05Z",
            "token": TOKEN,
            **changes,
        }
        self.instances[body["id"]] = body
        return body

    def once(self, line: str, *answers: Answer | Exception | None, happens: bool = False) -> None:
        """Give these answers to the next requests of this method and path, a pattern; None is the usual answer.

        :param happens: the request is carried out all the same
        """
        for answer in answers:
            self.respond(line, lambda usual, answer=answer: self._give(usual, answer, happens))

    def respond(self, line: str, respond: Respond) -> None:
        """Let a function answer the next request of this method and path."""
        method, _space, path = line.partition(" ")
        self._once.append((method, path, respond))

    @staticmethod
    def _give(usual: Callable[[], Answer], answer: Answer | Exception | None, happens: bool) -> Answer:
        if answer is None:
            return usual()
        if happens:
            usual()
        if isinstance(answer, Exception):
            raise answer
        return answer

    # What a test asks it

    @property
    def lines(self) -> list[str]:
        return [sent.line for sent in self.sent]

    @property
    def writes(self) -> list[str]:
        return [sent.line for sent in self.sent if sent.method != "GET"]

    @property
    def tags(self) -> list[list[str]]:
        return [body["tags"] for body in self.instances.values()]

    # How it works

    @contextlib.contextmanager
    def served(self) -> Iterator[None]:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                mock.add_callback(method, re.compile(re.escape(BASE_URL) + "/.*"), self._receive)
            yield

    def _receive(self, request: Any) -> Any:
        parts = urlsplit(request.url)
        header = request.headers["Authorization"]
        sent = Sent(
            request.method,
            parts.path[len(urlsplit(BASE_URL).path) :],
            dict(parse_qsl(parts.query)),
            json.loads(request.body) if request.body else None,
            header.decode() if isinstance(header, bytes) else header,
        )
        self.sent.append(sent)
        for number, (method, path, respond) in enumerate(self._once):
            if method == sent.method and re.fullmatch(path, sent.path):
                del self._once[number]
                answer = respond(lambda: self._usual(sent))
                return (answer or self._usual(sent)).triple
        return self._usual(sent).triple

    def _usual(self, sent: Sent) -> Answer:
        head, _slash, rest = sent.path[1:].partition("/")
        number, _slash, leaf = rest.partition("/")
        if head in ("hubs", "ping"):
            return self.vendor
        if sent.line == "GET /elements":
            return Answer(200, [{"key": key} for key in self.elements])
        if head == "elements" and sent.method == "GET":
            known = rest in self.elements
            return Answer(200, {"key": rest, "configuration": self.elements[rest]}) if known else problem(404, "No")
        if head == "instances" and not rest:
            return self._list(sent) if sent.method == "GET" else self._create(sent)
        if head == "instances" and leaf in ("", "enabled"):
            return self._one(sent, int(number), leaf)
        self.surprises.append(sent.line)
        return problem(405)

    def _list(self, sent: Sent) -> Answer:
        text = sent.query.get("searchText", "")
        shown = [b for b in self.instances.values() if text in b["name"] or text in b["element"]["key"]]
        if text and not self.searches:
            shown = []
        if self.lag:
            self.lag -= 1
            shown = [body for body in shown if not body.get("new")]
        if not shown:
            return problem(404, "No Element Instances found")
        listed = [self._shown(body) for body in shown]
        for body in listed:
            for key in self.unlisted:
                del body[key]
        return Answer(200, listed, {"elements-total-count": str(len(shown))})

    def _create(self, sent: Sent) -> Answer:
        return Answer(200, self._shown(self._merge(self.add(configuration={}, new=True), sent.body)))

    def _one(self, sent: Sent, number: int, leaf: str) -> Answer:
        if number not in self.instances:
            return problem(404, f"No instance found with ID {number}")
        body = self.instances[number]
        if leaf:
            body["disabled"] = sent.method == "DELETE"
            return Answer(200)
        if sent.method == "DELETE":
            del self.instances[number]
            return Answer(200)
        if sent.method in ("PUT", "PATCH"):
            self._merge(body, sent.body)
            body["valid"] = body["valid"] or sent.method == "PUT"
        return Answer(200, self._shown(body))

    def _merge(self, body: dict[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
        body.update(self.stored({key: sent[key] for key in ("name", "tags", "element") if key in sent}))
        given = {key: value for key, value in sent.get("configuration", {}).items() if key not in self.ignored}
        body["configuration"] = {**body["configuration"], **given}
        return body

    def _shown(self, body: Mapping[str, Any]) -> dict[str, Any]:
        masked = {key: MASK if key in self.masked else value for key, value in body["configuration"].items()}
        return {**body, "configuration": masked}
