# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many instances in one job, several at once: the same promises, and no request too many."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.create import UNCONFIRMED_MESSAGE
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import OutcomeUnknown
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.table import LIST_FAULTS, faults
from tests.faults.test_any_order import ROUTES, WRITES
from tests.faults.world import FOREIGN, GOOD, OLD, STAMP_KEY, Ended, Killed, World, contents

MOST = 30
FAULTS = {**faults(STAMP_KEY), **LIST_FAULTS}
STATES = ("missing", "right", "stale", "tagged", "by hand", "disabled", "absent")
FLEETS = st.lists(st.sampled_from(STATES), min_size=2, max_size=MOST)
PLANS = st.lists(
    st.tuples(st.sampled_from((*ROUTES, *WRITES)), st.sampled_from(sorted(FAULTS)), st.integers(0, MOST)), max_size=6
)


def _options(number: int, state: str, password: str = GOOD, **more: Any) -> dict[str, Any]:
    return {
        "name": f"Item {number}",
        "element": "examplebasic",
        "configuration": {"username": "example"},
        "secrets": {"password": password},
        "tags": ["one"],
        "purge_tags": False,
        "enabled": True,
        **more,
        **({"state": "absent"} if state == "absent" else {}),
    }


def _prepare(world: World, states: list[str]) -> list[dict[str, Any]]:
    """Let there be what each item begins with; return what is wanted."""
    world.reset()
    first = {
        "right": {},
        "stale": {"password": OLD},
        "tagged": {"tags": ["other"]},
        "disabled": {"enabled": False},
        "absent": {},
    }
    made = [
        _options(number, "", verify="never", **first[state]) for number, state in enumerate(states) if state in first
    ]
    if made:
        assert set(world.run(*made, concurrency=4).errors) == {None}
    for number, state in enumerate(states):
        if state == "by hand":
            configuration = {"username": "example", "password": OLD}
            body = {"name": f"Item {number}", "element": {"key": "examplebasic"}, "configuration": configuration}
            world.outside_change("POST", "/instances", {**body, "tags": [FOREIGN]})
    return [_options(number, state) for number, state in enumerate(states)]


@settings(max_examples=settings.default.max_examples // 2)
@given(
    states=FLEETS,
    plans=PLANS,
    concurrency=st.sampled_from((1, 4, 8)),
    page_size=st.sampled_from((7, 200)),
    killed=st.one_of(st.none(), st.integers(2, 90)),
)
def test_a_fleet_keeps_the_promises(
    everywhere: World,
    *,
    states: list[str],
    plans: list[tuple[tuple[str, str], str, int]],
    concurrency: int,
    page_size: int,
    killed: int | None,
) -> None:
    world = everywhere
    wanted = _prepare(world, states)
    world.mode(page_size=page_size)
    before = contents(world.there())
    for (method, path), fault, skip in plans:
        world.fault(method=method, path=path, skip=skip, **FAULTS[fault])
    ended = world.run(*wanted, happen=None if killed is None else _dies(killed), concurrency=concurrency)
    world.settled()
    after = contents(world.there())
    if len(ended.results) == len(wanted):
        for options, result, error in zip(wanted, ended.results, ended.errors):
            if not isinstance(error, OutcomeUnknown):
                assert result["changed"] == (_named(options, before) != _named(options, after)), (options, result)
    _keeps(wanted, before, after)
    unsure = (
        ended.killed
        or UNCONFIRMED_MESSAGE in ended.warnings
        or any(isinstance(e, OutcomeUnknown) for e in ended.errors)
    )
    assert unsure or max(Counter(one["name"] for one in after.values()).values(), default=0) <= 1
    _heals(world, wanted, concurrency)


def _dies(at: int) -> Any:
    """The process is gone after so many requests: no thread sends anything more."""
    count, lock = itertools.count(), threading.Lock()

    def happen(moment: str) -> None:
        with lock:
            if moment == "before" and next(count) >= at:
                raise Killed

    return happen


def _named(options: Mapping[str, Any], there: Mapping[int, Any]) -> Any:
    return {number: one for number, one in there.items() if one["name"] == options["name"]}


def _keeps(wanted: list[dict[str, Any]], before: Mapping[int, Any], after: Mapping[int, Any]) -> None:
    """Nothing is deleted that nobody wants gone, and no foreign tag is lost."""
    absent = {options["name"] for options in wanted if options.get("state") == "absent"}
    for number, one in before.items():
        assert number in after or one["name"] in absent
        assert FOREIGN not in one["tags"] or FOREIGN in after[number]["tags"]


def _heals(world: World, wanted: list[dict[str, Any]], concurrency: int) -> None:
    """A clean run ends as wanted, with each instance once; the next has nothing to do but to list."""
    healed = world.run(*wanted, concurrency=concurrency)
    assert set(healed.errors) == {None}, healed.errors
    again = world.run(*wanted, concurrency=concurrency)
    assert [result["changed"] for result in again.results] == [False] * len(wanted)
    assert again.writes == []
    names = sorted(one["name"] for one in world.there().values())
    assert names == sorted(options["name"] for options in wanted if options.get("state") != "absent")


# No request too many

LISTING, ELEMENT, VERIFY = "GET /instances", "GET /elements/examplebasic", "GET /ping"


def _sent(ended: Ended) -> Counter[str]:
    return Counter(f"{sent['method']} {sent['path'].rstrip('0123456789')}" for sent in ended.requests)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_fleet_sends_the_fewest_requests_that_can_be(world: World, concurrency: int) -> None:
    count, pages = 45, 5
    world.mode(page_size=10)
    wanted = [_options(number, "missing") for number in range(count)]
    created = world.run(*wanted, concurrency=concurrency)
    # The account was empty: its 404 is proven by the element, which is read anyway. Then one look for all new ones.
    assert _sent(created) == {LISTING: 1 + pages, ELEMENT: 1, "POST /instances": count, VERIFY: count}
    assert _sent(world.run(*wanted, concurrency=concurrency)) == {LISTING: pages}
    few = [{**options, "tags": ["two"]} if number < 3 else options for number, options in enumerate(wanted)]
    # What is written is read directly before.
    sent = _sent(world.run(*few, concurrency=concurrency))
    assert sent == {LISTING: pages, "GET /instances/": 3, "PATCH /instances/": 3}
    world.accept(OLD)
    rotated = [_options(number, "", OLD) if number < 4 else options for number, options in enumerate(few)]
    sent = _sent(world.run(*rotated, concurrency=concurrency))
    assert sent == {LISTING: pages, "GET /instances/": 4, "PUT /instances/": 4, VERIFY: 4}


def test_a_busy_platform_slows_all_down_and_nothing_is_lost(world: World) -> None:
    busy = {"answer": {"status": 429, "headers": {"Retry-After": "1"}, "json": {"requestId": "1", "message": "Busy"}}}
    for skip in range(0, 60, 6):
        world.fault(method="POST", path="/instances", skip=skip, **busy)
        world.fault(method="GET", path="/ping", skip=skip, **busy)
    ended = world.run(*(_options(number, "missing") for number in range(40)), concurrency=8)
    assert set(ended.errors) == {None}
    assert len(world.there()) == 40
