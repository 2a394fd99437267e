# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The only room that writes: carries a plan out and reports what really happened. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ._client import Client
from ._elements import ROTATED_BY_SERVER, verification_call
from ._errors import Ambiguous, CloudElementsError, NotVerified, OutcomeUnknown, Refused, ServiceError, StartAgain
from ._instance import MASK, Actual, same
from ._plan import Plan, Request
from ._stamp import is_stamp, withdrawn

POLL = (1.0, 10.0)
"""Seconds between two looks at the listing: the first wait, and the longest."""
STAMP_LOST = (
    "Cloud Elements did not keep the tag that tells whether secrets changed: set update_secrets to on_create, or the "
    "secrets are sent again on each run."
)
UNLISTED = (
    "A new instance did not show in the listing within create_confirm_timeout: whether another job created the same "
    "one at the same time is not known; the next run tells."
)


@dataclass
class Outcome:
    """What has happened to one instance so far: true at any moment, also when an error ends the work."""

    action: str = "none"
    changed: bool = False
    recovered: bool = False
    """The answer to a create was lost, and the instance was found by its stamp."""
    instance: Actual | None = None
    warnings: list[str] = field(default_factory=list)
    error: Exception | None = None


def apply(plan: Plan, client: Client, outcome: Outcome) -> None:
    """Carry the plan out, and make the vendor accept the credentials.

    :param outcome: is brought up to date with each proven step
    :raises StartAgain: what was found has changed under the plan
    :raises NotVerified: all is written, but the vendor did not accept the credentials
    :raises CloudElementsError: the work could not be finished
    """
    outcome.instance = plan.actual
    try:
        for request in plan.requests:
            _send(plan, request, client, outcome)
        if outcome.instance:
            _verify(plan, outcome.instance, client, outcome)
    except StartAgain:
        raise
    except CloudElementsError as error:
        if plan.verify and outcome.changed and outcome.instance:
            outcome.instance = _withdraw_stamp(outcome.instance, client, error)
        raise


def _send(plan: Plan, request: Request, client: Client, outcome: Outcome) -> None:
    if outcome.instance is None:
        outcome.instance = _create(plan, request, client, outcome)
    else:
        done, after = _write(request, outcome.instance.id, client)
        outcome.changed = outcome.changed or done
        outcome.action = plan.action if outcome.changed else "none"
        outcome.instance = after or outcome.instance
    _check_answer(plan, request, outcome.instance, outcome)


def _verify(plan: Plan, actual: Actual, client: Client, outcome: Outcome) -> None:
    if plan.verify:
        _ask_vendor(actual, client)
    if plan.stamp and not actual.valid:
        outcome.instance = client.instance(actual.id) or actual
        if not outcome.instance.valid:
            raise NotVerified(
                "Cloud Elements still reports the credentials as invalid, after they were sent: check them with the "
                "vendor."
            )


def _create(plan: Plan, request: Request, client: Client, outcome: Outcome) -> Actual:
    """POST once, and make sure that exactly one instance remains."""
    desired = plan.desired
    try:
        made = client.create(request.body or {})
    except Ambiguous as lost:
        made = _find_own(plan, client, lost)
        outcome.recovered = True
    outcome.action, outcome.changed, outcome.instance = "created", True, made
    if not desired.names(made):
        # The next run would not find it by the desired name, and create another.
        _undo(made, client, outcome, f'Cloud Elements stores the name as "{made.name}"')
        raise CloudElementsError(
            f'Cloud Elements stores the name as "{made.name}", so the new instance was deleted again: write it so.'
        )
    client.clock.sleep(desired.create_settle)
    for listed in _listings(plan, client):
        if any(actual.id == made.id for actual in listed):
            first = min(actual.id for actual in listed if desired.names(actual))
            if first != made.id:
                # Each job deletes only what it made itself, and the lowest id stays.
                _undo(made, client, outcome, f"Another job created the same instance (id {first}) at the same time")
                raise StartAgain("Other jobs keep creating and deleting the same instance: let one of them run alone.")
            return made
    outcome.warnings.append(UNLISTED)
    return made


def _find_own(plan: Plan, client: Client, lost: Ambiguous) -> Actual:
    """Look for the instance whose creation was never confirmed: nobody else has its stamp."""
    for listed in _listings(plan, client):
        for actual in listed:
            unread = not actual.complete and plan.desired.names(actual)
            whole = client.instance(actual.id) if unread else actual
            if whole and plan.stamp in (whole.tags or ()):
                return whole
    raise OutcomeUnknown(
        f"{lost} Whether the instance was created is not known: it did not show up within "
        f"{plan.desired.create_confirm_timeout:g} s. Run again: that is safe, an instance that is there will be found."
    )


def _listings(plan: Plan, client: Client) -> Iterator[list[Actual]]:
    """Yield the listed instances of the desired element, again and again until create_confirm_timeout."""
    desired, clock = plan.desired, client.clock
    deadline = clock.now() + desired.create_confirm_timeout
    # The search is quick, but nothing is known of how it matches: after one look, list everything.
    search, pause = desired.name, POLL[0]
    while True:
        yield [actual for actual in client.instances(search) if actual.element == desired.element]
        if clock.now() + pause > deadline:
            return
        clock.sleep(pause)
        search, pause = None, min(pause * 2, POLL[1])


def _undo(made: Actual, client: Client, outcome: Outcome, why: str) -> None:
    try:
        _write(Request("DELETE", f"/instances/{made.id}"), made.id, client)
    except CloudElementsError as error:
        raise OutcomeUnknown(
            f"{why}, and the new one (id {made.id}) could not be deleted: {error} Delete it."
        ) from error
    outcome.action, outcome.changed, outcome.instance = "none", False, None


def _write(request: Request, instance_id: int, client: Client) -> tuple[bool, Actual | None]:
    """Send a PUT, PATCH or DELETE.

    :return: whether it changed anything, and the instance as it is then where it is known
    """
    deletes = request.method == "DELETE" and not request.path.endswith("/enabled")
    try:
        after = client.write(request.method, request.path.replace("{id}", str(instance_id)), request.body)
    except Ambiguous as lost:
        return True, _read_back(request, instance_id, client, str(lost))
    except Refused as error:
        # Only a read tells whether somebody else deleted it, or a proxy answered.
        if error.status != 404 or not deletes or client.instance(instance_id) is not None:
            raise
        return False, None
    if deletes or (after is not None and after.complete):
        return True, after
    return True, _read_back(request, instance_id, client, "Cloud Elements answered with success.")


def _read_back(request: Request, instance_id: int, client: Client, story: str) -> Actual | None:
    """Return the instance as it is, if that proves that the request was carried out."""
    try:
        after = client.instance(instance_id)
    except ServiceError as error:
        raise OutcomeUnknown(
            f"{story} Whether {request.method} of instance {instance_id} was carried out is not known, for reading it "
            f"again failed: {error} Run again: that is safe."
        ) from error
    if not took_effect(request, after):
        raise OutcomeUnknown(
            f"{story} But reading instance {instance_id} again shows that {request.method} did not happen: run again."
        )
    return after


def took_effect(request: Request, actual: Actual | None) -> bool:
    """Tell from a later read whether a PUT, PATCH or DELETE was carried out."""
    if request.path.endswith("/enabled"):
        return actual is not None and actual.enabled == (request.method == "PUT")
    if request.method == "DELETE" or actual is None:
        return actual is None and request.method == "DELETE"
    body, held = request.body or {}, actual.configuration or {}
    return (
        body.get("name", actual.name) == actual.name
        and set(body.get("tags", actual.tags or ())) == set(actual.tags or ())
        and all(
            held.get(key) == MASK or key in ROTATED_BY_SERVER or same(value, held.get(key))
            for key, value in body.get("configuration", {}).items()
        )
    )


def _check_answer(plan: Plan, request: Request, actual: Actual, outcome: Outcome) -> None:
    """Compare the platform's answer with what was sent."""
    body = request.body or {}
    missing = sorted(
        set(body.get("configuration", {})).difference(actual.configuration or body.get("configuration", {}))
    )
    if missing:
        raise CloudElementsError(
            f"Cloud Elements ignored the configuration key {', '.join(missing)}: the element {actual.element} does not "
            "have it. Correct it, or take it out."
        )
    if body.get("name", actual.name) != actual.name:
        raise CloudElementsError(f'Cloud Elements stores the name as "{actual.name}": write the name so.')
    if plan.stamp in body.get("tags", ()) and actual.tags is not None and plan.stamp not in actual.tags:
        outcome.warnings.append(STAMP_LOST)


def _ask_vendor(actual: Actual, client: Client) -> None:
    path = verification_call(actual.element)
    if not actual.token:
        raise NotVerified("Cloud Elements did not answer a token, so the credentials could not be verified.")
    try:
        answer = client.ask_vendor(path, actual.token)
    except ServiceError as error:
        raise NotVerified(f"The credentials are not verified: {error} Run again.") from error
    if answer.status == 200 or answer.nothing_found:
        return
    if answer.status >= 500 or answer.status == 429:
        raise NotVerified(
            f"The credentials are not verified: the vendor call {path} ended with {answer.said}. Run again later."
        )
    if answer.status == 401 and not answer.from_vendor:
        raise NotVerified(
            f"The credentials are not verified: Cloud Elements did not accept the token of the instance "
            f"({answer.said}). Run again."
        )
    raise NotVerified(
        f"The vendor does not accept the credentials: the call {path} ended with {answer.said}. Check the user name, "
        "password, keys and server URL with the vendor, then run again."
    )


def _withdraw_stamp(actual: Actual, client: Client, error: CloudElementsError) -> Actual:
    """Take the mac off the stamp: the next run then sends the credentials again, and does not take them for right."""
    tags = [withdrawn(tag) if is_stamp(tag) else tag for tag in actual.tags or ()]
    if tags == list(actual.tags or ()):
        return actual
    try:
        return client.write("PATCH", f"/instances/{actual.id}", {"tags": tags}) or actual
    except ServiceError as also:
        raise CloudElementsError(
            f"{error} And the instance could not be marked as not verified ({also}): set verify to always, or the next "
            "run may not see it."
        ) from error
