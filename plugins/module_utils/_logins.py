# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Of the instances that share a login, one is tried first: a mistyped password costs one refused login. Private."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from ._apply import Job
from ._elements import VENDORS, VERIFICATION_CALLS
from ._errors import Refused, StartAgain, VendorRefused
from ._instance import Actual, Desired

TRIALS = 3
"""How many instances are tried by themselves before a login counts as neither accepted nor refused."""
GENERIC = ("event.", "bulk.", "pagination.", "filter.", "allow.", "default.")
"""Configuration keys that many elements have, and that are no part of a login, begin with these."""
REFUSALS = frozenset({400, 401, 403})
"""The answers to a write which, with the vendor's words in them, refuse a login. A vendor may also be busy."""
UNTRIED = "Another job has changed the instance, so that its credentials have to be sent: run again."


def login_of(desired: Desired, actual: Actual | None = None) -> Hashable:
    """Return what is the same for all instances that use one login of a vendor; None where no secrets are given.

    :param actual: the instance, which has an element also where the list names an id alone
    """
    if not desired.secrets:
        return None
    key = _element_of(desired, actual)
    given = {**desired.configuration, **desired.secrets}
    for option, vendor in VENDORS.items():
        for hub, element in vendor.elements.items():
            values = tuple(given.get(field.key.format(hub=hub)) for field in vendor.fields)
            if element == key and None not in values:
                return option, values
    readable = ((key, value) for key, value in desired.configuration.items() if not key.startswith(GENERIC))
    secret = ((key, value) for key, value in desired.secrets.items() if not key.startswith(GENERIC))
    return key, frozenset(readable), frozenset(secret)


class Logins:
    """What this run knows of the logins in a list."""

    def __init__(self) -> None:
        self._accepted: set[Hashable] = set()
        self._refused: dict[Hashable, str] = {}
        self._trials: Counter[Hashable] = Counter()
        self._pilots: dict[Job, Hashable] = {}

    def split(self, jobs: Sequence[Job]) -> tuple[list[Job], list[Job]]:
        """Return the jobs to carry out now, of each login that is not known one, and those that wait for it."""
        now: list[Job] = []
        waiting: dict[Hashable, list[Job]] = {}
        for job in jobs:
            login = _login(job)
            if login is None or login in self._accepted or login in self._refused:
                now.append(job)
            else:
                waiting.setdefault(login, []).append(job)
        self._pilots = {max(same, key=_evidence): login for login, same in waiting.items()}
        return [*now, *self._pilots], [job for same in waiting.values() for job in same if job not in self._pilots]

    def admit(self, job: Job) -> None:
        """Let only that be sent of which the login is accepted, or tried by this job.

        :raises VendorRefused: the login was refused, and nothing of the job is sent
        :raises StartAgain: another job has to try the login first
        """
        login = _login(job)
        if login in self._refused:
            raise _not_tried(self._refused[login])
        if login is not None and login not in self._accepted and job not in self._pilots:
            raise StartAgain(UNTRIED)

    def learn(self) -> bool:
        """Note what became of the logins that were tried, and return whether that is known of all of them."""
        self._pilots = {job: login for job, login in self._pilots.items() if not self._has_learned(job, login)}
        return not self._pilots

    def _has_learned(self, job: Job, login: Hashable) -> bool:
        error, lost = job.outcome.error, job.outcome.lost
        if not job.outcome.attempted or job.outcome.gave_way or isinstance(error, StartAgain) or (lost and not error):
            return False
        self._trials[login] += 1
        if isinstance(error, VendorRefused) or (isinstance(error, Refused) and _is_refusal(error)):
            self._refused[login] = job.plan.desired.label.cleaned(job.client.scrubber.text)
        elif (error is None and _login(job) is not None) or self._trials[login] >= TRIALS:
            self._accepted.add(login)
        return True


def _element_of(desired: Desired, actual: Actual | None) -> str | None:
    return desired.element or (actual.element if actual else None)


def _login(job: Job) -> Hashable:
    """Return the login that a job sends or verifies, or None."""
    plan = job.plan
    return login_of(plan.desired, plan.actual) if plan.verify or plan.stamp else None


def _evidence(job: Job) -> tuple[bool, bool]:
    """Return how much a job shows of its login: it asks the vendor, with a call that surely checks the credentials."""
    return job.plan.verify, _element_of(job.plan.desired, job.plan.actual) in VERIFICATION_CALLS


def _is_refusal(error: Refused) -> bool:
    return error.from_vendor and error.status in REFUSALS


def _not_tried(first: str) -> VendorRefused:
    return VendorRefused(
        "The vendor does not accept these credentials: {first} uses the same ones and was tried first. Nothing of "
        "this instance was written. Correct the credentials, then run again.",
        first=first,
    )
