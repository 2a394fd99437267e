# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making an instance: what the answer holds, what is checked, what is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.calling import ACT, AUTOTASK, CREDENTIALS, EXAMPLE, Caller


def _post(caller: Caller, element: str = "examplebasic", **body: Any) -> Any:
    return caller.api("POST", "/instances", {"name": "one", "element": {"key": element}, **body})


@pytest.mark.parametrize("element", sorted(CREDENTIALS))
def test_an_instance_of_every_element_can_be_made(caller: Caller, element: str) -> None:
    made = caller.create(element)
    assert made["element"]["key"] == element
    assert made["elementId"] == made["element"]["id"]
    assert caller.get(made) == made


def test_the_answer_holds_what_the_platforms_answers_hold(caller: Caller) -> None:
    made = caller.create("actessentials", name="Contacts", tags=["Docs"])
    assert made["name"] == "Contacts"
    assert made["tags"] == ["Docs"]
    assert isinstance(made["id"], int)
    assert isinstance(made["token"], str)
    assert made["createdDate"] == made["updatedDate"]
    assert made["createdDate"].endswith("Z")
    expected = {
        "valid": True,
        "disabled": False,
        "maxCacheSize": 0,
        "cacheTimeToLive": 0,
        "cachingEnabled": False,
        "eventsEnabled": False,
        "traceLoggingEnabled": False,
        "externalAuthentication": "none",
        "authenticationType": "basic",
    }
    assert {key: made[key] for key in expected} == expected
    assert {"organizationId", "accountId", "userId"} <= set(made)
    assert set(made["user"]) == {"id", "emailAddress", "firstName", "lastName"}
    assert made["element"]["hub"] == "crm"


def test_names_are_not_unique_and_tokens_are(caller: Caller) -> None:
    first, second = caller.create(name="same"), caller.create(name="same")
    assert first["id"] < second["id"]
    assert first["token"] != second["token"]


def test_an_id_is_never_used_twice(caller: Caller) -> None:
    first = caller.create()
    caller.api("DELETE", f"/instances/{first['id']}")
    assert caller.create()["id"] > first["id"]


def test_the_element_may_be_named_by_its_id(caller: Caller) -> None:
    for element in ({"id": 50}, {"id": "50"}):
        answer = caller.api("POST", "/instances", {"name": "one", "element": element, "configuration": AUTOTASK})
        assert answer.json()["element"]["key"] == "autotaskcrm"


def test_an_element_in_the_path_needs_none_in_the_body(caller: Caller) -> None:
    for key_or_id in ("autotaskcrm", "50"):
        answer = caller.api("POST", f"/elements/{key_or_id}/instances", {"name": "one", "configuration": AUTOTASK})
        assert answer.status_code == 200
        assert answer.json()["element"]["key"] == "autotaskcrm"


def test_an_unknown_element_is_404(caller: Caller) -> None:
    assert _post(caller, "nothing").status_code == 404
    assert caller.api("POST", "/elements/nothing/instances", {"name": "one"}).status_code == 404


@pytest.mark.parametrize("element", [None, {}, "autotaskcrm", {"key": ""}])
def test_no_element_is_400(caller: Caller, element: Any) -> None:
    assert caller.api("POST", "/instances", {"name": "one", "element": element}).status_code == 400


@pytest.mark.parametrize("name", [None, "", "  ", 5, "<b></b>"])
def test_no_name_is_400(caller: Caller, name: Any) -> None:
    assert _post(caller, name=name, configuration=EXAMPLE).status_code == 400


def test_all_missing_required_keys_are_named_and_nothing_is_made(caller: Caller) -> None:
    answer = _post(caller, "autotaskcrm", configuration={"crm.autotask.username": "", "crm.autotask.password": None})
    assert answer.status_code == 400
    for key in AUTOTASK:
        assert key in answer.json()["message"]
    assert caller.names() == []


def test_a_configuration_that_is_no_object_is_400(caller: Caller) -> None:
    assert _post(caller, configuration=["username"]).status_code == 400


def test_unknown_configuration_keys_are_ignored(caller: Caller) -> None:
    made = caller.create(configuration={"nonsense": "x", "crm.autotask.username": "y"})
    assert "nonsense" not in made["configuration"]
    assert "nonsense" not in caller.stored(made)


def test_the_configuration_holds_every_key_with_defaults_as_text_or_null(caller: Caller) -> None:
    configuration = caller.create()["configuration"]
    served = caller.api("GET", "/elements/examplebasic/configuration").json()["configuration"]
    assert set(configuration) == {entry["key"] for entry in served}
    assert configuration["site.url"] == "https://example.com/api"
    assert configuration["feature.enabled"] == "false"
    assert configuration["refresh.minutes"] == "30"
    assert configuration["mapping"] is None
    assert configuration["event.notification.basic.username"] == ""
    assert all(value is None or isinstance(value, str) for value in configuration.values())


@pytest.mark.parametrize(
    ("key", "sent", "kept"),
    [
        ("feature.enabled", True, "true"),
        ("feature.enabled", False, "false"),
        ("refresh.minutes", 15, "15"),
        ("refresh.minutes", 1.5, "1.5"),
        ("refresh.minutes", "0015", "0015"),
        ("mapping", {"a": [1, None]}, '{"a":[1,null]}'),
        ("mapping", [1, 2], "[1,2]"),
        ("mapping", "", ""),
        ("site.url", None, None),
    ],
)
def test_booleans_numbers_and_json_are_kept_as_text(caller: Caller, key: str, sent: Any, kept: str | None) -> None:
    assert caller.create(configuration={key: sent})["configuration"][key] == kept


@pytest.mark.parametrize("sent", [True, "true"])
def test_events_enabled_mirrors_the_configuration(caller: Caller, sent: Any) -> None:
    assert caller.create(configuration={"event.notification.enabled": sent})["eventsEnabled"] is True


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('<a href="#" onClick="x()">churros-xss</a>', "churros-xss"),
        ("a <b>bold</b> name<br/>", "a bold name"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_html_is_stripped_from_names_and_tags(caller: Caller, sent: str, kept: str) -> None:
    made = caller.create(name=sent, tags=[sent])
    assert (made["name"], made["tags"]) == (kept, [kept])


def test_without_tags_the_name_becomes_the_tag_stripped_like_it(caller: Caller) -> None:
    assert caller.create(name="QA <i>Box</i>")["tags"] == ["QA Box"]
    assert caller.create(name="QA Box", tags=None)["tags"] == ["QA Box"]


def test_with_tags_the_name_is_not_added(caller: Caller) -> None:
    assert caller.create(name="QA Box", tags=["Docs"])["tags"] == ["Docs"]
    assert caller.create(name="QA Box", tags=[])["tags"] == []


def test_tags_keep_their_order_and_repeated_or_empty_ones_are_dropped(caller: Caller) -> None:
    assert caller.create(tags=["z", "a", "z", "", "<b></b>"])["tags"] == ["z", "a"]


@pytest.mark.parametrize("tags", ["text", [1], [None], {"a": 1}])
def test_tags_that_are_no_texts_are_400(caller: Caller, tags: Any) -> None:
    assert _post(caller, tags=tags, configuration=EXAMPLE).status_code == 400


def test_autotask_credentials_are_not_checked_at_creation(caller: Caller) -> None:
    for element in ("autotaskcrm", "autotaskhelpdesk", "autotaskfinance"):
        wrong = dict.fromkeys(CREDENTIALS[element], "wrong")
        assert caller.create(element, configuration=wrong)["valid"] is True


def test_act_credentials_are_checked_at_creation_and_nothing_is_made_when_they_are_wrong(caller: Caller) -> None:
    for wrong in ({"password": "wrong"}, {"username": "wrong"}):
        answer = _post(caller, "actessentials", configuration={**ACT, **wrong})
        assert (answer.status_code, answer.json()["message"]) == (400, "Request failed")
        assert answer.json()["providerMessage"]
    assert caller.names() == []


def test_provider_data_never_comes_back(caller: Caller) -> None:
    made = caller.create(providerData={"code": "abc"})
    assert "providerData" not in made
    assert "providerData" not in caller.get(made)
