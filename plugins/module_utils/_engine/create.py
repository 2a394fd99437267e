# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Create instances over a POST that is not idempotent, so that exactly one of each remains. Private to this collection.

A POST is repeated only after an answer which proves that nothing was created. If an answer is lost, the new instance is
found by its stamp. If several jobs create the same instance at the same time, the one with the lowest id stays.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from contextlib import suppress
from math import inf

from .._api.client import Client
from .._api.inventory import Inventory, complete_instances
from .._model.changes import Create, Delete
from .._model.errors import CloudElementsError, Conflict, MaybeProcessed, OutcomeUnknown, ServiceError
from .._model.instance import Actual
from .._model.message import Message
from .._model.stamp import invalidated
from .change import OWNER_LOST, carry_out, invalidated_on_error, lacks_owner, read_again, write
from .item import State, WorkItem
from .plan import Plan

POLL = (1.0, 10.0)
"""Seconds between two listings: the first wait, and the longest."""
UNCONFIRMED_MESSAGE = (
    "A new instance did not appear in the listing within create_confirm_timeout. It is unknown whether another job "
    "created the same one at the same time. The next run will show."
)


def create(item: WorkItem, existing_ids: Container[int] = ()) -> None:
    """Send one POST, then carry out the other changes and verify the credentials with the vendor.

    The creation is not confirmed yet: its answer may be lost, and another job may have created the same instance.

    :param existing_ids: the ids of earlier instances, none of which can be the new one
    :raises PlanOutdated: the instances may have changed since they were listed
    :raises NotVerified: everything is written, but the credentials could not be verified
    :raises CloudElementsError: the work could not be finished
    """
    (change,) = (change for change in item.planned.changes if isinstance(change, Create))
    try:
        actual = item.client.create(change)
        if actual.id in existing_ids:
            raise MaybeProcessed(
                "Cloud Elements answered the creation with instance {id}, which already existed.", id=actual.id
            )
    except MaybeProcessed as error:
        item.state, item.loss = State.ANSWER_LOST, error
    else:
        item.posted_id = actual.id
        after_create(item, actual)


def after_create(item: WorkItem, actual: Actual) -> None:
    """Carry out the other changes of a plan after its creation.

    :param actual: the new instance, as the platform shows it
    :raises CloudElementsError: the work could not be finished
    """
    item.recovered, item.loss = item.loss is not None, None
    item.record_change()
    item.actual = actual
    if actual.short:
        # A field that the answer left out is unknown. It does not have its default.
        with invalidated_on_error(item):
            actual = item.actual = read_again(actual, item.client) or actual
    actual = refuse_altered(item, actual)
    first, *changes = item.planned.changes
    carry_out(item, actual, changes, first_change=first)
    item.state = State.UNCONFIRMED


def refuse_altered(item: WorkItem, actual: Actual) -> Actual:
    """Delete a new instance if the platform altered its name, so that no later run would find it, or cut its owner tag.

    :return: the instance, read again if a listing showed an alteration
    :raises CloudElementsError: it was deleted
    """
    if not _find_alteration(item.planned, actual):
        return actual
    # A listing may be older than the instance.
    with suppress(ServiceError):
        actual = item.client.instance(actual.id) or actual
    alteration = _find_alteration(item.planned, actual)
    if not alteration:
        return actual
    problem, advice = alteration
    undo_create(item, actual, problem)
    raise CloudElementsError(
        "{problem}, so the new instance was deleted again. {advice}", problem=problem, advice=advice
    )


def _find_alteration(plan: Plan, actual: Actual) -> tuple[Message, Message] | None:
    """Return the platform's alteration and the fix, or None."""
    if not plan.desired.names(actual):
        return Message('Cloud Elements stores the name as "{name}"', name=actual.name), Message("Use this name.")
    if lacks_owner(plan, actual):
        return Message(OWNER_LOST), Message("Choose a shorter owner.")
    return None


def undo_create(item: WorkItem, actual: Actual, problem: Message) -> None:
    """Delete the new instance, after its stamp or the answer to the POST has proven that this run created it.

    :raises OutcomeUnknown: it still exists, or may exist
    """
    stamp, client = item.planned.stamp or "", item.client
    try:
        current = client.instance(actual.id)
        if actual.id == item.posted_id:
            # An instance from this run's POST may be hidden from reads for a while. It is deleted anyway.
            current = current or actual
        elif current and not {stamp, invalidated(stamp)}.intersection(current.tags or ()):
            raise Conflict("It does not have the tag that was sent.")
        result = write(Delete(), current, client) if current else None
        if result and result.error:
            raise result.error
    except CloudElementsError as error:
        raise OutcomeUnknown(
            "{problem}, and the new one (id {id}) could not be deleted: {error} Delete instance {id} by hand.",
            problem=problem,
            id=actual.id,
            error=error,
        ) from error
    item.forget()


def confirm_all(items: Sequence[WorkItem], client: Client) -> None:
    """List until each new instance appears, all in the same listings, and resolve races with other jobs.

    :param items: the items with a creation; each ends as DONE, FAILED or LOST_RACE
    """
    clock = client.clock
    clock.wait(max(item.desired.create_settle for item in items))
    start, pause = clock.now(), POLL[0]
    # A search is quick, but its matching rules are unknown. After one search, list everything.
    search = items[0].desired.name if len(items) == 1 else None
    pending = list(items)
    while pending:
        inventory = None if clock.cancelled() else _list_instances(client, search)
        elapsed = inf if clock.cancelled() else clock.now() - start
        if inventory is not None:
            pending = [item for item in pending if not resolve(item, inventory)]
        pending = [item for item in pending if not expire(item, elapsed)]
        if pending:
            time_left = max(item.desired.create_confirm_timeout for item in pending) - elapsed
            clock.wait(min(pause, time_left))
        search, pause = None, min(pause * 2, POLL[1])


def _list_instances(client: Client, search: str | None) -> Inventory | None:
    """List once. Return None on an error: the next listing may work. If none does, the items time out."""
    try:
        return Inventory(client.instances(search))
    except ServiceError:
        return None


def resolve(item: WorkItem, inventory: Inventory) -> bool:
    """Resolve an unconfirmed creation with a listing, and return whether the wait for it is over.

    An error ends the work on this instance only.
    """
    if item.state is State.LOST_RACE:
        # With three jobs, another one may still have to delete its instance.
        return len(_with_same_name(item, inventory)) < 2
    try:
        actual = _own_instance(item, inventory)
    except ServiceError:
        return False
    if actual is None:
        return False
    try:
        resolve_race(item, actual, inventory)
    except Exception as error:  # noqa: BLE001  # it is reported with the others
        item.fail(error)
        return True
    if item.state is State.UNCONFIRMED:
        item.state = State.DONE
    return item.state is not State.LOST_RACE


def _with_same_name(item: WorkItem, inventory: Inventory) -> list[Actual]:
    return inventory.with_name(item.desired.element, item.desired.name)


def _own_instance(item: WorkItem, inventory: Inventory) -> Actual | None:
    """Return the instance that the item created, if it is listed: its stamp is unique."""
    if item.actual:
        return inventory.get(item.actual.id)
    stamp = item.planned.stamp or ""
    if match := inventory.with_stamp(stamp):
        return match
    without_tags = [actual for actual in _with_same_name(item, inventory) if actual.tags is None]
    return next(
        (actual for actual in complete_instances(without_tags, item.client) if stamp in (actual.tags or ())), None
    )


def resolve_race(item: WorkItem, actual: Actual, inventory: Inventory) -> None:
    """Keep the instance with the lowest id. Each job deletes only the instance that it created itself.

    :raises CloudElementsError: the work could not be finished
    """
    lowest_id = min((each.id for each in _with_same_name(item, inventory)), default=actual.id)
    if lowest_id < actual.id:
        undo_create(
            item, actual, Message("Another job created the same instance (id {id}) at the same time", id=lowest_id)
        )
        item.state = State.LOST_RACE
        return
    if item.loss:
        after_create(item, actual)
    refuse_altered(item, actual)


def expire(item: WorkItem, elapsed: float) -> bool:
    """Return whether the wait for an item has timed out. If so, end it, and record the error or the warning.

    :param elapsed: seconds
    """
    timeout = item.desired.create_confirm_timeout
    if elapsed < timeout:
        return False
    if item.loss:
        item.fail(
            OutcomeUnknown(
                "{loss} It is unknown whether the instance was created, because it did not appear within "
                "{timeout:g} s. Run again with verify set to always. That is safe: if the instance exists, the run "
                "finds it.",
                loss=item.loss,
                timeout=timeout,
            )
        )
    elif item.state is not State.LOST_RACE:
        item.warnings.append(UNCONFIRMED_MESSAGE)
        if item.state is State.UNCONFIRMED:
            item.state = State.DONE
    return True
