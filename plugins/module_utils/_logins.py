# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Of the instances that share a login, one is tried first: a mistyped password costs one refused login. Private."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from ._apply import Job
from ._elements import VENDORS
from ._errors import NotVerified, Refused, StartAgain, VendorRefused
from ._instance import Desired

TRIALS = 3
"""How many instances are tried by themselves before a login counts as neither accepted nor refused."""
GENERIC = ("event.", "bulk.", "pagination.", "filter.", "allow.", "default.")
"""Configuration keys that many elements have, and that are no part of a login, begin with these."""


def login_of(desired: Desired) -> Hashable:
    """Return what is the same for all instances that use one login of a vendor; None where no secrets are given."""
    if not desired.secrets:
        return None
    given = {**desired.configuration, **desired.secrets}
    for option, vendor in VENDORS.items():
        for hub, element in vendor.elements.items():
            values = tuple(given.get(field.key.format(hub=hub)) for field in vendor.fields)
            if element == desired.element and None not in values:
                return option, values
    readable = ((key, value) for key, value in desired.configuration.items() if not key.startswith(GENERIC))
    secret = ((key, value) for key, value in desired.secrets.items() if not key.startswith(GENERIC))
    return desired.element, frozenset(readable), frozenset(secret)


class Logins:
    """What this run knows of the logins in a list."""

    def __init__(self) -> None:
        self._accepted: set[Hashable] = set()
        self._refused: dict[Hashable, str] = {}
        self._trials: Counter[Hashable] = Counter()

    def split(self, jobs: Sequence[Job]) -> tuple[list[Job], list[Job]]:
        """Return the jobs to carry out now, of each login that is not known one, and those that wait for it.

        A job whose login was refused is in neither: it has failed, and nothing of it is sent.
        """
        now: list[Job] = []
        waiting: dict[Hashable, list[Job]] = {}
        for job in jobs:
            login = login_of(job.plan.desired) if job.plan.verify or job.plan.stamp else None
            if login in self._refused:
                job.outcome.error = _not_tried(self._refused[login])
            elif login is None or login in self._accepted:
                now.append(job)
            else:
                waiting.setdefault(login, []).append(job)
        for same in waiting.values():
            # One that asks the vendor shows more than one that does not.
            first = next((job for job in same if job.plan.verify), same[0])
            same.remove(first)
            now.append(first)
        return now, [job for same in waiting.values() for job in same]

    def learn(self, jobs: Sequence[Job]) -> None:
        """Note what became of the logins of these jobs."""
        for job in jobs:
            login, error = login_of(job.plan.desired), job.outcome.error
            if login is None or not job.outcome.attempted or isinstance(error, StartAgain):
                continue
            self._trials[login] += 1
            if isinstance(error, VendorRefused) or (isinstance(error, Refused) and error.from_vendor):
                self._refused.setdefault(login, job.client.scrubber.text(job.plan.desired.label))
            elif error is None or isinstance(error, NotVerified) or self._trials[login] >= TRIALS:
                # A vendor that cannot be asked refuses nobody.
                self._accepted.add(login)


def _not_tried(first: str) -> VendorRefused:
    return VendorRefused(
        f"The vendor does not accept these credentials: {first} uses the same ones and was tried first. Nothing of "
        "this instance was written. Correct the credentials, then run again."
    )
