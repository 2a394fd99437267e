# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The engine: look, plan, stop here in check mode, apply, verify, confirm, report. Private to this collection."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Callable, Optional, Protocol, Union

from ._apply import Job, Outcome, apply
from ._client import Client
from ._confirm import confirm
from ._elements import POLLER, credentials_of
from ._errors import BadInput, Busy, Conflict, ServiceError, StartAgain
from ._events import READABLE, polled
from ._find import RESTLESS, Listing, complete, find_again, find_all, find_one, refuse_duplicates, refuse_taken_name
from ._instance import Actual, Desired
from ._logins import Logins
from ._message import Own, some_of
from ._plan import Plan, check_element, plan, refuse_secrets, withhold
from ._report import Report
from ._stamp import SALT_BYTES, Stamps

ROUNDS = 4
"""How many times instances are looked at again, without any progress, because they changed under the plan."""
TICK = 1.0
"""Seconds."""
UNCHECKED = "The description of the element could not be read, so the configuration keys were not checked before."
NAMED = 20
"""How many instances a sentence names."""

Found = Optional[Union[Sequence[Actual], ServiceError]]
"""What a look showed of one item: its instances, why it could not be read, or None where it was not looked for."""


class Progress(Protocol):
    """Is told how far the work has come, in the thread that asked for it."""

    def begin(self, total: int) -> None:
        """So many instances have to be worked on."""

    def ended(self, job: Job) -> None:
        """The work on one has ended."""

    def waiting(self) -> None:
        """No work has ended for a second."""


class Silent:
    """Progress that nobody looks at."""

    def begin(self, total: int) -> None:
        """Say nothing."""

    def ended(self, job: Job) -> None:
        """Say nothing."""

    def waiting(self) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Policy:
    """How a run goes about its work.

    :param check_mode: stop after the plan; nothing is written
    :param concurrency: how many instances are worked on at once
    :param stop_on_error: begin nothing new after a failure
    :param prune: the owner of whom everything is deleted that the list does not name
    :param max_delete: from how many instances that owner has to how many of them may be pruned
    :param stopped: tells whether nothing new may be begun
    """

    check_mode: bool = False
    concurrency: int = 1
    stop_on_error: bool = False
    prune: str | None = None
    max_delete: Callable[[int], int] = int
    stopped: Callable[[], bool] = bool
    progress: Progress = field(default_factory=Silent)


def reconcile(wanted: Sequence[Desired], client: Client, stamps: Stamps, policy: Policy) -> list[Report]:
    """Make what exists what is wanted; an error ends the work on its own instance only.

    :return: one for each desired instance, then one for each that is pruned
    :raises BadInput: the list contradicts itself
    :raises Conflict: more would be pruned than may be
    :raises ServiceError: what exists could not be listed
    """
    refuse_duplicates(wanted)
    run = _Run(client, stamps, policy)
    jobs, deletions = run.begin(wanted)
    if policy.check_mode:
        run.predict(jobs, deletions)
    else:
        run.work(jobs, deletions)
    return [Report(job) for job in [*jobs, *deletions]]


class _Run:
    """One run of the engine, with what all of its steps need."""

    def __init__(self, client: Client, stamps: Stamps, policy: Policy) -> None:
        self._client = client
        self._stamps = stamps
        self._policy = policy
        self._logins = Logins()
        self._listing: Listing | None = None
        self._failed = False

    # Looking and planning

    def begin(self, wanted: Sequence[Desired]) -> tuple[list[Job], list[Job]]:
        """Return what has to be done for the list, and what is to be pruned after it, both planned.

        An error becomes part of its own outcome.
        """
        jobs = [Job(Plan(desired), self._client.knowing(*desired.hidden)) for desired in wanted]
        undesired = self._look(jobs)
        return jobs, [] if self._policy.prune is None else self._pruned(jobs, undesired, self._policy.prune)

    def _look(self, jobs: Sequence[Job]) -> list[Actual]:
        """Plan from what there is; one job, or none, does not look at everything. Return what no job is about."""
        if len(jobs) <= 1 and self._policy.prune is None:
            self._plan(jobs, [None])
            return []
        found, listing = find_all([job.plan.desired for job in jobs], self._hiding(jobs))
        self._listing = listing
        self._plan(jobs, found)
        named = {actual.id for matches in found if not isinstance(matches, ServiceError) for actual in matches}
        return [actual for number, actual in listing.by_id.items() if number not in named]

    def _hiding(self, jobs: Sequence[Job]) -> Client:
        """Return a client that hides the secrets of all these jobs."""
        return self._client.knowing(*(text for job in jobs for text in job.plan.desired.hidden))

    def _look_again(self, jobs: Sequence[Job]) -> None:
        try:
            self._look(jobs)
        except Exception as error:  # noqa: BLE001  # what was done before has to be told
            for job in jobs:
                job.outcome.error = error

    def _plan(self, jobs: Sequence[Job], found: Sequence[Found]) -> None:
        """Plan what is known already, then, some at once, what something has to be read for."""
        known = dict(zip(jobs, found))

        def one(job: Job) -> None:
            self._plan_from(job, known[job])

        unread = [job for job in jobs if not _is_whole(known[job])]
        for job in jobs:
            if _is_whole(known[job]):
                self._attempt(one, job)
        self._each(one, unread)

    def _plan_from(self, job: Job, found: Found) -> None:
        desired = job.plan.desired
        candidates = self._candidates(desired, found, job.client)
        if job.pruned:
            # Only the owner's tag gives leave to delete what nobody named.
            candidates = [actual for actual in candidates if desired.owner in actual.owners]
        if desired.event_resources:
            desired = _with_resources(desired, candidates, job.client)
        job.plan = plan(desired, candidates, self._stamps, os.urandom(SALT_BYTES))
        if job.pruned and job.plan.requests:
            job.plan = replace(job.plan, reasons=("pruned",))
        _check(job)
        if not job.plan.requests and not job.plan.verify:
            job.outcome.attempted, job.outcome.instance = True, job.plan.actual

    def _candidates(self, desired: Desired, found: Found, client: Client) -> Sequence[Actual]:
        """Return the instances that are meant, each whole."""
        if isinstance(found, ServiceError):
            raise found
        if found is None:
            return find_one(desired, client, self._listing)
        candidates = complete(found, client)
        if self._listing:
            refuse_taken_name(desired, candidates, self._listing)
        return candidates

    def _pruned(self, jobs: Sequence[Job], undesired: Sequence[Actual], owner: str) -> list[Job]:
        """Return the deletions of what the owner has and the list does not name, in the order of names.

        :raises Conflict: they are more than may be
        """
        with ThreadPoolExecutor(self._policy.concurrency) as pool:
            left_out = pool.map(self._client.instance, [actual.id for actual in undesired if actual.short])
        whole = [*(actual for actual in undesired if not actual.short), *filter(None, left_out)]
        mine = [actual for actual in whole if owner in actual.owners]
        # Ids tell in which order the platform happened to create them: nothing that a reader of a diff looks for.
        mine.sort(key=lambda actual: (actual.element, actual.name, actual.id))
        stay = sum(owner in job.plan.actual.owners for job in jobs if job.plan.actual)
        allowed = self._policy.max_delete(len(mine) + stay)
        # After a failure nothing is pruned, and what an item is about may not be known.
        if len(mine) > allowed and not any(job.outcome.error for job in jobs):
            clean = self._hiding(jobs).scrubber.text
            raise Conflict(
                "{gone} of {total} instances of the owner {owner} are not in the list, and max_delete "
                "allows {allowed}. Nothing was changed. Complete the list, or raise max_delete. It would "
                "delete {names}.",
                gone=len(mine),
                total=len(mine) + stay,
                owner=owner,
                allowed=allowed,
                names=Own(
                    some_of(mine, NAMED, lambda actual: Desired(actual.element, actual.name).label.cleaned(clean))
                ),
            )
        gone = [Desired(actual.element, actual.name, actual.id, state="absent", owner=owner) for actual in mine]
        deletions = [Job(Plan(desired), self._client, pruned=True) for desired in gone]
        self._plan(deletions, [[actual] for actual in mine])
        return deletions

    # Working

    def predict(self, jobs: Sequence[Job], deletions: Sequence[Job]) -> None:
        """Record what a run would do, without a write. What needs no write can still be verified."""
        self._foresee(jobs)
        self._carry_out_all([job for job in jobs if not job.plan.requests])
        if self._may_prune(jobs):
            self._foresee(deletions)

    def _foresee(self, jobs: Sequence[Job]) -> None:
        for job in () if self.stopped() else jobs:
            if job.plan.requests and not job.outcome.error:
                job.outcome = replace(job.outcome, action=job.plan.action, changed=True, attempted=True)

    def work(self, jobs: Sequence[Job], deletions: Sequence[Job]) -> None:
        """Carry all plans out, the deletions last.

        Somebody replaces an instance by another one with a new name. When the new one fails, deleting the old one as
        well would leave nothing: so nothing is pruned unless the whole list is as it should be.
        """
        self._policy.progress.begin(sum(map(_is_to_do, [*jobs, *deletions])))
        self._carry_out_all(jobs)
        if self._may_prune(jobs):
            self._carry_out_all(deletions)

    def _may_prune(self, jobs: Sequence[Job]) -> bool:
        return all(job.outcome.attempted and job.outcome.error is None for job in jobs)

    def _carry_out_all(self, jobs: Sequence[Job]) -> None:
        """Carry out, and again what somebody else has changed meanwhile."""
        waiting = [job for job in jobs if _is_to_do(job)]
        rounds, clock = ROUNDS, self._client.clock
        progress_at = clock.now()
        while waiting and not self.stopped():
            again = self._carry_out(waiting)
            if len(again) < len(waiting):
                progress_at = clock.now()
            elif not (_all_busy(again) and clock.now() - progress_at < self._client.patience):
                rounds -= 1
            for job in again:
                # One that only waited for another of its login has not been tried.
                given_up = job.outcome.error or (StartAgain(RESTLESS) if job.outcome.attempted else None)
                job.outcome = Outcome(error=None if rounds else given_up)
            # When nobody gets on, those that only waited for another of their login are not attempted.
            if again and rounds and not self.stopped():
                self._look_again(again)
            waiting = [job for job in again if rounds and _is_to_do(job)]

    def _carry_out(self, jobs: Sequence[Job]) -> list[Job]:
        """Work on each, make sure of what was created, and return those that have to look again."""
        now, waiting = self._logins.split(jobs)
        self._each(self._apply, now, self._ended)
        # What becomes of the first of a login may show only after another look. The others wait for that.
        while waiting and self._logins.learn() and not self.stopped():
            now, waiting = self._logins.split(waiting)
            self._each(self._apply, now, self._ended)
        created = [job for job in jobs if job.outcome.lost or job.outcome.action == "created"]
        gave_way = confirm(created, self._client, self._policy.stopped) if created else []
        self._failed = self._failed or any(job.outcome.error for job in created)
        self._logins.learn()
        return [*gave_way, *(job for job in jobs if isinstance(job.outcome.error, StartAgain)), *waiting]

    def _ended(self, job: Job) -> None:
        # What was not begun, because the run has to stop, is not done.
        if job.outcome.attempted or job.outcome.error is not None:
            self._policy.progress.ended(job)

    def _apply(self, job: Job) -> None:
        job.outcome.attempted = True
        self._logins.admit(job)
        if job.plan.actual and job.plan.requests:
            # Another job may have written the instance since it was listed. Its tags hold the stamp of that job's
            # secrets: an older stamp in its place would say that they never changed.
            self._plan_from(job, find_again(job.plan.desired, job.plan.actual, job.client))
            self._logins.admit(job)
        apply(job, self._listing.by_id if self._listing else ())

    def _each(self, work: Callable[[Job], None], jobs: Sequence[Job], ended: Callable[[Job], object] = id) -> None:
        """Do something for each job, some at once, and tell of each that has ended in this thread."""
        if self._policy.concurrency == 1 or not jobs:
            for job in jobs:
                self._guarded(work, job)
                ended(job)
            return
        done: SimpleQueue[Future[None]] = SimpleQueue()
        with ThreadPoolExecutor(min(self._policy.concurrency, len(jobs))) as pool:
            futures = {pool.submit(self._guarded, work, job): job for job in jobs}
            for future in futures:
                future.add_done_callback(done.put)
            for _job in jobs:
                future = self._next(done)
                future.result()
                ended(futures[future])

    def _next(self, done: SimpleQueue[Future[None]]) -> Future[None]:
        """Wait for the next that has ended; while none does, progress may be told all the same."""
        while True:
            try:
                return done.get(timeout=TICK)
            except Empty:
                self._policy.progress.waiting()

    def _guarded(self, work: Callable[[Job], None], job: Job) -> None:
        """Do something for a job, unless nothing new may be begun; whatever happens to it, the others go on."""
        if not self.stopped():
            self._attempt(work, job)

    def _attempt(self, work: Callable[[Job], None], job: Job) -> None:
        try:
            work(job)
        except Exception as error:  # noqa: BLE001  # it is told with the others
            job.outcome.error = error
            self._failed = self._failed or not isinstance(error, StartAgain)

    def stopped(self) -> bool:
        """Tell whether nothing new may be begun."""
        return self._policy.stopped() or (self._policy.stop_on_error and self._failed)


def _is_to_do(job: Job) -> bool:
    return not job.outcome.attempted and job.outcome.error is None


def _all_busy(jobs: Sequence[Job]) -> bool:
    return all(isinstance(job.outcome.error, Busy) for job in jobs if job.outcome.attempted)


def _is_whole(found: Found) -> bool:
    """Tell whether nothing has to be read before a plan can be made."""
    return isinstance(found, ServiceError) or (found is not None and not any(actual.short for actual in found))


def _known(desired: Desired, actual: Actual | None) -> bool:
    """Tell whether all desired keys are known to exist, so that the element need not be read."""
    if desired.element is None or desired.state == "absent":
        return True
    return actual is not None and not {*desired.configuration, *desired.secrets}.difference(actual.configuration or ())


def _with_resources(desired: Desired, candidates: Sequence[Actual], client: Client) -> Desired:
    """Return what is desired with the resources to poll written out, as the element polls them."""
    key = desired.element or (candidates[0].element if candidates else None)
    if key is None:
        return desired
    text = polled(client.element(key), desired.event_resources or ())
    return replace(desired, configuration={**desired.configuration, POLLER: text})


def _check(job: Job) -> None:
    """Compare what would be sent with the element, if it can be read: it is a help, and no plan needs it.

    Without it, what the platform holds is not shown: only the element says which of its keys are secrets.

    :raises BadInput: the element does not take what would be sent, or a secret would be shown
    """
    planned, unsure = job.plan, _undeclared(job.plan)
    desired, actual = planned.desired, planned.actual
    known = _known(desired, actual)
    if known and not unsure:
        return
    job.plan = withhold(planned, unsure)
    try:
        element = job.client.element(desired.element or (actual.element if actual else ""))
    except (ServiceError, BadInput) as error:
        if isinstance(error, BadInput) and not unsure:
            raise
        job.outcome.warnings.append(UNCHECKED)
        return
    if not known:
        check_element(desired, element, creating=actual is None)
    refuse_secrets(desired.configuration, element.hides)
    job.plan = planned


def _undeclared(planned: Plan) -> frozenset[str]:
    """Return the keys whose stored values a plan shows, as far as this collection itself does not know them."""
    before, after = (view.get("configuration", {}) for view in (planned.before, planned.after))
    shown = {key for key, value in after.items() if before.get(key) and before[key] != value}
    element = planned.actual.element if planned.actual else ""
    return frozenset(shown.difference(credentials_of(element), READABLE.values()))
