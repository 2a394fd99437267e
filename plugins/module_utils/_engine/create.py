# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Creates instances over a POST that is not idempotent: of each, exactly one remains. Private to this collection.

A POST is repeated only after an answer which proves that nothing was created. Where an answer is lost, the instance is
looked for by its stamp, and of what several jobs create at the same time the lowest id stays.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from contextlib import suppress
from math import inf

from .._api.client import Client
from .._api.inventory import Inventory, all_whole
from .._model.changes import Create, Delete
from .._model.errors import CloudElementsError, Conflict, MaybeProcessed, OutcomeUnknown, ServiceError
from .._model.instance import Actual
from .._model.message import Message
from .._model.stamp import invalidated
from .change import OWNER_LOST, carry_out, invalidated_on_error, lacks_owner, read_again, write
from .item import State, WorkItem
from .plan import Plan

POLL = (1.0, 10.0)
"""Seconds between two looks at the listing: the first wait, and the longest."""
UNCONFIRMED_MESSAGE = (
    "A new instance did not appear in the listing within create_confirm_timeout. It is unknown whether another job "
    "created the same one at the same time. The next run will show."
)


def create(item: WorkItem, existing: Container[int] = ()) -> None:
    """POST once, then make the vendor accept the credentials.

    The creation is not confirmed then: its answer may be lost, and another job may have created the same.

    :param existing: the ids of instances that were there before: none of them is the answer to a creation
    :raises PlanOutdated: what was found may have changed under the plan
    :raises NotVerified: all is written, but the vendor did not accept the credentials
    :raises CloudElementsError: the work could not be finished
    """
    (change,) = (change for change in item.planned.changes if isinstance(change, Create))
    try:
        made = item.client.create(change)
        if made.id in existing:
            raise MaybeProcessed(
                "Cloud Elements answered the creation with instance {id}, which already existed.", id=made.id
            )
    except MaybeProcessed as lost:
        item.state, item.loss = State.ANSWER_LOST, lost
    else:
        item.posted_id = made.id
        after_create(item, made)


def after_create(item: WorkItem, made: Actual) -> None:
    """Do what comes after a creation.

    :param made: the new instance, as the platform shows it
    :raises CloudElementsError: the work could not be finished
    """
    item.recovered, item.loss = item.loss is not None, None
    item.record_change()
    item.actual = made
    if made.short:
        # What the answer does not show is no default.
        with invalidated_on_error(item):
            made = item.actual = read_again(made, item.client) or made
    made = refuse_altered(item, made)
    first, *rest = item.planned.changes
    carry_out(item, made, rest, answered=first)
    item.state = State.UNCONFIRMED


def refuse_altered(item: WorkItem, made: Actual) -> Actual:
    """Delete a new instance that no later run would find by its name, or whose owner's tag was cut.

    :return: the instance, read again where a listing showed it otherwise
    :raises CloudElementsError: it was deleted
    """
    if not _altered(item.planned, made):
        return made
    # A listing may be older than the instance.
    with suppress(ServiceError):
        made = item.client.instance(made.id) or made
    altered = _altered(item.planned, made)
    if not altered:
        return made
    what, advice = altered
    undo_create(item, made, what)
    raise CloudElementsError("{what}, so the new instance was deleted again. {advice}", what=what, advice=advice)


def _altered(plan: Plan, made: Actual) -> tuple[Message, Message] | None:
    """Return what the platform altered, and what to do about it; None for nothing."""
    if not plan.desired.names(made):
        return Message('Cloud Elements stores the name as "{name}"', name=made.name), Message("Use this name.")
    if lacks_owner(plan, made):
        return Message(OWNER_LOST), Message("Choose a shorter owner.")
    return None


def undo_create(item: WorkItem, made: Actual, why: Message) -> None:
    """Delete the new instance, once its stamp or the answer to our own POST has proven that it was made here.

    :raises OutcomeUnknown: it is still there, or may be
    """
    stamp, client = item.planned.stamp or "", item.client
    try:
        now = client.instance(made.id)
        if made.id == item.posted_id:
            # What our own POST made may be hidden from reads for a while: it is deleted all the same.
            now = now or made
        elif now and not {stamp, invalidated(stamp)}.intersection(now.tags or ()):
            raise Conflict("It does not have the tag that was sent.")
        written = write(Delete(), now, client) if now else None
        if written and written.error:
            raise written.error
    except CloudElementsError as error:
        raise OutcomeUnknown(
            "{why}, and the new one (id {id}) could not be deleted: {error} Delete instance {id} by hand.",
            why=why,
            id=made.id,
            error=error,
        ) from error
    item.forget()


def confirm_all(items: Sequence[WorkItem], client: Client) -> None:
    """List until each creation has shown, all in the same listings; settle what other jobs did at the same time.

    :param items: whose plan created something; each ends DONE, FAILED or LOST_RACE
    """
    clock = client.clock
    clock.wait(max(item.desired.create_settle for item in items))
    began, pause = clock.now(), POLL[0]
    # The search is quick, but nothing is known of how it matches: after one look, list everything.
    search = items[0].desired.name if len(items) == 1 else None
    waiting = list(items)
    while waiting:
        inventory = None if clock.cancelled() else _look(client, search)
        late = inf if clock.cancelled() else clock.now() - began
        if inventory is not None:
            waiting = [item for item in waiting if not resolve(item, inventory)]
        waiting = [item for item in waiting if not expire(item, late)]
        if waiting:
            last = max(item.desired.create_confirm_timeout for item in waiting) - late
            clock.wait(min(pause, last))
        search, pause = None, min(pause * 2, POLL[1])


def _look(client: Client, search: str | None) -> Inventory | None:
    """List once. A look that fails is no look: the next one may work, and when none does it is said."""
    try:
        return Inventory(client.instances(search))
    except ServiceError:
        return None


def resolve(item: WorkItem, inventory: Inventory) -> bool:
    """Make of an unconfirmed creation what a listing shows of it, and return whether nothing more has to be waited for.

    Whatever happens to one instance, the others go on.
    """
    if item.state is State.LOST_RACE:
        # With three jobs another one may still have to give way.
        return len(_with_same_name(item, inventory)) < 2
    try:
        own = _own(item, inventory)
    except ServiceError:
        return False
    if own is None:
        return False
    try:
        resolve_race(item, own, inventory)
    except Exception as error:  # noqa: BLE001  # it is reported with the others
        item.fail(error)
        return True
    if item.state is State.UNCONFIRMED:
        item.state = State.DONE
    return item.state is not State.LOST_RACE


def _with_same_name(item: WorkItem, inventory: Inventory) -> list[Actual]:
    return inventory.named(item.desired.element, item.desired.name)


def _own(item: WorkItem, inventory: Inventory) -> Actual | None:
    """Return the instance that the item made, where it is listed: nobody else has its stamp."""
    if item.actual:
        return inventory.get(item.actual.id)
    stamp = item.planned.stamp or ""
    if listed := inventory.with_stamp(stamp):
        return listed
    without_tags = [actual for actual in _with_same_name(item, inventory) if actual.tags is None]
    return next((actual for actual in all_whole(without_tags, item.client) if stamp in (actual.tags or ())), None)


def resolve_race(item: WorkItem, own: Actual, inventory: Inventory) -> None:
    """Let the lowest id stay: each job deletes only what it made itself.

    :raises CloudElementsError: the work could not be finished
    """
    first = min((actual.id for actual in _with_same_name(item, inventory)), default=own.id)
    if first < own.id:
        undo_create(item, own, Message("Another job created the same instance (id {id}) at the same time", id=first))
        item.state = State.LOST_RACE
        return
    if item.loss:
        after_create(item, own)
    refuse_altered(item, own)


def expire(item: WorkItem, late: float) -> bool:
    """End the wait for an item that has waited long enough, say what that means, and return whether it has.

    :param late: seconds
    """
    timeout = item.desired.create_confirm_timeout
    if late < timeout:
        return False
    if item.loss:
        item.fail(
            OutcomeUnknown(
                "{lost} It is unknown whether the instance was created, because it did not appear within "
                "{timeout:g} s. Run again with verify set to always. That is safe: if the instance exists, the run "
                "finds it.",
                lost=item.loss,
                timeout=timeout,
            )
        )
    elif item.state is not State.LOST_RACE:
        item.warnings.append(UNCONFIRMED_MESSAGE)
        if item.state is State.UNCONFIRMED:
            item.state = State.DONE
    return True
