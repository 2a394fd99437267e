# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes that the collection calls: instances, elements, and hub calls to the vendors behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import vendors
from .elements import Element
from .instances import Instance, View, instance_json, list_json
from .settings import MAX_PAGE_SIZE, Settings
from .wire import ApiError, Needs, Page, Reply, Request, Route, json_reply, list_headers, reply, unknown_path

if TYPE_CHECKING:
    from .platform import Platform

MAX_HUB_PAGE_SIZE = 5000


def addressed(platform: Platform, request: Request) -> Instance:
    """Return the instance of a request, from its path or else from its token, or raise a 404.

    A path that also names an element finds only instances of that element, and of its clones.
    """
    if "id" not in request.params:
        assert request.instance
        return request.instance
    number, element_in_request = int(request.params["id"]), element_in_path(platform, request)
    instance = platform.state.instances.get(number)
    if instance:
        element = platform.element_of(instance)
        if element_in_request is None or element_in_request.key in (element.key, element.clone_of):
            return instance
    raise ApiError(404, f"No element instance found with ID {number}")


def element_in_path(platform: Platform, request: Request) -> Element | None:
    """Return the element in the path, if any, or raise a 404 for an unknown one."""
    return platform.catalogue.find(request.params["element"]) if "element" in request.params else None


def show(platform: Platform, instance: Instance, *, written: bool = False) -> Reply:
    """Return one complete instance. `written`: in an answer to a write."""
    view = View.BARE if written and not platform.settings.whole_answers else View.WHOLE
    return json_reply(instance_json(instance, platform.catalogue, view, platform.clock()))


def list_instances(platform: Platform, request: Request) -> Reply:
    """Return a page of instances, or raise a 404 if none matches. With a token, return its instance."""
    element, settings = element_in_path(platform, request), platform.settings
    if request.instance and not element:
        return show(platform, request.instance)
    tags = request.query.get("tags[]", ())
    page = Page.of(request, settings.page_size)
    instances = platform.listed(request.parameter("searchText"), tags, element.key if element else "")
    if not instances and settings.empty_list_status == 404:
        raise ApiError(404, "No element instances found")
    page_items, next_position = _page(instances, page, settings)
    text = list_json(page_items, platform.catalogue, _view(settings, request.parameter("hydrate")), platform.clock())
    return json_reply(text, list_headers(len(instances), len(page_items), next_position))


def _page(instances: list[Instance], page: Page, settings: Settings) -> tuple[list[Instance], int | None]:
    """Return the instances of a page, and the start of the next one: after an id or a number of rows."""
    by_position, descending = settings.pages == "by_position", settings.order == "descending"
    rows = instances[::-1] if descending else instances
    if by_position:
        remaining = rows[page.after :]
    elif page.after:
        remaining = [row for row in rows if (row.id < page.after if descending else row.id > page.after)]
    else:
        remaining = rows
    page_items = remaining[: page.size]
    if len(remaining) <= page.size:
        return page_items, None
    return page_items, page.after + page.size if by_position else page_items[-1].id


def _view(settings: Settings, hydrate: str) -> View:
    """Return which parts of an instance a listing shows: by default the tags, but not the configuration."""
    if settings.short_items:
        return View.SHORT
    if not settings.hydrates:
        return View.BARE
    return {"true": View.WHOLE, "false": View.BARE}.get(hydrate.lower(), View.TAGGED)


def create_instance(platform: Platform, request: Request) -> Reply:
    body = request.json_object()
    return show(platform, platform.create(body, element_in_path(platform, request)), written=True)


def get_instance(platform: Platform, request: Request) -> Reply:
    return show(platform, addressed(platform, request))


def put_instance(platform: Platform, request: Request) -> Reply:
    """Update and re-authenticate, unless the query contains `reAuthenticate=false`."""
    body, again = request.json_object(), request.parameter("reAuthenticate").lower() != "false"
    changed = platform.update(addressed(platform, request), body, asks=again, heals=again, put=True)
    return show(platform, changed, written=True)


def patch_instance(platform: Platform, request: Request) -> Reply:
    """Update the given parts without asking the vendor. New configuration is assumed to be valid."""
    body = request.json_object()
    heals = body.get("configuration") is not None
    return show(platform, platform.update(addressed(platform, request), body, asks=False, heals=heals), written=True)


def delete_instance(platform: Platform, request: Request) -> Reply:
    """Delete the instance. The answer has no body."""
    platform.delete(addressed(platform, request))
    return Reply()


def switch(platform: Platform, request: Request) -> Reply:
    """Enable (PUT) or disable (DELETE) hub calls. The answer has no body."""
    platform.state.save(replace(addressed(platform, request), disabled=request.method == "DELETE"))
    return Reply()


def list_elements(platform: Platform, request: Request) -> Reply:
    found, headers = Page.of(request, MAX_PAGE_SIZE).cut(platform.catalogue.elements)
    return reply([platform.catalogue.summary(element) for element in found], headers)


def get_element(platform: Platform, request: Request) -> Reply:
    element = platform.catalogue.find(request.params["element"])
    return reply({**platform.catalogue.summary(element), "configuration": platform.catalogue.configuration(element)})


def call_hub(platform: Platform, request: Request) -> Reply:
    """Return a list of the vendor's resource, or a ping. The name of the hub in the path does not matter."""
    instance, resource = request.instance, request.params.get("resource", "ping")
    assert instance
    element = platform.element_of(instance)
    if instance.disabled:
        raise ApiError(403, f"Element instance {instance.id} is disabled")
    if resource == "ping":
        if element.ping_asks_vendor:
            platform.sign_in(instance)
        return reply({"dateTime": platform.now(), "endpoint": element.key})
    if resource not in element.resources:
        raise unknown_path()
    page = Page.of(request, MAX_HUB_PAGE_SIZE, MAX_PAGE_SIZE)
    platform.sign_in(instance)
    rows = vendors.rows(resource, vendors.account_of(element, instance.held, platform.state.accounts))
    if not rows:
        raise ApiError(404, f"No {resource} found")
    return reply(*page.cut(rows))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/instances", list_instances, Needs.LIST),
    Route("POST", "/instances", create_instance),
    Route("GET", "/instances/{id}", get_instance),
    Route("PUT", "/instances/{id}", put_instance),
    Route("PATCH", "/instances/{id}", patch_instance),
    Route("DELETE", "/instances/{id}", delete_instance),
    Route("PUT", "/instances/{id}/enabled", switch),
    Route("DELETE", "/instances/{id}/enabled", switch),
    Route("GET", "/elements", list_elements, Needs.NOTHING),
    Route("GET", "/elements/{element}", get_element),
    Route("GET", "/hubs/{hub}/{resource}", call_hub, Needs.HUB),
    Route("GET", "/ping", call_hub, Needs.HUB),
)
