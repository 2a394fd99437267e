# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every route of the platform and of the control API, with the part of the Authorization header it needs. Data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from . import api_configuration, api_elements, api_hubs, api_instances, control
from .authorization import Needs

API_PREFIX = "/elements/api-v2"
CONTROL_PREFIX = "/_sandbox"
# Stands for the template of a request that no route takes.
UNROUTED = "(no route)"

# Ids end before SQLite's integers do.
_ID = r"{id:\d{1,18}}"
_CID = r"{cid:\d{1,18}}"
# Without a pattern, no braces would fit.
_USERNAME = r"{username:[^/]+}"
_RESOURCE = "{resource:users|contacts|accounts|incidents|customers|invoices|items|objects}"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Route:
    """One way in. `path` is aiohttp's, below the prefix; the template is the same without the patterns."""

    method: str
    path: str
    handler: Handler
    needs: Needs = Needs.PLATFORM


def _template(path: str) -> str:
    """aiohttp's canonical form of a path: `{id:\\d+}` -> `{id}`."""
    return web.PlainResource(path).canonical if "{" not in path else web.DynamicResource(path).canonical


def _instance_routes(path: str, needs: Needs) -> list[Route]:
    """What can be done to one instance, addressed by id or by token."""
    return [
        Route("PUT", path, api_instances.put_instance, needs),
        Route("PATCH", path, api_instances.patch_instance, needs),
        Route("DELETE", path, api_instances.delete_instance, needs),
        Route("PUT", f"{path}/enabled", api_instances.enable, needs),
        Route("DELETE", f"{path}/enabled", api_instances.disable, needs),
        Route("PUT", f"{path}/trace-logging", api_instances.start_trace, needs),
        Route("DELETE", f"{path}/trace-logging", api_instances.stop_trace, needs),
        Route("GET", f"{path}/configuration", api_configuration.list_configuration, needs),
        Route("GET", f"{path}/configuration/{_CID}", api_configuration.get_entry, needs),
        Route("PATCH", f"{path}/configuration/{_CID}", api_configuration.patch_entry, needs),
    ]


PLATFORM_ROUTES = (
    Route("GET", "/instances", api_instances.list_instances, Needs.LIST),
    Route("POST", "/instances", api_instances.create_instance),
    Route("GET", "/instances/count", api_instances.count_instances),
    Route("GET", f"/instances/{_ID}", api_instances.get_instance),
    *_instance_routes("/instances", Needs.TOKEN),
    *_instance_routes(f"/instances/{_ID}", Needs.PLATFORM),
    Route("GET", "/elements", api_elements.list_elements, Needs.NOTHING),
    Route("GET", "/elements/keys", api_elements.list_keys),
    Route("GET", "/elements/metadata", api_elements.list_metadata),
    Route("GET", "/elements/{element}", api_elements.get_element),
    Route("GET", "/elements/{element}/configuration", api_elements.get_configuration),
    Route("GET", "/elements/{element}/metadata", api_elements.get_metadata),
    Route("GET", "/elements/{element}/oauth/url", api_elements.get_oauth_url, Needs.NOTHING),
    Route("POST", "/elements/{element}/oauth/url", api_elements.get_oauth_url, Needs.NOTHING),
    Route("GET", "/elements/{element}/instances", api_instances.list_instances),
    Route("POST", "/elements/{element}/instances", api_instances.create_instance),
    Route("GET", f"/elements/{{element}}/instances/{_ID}", api_instances.get_instance),
    Route("PUT", f"/elements/{{element}}/instances/{_ID}", api_instances.put_instance),
    Route("DELETE", f"/elements/{{element}}/instances/{_ID}", api_instances.delete_instance),
    Route("GET", "/hubs/{hub}/{resource}", api_hubs.call, Needs.HUB),
    Route("GET", "/ping", api_hubs.call, Needs.HUB),
    Route("GET", f"/{_RESOURCE}", api_hubs.call, Needs.HUB),
)

_NEEDS = {(route.method, _template(route.path)): route.needs for route in PLATFORM_ROUTES}

CONTROL_ROUTES = (
    Route("GET", "/requests", control.get_requests),
    Route("DELETE", "/requests", control.clear_requests),
    Route("GET", "/counters", control.get_counters),
    Route("GET", "/settings", control.get_settings),
    Route("PUT", "/settings", control.put_settings),
    Route("GET", "/faults", control.get_faults),
    Route("POST", "/faults", partial(control.post_fault, known=tuple(_NEEDS))),
    Route("DELETE", "/faults", control.clear_faults),
    Route("DELETE", "/delays", control.end_delays),
    Route("GET", "/vendors", control.get_vendors),
    Route("PUT", f"/vendors/{{vendor}}/{_USERNAME}", control.put_vendor),
    Route("DELETE", f"/vendors/{{vendor}}/{_USERNAME}", control.delete_vendor),
    Route("GET", "/instances", control.get_instances),
    Route("PUT", f"/instances/{_ID}", control.put_instance),
    Route("GET", f"/instances/{_ID}/stored", control.get_stored),
    Route("POST", "/reset", control.reset),
)


def add_routes(app: web.Application, routes: tuple[Route, ...]) -> None:
    """Put routes into an application; HEAD is not answered, as the platform's answers list no such method."""
    for route in routes:
        app.router.add_route(route.method, route.path, route.handler)


def template_of(request: web.Request) -> str:
    """The route template of a request below the API prefix, e.g. `/instances/{id}`, or UNROUTED."""
    resource = request.match_info.route.resource
    return resource.canonical.removeprefix(API_PREFIX) if resource else UNROUTED


def needs_of(method: str, template: str) -> Needs:
    """What a call has to show. Where no route is, either kind of caller may be told so."""
    return _NEEDS.get((method, template), Needs.ANY)
