# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of an instance, entry by entry."""

from __future__ import annotations

from typing import Any

from tests.unit.sandbox.calling import TOKEN, Caller


def _entries(caller: Caller, made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    answer = caller.api("GET", f"/instances/{made['id']}/configuration")
    assert answer.status_code == 200
    return {entry["key"]: entry for entry in answer.json()}


def test_the_entries_say_the_same_as_the_instance(caller: Caller) -> None:
    made = caller.create("autotaskhelpdesk")
    values = {key: entry["propertyValue"] for key, entry in _entries(caller, made).items()}
    assert values == made["configuration"]


def test_an_entry_has_the_documented_fields(caller: Caller) -> None:
    entry = _entries(caller, caller.create())["feature.enabled"]
    assert isinstance(entry.pop("id"), int)
    assert entry.pop("name")
    assert entry.pop("description")
    assert entry == {
        "key": "feature.enabled",
        "type": "BOOLEAN",
        "propertyValue": "false",
        "required": False,
        "active": True,
        "hideFromConsole": False,
    }


def test_entry_ids_belong_to_one_instance(caller: Caller) -> None:
    first, second = caller.create(), caller.create()
    ids = {entry["id"] for made in (first, second) for entry in _entries(caller, made).values()}
    assert len(ids) == 2 * len(first["configuration"])
    foreign = _entries(caller, second)["username"]["id"]
    assert caller.api("GET", f"/instances/{first['id']}/configuration/{foreign}").status_code == 404


def test_one_entry_can_be_read_and_changed(caller: Caller) -> None:
    made = caller.create()
    path = f"/instances/{made['id']}/configuration/{_entries(caller, made)['feature.enabled']['id']}"
    for value, text in ((True, "true"), ("false", "false"), (True, "true")):
        changed = caller.api("PATCH", path, {"propertyValue": value})
        assert (changed.status_code, changed.json()["propertyValue"]) == (200, text)
        assert caller.api("GET", path).json() == changed.json()
    assert caller.get(made)["configuration"]["feature.enabled"] == "true"
    assert caller.get(made)["configuration"]["username"] == "example"


def test_a_change_without_a_value_is_400(caller: Caller) -> None:
    made = caller.create()
    path = f"/instances/{made['id']}/configuration/{_entries(caller, made)['site.url']['id']}"
    assert caller.api("PATCH", path, {"value": "x"}).status_code == 400


def test_the_token_form_reads_and_changes_the_instance_of_the_token(caller: Caller) -> None:
    made = caller.create()
    token = made["token"]
    listed = caller.api("GET", "/instances/configuration", parts=TOKEN, token=token).json()
    assert listed == list(_entries(caller, made).values())
    path = f"/instances/configuration/{_entries(caller, made)['site.url']['id']}"
    caller.api("PATCH", path, {"propertyValue": "https://two.example"}, parts=TOKEN, token=token)
    assert caller.api("GET", path, parts=TOKEN, token=token).json()["propertyValue"] == "https://two.example"
