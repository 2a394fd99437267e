# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue, and the facts of its tables."""

from __future__ import annotations

import json

import pytest

from tests.unit.sandbox.calling import AUTOTASK, Caller

IDS = {
    "production": {
        "autotaskcrm": 50,
        "autotaskhelpdesk": 123,
        "autotaskfinance": 4895,
        "actessentials": 1160,
        "actessentialsoauth": 1251,
    },
    "snapshot": {
        "autotaskcrm": 49,
        "autotaskhelpdesk": 95,
        "autotaskfinance": 15398,
        "actessentials": 7213,
        "actessentialsoauth": 7222,
    },
}
KEYS = [
    "autotaskcrm",
    "autotaskhelpdesk",
    "autotaskfinance",
    "actessentials",
    "actessentialsoauth",
    "examplebasic",
    "exampletext",
    "examplebasicclone",
]
REQUIRED = {
    "autotaskcrm": {"crm.autotask.username", "crm.autotask.password", "crm.autotask.server.url"},
    "autotaskhelpdesk": {"helpdesk.autotask.username", "helpdesk.autotask.password", "helpdesk.autotask.server.url"},
    "autotaskfinance": {"finance.autotask.username", "finance.autotask.password", "finance.autotask.server.url"},
    "actessentials": {"username", "password"},
    "actessentialsoauth": {
        "oauth.api.key",
        "oauth.api.secret",
        "oauth.callback.url",
        "oauth.authorization.url",
        "oauth.token.url",
    },
    "examplebasic": {"username", "password"},
    "exampletext": {"username", "password"},
    "examplebasicclone": {"username", "password"},
}
KEY_COUNTS = {
    "autotaskcrm": 19,
    "autotaskhelpdesk": 20,
    "autotaskfinance": 23,
    "actessentials": 22,
    "actessentialsoauth": 31,
}


def test_the_keys_are_listed(caller: Caller) -> None:
    assert caller.api("GET", "/elements/keys").json() == KEYS


def test_the_list_pages_like_that_of_the_instances(caller: Caller) -> None:
    found: list[str] = []
    token = ""
    while True:
        answer = caller.api("GET", "/elements", params={"pageSize": 4, "nextPage": token})
        found += [element["key"] for element in answer.json()]
        assert answer.headers["elements-total-count"] == str(len(KEYS))
        token = answer.headers.get("elements-next-page-token", "")
        if not token:
            break
    assert found == KEYS


@pytest.mark.parametrize("environment", sorted(IDS))
def test_ids_are_those_of_the_environment_and_work_like_keys(caller: Caller, environment: str) -> None:
    caller.control("PUT", "/settings", {"environment": environment})
    for key, number in IDS[environment].items():
        assert caller.api("GET", f"/elements/{key}").json()["id"] == number
        assert caller.api("GET", f"/elements/{number}").json()["key"] == key


@pytest.mark.parametrize("environment", sorted(IDS))
def test_no_two_elements_share_an_id(caller: Caller, environment: str) -> None:
    caller.control("PUT", "/settings", {"environment": environment})
    listed = caller.api("GET", "/elements").json()
    assert len({element["id"] for element in listed}) == len(listed)


def test_an_instance_shows_the_element_id_of_the_environment(caller: Caller) -> None:
    made = caller.create("autotaskcrm")
    caller.control("PUT", "/settings", {"environment": "snapshot"})
    assert (caller.get(made)["elementId"], caller.get(made)["element"]["id"]) == (49, 49)


@pytest.mark.parametrize("path", ["", "/configuration", "/metadata", "/oauth/url"])
def test_an_unknown_element_is_404(caller: Caller, path: str) -> None:
    assert caller.api("GET", f"/elements/999999999999{path}").status_code == 404


@pytest.mark.parametrize("key", KEYS)
def test_the_required_keys_are_those_of_the_table(caller: Caller, key: str) -> None:
    served = caller.api("GET", f"/elements/{key}/configuration").json()
    assert {entry["key"] for entry in served["configuration"] if entry["required"]} == REQUIRED[key]
    assert len(served["configuration"]) == KEY_COUNTS.get(key, len(served["configuration"]))
    assert served["configuration"] == caller.api("GET", f"/elements/{key}").json()["configuration"]


@pytest.mark.parametrize("key", KEYS)
def test_every_poller_default_is_json(caller: Caller, key: str) -> None:
    entries = {entry["key"]: entry for entry in caller.api("GET", f"/elements/{key}").json()["configuration"]}
    assert isinstance(json.loads(entries["event.poller.configuration"]["defaultValue"]), dict)


def test_a_configuration_key_is_served_with_all_its_fields(caller: Caller) -> None:
    entries = caller.api("GET", "/elements/actessentials/configuration").json()["configuration"]
    entry = next(entry for entry in entries if entry["key"] == "bulk.query.operator")
    assert isinstance(entry.pop("id"), int)
    assert entry.pop("description")
    assert entry == {
        "name": "Bulk query Operator",
        "key": "bulk.query.operator",
        "defaultValue": ">=",
        "resellerConfig": False,
        "companyConfig": False,
        "active": True,
        "internal": False,
        "groupControl": False,
        "displayOrder": 1,
        "type": "TEXTFIELD_128",
        "hideFromConsole": True,
        "required": False,
    }


def test_the_act_api_key_is_a_text_and_its_developer_key_a_password(caller: Caller) -> None:
    entries = caller.api("GET", "/elements/actessentials/configuration").json()["configuration"]
    types = {entry["key"]: entry["type"] for entry in entries}
    assert (types["username"], types["password"]) == ("TEXTFIELD_32", "PASSWORD")


def test_metadata_tells_which_objects_are_polled(caller: Caller) -> None:
    metadata = caller.api("GET", "/elements/autotaskcrm/metadata").json()
    assert (metadata["events"]["supported"], metadata["events"]["methods"]) == (True, ["polling"])
    polling = metadata["events"]["polling"]
    assert list(polling) == ["accounts", "contacts", "tasks"]
    assert {tuple(sorted(how)) for how in polling.values()} == {("eventTypes", "pollUrl")}
    assert polling["tasks"]["pollUrl"].startswith("/hubs/crm/tasks?where=lastActivityDateTime")
    nothing = caller.api("GET", "/elements/exampletext/metadata").json()["events"]
    assert nothing == {"supported": False, "methods": [], "polling": {}}


def test_the_metadata_of_all_elements_is_listed(caller: Caller) -> None:
    listed = caller.api("GET", "/elements/metadata", params={"pageSize": 500})
    assert [metadata["key"] for metadata in listed.json()] == KEYS
    assert listed.json()[0] == caller.api("GET", f"/elements/{KEYS[0]}/metadata").json()
    assert len(caller.api("GET", "/elements/metadata", params={"pageSize": 2}).json()) == 2


def test_autotask_finance_has_its_own_table(caller: Caller) -> None:
    element = caller.api("GET", "/elements/autotaskfinance").json()
    keys = {entry["key"]: entry for entry in element["configuration"]}
    assert element["protocolType"] == "http"
    assert len([key for key in keys if key.startswith("bulk.")]) == 7
    assert not [key for key in keys if key.endswith(("integration_key", "signature.key", "subscription.id"))]
    kind = keys["event.vendor.type"]
    assert (kind["type"], kind["internal"], kind["defaultValue"]) == ("TEXTFIELD_128", True, "polling")
    assert list(json.loads(keys["event.poller.configuration"]["defaultValue"])) == ["customers", "invoices"]


def test_that_an_element_is_of_type_oauth_says_nothing_of_its_authentication(caller: Caller) -> None:
    told = {
        element["authentication"]["type"]: element["typeOauth"]
        for element in (caller.api("GET", f"/elements/{key}").json() for key in ("actessentialsoauth", "exampletext"))
    }
    assert told == {"oauth2": False, "basic": True}


def test_the_oauth_address_names_the_client_and_the_callback(caller: Caller) -> None:
    query = {"apiKey": "k y", "apiSecret": "s", "callbackUrl": "https://example.com/back"}
    answer = caller.api("GET", "/elements/actessentialsoauth/oauth/url", params=query).json()
    assert answer["element"] == "actessentialsoauth"
    assert "client_id=k+y" in answer["oauthUrl"]
    assert "s" not in answer["oauthUrl"].partition("?")[2].split("&")
    assert caller.api("GET", "/elements/actessentialsoauth/oauth/url", params={"apiKey": "k"}).status_code == 400
    assert caller.api("GET", "/elements/autotaskcrm/oauth/url", params=query).status_code == 400


def test_the_oauth_address_may_be_asked_for_by_post(caller: Caller) -> None:
    path = "/elements/actessentialsoauth/oauth/url"
    query = {"apiKey": "k", "apiSecret": "s", "callbackUrl": "https://example.com/back"}
    answers = [
        caller.api("GET", path, params=query),
        caller.api("POST", path, params=query),
        caller.api("POST", path, query),
        caller.api("POST", path, query, parts=()),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1
    assert caller.api("POST", path, {"apiKey": "k"}).status_code == 400


def test_the_configuration_of_an_element_is_that_of_its_instances(caller: Caller) -> None:
    entries = caller.api("GET", "/elements/autotaskcrm/configuration").json()["configuration"]
    made = caller.create("autotaskcrm")["configuration"]
    defaults = {entry["key"]: entry.get("defaultValue") for entry in entries}
    assert {key: value for key, value in made.items() if key not in AUTOTASK} == {
        key: value for key, value in defaults.items() if key not in AUTOTASK
    }
