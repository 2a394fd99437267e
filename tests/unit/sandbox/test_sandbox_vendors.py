# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The elements and the vendors behind them: who is let in, and what an instance remembers of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS, Vendor

from tests.sandbox.element_table import ELEMENTS
from tests.sandbox.platform import NO_CONNECTION
from tests.sandbox.vendors import SEEDS, Account
from tests.unit.sandbox.calling import ACT, CREDENTIALS, OAUTH, TOKEN, InMemory

# Key to the ids in production and snapshot, the number of keys, and those that are required. It pins the elements of
# the first vendors and of the tests; the element of another vendor needs no line here.
FACTS: dict[str, tuple[int, int, int, set[str]]] = {
    "autotaskcrm": (50, 49, 19, set(CREDENTIALS["autotaskcrm"])),
    "autotaskhelpdesk": (123, 95, 20, set(CREDENTIALS["autotaskhelpdesk"])),
    "autotaskfinance": (4895, 15398, 23, set(CREDENTIALS["autotaskfinance"])),
    "actessentials": (1160, 7213, 22, {"username", "password"}),
    "actessentialsoauth": (
        1251,
        7222,
        31,
        {"oauth.api.key", "oauth.api.secret", "oauth.callback.url", "oauth.authorization.url", "oauth.token.url"},
    ),
    "examplebasic": (9001, 9101, 15, {"username", "password"}),
    "exampletext": (9002, 9102, 15, {"username", "password"}),
    "examplebasicclone": (9003, 9103, 15, {"username", "password"}),
}


def accept(caller: InMemory, seed: Account, **changes: Any) -> None:
    """Let a vendor change one of its accounts."""
    caller.platform.state.put_account(replace(seed, **changes))


def test_the_elements_are_those_of_the_table(caller: InMemory) -> None:
    keys = [element.key for element in ELEMENTS]
    assert [element["key"] for element in caller.api("GET", "/elements").json()] == keys
    assert [len(caller.api("GET", f"/elements?pageSize={size}").json()) for size in (2, 500)] == [2, len(keys)]
    assert set(keys) >= set(FACTS)


@pytest.mark.parametrize("environment", ["production", "snapshot"])
def test_no_two_elements_share_a_key_or_an_id(environment: str) -> None:
    assert len({element.key for element in ELEMENTS}) == len(ELEMENTS)
    assert len({element.ids[environment] for element in ELEMENTS}) == len(ELEMENTS)


PROFILES = [(vendor, hub, key) for vendor in VENDORS.values() for hub, key in vendor.elements.items()]


@pytest.mark.parametrize(("vendor", "hub", "key"), PROFILES, ids=[key for _vendor, _hub, key in PROFILES])
def test_the_element_of_a_vendor_profile_requires_its_credentials(
    caller: InMemory, vendor: Vendor, hub: str, key: str
) -> None:
    element = caller.api("GET", f"/elements/{key}").json()
    required = {entry["key"] for entry in element["configuration"] if entry["required"]}
    assert required == {field.key.format(hub=hub) for field in vendor.fields}


@pytest.mark.parametrize("key", FACTS)
def test_an_element_has_its_ids_and_keys(caller: InMemory, key: str) -> None:
    production, snapshot, count, required = FACTS[key]
    element = caller.api("GET", f"/elements/{production}").json()
    entries = {entry["key"]: entry for entry in element["configuration"]}
    assert (element["key"], len(entries)) == (key, count)
    assert {name for name, entry in entries.items() if entry["required"]} == required
    assert isinstance(json.loads(entries["event.poller.configuration"]["defaultValue"]), dict)
    caller.set(environment="snapshot")
    assert caller.api("GET", f"/elements/{key}").json()["id"] == snapshot


@pytest.mark.parametrize(
    ("mode", "status", "message", "cites_vendor"),
    [
        ("request_failed", 401, "Request failed", True),
        ("bad_request", 400, "Bad Request", True),
        ("no_connection", 400, NO_CONNECTION, False),
    ],
)
def test_a_refusal_does_not_repeat_the_credentials(
    caller: InMemory, mode: str, status: int, message: str, *, cites_vendor: bool
) -> None:
    caller.set(refusals=mode)
    made = caller.create("actessentials")
    accept(caller, SEEDS[1], password="rotated")
    # With this element, a ping proves nothing.
    assert caller.hub("/ping", made).status == 200
    body = {"name": "two", "element": {"key": "actessentials"}, "configuration": ACT}
    calls = [caller.hub("/contacts", made), caller.change("PUT", made), caller.api("POST", "/instances", body)]
    assert [(call.status, call.message) for call in calls] == [(status, message), (400, message), (400, message)]
    assert [("providerMessage" in call.json()) for call in calls] == [cites_vendor] * 3
    assert not [call for call in calls for secret in ACT.values() if secret in call.content.decode()]
    assert calls[0].headers["elements-element-instance-id"] == str(made["id"])
    assert caller.get(made)["valid"] is False


@pytest.mark.parametrize(
    ("changes", "server_url", "status"),
    [
        ({}, "HTTPS://WW2.autotask.net/", 200),
        ({}, "https://ww3.autotask.net", 401),
        ({}, "ww2.autotask.net", 401),
        ({"server_url": None}, "https://ww3.autotask.net", 200),
        ({"contacts": 0}, "https://ww2.autotask.net", 404),
    ],
)
def test_an_autotask_user_belongs_to_one_zone(caller: InMemory, changes: Any, server_url: str, status: int) -> None:
    accept(caller, SEEDS[0], **changes)
    made = caller.create("autotaskcrm", configuration={"crm.autotask.server.url": server_url})
    assert caller.hub("/hubs/crm/contacts", made).status == status
    assert caller.get(made)["valid"] is (status != 401)


def test_rows_come_in_longer_pages_than_instances(caller: InMemory) -> None:
    accept(caller, SEEDS[0], contacts=5001)
    made = caller.create("autotaskcrm")
    lengths = [len(caller.hub("/contacts", made, pageSize=size).json()) for size in ("", 201, 9999)]
    assert lengths == [200, 201, 5000]
    token = caller.hub("/contacts", made, pageSize=5000).headers["elements-next-page-token"]
    assert [row["id"] for row in caller.hub("/contacts", made, nextPage=token).json()] == [5201]


@pytest.mark.parametrize(
    ("method", "query", "body", "valid"),
    [
        ("PUT", "", {"name": "two"}, True),
        ("PUT", "?reAuthenticate=false", {"name": "two"}, False),
        ("PUT", "?reAuthenticate=false", {"configuration": {"site.url": "x"}}, False),
        ("PATCH", "", {"name": "two"}, False),
        ("PATCH", "", {"configuration": {"site.url": "x"}}, True),
    ],
)
def test_an_invalid_instance_becomes_valid_by_being_authenticated_again(
    caller: InMemory, method: str, query: str, body: Any, *, valid: bool
) -> None:
    made = caller.create(configuration={"password": "wrong"})
    caller.hub("/ping", made)
    assert caller.api(method, f"/instances/{made['id']}{query}", body).json()["valid"] is valid


@pytest.mark.parametrize(
    ("element", "method", "query", "status"),
    [
        ("actessentials", "PUT", "", 400),
        ("actessentials", "PUT", "?reAuthenticate=true", 400),
        ("actessentials", "PUT", "?reAuthenticate=false", 200),
        ("actessentials", "PATCH", "", 200),
        ("examplebasic", "PUT", "", 200),
    ],
)
def test_only_a_put_to_act_asks_the_vendor(
    caller: InMemory, element: str, method: str, query: str, status: int
) -> None:
    made = caller.create(element)
    change = {"name": "two", "configuration": {"password": "wrong"}}
    assert caller.api(method, f"/instances/{made['id']}{query}", change).status == status
    assert caller.get(made)["name"] == ("one" if status == 400 else "two")


def test_a_disabled_instance_refuses_hub_calls_with_403_but_still_tells_its_objects(caller: InMemory) -> None:
    made = caller.create("autotaskcrm")
    caller.api("DELETE", f"/instances/{made['id']}/enabled")
    assert [caller.hub(path, made).status for path in ("/ping", "/users", "/hubs/crm/users")] == [403] * 3
    assert caller.hub("/hubs/crm/objects", made).json() == ["accounts", "contacts", "users"]


ELSEWHERE = {**OAUTH, "oauth.user.refresh_token": "refresh-me"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"providerData": {"code": ""}}, 400),
        ({"providerData": "code"}, 400),
        ({"externalAuthentication": "initial"}, 400),
        ({"configuration": ELSEWHERE}, 400),
        ({"configuration": ELSEWHERE, "externalAuthentication": "initial"}, 200),
        ({"providerData": {"code": "new"}}, 200),
        ({"providerData": {"code": "used"}}, 400),
        ({"providerData": {"code": "new"}, "configuration": {}}, 400),
    ],
)
def test_an_oauth_instance_needs_a_new_code_or_a_refresh_token(caller: InMemory, body: Any, status: int) -> None:
    caller.create("actessentialsoauth", name="other", providerData={"code": "used"})
    wanted = {"name": "one", "element": {"key": "actessentialsoauth"}, "configuration": OAUTH, **body}
    answer = caller.api("POST", "/instances", wanted)
    assert answer.status == status
    if status == 200:
        made = answer.json()
        before = dict(caller.platform.state.instances[made["id"]].held)
        assert caller.hub("/contacts", made).status == 200
        # The platform renews both tokens by itself.
        after = caller.platform.state.instances[made["id"]].held
        assert {key for key in after if after[key] != before.get(key)} == {
            f"oauth.user.{t}token" for t in ("", "refresh_")
        }
        assert caller.change("PATCH", made, providerData={"code": "used"}).status == 400
        assert caller.change("PATCH", made, providerData={"code": "newer"}).status == 200


def test_the_platform_disables_an_instance_after_five_failed_refreshes_in_a_row(caller: InMemory) -> None:
    made = caller.create("actessentialsoauth", providerData={"code": "c"})

    def fail(times: int) -> list[int]:
        caller.change("PATCH", made, configuration={"oauth.user.refresh_token": None})
        return [caller.hub("/contacts", made).status for _time in range(times)]

    assert fail(4) == [401] * 4
    caller.change("PATCH", made, configuration={"oauth.user.refresh_token": "good"})
    assert caller.hub("/contacts", made).status == 200
    assert fail(6) == [401] * 5 + [403]
    caller.api("PUT", f"/instances/{made['id']}/enabled")
    assert fail(6) == [401] * 5 + [403]


def test_what_foreign_clients_call(caller: InMemory) -> None:
    """Every route of the folder `foreign`, once."""
    made = caller.create("autotaskcrm", name="one")
    query = {"apiKey": "k y", "apiSecret": "s", "callbackUrl": "https://example.com/back"}
    below = f"/elements/50/instances/{made['id']}"

    def call(method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = caller.api(method, path, body, **{"parts": TOKEN, "token": made["token"], **more})
        assert answer.status == 200, (path, answer.content)
        return answer.json() if answer.content else None

    assert call("GET", "/instances/count") == {"totalInstances": 1, "elementInstances": {"autotaskcrm": 1}}
    assert call("PATCH", "/instances", {"name": "two"})["id"] == made["id"]
    assert call("PUT", "/instances", {"tags": ["x"]})["tags"] == ["x"]
    assert call("GET", "/instances") == caller.get(made)
    for prefix in ("/instances", f"/instances/{made['id']}"):
        for method, value in (("PUT", True), ("DELETE", False)):
            call(method, f"{prefix}/trace-logging", {"duration": 1} if value else None)
            assert caller.get(made)["traceLoggingEnabled"] is value
        entries = {entry["key"]: entry for entry in call("GET", f"{prefix}/configuration")}
        assert {key: entry["propertyValue"] for key, entry in entries.items()} == caller.get(made)["configuration"]
        path = f"{prefix}/configuration/{entries['crm.autotask.password']['id']}"
        assert call("PATCH", path, call("GET", path))["propertyValue"] == "********"
        path = f"{prefix}/configuration/{entries['event.notification.enabled']['id']}"
        assert call("PATCH", path, {"propertyValue": True})["propertyValue"] == "true"
        assert caller.api("PATCH", f"/instances/{made['id']}/configuration/1", {}).status == 404
    call("PUT", "/instances/trace-logging")
    for minutes, traced in ((29, True), (1, False)):
        caller.now += 60 * minutes
        assert caller.get(made)["traceLoggingEnabled"] is traced
    call("DELETE", "/instances/enabled")
    assert caller.get(made)["disabled"] is True
    call("PUT", "/instances/enabled")
    assert call("GET", "/elements/keys") == [element.key for element in ELEMENTS]
    metadata = call("GET", "/elements/metadata?pageSize=500")
    assert (len(metadata), metadata[0]) == (len(ELEMENTS), call("GET", "/elements/autotaskcrm/metadata"))
    assert metadata[0]["events"]["polling"]["tasks"]["pollUrl"].startswith("/hubs/crm/tasks?where=lastActivityDateTime")
    served = call("GET", "/elements/autotaskcrm/configuration")["configuration"]
    assert served == call("GET", "/elements/autotaskcrm")["configuration"]
    urls = [call("GET", "/elements/1251/oauth/url", params=query), call("POST", "/elements/1251/oauth/url", query)]
    assert urls[0] == urls[1]
    assert "client_id=k+y" in urls[0]["oauthUrl"]
    assert [caller.api("GET", f"/elements/{key}/oauth/url").status for key in (50, 1251, 0)] == [400, 400, 404]
    body = {"name": "three", "configuration": CREDENTIALS["autotaskcrm"]}
    other = call("POST", "/elements/autotaskcrm/instances", body)
    assert [item["id"] for item in call("GET", "/elements/50/instances")] == [made["id"], other["id"]]
    assert call("PUT", below, {"name": "four"}) == call("GET", below)
    assert caller.api("DELETE", below.replace("/50/", "/123/")).status == 404
    call("DELETE", below)
    made = other
    assert call("GET", "/objects") == call("GET", "/hubs/any/objects") == ["accounts", "contacts", "users"]
    helium = call("GET", "/objects", headers={"Elements-Version": "Helium"})
    assert helium[0] == {"name": "accounts", "vendorName": "accounts", "type": "vendor"}
    assert call("GET", "/users") == call("GET", "/hubs/crm/users")
    assert caller.hub("/incidents", made).status == 404
    call("DELETE", "/instances")
    assert caller.names() == []
