# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hub calls: the vendor accepts or refuses, and the instance remembers."""

from __future__ import annotations

import pytest

from tests.sandbox import problems
from tests.unit.sandbox.calling import HUB, Caller

RESOURCES = [
    ("autotaskcrm", "users"),
    ("autotaskcrm", "contacts"),
    ("autotaskcrm", "accounts"),
    ("autotaskhelpdesk", "users"),
    ("autotaskhelpdesk", "contacts"),
    ("autotaskhelpdesk", "accounts"),
    ("autotaskhelpdesk", "incidents"),
    ("autotaskfinance", "customers"),
    ("autotaskfinance", "invoices"),
    ("autotaskfinance", "items"),
    ("actessentials", "contacts"),
]
# What each element is verified by, and its vendor account.
VERIFIED_BY = [
    ("autotaskcrm", "/hubs/crm/users", "autotask", "api.user@example.com"),
    ("autotaskhelpdesk", "/hubs/helpdesk/users", "autotask", "api.user@example.com"),
    ("autotaskcrm", "/ping", "autotask", "api.user@example.com"),
    ("autotaskfinance", "/ping", "autotask", "api.user@example.com"),
    ("autotaskfinance", "/hubs/finance/customers", "autotask", "api.user@example.com"),
    ("actessentials", "/hubs/crm/contacts", "act365", "act-example-api-key"),
    ("examplebasic", "/ping", "examplebasic", "example"),
]


@pytest.mark.parametrize(("element", "resource"), RESOURCES)
def test_a_resource_is_served_under_any_hub_name_and_under_none(caller: Caller, element: str, resource: str) -> None:
    made = caller.create(element)
    answers = [caller.hub(path, made) for path in (f"/hubs/crm/{resource}", f"/hubs/crap/{resource}", f"/{resource}")]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert len(answers[0].json()) == 3
    assert {answer.headers["elements-element-instance-id"] for answer in answers} == {str(made["id"])}


def test_a_resource_that_the_element_lacks_is_404_but_not_as_an_empty_list(caller: Caller) -> None:
    made = caller.create("autotaskfinance")
    answer = caller.hub("/hubs/finance/users", made)
    assert answer.status_code == 404
    assert not answer.json()["message"].startswith("No ")


@pytest.mark.parametrize("path", ["/ping", "/hubs/crm/ping", "/hubs/other/ping"])
def test_a_ping_says_when_and_who(caller: Caller, path: str) -> None:
    answer = caller.hub(path, caller.create("autotaskcrm"))
    assert answer.status_code == 200
    assert answer.json()["endpoint"] == "autotaskcrm"
    assert answer.json()["dateTime"].endswith("Z")


def test_rows_come_in_pages(caller: Caller) -> None:
    caller.rotate("autotask", "api.user@example.com", contacts=5)
    made = caller.create("autotaskcrm")
    found: list[int] = []
    token = ""
    while True:
        answer = caller.hub("/hubs/crm/contacts", made, {"pageSize": 2, "nextPage": token})
        assert int(answer.headers["elements-returned-count"]) == len(answer.json())
        found += [row["id"] for row in answer.json()]
        token = answer.headers.get("elements-next-page-token", "")
        if not token:
            break
    assert found == [201, 202, 203, 204, 205]


def test_a_page_of_rows_may_be_longer_than_one_of_instances(caller: Caller) -> None:
    caller.rotate("autotask", "api.user@example.com", contacts=5001)
    made = caller.create("autotaskcrm")
    lengths = {size: len(caller.hub("/contacts", made, {"pageSize": size}).json()) for size in ("", 201, 5000, 9999)}
    assert lengths == {"": 200, 201: 201, 5000: 5000, 9999: 5000}


@pytest.mark.parametrize(
    ("habit", "message", "vendor_is_cited"),
    [
        ("bad_request", "Bad Request", True),
        ("no_connection", problems.NO_CONNECTION, False),
    ],
)
def test_a_refusal_may_be_passed_on_as_400(caller: Caller, habit: str, message: str, vendor_is_cited: bool) -> None:
    caller.control("PUT", "/settings", {"refusals": habit})
    made = caller.create("actessentials")
    caller.rotate("act365", "act-example-api-key", password="rotated")
    body = {"name": "two", "element": {"key": "actessentials"}, "configuration": {"username": "a", "password": "b"}}
    for answer in (caller.hub("/contacts", made), caller.put(made), caller.api("POST", "/instances", body)):
        assert (answer.status_code, answer.json()["message"]) == (400, message)
        assert ("providerMessage" in answer.json()) == vendor_is_cited
    assert caller.get(made)["valid"] is False


def test_an_account_without_contacts_is_the_vendors_404_and_leaves_the_instance_valid(caller: Caller) -> None:
    caller.rotate("act365", "act-example-api-key", contacts=0)
    made = caller.create("actessentials")
    answer = caller.hub("/hubs/crm/contacts", made, {"pageSize": 1})
    assert (answer.status_code, answer.json()["message"]) == (404, "No contacts found")
    assert answer.headers["elements-element-instance-id"] == str(made["id"])
    assert caller.get(made)["valid"] is True


@pytest.mark.parametrize(("element", "path", "vendor", "username"), VERIFIED_BY)
def test_a_rotated_password_is_refused_until_it_is_sent_again(
    caller: Caller, element: str, path: str, vendor: str, username: str
) -> None:
    made = caller.create(element)
    assert caller.hub(path, made).status_code == 200
    caller.rotate(vendor, username, password="rotated")
    refused = caller.hub(path, made)
    assert (refused.status_code, refused.json()["message"]) == (401, "Request failed")
    assert refused.json()["providerMessage"]
    assert refused.headers["elements-element-instance-id"] == str(made["id"])
    assert caller.get(made)["valid"] is False
    key = next(key for key in made["configuration"] if key.endswith("password") and "event" not in key)
    healed = caller.put(made, {"reAuthenticate": "true"}, configuration={key: "rotated"})
    assert (healed.status_code, healed.json()["valid"]) == (200, True)
    assert caller.hub(path, made).status_code == 200


def test_a_refusal_does_not_repeat_the_credentials(caller: Caller) -> None:
    made = caller.create("autotaskcrm", configuration={"crm.autotask.password": "canary-password"})
    text = caller.hub("/hubs/crm/users", made).text
    assert "canary" not in text
    assert "api.user" not in text


@pytest.mark.parametrize(
    ("server_url", "status"),
    [
        ("https://ww2.autotask.net", 200),
        ("https://ww2.autotask.net/", 200),
        ("HTTPS://WW2.autotask.net", 200),
        ("https://ww3.autotask.net", 401),
        ("ww2.autotask.net", 401),
    ],
)
def test_an_autotask_user_belongs_to_one_zone(caller: Caller, server_url: str, status: int) -> None:
    made = caller.create("autotaskcrm", configuration={"crm.autotask.server.url": server_url})
    assert caller.hub("/hubs/crm/users", made).status_code == status


def test_an_autotask_user_without_a_zone_is_right_in_all(caller: Caller) -> None:
    caller.rotate("autotask", "api.user@example.com", server_url=None)
    made = caller.create("autotaskcrm", configuration={"crm.autotask.server.url": "https://ww9.autotask.net"})
    assert caller.hub("/hubs/crm/users", made).status_code == 200


def test_an_act_ping_proves_nothing(caller: Caller) -> None:
    made = caller.create("actessentials")
    caller.rotate("act365", "act-example-api-key", password="rotated")
    assert caller.hub("/ping", made).status_code == 200
    assert caller.hub("/hubs/crm/contacts", made).status_code == 401


def test_a_successful_call_makes_an_instance_valid_again(caller: Caller) -> None:
    made = caller.create("autotaskcrm")
    caller.control("PUT", f"/instances/{made['id']}", {"valid": False})
    assert caller.get(made)["valid"] is False
    caller.hub("/ping", made)
    assert caller.get(made)["valid"] is True


@pytest.mark.parametrize(
    ("method", "query", "body", "valid"),
    [
        ("PUT", "", {"name": "two"}, True),
        ("PUT", "?reAuthenticate=true", {}, True),
        ("PUT", "?reAuthenticate=false", {"name": "two"}, False),
        ("PUT", "?reAuthenticate=false", {"configuration": {"site.url": "x"}}, False),
        ("PATCH", "", {"name": "two"}, False),
        ("PATCH", "", {"configuration": {"password": "example-password"}}, True),
    ],
)
def test_an_invalid_instance_becomes_valid_by_being_authenticated_again(
    caller: Caller, method: str, query: str, body: dict[str, object], valid: bool
) -> None:
    made = caller.create()
    caller.control("PUT", f"/instances/{made['id']}", {"valid": False})
    assert caller.api(method, f"/instances/{made['id']}{query}", body).json()["valid"] is valid


def test_a_refused_reauthentication_leaves_an_invalid_instance_invalid(caller: Caller) -> None:
    made = caller.create("actessentials")
    caller.control("PUT", f"/instances/{made['id']}", {"valid": False})
    caller.rotate("act365", "act-example-api-key", password="rotated")
    assert caller.put(made).status_code == 400
    assert caller.get(made)["valid"] is False


@pytest.mark.parametrize("path", ["/ping", "/users", "/hubs/crm/users"])
def test_a_disabled_instance_refuses_hub_calls_with_403_but_still_tells_its_objects(caller: Caller, path: str) -> None:
    made = caller.create("autotaskcrm")
    caller.api("DELETE", f"/instances/{made['id']}/enabled")
    answer = caller.hub(path, made)
    assert answer.status_code == 403
    assert "providerMessage" not in answer.json()
    for objects in ("/objects", "/hubs/crm/objects"):
        assert caller.hub(objects, made).json() == ["accounts", "contacts", "users"]
        helium = caller.api("GET", objects, parts=HUB, token=made["token"], headers={"Elements-Version": "Helium"})
        assert [found["name"] for found in helium.json()] == ["accounts", "contacts", "users"]
        assert {tuple(sorted(found)) for found in helium.json()} == {("name", "type", "vendorName")}
    caller.api("PUT", f"/instances/{made['id']}/enabled")
    assert caller.hub(path, made).status_code == 200


def test_the_token_decides_whose_vendor_is_asked(caller: Caller) -> None:
    right = caller.create("autotaskcrm")
    wrong = caller.create("autotaskcrm", configuration={"crm.autotask.password": "wrong"})
    answers = [caller.api("GET", "/users", parts=HUB, token=made["token"]).status_code for made in (right, wrong)]
    assert answers == [200, 401]
