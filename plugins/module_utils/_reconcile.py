# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The engine: look, plan, stop here in check mode, apply, verify, report. Private to this collection."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ._apply import Outcome, apply
from ._client import Client
from ._errors import BadInput, Conflict, StartAgain, failure
from ._instance import Actual, Desired, public
from ._plan import Plan, check_element, plan
from ._secrets import Scrubber
from ._stamp import SALT_BYTES, Stamps

ROUNDS = 4
"""How many times one instance is looked at again because it changed under the plan."""

UNDIFFED = ("id", "created_date", "updated_date", "events_enabled")
"""What nobody can ask for is not part of a difference."""


@dataclass(frozen=True)
class Report:
    """What became of one desired instance."""

    plan: Plan
    outcome: Outcome
    scrubber: Scrubber = field(repr=False)

    def identity(self) -> dict[str, Any]:
        """Return the name and the element that were asked for."""
        desired = self.plan.desired
        identity: dict[str, Any] = self.scrubber.deep({"name": desired.name, "element": desired.element})
        return identity

    def result(self, diff: bool) -> dict[str, Any]:
        """Return what may be shown, built from an allow-list.

        :param diff: include the difference
        """
        planned, outcome, scrubber = self.plan, self.outcome, self.scrubber
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
    if len(wanted) == 1:
        return [_reconcile_one(wanted[0], client, stamps, check_mode, found=None)]
    found = _look(wanted, client)
    return [_reconcile_one(desired, client, stamps, check_mode, found[n]) for n, desired in enumerate(wanted)]


def _reconcile_one(
    desired: Desired, client: Client, stamps: Stamps, check_mode: bool, found: Sequence[Actual] | None
) -> Report:
    """Reconcile one instance.

    :param found: what an earlier listing says of it, None to look now
    """
    client = client.knowing(*desired.hidden)
    outcome, planned = Outcome(), Plan(desired)
    try:
        fresh = found is None
        candidates = _find(desired, client) if found is None else _complete(found, client)
        for rounds_left in reversed(range(ROUNDS)):
            planned = plan(desired, candidates, stamps, os.urandom(SALT_BYTES))
            if not _known(desired, planned.actual):
                check_element(desired, client.element(desired.element or ""), creating=planned.actual is None)
            if check_mode and planned.requests:
                outcome.action, outcome.changed = planned.action, True
                break
            try:
                if planned.actual and planned.requests and not fresh:
                    raise StartAgain("Other jobs keep changing the same instance: let one of them run alone.")
                apply(planned, client, outcome)
                break
            except StartAgain as changed:
                if not rounds_left:
                    raise
                client.clock.sleep(changed.wait)
                candidates, fresh = _find_again(desired, planned.actual, client), True
    except Exception as error:  # noqa: BLE001  # whatever happens to one instance, the others go on
        outcome.error = error
    outcome.warnings += planned.warnings
    return Report(planned, outcome, client.scrubber)


def _known(desired: Desired, actual: Actual | None) -> bool:
    """Tell whether all desired keys are known to exist, so that the element need not be read."""
    if desired.element is None or desired.state == "absent":
        return True
    return actual is not None and not {*desired.configuration, *desired.secrets}.difference(actual.configuration or ())


def _find(desired: Desired, client: Client) -> Sequence[Actual]:
    """Look for one instance: by id, or with a search before a complete listing."""
    if desired.id is not None:
        actual = client.instance(desired.id)
        if actual and desired.state == "present" and desired.name not in (None, actual.name):
            _refuse_taken_name(desired, actual, client.instances())
        return (actual,) if actual else ()
    # A search may miss what is there. That is noticed when it finds nothing, and must not matter before a deletion.
    found = [] if desired.state == "absent" else [a for a in client.instances(desired.name) if desired.names(a)]
    if not found:
        found = [a for a in client.instances(prove=[desired.element or ""]) if desired.names(a)]
    return _complete(found, client)


def _find_again(desired: Desired, actual: Actual | None, client: Client) -> Sequence[Actual]:
    """Look once more before a change: the listing of a fleet is as old as the work on the instances before."""
    now = client.instance(actual.id) if actual else None
    return (now,) if now and desired.names(now) else _find(desired, client)


def _look(wanted: Sequence[Desired], client: Client) -> list[Sequence[Actual] | None]:
    """Return what one complete listing says of each desired instance; None where it must be looked for by itself.

    :raises BadInput: two of them are the same instance
    """
    listed = client.instances(prove=dict.fromkeys(desired.element for desired in wanted if desired.element))
    by_name: dict[tuple[str | None, str | None], list[Actual]] = {}
    for actual in listed:
        by_name.setdefault((actual.element, actual.name), []).append(actual)
    by_id = {actual.id: [actual] for actual in listed}
    found: list[Sequence[Actual] | None] = []
    users: dict[object, int] = {}
    for number, desired in enumerate(wanted):
        matches = by_name.get((desired.element, desired.name), []) if desired.id is None else by_id.get(desired.id, [])
        by_itself = desired.id is not None and [actual.name for actual in matches] != [desired.name]
        found.append(None if by_itself else matches)
        for actual in matches:
            for identity in (actual.id, (actual.element, desired.name or actual.name)):
                if users.setdefault(identity, number) != number:
                    raise BadInput(_twice(users[identity], number, f"id {actual.id}"))
    return found


def _refuse_taken_name(desired: Desired, actual: Actual, listed: Sequence[Actual]) -> None:
    renamed = replace(desired, element=actual.element)
    for other in listed:
        if renamed.names(other) and other.id != actual.id:
            raise Conflict(
                f'The instance with id {actual.id} cannot take the name "{desired.name}": the instance with id '
                f"{other.id} has it. Choose another name, or delete that one."
            )


def _complete(found: Sequence[Actual], client: Client) -> Sequence[Actual]:
    """Read what a listing left out. Several matches are a conflict whatever they hold, so they are not read."""
    if len(found) != 1 or found[0].complete:
        return found
    whole = client.instance(found[0].id)
    return (whole,) if whole else ()


def _refuse_duplicates(wanted: Sequence[Desired]) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for number, desired in enumerate(wanted):
        names = [("name", desired.element, desired.name)] if desired.element and desired.name else []
        for identity in [*names, *([("id", desired.id)] if desired.id is not None else [])]:
            if identity in seen:
                raise BadInput(_twice(seen[identity], number, desired.label))
            seen[identity] = number


def _twice(first: int, second: int, what: str) -> str:
    return (
        f"instances[{first}] and instances[{second}] are the same instance ({what}): an element and name, or an id, "
        "may stand in the list once."
    )


def _without(view: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in view.items() if key not in keys}
