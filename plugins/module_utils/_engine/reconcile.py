# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reconcile a list: find, plan, stop here in check mode, apply, verify, confirm, report. Private to this collection."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Callable, Optional, Protocol, Union

from .._api.client import Client
from .._api.inventory import Inventory, complete_instances, complete_match
from .._model.element import POLLER
from .._model.errors import BadInput, Conflict, PlanOutdated, RateLimited, ServiceError
from .._model.events import READABLE, polled
from .._model.instance import Actual, Desired
from .._model.message import Own, names_of
from .._model.redact import Guarded
from .._model.stamp import SALT_BYTES, Stamps
from .._model.vendors import credentials_of
from .._model.words import Action, Reason
from .change import carry_out
from .create import confirm_all, create
from .find import CONTENTION_MESSAGE, find_again, find_all, find_one, refuse_duplicates, refuse_taken_name
from .item import State, WorkItem
from .logins import Logins
from .plan import Plan, check_element, make_plan, refuse_secrets, withhold
from .report import Report
from .summary import ROOM

MAX_ATTEMPTS = 4
"""How many times instances are planned without any progress, because they changed since they were listed."""
POLL_SECONDS = 1.0
"""Seconds between reports of progress while no work ends."""
UNCHECKED_MESSAGE = (
    "The description of the element could not be read, so the configuration keys were not checked in advance."
)
MAX_NAMES = 20
"""Maximum number of instances that a message names."""

Matches = Optional[Union[Sequence[Actual], ServiceError]]
"""The matches of one item: its instances, the error of its read, or None if it was not searched for."""


class Progress(Protocol):
    """Receives the progress, in the thread that started the run."""

    def begin(self, total: int) -> None:
        """Receive the number of instances to work on."""

    def item_done(self, item: WorkItem) -> None:
        """Receive an item whose work has ended."""

    def idle(self) -> None:
        """Receive that no work has ended for a second."""


@dataclass(frozen=True)
class RunOptions:
    """The options of a run.

    :param check_mode: stop after the plan; nothing is written
    :param concurrency: maximum number of instances to work on at once
    :param stop_on_error: begin nothing new after a failure
    :param prune: the owner whose instances are deleted if they are not in the list
    :param max_delete: returns how many of an owner's instances may be pruned, from their number; None for any number
    :param progress: receives the progress
    """

    check_mode: bool = False
    concurrency: int = 1
    stop_on_error: bool = False
    prune: str | None = None
    max_delete: Callable[[int], int] | None = None
    progress: Progress | None = None


def reconcile(desired_items: Sequence[Desired], client: Client, stamps: Stamps, options: RunOptions) -> list[Report]:
    """Apply a list of desired instances. An error ends the work on its own instance only.

    :return: one report for each desired instance, then one for each pruned instance
    :raises BadInput: the list contradicts itself
    :raises Conflict: more instances would be pruned than allowed
    :raises ServiceError: the instances could not be listed
    """
    refuse_duplicates(desired_items)
    run = _Reconciler(client, stamps, options)
    items, deletions = run.begin(desired_items)
    if options.check_mode:
        run.predict(items, deletions)
    else:
        run.work(items, deletions)
    run.close([*items, *deletions])
    return [Report(item) for item in [*items, *deletions]]


class _Reconciler:
    """One run, with the state that its steps share."""

    def __init__(self, client: Client, stamps: Stamps, options: RunOptions) -> None:
        self._client = client
        self._stamps = stamps
        self._options = options
        self._logins = Logins()
        self._inventory: Inventory | None = None
        self._has_failed = False

    # Looking and planning

    def begin(self, desired_items: Sequence[Desired]) -> tuple[list[WorkItem], list[WorkItem]]:
        """Return the items of the list and the deletions to prune after them, both planned.

        An item that cannot be planned fails alone.
        """
        items = [WorkItem(desired, self._client) for desired in desired_items]
        surplus = self._observe(items)
        return items, [] if self._options.prune is None else self._plan_deletions(items, surplus, self._options.prune)

    def _observe(self, items: Sequence[WorkItem]) -> list[Actual]:
        """Plan all items, from one listing if there are several. Return the instances that no item matches."""
        if len(items) <= 1 and self._options.prune is None:
            self._plan(items, [None])
            return []
        all_matches, inventory = find_all([item.desired for item in items], self._redacting_client(items))
        self._inventory = inventory
        self._plan(items, all_matches)
        match_ids = {
            actual.id for matches in all_matches if not isinstance(matches, ServiceError) for actual in matches
        }
        return [actual for actual in inventory if actual.id not in match_ids]

    def _redacting_client(self, items: Sequence[WorkItem]) -> Client:
        """Return a client that hides the secrets of all these items."""
        return self._client.with_secrets(*(text for item in items for text in item.initial_desired.secret_texts))

    def _replan(self, items: Sequence[WorkItem]) -> None:
        try:
            self._observe(items)
        except Exception as error:  # noqa: BLE001  # what was done before must be reported
            for item in items:
                item.fail(error)

    def _plan(self, items: Sequence[WorkItem], all_matches: Sequence[Matches]) -> None:
        """Plan the items with complete matches, then those that need reads, several at once."""
        matches_by_item = dict(zip(items, all_matches))

        def plan_item(item: WorkItem) -> None:
            self._plan_from(item, matches_by_item[item])

        incomplete_items = []
        for item in items:
            if _is_complete(matches_by_item[item]):
                self._attempt(plan_item, item)
            else:
                incomplete_items.append(item)
        self._run_parallel(plan_item, incomplete_items)

    def _plan_from(self, item: WorkItem, matches: Matches) -> None:
        desired = item.initial_desired
        candidates = self._candidates(item, matches)
        if item.pruned:
            # An instance that is not in the list may be deleted only if it has the owner tag.
            candidates = [actual for actual in candidates if desired.owner in actual.owners]
        if desired.event_resources:
            desired = _with_resources(desired, candidates, item.client)
        item.plan = make_plan(desired, candidates, self._stamps, os.urandom(SALT_BYTES))
        if item.pruned and item.plan.changes:
            item.plan = replace(item.plan, reasons=(Reason.PRUNED,))
        _check(item)
        if not item.plan.changes and not item.plan.verify:
            item.finish(item.plan.actual)

    def _candidates(self, item: WorkItem, matches: Matches) -> Sequence[Actual]:
        """Return the matching instances with all fields."""
        if isinstance(matches, ServiceError):
            raise matches
        desired = item.initial_desired
        if matches is None:
            return find_one(desired, item.client, self._inventory)
        candidates = matches if _is_complete(matches) else complete_match(matches, item.client)
        if self._inventory is not None:
            refuse_taken_name(desired, candidates, self._inventory)
        return candidates

    def _plan_deletions(self, items: Sequence[WorkItem], surplus: Sequence[Actual], owner: str) -> list[WorkItem]:
        """Return the deletions of the owner's instances that are not in the list, ordered by name.

        :raises Conflict: there are more of them than allowed
        """
        candidates = complete_instances(surplus, self._client, self._options.concurrency)
        owned_instances = [actual for actual in candidates if owner in actual.owners]
        # In a diff, names are easier to find than ids, which are in the order of creation.
        owned_instances.sort(key=lambda actual: (actual.element, actual.name, actual.id))
        remaining_count = sum(owner in item.planned.actual.owners for item in items if item.planned.actual)
        count, total = len(owned_instances), len(owned_instances) + remaining_count
        limit = self._options.max_delete(total) if self._options.max_delete else count
        # After a failure, nothing is pruned, and the instance of the failed item may be unknown.
        if count > limit and not any(item.error for item in items):
            redactor = self._redacting_client(items).redactor
            labels = [Desired(actual.element, actual.name).short_label for actual in owned_instances[:MAX_NAMES]]
            names = [Guarded(label, redactor) for label in labels]
            raise Conflict(
                "{count} of {total} instances of the owner {owner} are not in the list, but max_delete allows only "
                "{deletions}. Nothing was changed. Affected: {names}. Complete the list, or raise max_delete.",
                count=count,
                total=total,
                owner=owner,
                deletions=Own(f"{limit} deletion{'' if limit == 1 else 's'}"),
                names=names_of(names, count, MAX_NAMES * ROOM),
            )
        absent_items = [
            Desired(actual.element, actual.name, actual.id, state="absent", owner=owner) for actual in owned_instances
        ]
        deletions = [WorkItem(desired, self._client, pruned=True) for desired in absent_items]
        self._plan(deletions, [[actual] for actual in owned_instances])
        return deletions

    # Working

    def predict(self, items: Sequence[WorkItem], deletions: Sequence[WorkItem]) -> None:
        """Record the actions of a run without a write. Instances that need no write can still be verified."""
        self._predict(items)
        self._carry_out_all([item for item in items if not item.planned.changes])
        if self._may_prune(items):
            self._predict(deletions)

    def _predict(self, items: Sequence[WorkItem]) -> None:
        if self.is_stopped():
            return
        for item in items:
            if item.planned.changes and not item.error:
                item.record_change()
                item.state = State.DONE

    def work(self, items: Sequence[WorkItem], deletions: Sequence[WorkItem]) -> None:
        """Carry out all plans, the deletions last.

        Suppose that a list replaces an instance with one that has a new name. If creating the new one fails, deleting
        the old one would leave neither. So nothing is pruned unless the whole list was applied.
        """
        if self._options.progress:
            self._options.progress.begin(sum(map(_is_to_do, [*items, *deletions])))
        self._carry_out_all(items)
        if self._may_prune(items):
            self._carry_out_all(deletions)

    def _may_prune(self, items: Sequence[WorkItem]) -> bool:
        return all(item.state is State.DONE for item in items)

    def _carry_out_all(self, items: Sequence[WorkItem]) -> None:
        """Carry out all plans, and plan again if somebody else changed an instance in the meantime."""
        pending = [item for item in items if _is_to_do(item)]
        rounds, clock = MAX_ATTEMPTS, self._client.clock
        progress_at = clock.now()
        while pending and not self.is_stopped():
            outdated = self._carry_out(pending)
            if len(outdated) < len(pending):
                progress_at = clock.now()
            elif not (_all_busy(outdated) and clock.now() - progress_at < self._client.patience):
                rounds -= 1
            for item in outdated:
                _begin_again(item, give_up=not rounds)
            # If nothing progresses, the items that only waited for another item with their login are not attempted.
            if outdated and rounds and not self.is_stopped():
                self._replan(outdated)
            pending = [item for item in outdated if rounds and _is_to_do(item)]

    def _carry_out(self, items: Sequence[WorkItem]) -> list[WorkItem]:
        """Carry out each plan, confirm the creations, and return the items that need a new plan."""
        ready, pending = self._logins.split(items)
        self._run_parallel(self._apply, ready, self._report_end)
        # If the answer to a create request was lost, its login is known only after the instance is found: others wait.
        while pending and self._logins.learn() and not self.is_stopped():
            ready, pending = self._logins.split(pending)
            self._run_parallel(self._apply, ready, self._report_end)
        new_items = [item for item in items if item.loss or item.action is Action.CREATED]
        if new_items:
            self._confirm(new_items)
        self._has_failed = self._has_failed or any(item.error for item in new_items)
        self._logins.learn()
        return [*(item for item in items if item.is_outdated), *pending]

    def _confirm(self, new_items: Sequence[WorkItem]) -> None:
        try:
            confirm_all(new_items, self._client)
        except Exception as error:  # noqa: BLE001  # what was done before must be reported
            for item in new_items:
                if item.state in (State.UNCONFIRMED, State.ANSWER_LOST):
                    item.fail(error)

    def _report_end(self, item: WorkItem) -> None:
        # An item that was not begun, because the run has to stop, does not count as done.
        if self._options.progress and item.state is not State.PENDING:
            self._options.progress.item_done(item)

    def _apply(self, item: WorkItem) -> None:
        self._logins.admit(item)
        if item.plan and item.plan.actual and item.plan.changes:
            # Another job may have written the instance since it was listed, with a stamp for its own secrets. If an
            # older stamp replaced it, the next run would not notice the change.
            self._plan_from(item, find_again(item.desired, item.plan.actual, item.client))
            self._logins.admit(item)
        plan = item.planned
        if plan.actual:
            carry_out(item, plan.actual, plan.changes)
        elif plan.changes:
            create(item, () if self._inventory is None else self._inventory)

    def _run_parallel(
        self,
        work: Callable[[WorkItem], None],
        items: Sequence[WorkItem],
        on_end: Callable[[WorkItem], None] | None = None,
    ) -> None:
        """Work on each item, several at once, and report each end in this thread."""
        if self._options.concurrency == 1 or not items:
            for item in items:
                self._run_unless_stopped(work, item)
                if on_end:
                    on_end(item)
            return
        done: SimpleQueue[Future[None]] = SimpleQueue()
        with ThreadPoolExecutor(min(self._options.concurrency, len(items))) as pool:
            futures = {pool.submit(self._run_unless_stopped, work, item): item for item in items}
            for future in futures:
                future.add_done_callback(done.put)
            for _item in items:
                future = self._next(done)
                future.result()
                if on_end:
                    on_end(futures[future])

    def _next(self, done: SimpleQueue[Future[None]]) -> Future[None]:
        """Wait for the next item to end, and report progress in the meantime."""
        while True:
            try:
                return done.get(timeout=POLL_SECONDS)
            except Empty:
                if self._options.progress:
                    self._options.progress.idle()

    def _run_unless_stopped(self, work: Callable[[WorkItem], None], item: WorkItem) -> None:
        """Work on an item, unless nothing new may be begun. An error ends the work on this item only."""
        if not self.is_stopped():
            self._attempt(work, item)

    def _attempt(self, work: Callable[[WorkItem], None], item: WorkItem) -> None:
        try:
            work(item)
        except Exception as error:  # noqa: BLE001  # it is reported with the others
            item.fail(error)
            self._has_failed = self._has_failed or not isinstance(error, PlanOutdated)

    def close(self, items: Sequence[WorkItem]) -> None:
        """Record the items that were never begun as skipped."""
        for item in items:
            if item.state is State.PENDING:
                item.state = State.SKIPPED

    def is_stopped(self) -> bool:
        """Return whether nothing new may be begun."""
        return self._client.clock.cancelled() or (self._options.stop_on_error and self._has_failed)


def _is_to_do(item: WorkItem) -> bool:
    return item.state is State.PENDING


def _all_busy(items: Sequence[WorkItem]) -> bool:
    return all(isinstance(item.error, RateLimited) for item in items if item.state is not State.PENDING)


def _begin_again(item: WorkItem, *, give_up: bool) -> None:
    """Reset an item for a new plan, or let it fail. An item that only waited for its login does not fail."""
    error = item.error or (PlanOutdated(CONTENTION_MESSAGE) if item.state is State.LOST_RACE else None)
    item.forget()
    item.warnings.clear()
    if give_up and error:
        item.fail(error)


def _is_complete(matches: Matches) -> bool:
    """Return whether the matches are known with all fields, so that a plan needs no read."""
    return isinstance(matches, ServiceError) or (matches is not None and not any(actual.short for actual in matches))


def _keys_exist(desired: Desired, actual: Actual | None) -> bool:
    """Return whether all desired keys are known to exist, so that the element does not have to be read."""
    if desired.state == "absent" or (desired.element is None and actual is None):
        return True
    return actual is not None and not {*desired.configuration, *desired.secrets}.difference(actual.configuration or ())


def _with_resources(desired: Desired, candidates: Sequence[Actual], client: Client) -> Desired:
    """Return the desired instance with the configuration of its polled resources, taken from the element."""
    key = desired.element or (candidates[0].element if candidates else None)
    if key is None:
        return desired
    text = polled(client.element(key), desired.event_resources or ())
    return replace(desired, configuration={**desired.configuration, POLLER: text})


def _check(item: WorkItem) -> None:
    """Check an item against its element, if the element can be read. The plan does not depend on this check.

    Without the element, stored values are not shown, because only the element defines which keys are secrets.

    :raises BadInput: the element does not accept the configuration, or a secret would be shown
    """
    plan, undeclared = item.planned, _undeclared_keys(item.planned)
    desired, actual = plan.desired, plan.actual
    keys_exist = _keys_exist(desired, actual)
    if keys_exist and not undeclared:
        return
    item.plan = withhold(plan, undeclared)
    try:
        element = item.client.element(desired.element or (actual.element if actual else ""))
    except (ServiceError, BadInput) as error:
        if isinstance(error, BadInput) and not undeclared:
            raise
        item.warnings.append(UNCHECKED_MESSAGE)
        return
    if keys_exist:
        refuse_secrets(desired.configuration, element.hides)
    else:
        check_element(desired, element, creating=actual is None)
    item.plan = plan


def _undeclared_keys(plan: Plan) -> frozenset[str]:
    """Return the keys whose stored values a plan shows, and which this collection does not know to be readable."""
    if not (plan.before and plan.after):
        return frozenset()
    before, after = (view.get("configuration", {}) for view in (plan.before, plan.after))
    visible = {key for key, value in after.items() if before.get(key) and before[key] != value}
    element = plan.actual.element if plan.actual else ""
    return frozenset(visible.difference(credentials_of(element), READABLE.values()))
