# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The engine: look, plan, stop here in check mode, apply, verify, report. Private to this collection."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable

from ._apply import Outcome, apply
from ._client import Client
from ._errors import BadInput, Conflict, StartAgain, failure
from ._instance import Actual, Desired, public
from ._plan import Plan, check_element, plan
from ._secrets import Scrubber
from ._stamp import SALT_BYTES, Stamps
from ._wire import WAITED

ROUNDS = 4
"""How many times one instance is looked at again because it changed under the plan."""

UNDIFFED = ("id", "created_date", "updated_date", "events_enabled")
"""What nobody can ask for is not part of a difference."""

Find = Callable[[Desired, bool], Sequence[Actual]]
"""Look for everything that may be this instance; the flag says that an earlier look is out of date."""


@dataclass(frozen=True)
class Report:
    """What became of one desired instance."""

    plan: Plan
    outcome: Outcome

    def result(self, diff: bool) -> dict[str, Any]:
        """Return what may be shown, built from an allow-list.

        :param diff: include the difference
        """
        planned, outcome = self.plan, self.outcome
        scrubber = Scrubber(planned.desired.hidden)
        label = scrubber.text(planned.desired.label)
        result: dict[str, Any] = {
            "changed": outcome.changed,
            "action": outcome.action,
            "reasons": [*planned.reasons, *(["recovered"] if outcome.recovered else [])],
            "instance": scrubber.deep(self._instance()),
        }
        if diff and outcome.changed:
            result["diff"] = {
                "before_header": label,
                "after_header": label,
                "before": scrubber.deep(_without(planned.before, *UNDIFFED)),
                "after": scrubber.deep(_without(planned.after, *UNDIFFED)),
            }
        if outcome.error is not None:
            told = failure(outcome.error)
            result.update(told, failed=True, msg=f"{label}: {scrubber.text(told['msg'])}")
        return result

    def _instance(self) -> dict[str, Any] | None:
        """Return the instance as it is, as check mode predicts it, or as it was before it was deleted."""
        planned, outcome = self.plan, self.outcome
        if outcome.instance:
            return public(outcome.instance, planned.desired.configuration)
        predicted = planned.before if outcome.action == "deleted" else planned.after
        return _without(predicted, "secrets") if predicted and outcome.error is None else None


def reconcile(wanted: Sequence[Desired], client: Client, stamps: Stamps, check_mode: bool) -> list[Report]:
    """Make what exists what is wanted, one after another; an error ends the work on its own instance only.

    :param check_mode: stop after the plan; nothing is written
    :raises BadInput: the list contradicts itself
    :raises CloudElementsError: what exists could not be listed
    """
    _refuse_duplicates(wanted)
    find = _search(client) if len(wanted) == 1 else _snapshot(client, wanted)
    return [_reconcile_one(desired, client, stamps, check_mode, find) for desired in wanted]


def _reconcile_one(desired: Desired, client: Client, stamps: Stamps, check_mode: bool, find: Find) -> Report:
    client = client.knowing(*desired.hidden)
    outcome, planned = Outcome(), Plan(desired)
    try:
        for again in range(ROUNDS):
            planned = plan(desired, find(desired, again > 0), stamps, os.urandom(SALT_BYTES))
            if planned.action == "created":
                check_element(desired, client.element(desired.element or ""))
            if check_mode and planned.requests:
                outcome.action, outcome.changed = planned.action, True
                break
            try:
                apply(planned, client, outcome)
                break
            except StartAgain as changed:
                if again == ROUNDS - 1:
                    raise
                if changed.wait:
                    client.warnings.add(WAITED)
                client.clock.sleep(changed.wait)
    except Exception as error:  # noqa: BLE001  # whatever happens to one instance, the others go on
        outcome.error = error
    outcome.warnings += planned.warnings
    return Report(planned, outcome)


def _search(client: Client) -> Find:
    """Return a function that looks for one instance: by id, or with a search before a complete listing."""

    def find(desired: Desired, _again: bool) -> Sequence[Actual]:
        if desired.id is not None:
            return _by_id(desired, client.instance(desired.id), client.instances)
        # What a search does not find may be there all the same: only a complete listing proves absence.
        found = [actual for actual in client.instances(desired.name) if desired.names(actual)]
        if not found:
            listed = client.instances(prove=[desired.element or ""])
            found = [actual for actual in listed if desired.names(actual)]
        return _complete(found, client)

    return find


def _snapshot(client: Client, wanted: Sequence[Desired]) -> Find:
    """Return a function that looks in one complete listing."""
    by_name: dict[str, list[Actual]] = {}
    by_id: dict[int, Actual] = {}
    for actual in client.instances(prove=dict.fromkeys(desired.element for desired in wanted if desired.element)):
        by_name.setdefault(actual.name, []).append(actual)
        by_id[actual.id] = actual
    search = _search(client)

    def find(desired: Desired, again: bool) -> Sequence[Actual]:
        if again:
            return search(desired, again)
        if desired.id is not None:
            actual = by_id.get(desired.id) or client.instance(desired.id)
            return _complete(_by_id(desired, actual, lambda name: by_name.get(name, [])), client)
        return _complete([actual for actual in by_name.get(desired.name or "", []) if desired.names(actual)], client)

    return find


def _by_id(desired: Desired, actual: Actual | None, named: Callable[[str], Sequence[Actual]]) -> Sequence[Actual]:
    if actual is None:
        return ()
    if desired.name is not None and desired.name != actual.name and desired.state == "present":
        renamed = replace(desired, element=actual.element)
        for other in named(desired.name):
            if renamed.names(other) and other.id != actual.id:
                raise Conflict(
                    f'The instance with id {actual.id} cannot take the name "{desired.name}": the instance with id '
                    f"{other.id} has it. Choose another name, or delete that one."
                )
    return (actual,)


def _complete(found: Sequence[Actual], client: Client) -> Sequence[Actual]:
    """Read what a listing left out. Several matches are a conflict whatever they hold, so they are not read."""
    if len(found) != 1 or found[0].complete:
        return found
    whole = client.instance(found[0].id)
    return (whole,) if whole else ()


def _refuse_duplicates(wanted: Sequence[Desired]) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for number, desired in enumerate(wanted):
        names = [("name", desired.element, desired.name)] if desired.name is not None else []
        for identity in [*names, *([("id", desired.id)] if desired.id is not None else [])]:
            if identity in seen:
                raise BadInput(
                    f"instances[{seen[identity]}] and instances[{number}] are the same instance ({desired.label}): an "
                    "element and name, or an id, may stand in the list once."
                )
            seen[identity] = number


def _without(view: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in view.items() if key not in keys}
