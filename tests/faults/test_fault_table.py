# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault at each step of each operation: what comes of it, in words, and what must hold in every case."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import WAITED_MESSAGE
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import NotVerified, OutcomeUnknown
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.stamp import Stamps

from tests.faults.expected import EXPECTED
from tests.faults.table import KNOWN, STEPS, Step, faults_of
from tests.faults.world import FOREIGN, GOOD, OLD, STAMP_KEY, Ended, World, contents

BYSTANDERS = ("Bystander", "Acme & Sons")
"""They have all that a job makes, its stamp too: only the name tells that they are another's."""


def prepare(world: World, step: Step) -> None:
    """Let there be what the step begins with, on pages of one, and vendors that accept what it will send."""
    world.reset()
    world.mode(page_size=1)
    for name in BYSTANDERS:
        _make(world, {**KNOWN, "name": name})
    if step.first:
        _make(world, step.first)
    world.mode(**step.mode)


def _make(world: World, options: Mapping[str, Any]) -> None:
    """Let there be the instance that a job makes of these options, with a tag of another program."""
    element, secrets = options["element"], options["secrets"]
    body = {
        "name": options["name"],
        "element": {"key": element},
        "configuration": {**options["configuration"], **secrets},
        "tags": [*options["tags"], Stamps(STAMP_KEY).make(element, secrets, bytes(8)), FOREIGN],
    }
    old = OLD in secrets.values()
    if old:
        world.accept(OLD)
    made = world.outside_change("POST", "/instances", body)
    assert made is not None
    assert made.ok, made.text
    if not options.get("enabled", True):
        world.outside_change("DELETE", f"/instances/{made.json()['id']}/enabled")
    if old:
        world.accept(GOOD)


@functools.cache
def predicted(world: World, name: str) -> list[str]:
    """Return what check mode says that a step does, which is the same for all faults; it changes nothing."""
    step = STEPS[name]
    prepare(world, step)
    before = contents(world.there())
    told = world.run(step.wanted, *step.beside, check_mode=True)
    assert set(told.errors) == {None}
    assert told.writes == []
    assert contents(world.there()) == before
    return [one["action"] for one in told.results]


def outcome_of(world: World, step: Step, fault: Mapping[str, Any], actions: list[str]) -> tuple[str, Exception | None]:
    """Run the operation with the fault, check what must always hold, and put what came of it into words.

    :param actions: what it does when it succeeds
    """
    before = contents(world.there())
    world.fault(method=step.method, path=step.path, query=step.query, skip=step.skip, **fault)
    ended = world.run(step.wanted, *step.beside)
    world.settled()
    after = contents(world.there())
    errors = [error for error in ended.errors if error]
    if not any(isinstance(error, OutcomeUnknown) for error in errors):
        assert any(result["changed"] for result in ended.results) == (after != before)
    if not errors:
        assert [one["action"] for one in ended.results] == actions
    _converges(world, step, before)
    return _in_words(ended, done=after != before), errors[0] if errors else None


def _in_words(ended: Ended, *, done: bool) -> str:
    what = "was done" if done else "nothing was done"
    for error in filter(None, ended.errors):
        if isinstance(error, OutcomeUnknown):
            return f"fails, not known, {what}"
        return f"fails, not verified, {what}" if isinstance(error, NotVerified) else f"fails, {what}"
    waited = ", after a wait" if WAITED_MESSAGE in ended.warnings else ""
    recovered = any("recovered" in result["reasons"] for result in ended.results)
    return f"{'done' if done else what}{waited}{', found by its stamp' if recovered else ''}"


def _converges(world: World, step: Step, before: Mapping[int, Any]) -> None:
    """With the fault gone, one run ends as wanted, the next has nothing to do, and nobody else was touched."""
    present = step.wanted.get("state") != "absent"
    healed = world.run({**step.wanted, "verify": "always"} if present else step.wanted, *step.beside)
    assert set(healed.errors) == {None}, healed.errors
    again = world.run(step.wanted, *step.beside)
    assert set(again.errors) == {None}, again.errors
    assert not any(result["changed"] for result in again.results)
    assert again.writes == []
    names = sorted(one["name"] for one in world.there().values())
    ours = [options["name"] for options in (step.wanted, *step.beside)] if present else []
    assert names == sorted([*BYSTANDERS, *ours])
    after = contents(world.there())
    for number, one in before.items():
        if one["name"] != step.wanted["name"]:
            assert after[number] == one
        elif present:
            assert FOREIGN in after[number]["tags"]


CELLS = [
    (step, fault, words)
    for step, outcomes in EXPECTED.items()
    for words, faults in outcomes.items()
    for fault in faults
]


def test_the_table_is_complete() -> None:
    cells = [(step, fault) for step, fault, _words in CELLS]
    assert sorted(cells) == sorted((name, fault) for name, step in STEPS.items() for fault in faults_of(step))


@pytest.mark.parametrize(("step", "fault", "words"), CELLS)
def test_what_comes_of_a_fault(everywhere: World, step: str, fault: str, words: str) -> None:
    actions = predicted(everywhere, step)
    prepare(everywhere, STEPS[step])
    said, error = outcome_of(everywhere, STEPS[step], faults_of(STEPS[step])[fault], actions)
    assert said == words, error
