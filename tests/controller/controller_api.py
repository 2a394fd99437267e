# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for a controller's API: what awx.awx's modules call, with the rules of `rules.py`, and a record of writes.

It keeps objects as they are sent, adds what these modules look at, and refuses keys that a kind does not have. That a
controller's own answers agree is an assumption.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.controller import rules

TOKEN = "canary-controller-token"
USERNAME, PASSWORD = "admin", "canary-controller-password"
LOGIN = f"Basic {base64.b64encode(f'{USERNAME}:{PASSWORD}'.encode()).decode()}"
VERSION = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
NAMED = {"name", "description"}
# The keys of each kind that may be written.
KINDS: Mapping[str, set[str]] = {
    "organizations": NAMED,
    "credential_types": NAMED | {"kind", "inputs", "injectors", "managed"},
    "credentials": NAMED | {"credential_type", "inputs", "organization"},
    "execution_environments": NAMED | {"image", "pull", "organization", "credential"},
    "projects": NAMED
    | {
        "organization",
        "scm_type",
        "scm_url",
        "scm_branch",
        "credential",
        "scm_update_on_launch",
        "default_environment",
    },
    "inventories": NAMED | {"organization", "kind", "host_filter", "variables"},
    "hosts": NAMED | {"inventory", "enabled", "variables"},
    "job_templates": NAMED
    | {
        "organization",
        "project",
        "inventory",
        "execution_environment",
        "playbook",
        "job_type",
        "diff_mode",
        "ask_job_type_on_launch",
        "extra_vars",
        "survey_enabled",
    },
    "schedules": NAMED | {"unified_job_template", "rrule", "enabled", "extra_data"},
}
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "inventories": {"host_filter": None, "kind": "", "variables": ""},
    "projects": {"scm_revision": "", "scm_branch": "", "credential": None},
}
CHECKS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "credential_types": rules.credential_type,
    "job_templates": rules.job_template,
    "schedules": rules.schedule,
}
REFERENCES = {
    "organization": "organizations",
    "project": "projects",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
    "credential_type": "credential_types",
    "credential": "credentials",
    "unified_job_template": "job_templates",
}


class Refused(Exception):
    """Answered with 400."""


@dataclass
class Controller:
    """What a controller holds, and what it was told to change."""

    host: str = ""
    objects: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    surveys: dict[int, dict[str, Any]] = field(default_factory=dict)
    credentials_of: dict[int, list[int]] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    number: int = 0

    def add(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object."""
        self.number += 1
        url = f"/api/v2/{kind}/{self.number}/"
        related = {"survey_spec": f"{url}survey_spec/"}
        made = {"id": self.number, "url": url, "type": kind[:-1], "related": related, "summary_fields": {}}
        self.objects[kind][self.number] = {**made, **DEFAULTS.get(kind, {})}
        return self.change(kind, self.number, body)

    def change(self, kind: str, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write some keys of an object."""
        held = self.objects[kind][number]
        changed = {**held, **body}
        said = CHECKS.get(kind, lambda _: [])(changed)
        if unknown := set(body) - KINDS[kind]:
            said = [*said, f"unknown {sorted(unknown)}"]
        for key in set(body) & set(REFERENCES):
            if body[key] not in (None, *self.objects[REFERENCES[key]]):
                said = [*said, f"{key}: no such object"]
        if said:
            if set(held) <= {"id", "url", "type", "related", "summary_fields"}:
                del self.objects[kind][number]
            raise Refused("; ".join(said))
        held.update(body)
        return held

    def shown(self, kind: str, held: dict[str, Any]) -> dict[str, Any]:
        """An object as the API shows it: it tells no secret of a credential."""
        if kind != "credentials" or "inputs" not in held:
            return held
        fields = self.objects["credential_types"][held["credential_type"]]["inputs"]["fields"]
        secret = {field["id"] for field in fields if field.get("secret")}
        hidden = {key: "$encrypted$" if key in secret else value for key, value in held["inputs"].items()}
        return {**held, "inputs": hidden}

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """All objects of a kind."""
        return {each["name"]: each for each in self.objects[kind].values()}

    def found(self, kind: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """All objects of a kind whose keys have these values."""
        return [
            each
            for each in self.objects[kind].values()
            if all(str(each.get(key)) == value for key, value in query.items())
        ]


@web.middleware
async def _guard(request: web.Request, handler: Any) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"Bearer {TOKEN}" and not request.path.startswith("/api/v2/tokens"):
        return web.json_response({"detail": "Authentication credentials were not provided."}, status=401)
    try:
        answer: web.StreamResponse = await handler(request)
    except Refused as refused:
        answer = web.json_response({"__all__": [str(refused)]}, status=400)
    except KeyError:
        answer = web.json_response({"detail": "Not found."}, status=404)
    answer.headers.update(VERSION)
    return answer


def _listing(results: list[dict[str, Any]]) -> web.Response:
    return web.json_response({"count": len(results), "next": None, "previous": None, "results": results})


@dataclass(frozen=True)
class _Api:
    """The endpoints, each for all methods that it takes."""

    controller: Controller

    async def body_of(self, request: web.Request) -> dict[str, Any]:
        """Return what is to be written, and note that somebody writes."""
        self.controller.writes.append((request.method, request.path))
        body: dict[str, Any] = await request.json()
        return body

    async def many(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if request.method == "GET":
            kind = "job_templates" if kind == "unified_job_templates" else kind
            return _listing([self.controller.shown(kind, each) for each in self.controller.found(kind, request.query)])
        made = self.controller.shown(kind, self.controller.add(kind, await self.body_of(request)))
        if kind == "projects":
            # It is fetched at once, and the module waits for that.
            made = {**made, "summary_fields": {"current_update": {"id": 1}}}
        return web.json_response(made, status=201)

    async def one(self, request: web.Request) -> web.Response:
        kind, number = request.match_info["kind"], int(request.match_info["id"])
        if request.method == "PATCH":
            self.controller.change(kind, number, await self.body_of(request))
        return web.json_response(self.controller.shown(kind, self.controller.objects[kind][number]))

    async def survey(self, request: web.Request) -> web.Response:
        number = int(request.match_info["id"])
        if request.method == "POST":
            body = await self.body_of(request)
            if said := rules.survey(body):
                return web.json_response({"error": "; ".join(said)}, status=400)
            self.controller.surveys[number] = body
        return web.json_response(self.controller.surveys.get(number, {}))

    async def credentials(self, request: web.Request) -> web.Response:
        held = self.controller.credentials_of.setdefault(int(request.match_info["id"]), [])
        if request.method == "GET":
            return _listing([self.controller.objects["credentials"][number] for number in held])
        body = await self.body_of(request)
        (held.remove if body.get("disassociate") else held.append)(body["id"])
        return web.Response(status=204)

    async def fetched(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.json_response({"status": "successful"})

    async def tokens(self, request: web.Request) -> web.Response:
        if request.method == "DELETE":
            return web.Response(status=204)
        if request.headers["Authorization"] != LOGIN:
            return web.json_response({"detail": "Invalid."}, status=401)
        return web.json_response({"id": 1, "token": TOKEN}, status=201)


def _app(controller: Controller) -> web.Application:
    app, api = web.Application(middlewares=[_guard]), _Api(controller)
    app.router.add_route("*", "/api/v2/tokens/{rest:.*}", api.tokens)
    app.router.add_route("GET", "/api/v2/project_updates/1/", api.fetched)
    app.router.add_route("*", "/api/v2/{kind}/", api.many)
    app.router.add_route("*", "/api/v2/{kind}/{id:[0-9]+}/", api.one)
    app.router.add_route("*", "/api/v2/job_templates/{id}/survey_spec/", api.survey)
    app.router.add_route("*", "/api/v2/{kind}/{id}/credentials/", api.credentials)
    return app


@contextlib.contextmanager
def controller_api() -> Iterator[Controller]:
    """A controller that answers, in a thread of its own."""
    controller, loop, up = Controller(), asyncio.new_event_loop(), threading.Event()
    runner = web.AppRunner(_app(controller))

    async def begin() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        controller.host = f"http://{host}:{port}"
        up.set()

    def serve() -> None:
        loop.run_until_complete(begin())
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    up.wait(30)
    try:
        yield controller
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
