# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes that the collection never calls: for the platform's own test suite, and other clients."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .. import api
from ..api import addressed
from ..elements import ENTRIES_EACH, Element
from ..instances import Instance, as_text, shown
from ..vendors import RESOURCES
from ..wire import ApiError, Needs, Page, Reply, Request, Route, as_number, bad_request, reply

if TYPE_CHECKING:
    from ..platform import Platform

DEFAULT_TRACE_MINUTES = 30
MAX_METADATA_PAGE_SIZE = 500


def count_instances(platform: Platform, _request: Request) -> Reply:
    by_element = Counter(instance.element_key for instance in platform.state.instances.values())
    return reply({"totalInstances": sum(by_element.values()), "elementInstances": by_element})


def trace(platform: Platform, request: Request) -> Reply:
    """Log for `duration` minutes (PUT), or no longer (DELETE)."""
    body = request.json_object() if request.method == "PUT" and request.body else {}
    minutes = as_number(as_text(body.get("duration", DEFAULT_TRACE_MINUTES)) or "")
    if minutes is None:
        raise bad_request("duration must be a number of minutes")
    until = platform.clock() + 60 * minutes if request.method == "PUT" else 0.0
    platform.state.save(replace(addressed(platform, request), traced_until=until))
    return Reply()


def list_entries(platform: Platform, request: Request) -> Reply:
    return reply(_entries(platform, addressed(platform, request)))


def get_entry(platform: Platform, request: Request) -> Reply:
    return reply(_entry(platform, request, addressed(platform, request)))


def patch_entry(platform: Platform, request: Request) -> Reply:
    """Change the value of one entry: `{"propertyValue": ...}`, or a whole entry sent back."""
    instance = addressed(platform, request)
    entry, body = _entry(platform, request, instance), request.json_object()
    if "propertyValue" not in body:
        raise bad_request("propertyValue is required")
    change = {"configuration": {entry["key"]: body["propertyValue"]}}
    return reply(_entry(platform, request, platform.update(instance, change, asks=False, heals=True)))


def _entries(platform: Platform, instance: Instance) -> list[dict[str, Any]]:
    return [
        {
            "id": instance.id * ENTRIES_EACH + number,
            "key": key.key,
            "name": key.name,
            "description": key.description,
            "type": key.type,
            "propertyValue": shown(key, instance.held),
            "required": key.required,
            "active": True,
            "hideFromConsole": key.hidden,
        }
        for number, key in enumerate(platform.element_of(instance).keys)
    ]


def _entry(platform: Platform, request: Request, instance: Instance) -> dict[str, Any]:
    entry_id = int(request.params["cid"])
    for entry in _entries(platform, instance):
        if entry["id"] == entry_id:
            return entry
    raise ApiError(404, f"No configuration found with ID {entry_id}")


def list_keys(platform: Platform, _request: Request) -> Reply:
    return reply([element.key for element in platform.catalogue.elements])


def list_metadata(platform: Platform, request: Request) -> Reply:
    found, headers = Page.of(request, MAX_METADATA_PAGE_SIZE).cut(platform.catalogue.elements)
    return reply([_metadata(platform, element) for element in found], headers)


def get_metadata(platform: Platform, request: Request) -> Reply:
    return reply(_metadata(platform, _element(platform, request)))


def _metadata(platform: Platform, element: Element) -> dict[str, Any]:
    polled = json.loads(element.by_key["event.poller.configuration"].default or "{}")
    polling = {name: {"eventTypes": ["CREATED", "UPDATED"], "pollUrl": how["url"]} for name, how in polled.items()}
    return {
        "id": platform.catalogue.id(element),
        "name": element.name,
        "key": element.key,
        "description": element.description,
        "hub": element.hub,
        "active": True,
        "authenticationTypes": [element.authentication],
        "events": {"supported": bool(polled), "methods": ["polling"] if polled else [], "polling": polling},
    }


def get_configuration(platform: Platform, request: Request) -> Reply:
    """Return the configuration keys of an element: inside an object, not a bare list."""
    element = _element(platform, request)
    keys = platform.catalogue.configuration(element)
    return reply({"configuration": keys, "authentication": {"type": element.authentication}})


def get_oauth_url(platform: Platform, request: Request) -> Reply:
    """Return the URL where a person has to consent before an OAuth instance is created. A POST may send a body."""
    element = _element(platform, request)
    if not element.oauth:
        raise bad_request(f"Element {element.key} does not use OAuth")
    parameters = {name: request.parameter(name) for name in request.query}
    parameters.update(request.json_object() if request.body else {})
    missing_names = [name for name in ("apiKey", "apiSecret", "callbackUrl") if not parameters.get(name)]
    if missing_names:
        raise bad_request(f"Missing query parameters: {', '.join(missing_names)}")
    query = {
        "response_type": "code",
        "client_id": parameters["apiKey"],
        "redirect_uri": parameters["callbackUrl"],
        "scope": parameters.get("scope", ""),
        "state": parameters.get("state", element.key),
    }
    consent = element.by_key["oauth.authorization.url"].default
    return reply({"element": element.key, "oauthUrl": f"{consent}?{urlencode(query)}"})


def list_objects(platform: Platform, request: Request) -> Reply:
    """Return the resources of the instance's element, also while it is disabled; Helium wants them as objects."""
    assert request.instance
    names = platform.element_of(request.instance).resources
    if request.headers.get("elements-version") != "Helium":
        return reply(names)
    return reply([{"name": name, "vendorName": name, "type": "vendor"} for name in names])


def _element(platform: Platform, request: Request) -> Element:
    return platform.catalogue.find(request.params["element"])


def _more_routes(path: str, needs: Needs) -> tuple[Route, ...]:
    return (
        Route("PUT", f"{path}/trace-logging", trace, needs),
        Route("DELETE", f"{path}/trace-logging", trace, needs),
        Route("GET", f"{path}/configuration", list_entries, needs),
        Route("GET", f"{path}/configuration/{{cid}}", get_entry, needs),
        Route("PATCH", f"{path}/configuration/{{cid}}", patch_entry, needs),
    )


FOREIGN_ROUTES: tuple[Route, ...] = (
    Route("GET", "/instances/count", count_instances),
    Route("PUT", "/instances", api.put_instance, Needs.TOKEN),
    Route("PATCH", "/instances", api.patch_instance, Needs.TOKEN),
    Route("DELETE", "/instances", api.delete_instance, Needs.TOKEN),
    Route("PUT", "/instances/enabled", api.switch, Needs.TOKEN),
    Route("DELETE", "/instances/enabled", api.switch, Needs.TOKEN),
    *_more_routes("/instances", Needs.TOKEN),
    *_more_routes("/instances/{id}", Needs.PLATFORM),
    Route("GET", "/elements/keys", list_keys),
    Route("GET", "/elements/metadata", list_metadata),
    Route("GET", "/elements/{element}/configuration", get_configuration),
    Route("GET", "/elements/{element}/metadata", get_metadata),
    Route("GET", "/elements/{element}/oauth/url", get_oauth_url, Needs.NOTHING),
    Route("POST", "/elements/{element}/oauth/url", get_oauth_url, Needs.NOTHING),
    Route("GET", "/elements/{element}/instances", api.list_instances),
    Route("POST", "/elements/{element}/instances", api.create_instance),
    Route("GET", "/elements/{element}/instances/{id}", api.get_instance),
    Route("PUT", "/elements/{element}/instances/{id}", api.put_instance),
    Route("DELETE", "/elements/{element}/instances/{id}", api.delete_instance),
    Route("GET", "/hubs/{hub}/{resource}", list_objects, Needs.HUB, resource="objects"),
    Route("GET", "/{resource}", list_objects, Needs.HUB, resource="objects"),
    Route("GET", "/{resource}", api.call_hub, Needs.HUB, resource="|".join(RESOURCES)),
)
