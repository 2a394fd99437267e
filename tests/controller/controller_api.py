# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for a controller's API: what awx.awx's modules call, with the rules of `rules.py`, and a record of writes.

It keeps objects as they are sent, and adds what these modules look at. It refuses keys that a kind does not have, names
that are taken, and another organization for an execution environment. That a controller's own answers agree is an
assumption.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.controller import rules

TOKEN = "canary-controller-token"
USERNAME, PASSWORD = "admin", "canary-controller-password"
LOGIN = f"Basic {base64.b64encode(f'{USERNAME}:{PASSWORD}'.encode()).decode()}"
PLATFORM_VERSION = "4.6.8"
"""The controller's in the Ansible Automation Platform 2.5, where organizations are made at the platform's gateway."""
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
        "ask_limit_on_launch",
        "ask_verbosity_on_launch",
        "extra_vars",
        "survey_enabled",
        "timeout",
    },
    "labels": {"name", "organization"},
    "teams": NAMED | {"organization"},
    "notification_templates": NAMED | {"organization", "notification_type", "notification_configuration"},
    "workflow_job_templates": NAMED | {"organization"},
    "workflow_job_template_nodes": {"identifier", "workflow_job_template", "unified_job_template", "job_type", "type"},
    "workflow_approval_templates": NAMED | {"timeout"},
    "credential_input_sources": {
        "description",
        "input_field_name",
        "metadata",
        "source_credential",
        "target_credential",
    },
    "schedules": NAMED | {"unified_job_template", "rrule", "enabled", "extra_data"},
}
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "hosts": {"enabled": True},
    "inventories": {"host_filter": None, "kind": "", "variables": ""},
    "job_templates": {"timeout": 0},
    "projects": {"scm_revision": "", "scm_branch": "", "credential": None},
}
CHECKS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "credential_types": rules.credential_type,
    "job_templates": rules.job_template,
    "schedules": rules.schedule,
}
# What may be attached to what, and the kind of the attached object.
ATTACHED: Mapping[tuple[str, str], str] = {
    ("job_templates", "labels"): "labels",
    ("job_templates", "notification_templates_error"): "notification_templates",
    ("workflow_job_templates", "labels"): "labels",
    ("workflow_job_template_nodes", "success_nodes"): "workflow_job_template_nodes",
    ("roles", "teams"): "teams",
}
ROLES: Mapping[str, tuple[str, ...]] = {
    "job_templates": ("admin_role", "execute_role", "read_role"),
    "workflow_job_templates": ("admin_role", "execute_role", "read_role", "approval_role"),
}
# Within which a name is taken only once; names of the others are unique in the whole controller.
NAMED_WITHIN: Mapping[str, tuple[str, ...]] = {
    "credentials": ("organization", "credential_type"),
    "hosts": ("inventory",),
    "inventories": ("organization",),
    "job_templates": ("organization",),
    "labels": ("organization",),
    "notification_templates": ("organization",),
    "projects": ("organization",),
    "schedules": ("unified_job_template",),
    "teams": ("organization",),
    "workflow_approval_templates": ("id",),
    "workflow_job_templates": ("organization",),
}
IDENTIFIED_BY: Mapping[str, tuple[str, ...]] = {
    "credential_input_sources": ("target_credential", "input_field_name"),
    "workflow_job_template_nodes": ("identifier", "workflow_job_template"),
}
"""The kinds without a name, and the keys that identify an object instead."""
REFERENCES = {
    "organization": "organizations",
    "project": "projects",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
    "credential_type": "credential_types",
    "credential": "credentials",
    "source_credential": "credentials",
    "target_credential": "credentials",
    "unified_job_template": "job_templates",
    "workflow_job_template": "workflow_job_templates",
}


class Refused(Exception):
    """Answered with 400."""


class Forbidden(Exception):
    """Answered with 403."""


@dataclass
class Controller:
    """What a controller holds, and what it was told to change."""

    host: str = ""
    objects: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    surveys: dict[int, dict[str, Any]] = field(default_factory=dict)
    credentials_of: dict[int, list[int]] = field(default_factory=dict)
    galaxy_credentials_of: dict[int, list[int]] = field(default_factory=dict)
    attached: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    """The ids of the attached objects, by the id of what has them and the kind of the attachment."""
    roles: dict[int, tuple[int, str]] = field(default_factory=dict)
    """The object and the name of each role, by the role's id."""
    writes: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """The kinds that nobody may create here."""
    number: int = 0
    prefix: str = "/api/"
    version: str = "24.6.1"

    @property
    def is_platform(self) -> bool:
        """Whether it is the one of the Ansible Automation Platform 2.5."""
        return self.version == PLATFORM_VERSION

    def become_platform(self) -> None:
        """Answer like the Ansible Automation Platform 2.5."""
        self.version, self.prefix, self.refused = PLATFORM_VERSION, "/api/controller/", {"organizations"}

    def add(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object."""
        self.number += 1
        url = f"{self.prefix}v2/{kind}/{self.number}/"
        related = {"survey_spec": f"{url}survey_spec/"} if kind == "job_templates" else {}
        made = {"id": self.number, "url": url, "type": kind[:-1], "related": related, "summary_fields": {}}
        number = self.number
        self.objects[kind][number] = {**made, **DEFAULTS.get(kind, {})}
        try:
            return self.change(kind, number, body)
        except Refused:
            del self.objects[kind][number]
            raise
        finally:
            for role in ROLES.get(kind, ()):
                self.number += 1
                self.roles[self.number] = (number, role)

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
        said = [*said, *self._taken(kind, changed), *self._moved(kind, held, body), *self._unasked(changed)]
        if said:
            raise Refused("; ".join(said))
        held.update(body)
        return held

    def _taken(self, kind: str, changed: Mapping[str, Any]) -> list[str]:
        keys = IDENTIFIED_BY.get(kind) or ("name", *NAMED_WITHIN.get(kind, ()))
        if any(_same(each, changed, keys) and each["id"] != changed["id"] for each in self.objects[kind].values()):
            return [f"{kind}: {', '.join(keys)} must make a unique set."]
        return []

    def _moved(self, kind: str, held: Mapping[str, Any], body: Mapping[str, Any]) -> list[str]:
        organization = body.get("organization")
        if kind == "execution_environments" and "name" in held and organization not in (None, held.get("organization")):
            return ["Cannot change the organization of an execution environment"]
        return []

    def _unasked(self, changed: Mapping[str, Any]) -> list[str]:
        template = self.objects["job_templates"].get(changed.get("unified_job_template"), {})
        if "job_type" in changed and "identifier" in changed and not template.get("ask_job_type_on_launch"):
            return ["job_type: Field is not configured to prompt on launch."]
        return []

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """All objects of a kind."""
        return {each["name"]: each for each in self.objects[kind].values()}

    def found(self, kind: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """All objects of a kind whose keys have these values; of keys that begin with or__, one is enough."""
        keys = {key: value for key, value in query.items() if key != "page_size"}
        either = {key.removeprefix("or__"): keys.pop(key) for key in list(keys) if key.startswith("or__")}
        return [
            self.shown(kind, each)
            for each in self.objects[kind].values()
            if all(str(each.get(key)) == value for key, value in keys.items())
            and (not either or any(str(each.get(key)) == value for key, value in either.items()))
        ]

    def shown(self, kind: str, held: Mapping[str, Any]) -> dict[str, Any]:
        """An object as the API shows it: with what it says of others, and without the secrets of a credential."""
        summary: dict[str, Any] = {}
        if kind in ROLES:
            summary["object_roles"] = {
                role: {"id": number} for number, (of_id, role) in self.roles.items() if of_id == held["id"]
            }
            labels = [self.objects["labels"][number] for number in self.attached.get((held["id"], "labels"), [])]
            # A controller shows only the first ten.
            summary["labels"] = {"count": len(labels), "results": [{"id": each["id"]} for each in labels[:10]]}
        if kind == "job_templates":
            summary["credentials"] = [{"id": number} for number in self.credentials_of.get(held["id"], [])]
        if kind == "workflow_job_template_nodes":
            held = {**held, "success_nodes": self.attached.get((held["id"], "success_nodes"), [])}
        if kind != "credentials":
            return {"organization": None, **held, "summary_fields": summary}
        of = self.objects["credential_types"][held["credential_type"]]
        summary["credential_type"] = {key: of[key] for key in ("id", "name")}
        secret = {field["id"] for field in of["inputs"]["fields"] if field.get("secret")}
        inputs = {key: "$encrypted$" if key in secret else value for key, value in held.get("inputs", {}).items()}
        return {"organization": None, **held, "inputs": inputs, "summary_fields": summary}

    def granted(self, role: str) -> set[tuple[str, str]]:
        """Return the teams with a role, each with the name of the object that the role is for."""
        objects = {number: each for kind in ROLES for number, each in self.objects[kind].items()}
        return {
            (self.objects["teams"][team]["name"], objects[of_id]["name"])
            for number, (of_id, name) in self.roles.items()
            for team in self.attached.get((number, "teams"), [])
            if name == role
        }

    def attach(self, template: int, number: int) -> None:
        """Give a credential to a job template, which takes one of each type, and of Vault one of each id."""
        held = self.credentials_of.setdefault(template, [])
        if self._hash(number) in map(self._hash, held):
            raise Refused("Cannot assign multiple credentials of this type.")
        held.append(number)

    def _hash(self, number: int) -> tuple[int, str]:
        credential = self.objects["credentials"][number]
        kind = credential["credential_type"]
        is_vault = self.objects["credential_types"][kind]["name"] == "Vault"
        return kind, credential.get("inputs", {}).get("vault_id", "") if is_vault else ""


def _same(one: Mapping[str, Any], other: Mapping[str, Any], keys: Iterable[str]) -> bool:
    return all(one.get(key) == other.get(key) for key in keys)


@web.middleware
async def _guard(request: web.Request, handler: Any) -> web.StreamResponse:
    controller = request.app[CONTROLLER]
    if request.headers.get("Authorization") != f"Bearer {TOKEN}" and "/v2/tokens/" not in request.path:
        return web.json_response({"detail": "Authentication credentials were not provided."}, status=401)
    if not request.path.startswith(f"{controller.prefix}v2/"):
        return web.json_response({"detail": "Not found."}, status=404)
    try:
        answer: web.StreamResponse = await handler(request)
    except Refused as refused:
        answer = web.json_response({"__all__": [str(refused)]}, status=400)
    except Forbidden as forbidden:
        answer = web.json_response({"detail": str(forbidden)}, status=403)
    except KeyError:
        answer = web.json_response({"detail": "Not found."}, status=404)
    product = "Red Hat Ansible Automation Platform" if controller.is_platform else "AWX"
    answer.headers.update({"X-API-Product-Name": product, "X-API-Product-Version": controller.version})
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
            return _listing(self.controller.found(kind, request.query))
        if kind in self.controller.refused:
            self.controller.writes.append((request.method, request.path))
            raise Forbidden("Creation of this resource is not allowed. Create this resource via the platform ingress.")
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
        template = int(request.match_info["id"])
        held = self.controller.credentials_of.setdefault(template, [])
        if request.method == "GET":
            return _listing([self.controller.shown("credentials", self._credential(number)) for number in held])
        body = await self.body_of(request)
        if body.get("disassociate"):
            held.remove(body["id"])
        else:
            self.controller.attach(template, body["id"])
        return web.Response(status=204)

    async def galaxy_credentials(self, request: web.Request) -> web.Response:
        held = self.controller.galaxy_credentials_of.setdefault(int(request.match_info["id"]), [])
        if request.method == "GET":
            return _listing([self.controller.shown("credentials", self._credential(number)) for number in held])
        body = await self.body_of(request)
        (held.remove if body.get("disassociate") else held.append)(body["id"])
        return web.Response(status=204)

    async def attachments(self, request: web.Request) -> web.Response:
        kind, number, name = (request.match_info[key] for key in ("kind", "id", "name"))
        attached_kind = ATTACHED[kind, name]
        (self.controller.roles if kind == "roles" else self.controller.objects[kind])[int(number)]
        held = self.controller.attached.setdefault((int(number), name), [])
        if request.method == "GET":
            objects = self.controller.objects[attached_kind]
            return _listing([self.controller.shown(attached_kind, objects[each]) for each in held])
        body = await self.body_of(request)
        self.controller.objects[attached_kind][body["id"]]
        (held.remove if body.get("disassociate") else held.append)(body["id"])
        return web.Response(status=204)

    async def approval(self, request: web.Request) -> web.Response:
        node = self.controller.objects["workflow_job_template_nodes"][int(request.match_info["id"])]
        made = self.controller.add("workflow_approval_templates", await self.body_of(request))
        node["related"]["unified_job_template"] = made["url"]
        return web.json_response(made, status=201)

    def _credential(self, number: int) -> dict[str, Any]:
        return self.controller.objects["credentials"][number]

    async def ping(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.json_response({"ha": False, "version": self.controller.version})

    async def fetched(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.json_response({"status": "successful"})

    async def tokens(self, request: web.Request) -> web.Response:
        if request.method == "DELETE":
            return web.Response(status=204)
        if request.headers["Authorization"] != LOGIN:
            return web.json_response({"detail": "Invalid."}, status=401)
        return web.json_response({"id": 1, "token": TOKEN}, status=201)


CONTROLLER = web.AppKey("controller", Controller)


def _app(controller: Controller) -> web.Application:
    app, api = web.Application(middlewares=[_guard]), _Api(controller)
    app[CONTROLLER] = controller
    for root in ("/api/v2", "/api/controller/v2"):
        app.router.add_route("*", f"{root}/tokens/{{rest:.*}}", api.tokens)
        app.router.add_route("GET", f"{root}/ping/", api.ping)
        app.router.add_route("GET", f"{root}/project_updates/1/", api.fetched)
        app.router.add_route("*", f"{root}/{{kind}}/", api.many)
        app.router.add_route("*", f"{root}/{{kind}}/{{id:[0-9]+}}/", api.one)
        app.router.add_route("*", f"{root}/job_templates/{{id}}/survey_spec/", api.survey)
        app.router.add_route("*", f"{root}/job_templates/{{id}}/credentials/", api.credentials)
        app.router.add_route("*", f"{root}/organizations/{{id}}/galaxy_credentials/", api.galaxy_credentials)
        nodes = f"{root}/workflow_job_template_nodes"
        app.router.add_route("POST", f"{nodes}/{{id}}/create_approval_template/", api.approval)
        app.router.add_route("*", f"{root}/{{kind}}/{{id:[0-9]+}}/{{name}}/", api.attachments)
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
