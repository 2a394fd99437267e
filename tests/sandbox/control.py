# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API under `/_sandbox`: state for tests, and outside changes by somebody else or the vendor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from . import vendors
from .api import addressed, show
from .deliveries import Deliveries
from .events import Events, Wish
from .faults import Faults, fault_of
from .instances import effective
from .platform import ROUTER, Platform
from .request_log import RequestLog, Window
from .settings import FLAG, TEXT, Kind, Settings, check, number, or_null
from .wire import ApiError, Handler, Reply, Request, Route, Router, bad_request, reply

MAX_CONTACTS = 10_000
_IDS = Kind(
    lambda value: isinstance(value, list) and all(map(number(1, 10**9).fits, value)), "a list of the ids of contacts"
)
_ACCOUNT = {
    "password": TEXT,
    "server_url": or_null(TEXT),
    "contacts": number(0, MAX_CONTACTS),
    "changed_contacts": _IDS,
}


@dataclass
class Sandbox:
    """A platform and its surroundings.

    `defaults`: the settings that a reset restores. `events`: what the instances report. `deliveries`: of these events.
    """

    platform: Platform
    defaults: Settings
    log: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    window: Window = field(default_factory=Window)
    events: Events = field(init=False)
    deliveries: Deliveries = field(init=False)

    def __post_init__(self) -> None:
        self.events = Events(self.platform)
        self.deliveries = Deliveries(self.platform, self.events.deactivate)

    def reset(self) -> None:
        self.deliveries.clear()
        self.events.clear()
        self.faults.clear()
        self.window = Window()
        self.platform.reset(self.defaults)
        self.log.clear()


def _shows(value: Callable[[Sandbox], Any]) -> Handler:
    return lambda sandbox, _request: reply(value(sandbox))


def _does(deed: Callable[[Sandbox], None]) -> Handler:
    def handler(sandbox: Sandbox, _request: Request) -> Reply:
        deed(sandbox)
        return reply({})

    return handler


def put_settings(sandbox: Sandbox, request: Request) -> Reply:
    sandbox.platform.settings = sandbox.platform.settings.changed(request.json_object())
    return reply(asdict(sandbox.platform.settings))


def post_fault(sandbox: Sandbox, request: Request) -> Reply:
    sandbox.faults.add(fault_of(request.json_object(), ROUTER.known))
    return reply({})


def get_vendors(sandbox: Sandbox, _request: Request) -> Reply:
    """Return all vendor accounts by vendor and user name, with passwords: they are examples."""
    accounts = sandbox.platform.state.accounts
    return reply({"vendors": [asdict(accounts[key]) for key in sorted(accounts)]})


def put_vendor(sandbox: Sandbox, request: Request) -> Reply:
    vendor, username = _account(request)
    known = sandbox.platform.state.accounts.get((vendor, username)) or vendors.Account(vendor, username, password="")
    given = dict(check(request.json_object(), _ACCOUNT))
    ids = given.pop("changed_contacts", ())
    account = vendors.with_changes(replace(known, **given), map(str, ids))
    if not account.password:
        raise bad_request("password is required")
    sandbox.platform.state.put_account(account)
    return reply(asdict(account))


def delete_vendor(sandbox: Sandbox, request: Request) -> Reply:
    vendor, username = _account(request)
    if (vendor, username) not in sandbox.platform.state.accounts:
        raise ApiError(404, f"No vendor account found with name {username}")
    sandbox.platform.state.remove_account(vendor, username)
    return reply({})


def _account(request: Request) -> tuple[str, str]:
    vendor = request.params["vendor"]
    if vendor not in vendors.VENDORS:
        raise ApiError(404, f"No vendor found with name {vendor}; known: {', '.join(vendors.VENDORS)}")
    return vendor, request.params["username"]


def get_instances(sandbox: Sandbox, _request: Request) -> Reply:
    """Return every instance as stored, with its configuration in clear. Faults, settings and the log do not apply."""
    return reply({"instances": [asdict(instance) for instance in sandbox.platform.state.instances.values()]})


def put_instance(sandbox: Sandbox, request: Request) -> Reply:
    """Change an instance without any check: `in_use`, `valid`, `name`."""
    given = check(request.json_object(), {"in_use": FLAG, "valid": FLAG, "name": TEXT})
    changed = replace(addressed(sandbox.platform, request), **given, updated=sandbox.platform.now())
    sandbox.platform.state.save(changed)
    return show(sandbox.platform, changed)


def get_stored(sandbox: Sandbox, request: Request) -> Reply:
    """Return the whole stored configuration in clear, key to value."""
    instance = addressed(sandbox.platform, request)
    return reply(effective(sandbox.platform.element_of(instance), instance.held))


def post_events(sandbox: Sandbox, request: Request) -> Reply:
    """Deliver events on request, as if the platform had found them. Return the ids without those of repeats."""
    wish = Wish.of(request.json_object())
    notifications = sandbox.events.on_request(addressed(sandbox.platform, request), wish)
    for _time in range(1 + wish.repeat):
        sandbox.deliveries.send(notifications)
    return reply({"event_ids": [notification.event_id for notification in notifications]})


def post_poll(sandbox: Sandbox, request: Request) -> Reply:
    """Poll the vendor of an instance now, and deliver what is found."""
    notifications = sandbox.events.poll(addressed(sandbox.platform, request))
    sandbox.deliveries.send(notifications)
    return reply({"event_ids": [notification.event_id for notification in notifications]})


CONTROL_ROUTER = Router(
    Route("GET", "/requests", _shows(lambda sandbox: {"requests": sandbox.log.requests()})),
    Route("DELETE", "/requests", _does(lambda sandbox: sandbox.log.clear())),
    Route("GET", "/counters", _shows(lambda sandbox: sandbox.log.counters())),
    Route("GET", "/settings", _shows(lambda sandbox: asdict(sandbox.platform.settings))),
    Route("PUT", "/settings", put_settings),
    Route("GET", "/faults", _shows(lambda sandbox: {"faults": sandbox.faults.described()})),
    Route("POST", "/faults", post_fault),
    Route("DELETE", "/faults", _does(lambda sandbox: sandbox.faults.clear())),
    Route("DELETE", "/delays", _does(lambda sandbox: sandbox.faults.end_delays())),
    Route("GET", "/vendors", get_vendors),
    Route("PUT", "/vendors/{vendor}/{username}", put_vendor),
    Route("DELETE", "/vendors/{vendor}/{username}", delete_vendor),
    Route("GET", "/instances", get_instances),
    Route("PUT", "/instances/{id}", put_instance),
    Route("GET", "/instances/{id}/stored", get_stored),
    Route("POST", "/instances/{id}/events", post_events),
    Route("POST", "/instances/{id}/poll", post_poll),
    Route("GET", "/deliveries", _shows(lambda sandbox: sandbox.deliveries.described())),
    Route("DELETE", "/deliveries", _does(lambda sandbox: sandbox.deliveries.clear())),
    Route("POST", "/deliveries/retry", _does(lambda sandbox: sandbox.deliveries.retry())),
    Route("POST", "/reset", _does(Sandbox.reset)),
)
