# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Of each instance that was created, exactly one remains: lost ones are found, races are settled. Private."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Callable

from ._apply import Job, finish, refuse_altered, take_back
from ._client import Client
from ._errors import OutcomeUnknown, ServiceError
from ._find import Listing
from ._instance import Actual
from ._message import Message
from ._throttle import Clock

POLL = (1.0, 10.0)
"""Seconds between two looks at the listing: the first wait, and the longest."""
TICK = 1.0
"""Seconds: so soon a cancelled run ends its wait."""
CLOSE = 0.001
"""Seconds: what is left of a wait that is no wait."""
UNLISTED = (
    "A new instance did not show in the listing within create_confirm_timeout: whether another job created the same "
    "one at the same time is not known; the next run tells."
)


def confirm(jobs: Sequence[Job], client: Client, stopped: Callable[[], bool]) -> list[Job]:
    """List until each creation has shown, all in the same listings; settle what other jobs did at the same time.

    :param jobs: whose plan created something; an error becomes part of their outcome
    :param stopped: tells whether nothing may be waited for any more
    :return: those that gave way to another job, and have to look again
    """
    clock = client.clock
    _wait(clock, max(job.plan.desired.create_settle for job in jobs), stopped)
    began, pause = clock.now(), POLL[0]
    # The search is quick, but nothing is known of how it matches: after one look, list everything.
    search = jobs[0].plan.desired.name if len(jobs) == 1 else None
    waiting = list(jobs)
    while waiting:
        listing = None if stopped() else _look(client, search)
        late = inf if stopped() else clock.now() - began
        waiting = [job for job in waiting if not (listing and _settled(job, listing)) and not _too_late(job, late)]
        if waiting:
            last = max(job.plan.desired.create_confirm_timeout for job in waiting) - late
            _wait(clock, min(pause, last), stopped)
        search, pause = None, min(pause * 2, POLL[1])
    return [job for job in jobs if job.outcome.gave_way]


def _wait(clock: Clock, seconds: float, stopped: Callable[[], bool]) -> None:
    """Wait, unless nothing may be waited for any more."""
    end = clock.now() + seconds
    while (left := end - clock.now()) > CLOSE and not stopped():
        clock.sleep(min(left, TICK))


def _look(client: Client, search: str | None) -> Listing | None:
    """List once. A look that fails is no look: the next one may work, and when none does it is said."""
    try:
        return Listing.of(client.instances(search))
    except ServiceError:
        return None


def _named(job: Job, listing: Listing) -> list[Actual]:
    """Return the instances that have the name and the element of a job's."""
    return listing.named(job.plan.desired.element, job.plan.desired.name)


def _settled(job: Job, listing: Listing) -> bool:
    """Tell whether nothing more has to be waited for."""
    if job.outcome.gave_way:
        # With three jobs another one may still have to give way.
        return len(_named(job, listing)) < 2
    try:
        own = _own(job, listing)
    except ServiceError:
        return False
    if own is None:
        return False
    try:
        return _keep_first(job, own, listing)
    except Exception as error:  # noqa: BLE001  # whatever happens to one instance, the others go on
        job.outcome.error = error
        return True


def _own(job: Job, listing: Listing) -> Actual | None:
    """Return the instance that the job made, where it is listed: nobody else has its stamp."""
    if job.outcome.instance:
        return listing.by_id.get(job.outcome.instance.id)
    stamp = job.plan.stamp or ""
    if stamp in listing.by_stamp:
        return listing.by_stamp[stamp]
    left_out = (job.client.instance(actual.id) for actual in _named(job, listing) if actual.tags is None)
    return next((actual for actual in left_out if actual and stamp in (actual.tags or ())), None)


def _keep_first(job: Job, own: Actual, listing: Listing) -> bool:
    """Each job deletes only what it made itself, and the lowest id stays."""
    first = min((actual.id for actual in _named(job, listing)), default=own.id)
    if first < own.id:
        take_back(job, own, Message("Another job created the same instance (id {id}) at the same time", id=first))
        job.outcome.gave_way = True
        return False
    if job.outcome.lost:
        finish(job, own)
    refuse_altered(job, own)
    return True


def _too_late(job: Job, late: float) -> bool:
    """Tell whether the job has waited long enough, and say what that means.

    :param late: seconds
    """
    timeout, outcome = job.plan.desired.create_confirm_timeout, job.outcome
    if late < timeout:
        return False
    if outcome.lost:
        outcome.error = OutcomeUnknown(
            "{lost} Whether the instance was created is not known: it did not show up within {timeout:g} s. "
            "Run again, with verify set to always: that is safe, an instance that is there will be found.",
            lost=outcome.lost,
            timeout=timeout,
        )
    elif not outcome.gave_way:
        outcome.warnings.append(UNLISTED)
    return True
