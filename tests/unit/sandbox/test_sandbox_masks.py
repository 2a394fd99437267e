# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of an instance is hidden, what is not, and what a mask sent back means."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.calling import OAUTH, Caller

MASK = "********"


def _configuration_everywhere(caller: Caller, made: dict[str, Any]) -> list[dict[str, Any]]:
    """The configuration of the only instance, by every way it is shown."""
    entries = caller.api("GET", f"/instances/{made['id']}/configuration").json()
    return [
        made["configuration"],
        caller.get(made)["configuration"],
        caller.patch(made, name="two").json()["configuration"],
        caller.put(made, name="three").json()["configuration"],
        caller.api("GET", "/instances", params={"hydrate": "true"}).json()[0]["configuration"],
        {entry["key"]: entry["propertyValue"] for entry in entries},
    ]


def test_a_password_is_eight_asterisks_everywhere(caller: Caller) -> None:
    made = caller.create(configuration={"event.notification.basic.password": "x"})
    for configuration in _configuration_everywhere(caller, made):
        assert configuration["password"] == MASK
        assert configuration["event.notification.basic.password"] == MASK


def test_an_empty_password_is_null(caller: Caller) -> None:
    made = caller.create(configuration={"event.notification.basic.password": ""})
    for configuration in _configuration_everywhere(caller, made):
        assert configuration["event.notification.basic.password"] is None


def test_the_oauth_client_keys_are_masked_though_one_of_them_is_no_password(caller: Caller) -> None:
    made = caller.create("actessentialsoauth", configuration=OAUTH, providerData={"code": "c"})
    for configuration in _configuration_everywhere(caller, made):
        assert configuration["oauth.api.key"] == configuration["oauth.api.secret"] == MASK


def test_what_is_no_password_is_shown_even_when_it_is_secret(caller: Caller) -> None:
    act = caller.create("actessentials")
    assert act["configuration"]["username"] == "act-example-api-key"
    crm = caller.create("autotaskcrm", configuration={"event.notification.signature.key": "signs"})
    assert crm["configuration"]["event.notification.signature.key"] == "signs"
    assert caller.get(act)["token"] == act["token"]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_mask_sent_back_means_unchanged(caller: Caller, method: str) -> None:
    made = caller.create("autotaskcrm")
    change = {"configuration": {"crm.autotask.password": MASK, "crm.autotask.username": "other"}}
    caller.api(method, f"/instances/{made['id']}", change)
    stored = caller.stored(made)
    assert stored["crm.autotask.password"] == "autotask-example-password"
    assert stored["crm.autotask.username"] == "other"


def test_a_mask_in_the_entry_form_means_unchanged_too(caller: Caller) -> None:
    made = caller.create()
    entries = caller.api("GET", f"/instances/{made['id']}/configuration").json()
    entry = next(entry for entry in entries if entry["key"] == "password")
    caller.api("PATCH", f"/instances/{made['id']}/configuration/{entry['id']}", entry)
    assert caller.stored(made)["password"] == "example-password"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_with_strict_masks_a_mask_is_stored_literally(caller: Caller, method: str) -> None:
    made = caller.create("autotaskcrm")
    caller.control("PUT", "/settings", {"strict_masks": True})
    caller.api(method, f"/instances/{made['id']}", {"configuration": {"crm.autotask.password": MASK}})
    assert caller.stored(made)["crm.autotask.password"] == MASK


def test_a_mask_for_a_key_that_is_not_masked_is_just_text(caller: Caller) -> None:
    made = caller.create()
    caller.patch(made, configuration={"site.url": MASK})
    assert caller.stored(made)["site.url"] == MASK


def test_a_mask_at_creation_stands_for_nothing(caller: Caller) -> None:
    body = {"name": "x", "element": {"key": "examplebasic"}, "configuration": {"username": "u", "password": MASK}}
    answer = caller.api("POST", "/instances", body)
    assert answer.status_code == 400
    assert "password" in answer.json()["message"]


def test_stored_shows_every_key_in_clear(caller: Caller) -> None:
    made = caller.create()
    stored = caller.stored(made)
    assert set(stored) == set(made["configuration"])
    assert stored["password"] == "example-password"
    assert stored["refresh.minutes"] == "30"


def test_secrets_in_text_fields_are_answered_in_clear(caller: Caller) -> None:
    given = {"username": "example", "password": "example-password", "clientSecret": "s", "example.security.token": "t"}
    shown = caller.get(caller.create("exampletext", configuration=given))["configuration"]
    assert {key: shown[key] for key in given} == given
