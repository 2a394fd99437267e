# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which instances are asked about: all that every setting takes, whole, and what shares their names."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import ServiceError
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Actual
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.selection import Selection
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.select import elements_of, select_instances
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    Platform,
    actual,
    problem,
)

OURS = ("a", "b", "ansible:owner:us")

TAKEN: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"id": 7}, True),
    ({"id": 8}, False),
    ({"name": "Acme"}, True),
    ({"name": "acme"}, False),
    ({"element": ELEMENT}, True),
    ({"element": "other"}, False),
    ({"tags": []}, True),
    ({"tags": ["b", "a"]}, True),
    ({"tags": ["a", "c"]}, False),
    ({"owner": "us"}, True),
    ({"owner": "them"}, False),
    ({"enabled": False}, True),
    ({"enabled": True}, False),
    ({"valid": True}, True),
    ({"valid": False}, False),
    ({"name": "Acme", "valid": False}, False),
]


@pytest.mark.parametrize(("settings", "taken"), TAKEN, ids=str)
def test_an_instance_is_taken_when_every_setting_takes_it(settings: dict[str, Any], taken: bool) -> None:
    assert Selection(**settings).takes(actual(tags=OURS, enabled=False)) is taken


@pytest.mark.parametrize(("settings", "taken"), [({}, True), ({"tags": ["a"]}, False), ({"owner": "us"}, False)])
def test_an_instance_without_tags_has_none_of_them(settings: dict[str, Any], taken: bool) -> None:
    assert Selection(**settings).takes(actual(tags=None)) is taken


def ids(found: list[Actual]) -> list[int]:
    return [each.id for each in found]


def test_all_that_is_taken_comes_in_the_order_of_names(platform: Platform, client: Client) -> None:
    for name in ("B", "A", "C"):
        platform.add(name=name)
    found, duplicates = select_instances(Selection(), client)

    assert (ids(found), duplicates) == ([102, 101, 103], [])
    assert platform.lines == ["GET /instances"]


def test_one_that_is_known_by_its_id_needs_no_listing(platform: Platform, client: Client) -> None:
    platform.add()
    platform.add()

    assert select_instances(Selection(id=101), client) == ([client.instance(101)], [])
    assert set(platform.lines) == {"GET /instances/101"}


def test_an_id_that_is_not_there_is_nothing(client: Client) -> None:
    assert select_instances(Selection(id=5), client) == ([], [])


def test_others_of_its_name_are_looked_for_when_that_is_asked(platform: Platform, client: Client) -> None:
    platform.add()
    platform.add()
    found, duplicates = select_instances(Selection(id=101), client, list_all=True)

    assert ids(found) == [101]
    assert duplicates == [{"element": ELEMENT, "name": "Acme", "ids": [101, 102]}]
    assert platform.lines == ["GET /instances"]


def test_duplicates_are_reported_even_if_they_are_not_selected(platform: Platform, client: Client) -> None:
    platform.add(tags=["a"])
    platform.add(tags=[])
    platform.add(name="Alone", tags=["a"])
    found, duplicates = select_instances(Selection(tags=["a"]), client)

    assert ids(found) == [101, 103]
    assert duplicates == [{"element": ELEMENT, "name": "Acme", "ids": [101, 102]}]


def test_what_a_listing_leaves_out_is_read_before_anything_is_decided_from_it(
    platform: Platform, client: Client
) -> None:
    platform.add(tags=["a"])
    platform.add(name="Other", tags=["b"])
    platform.unlisted = ("tags", "configuration")
    found, _duplicates = select_instances(Selection(tags=["a"]), client)

    assert ids(found) == [101]
    assert not found[0].short


def test_only_what_may_be_taken_is_read_again(platform: Platform, client: Client) -> None:
    platform.add()
    platform.add(name="Other")
    platform.unlisted = ("tags",)
    select_instances(Selection(name="Acme"), client)

    assert platform.lines == ["GET /instances", "GET /instances/101"]


def test_what_went_between_the_listing_and_the_reading_is_not_there(platform: Platform, client: Client) -> None:
    platform.add()
    platform.unlisted = ("tags",)
    platform.once("GET /instances/101", problem(404, "No instance found with ID 101"))

    assert select_instances(Selection(), client) == ([], [])


@pytest.mark.parametrize("line", ["GET /instances", "GET /instances/101"])
def test_a_part_is_never_returned(platform: Platform, client: Client, line: str) -> None:
    platform.add()
    platform.unlisted = ("tags",)
    platform.once(line, *[problem(500)] * 9)

    with pytest.raises(ServiceError):
        select_instances(Selection(), client)


def test_elements_are_read_once_each_and_those_that_are_no_more_are_left_out(
    platform: Platform, client: Client
) -> None:
    found = [actual(), actual(id=8), actual(id=9, element="gone")]

    assert list(elements_of(found, client)) == [ELEMENT]
    assert platform.lines == [f"GET /elements/{ELEMENT}", "GET /elements/gone"]


def test_an_element_that_cannot_be_read_is_an_error(platform: Platform, client: Client) -> None:
    platform.once("GET /elements/.*", *[problem(500)] * 9)

    with pytest.raises(ServiceError):
        elements_of([actual()], client)
