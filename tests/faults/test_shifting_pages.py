# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that are cut by position, while others delete: an instance that no page shows is still not taken for absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.faults.table import FIRST_PAGE, KNOWN, OTHER
from tests.faults.world import World

HIDDEN = {**KNOWN, "name": "Number 3"}
ABSENT = {**HIDDEN, "state": "absent"}
BODY = {"element": {"key": "examplebasic"}, "configuration": {"username": "example", "password": "x"}, "tags": []}

MEANWHILE: Mapping[str, Sequence[str]] = {
    "one is deleted": ["delete"],
    "one is deleted and one created": ["delete", "create"],
    "one is deleted and two created": ["delete", "create", "create"],
}


@pytest.fixture
def moved(world: World, request: pytest.FixtureRequest) -> World:
    """Let the first page of the first listing be the last that shows what was there before."""
    world.mode(page_size=2, pages="by_position")
    for number in range(1, 6):
        assert world.outside_change("POST", "/instances", {**BODY, "name": f"Number {number}"})
    deeds: dict[str, dict[str, Any]] = {
        "delete": {"delete": True, "id": min(world.there())},
        "create": {"create": {**BODY, "name": "Somebody's"}},
    }
    meanwhile = [deeds[deed] for deed in MEANWHILE[request.param]]
    world.fault(method="GET", path="/instances", query=FIRST_PAGE, meanwhile=meanwhile, after=True)
    return world


@pytest.mark.parametrize("moved", MEANWHILE, indirect=True)
@pytest.mark.parametrize("beside", [(), (OTHER,)], ids=["alone", "in a list"])
def test_what_moved_past_a_page_is_deleted(moved: World, beside: Sequence[Mapping[str, Any]]) -> None:
    ended = moved.run(ABSENT, *beside)

    assert ended.errors == [None] * len(ended.errors)
    assert ended.results[0]["action"] == "deleted"
    assert "Number 3" not in [one["name"] for one in moved.there().values()]


@pytest.mark.parametrize("moved", MEANWHILE, indirect=True)
def test_what_moved_past_a_page_is_not_created_again(moved: World) -> None:
    ended = moved.run(HIDDEN, OTHER)

    assert ended.errors == [None, None]
    assert ended.results[0]["action"] == "updated"
    assert [one["name"] for one in moved.there().values()].count("Number 3") == 1
    assert [write for write in ended.writes if write == "POST /instances"] == ["POST /instances"]
