# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Try each shared login with one instance first, so that a mistyped password is rejected only once. Private."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from .._model.errors import CredentialsRejected, NotTried, PlanOutdated, Refused
from .._model.instance import Actual, Desired
from .._model.redact import Guarded
from .._model.vendors import PING, vendors_of, verification_call
from .item import State, WorkItem

TRIALS = 3
"""How many instances try a login alone. Then the others follow, even if it is neither accepted nor refused."""
GENERIC = ("event.", "bulk.", "pagination.", "filter.", "allow.", "default.")
"""Prefixes of configuration keys that many elements have and that are not part of a login."""
REFUSALS = frozenset({400, 401, 403})
"""The statuses of a write that refuse a login, if the answer has the vendor's reason. Others may mean a busy vendor."""
UNTRIED = "Another job changed the instance, so its credentials have to be sent. Run again."


def login_of(desired: Desired, actual: Actual | None = None) -> Hashable:
    """Return a key that is equal for all instances with the same login, or None without secrets.

    :param actual: the instance, which has an element even if the item only has an id
    """
    if not desired.secrets:
        return None
    key = _element_of(desired, actual)
    settings = {**desired.configuration, **desired.secrets}
    for option, hub, vendor in vendors_of(key or ""):
        values = tuple(settings.get(field.key.format(hub=hub)) for field in vendor.fields)
        if None not in values:
            return option, values
    readable = ((key, value) for key, value in desired.configuration.items() if not key.startswith(GENERIC))
    secret = ((key, value) for key, value in desired.secrets.items() if not key.startswith(GENERIC))
    return key, frozenset(readable), frozenset(secret)


class Logins:
    """The results of this run for the logins in a list."""

    def __init__(self) -> None:
        self._accepted_logins: set[Hashable] = set()
        self._refused_logins: dict[Hashable, Guarded] = {}
        self._trials: Counter[Hashable] = Counter()
        self._pilots: dict[WorkItem, Hashable] = {}

    def split(self, items: Sequence[WorkItem]) -> tuple[list[WorkItem], list[WorkItem]]:
        """Return the items to carry out now, with one item for each unknown login, and the items that wait for it."""
        ready: list[WorkItem] = []
        groups: dict[Hashable, list[WorkItem]] = {}
        for item in items:
            login = _login(item)
            if login is None or login in self._accepted_logins or login in self._refused_logins:
                ready.append(item)
            else:
                groups.setdefault(login, []).append(item)
        self._pilots = {max(group, key=_evidence): login for login, group in groups.items()}
        return [*ready, *self._pilots], [
            item for group in groups.values() for item in group if item not in self._pilots
        ]

    def admit(self, item: WorkItem) -> None:
        """Refuse to send an item unless its login is accepted, or this item tries it.

        :raises CredentialsRejected: the login was refused, so nothing is sent for the item
        :raises PlanOutdated: another item has to try the login first
        """
        login = _login(item)
        if login in self._refused_logins:
            raise _rejection(self._refused_logins[login])
        if login is not None and login not in self._accepted_logins and item not in self._pilots:
            raise PlanOutdated(UNTRIED)

    def learn(self) -> bool:
        """Record the results of the logins that were tried, and return whether all of them are known."""
        self._pilots = {item: login for item, login in self._pilots.items() if not self._learn_from(item, login)}
        return not self._pilots

    def _learn_from(self, item: WorkItem, login: Hashable) -> bool:
        error = item.error
        if item.is_outdated or item.state in (State.PENDING, State.ANSWER_LOST):
            return False
        self._trials[login] += 1
        if isinstance(error, CredentialsRejected) or (isinstance(error, Refused) and _is_refusal(error)):
            self._refused_logins[login] = Guarded(item.desired.short_label, item.client.redactor)
        elif (error is None and _login(item) is not None) or self._trials[login] >= TRIALS:
            self._accepted_logins.add(login)
        return True


def _element_of(desired: Desired, actual: Actual | None) -> str | None:
    return desired.element or (actual.element if actual else None)


def _login(item: WorkItem) -> Hashable:
    """Return the login that an item sends or verifies, or None."""
    plan = item.planned
    return login_of(plan.desired, plan.actual) if plan.verify or plan.stamp else None


def _evidence(item: WorkItem) -> tuple[bool, bool]:
    """Return how well an item tests its login: whether it asks the vendor, with a call that checks credentials."""
    plan = item.planned
    return plan.verify, verification_call(_element_of(plan.desired, plan.actual) or "") != PING


def _is_refusal(error: Refused) -> bool:
    return error.from_vendor and error.status in REFUSALS


def _rejection(first: Guarded) -> NotTried:
    return NotTried(
        "The vendor rejected these credentials: {first} uses the same ones and was tried first. Nothing was "
        "written for this instance. Correct the credentials, then run again.",
        first=first,
    )
