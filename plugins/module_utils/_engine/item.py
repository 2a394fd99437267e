# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The state of one item during a run. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from .._api.client import Client
from .._model.errors import MaybeProcessed, PlanOutdated
from .._model.instance import Actual, Desired
from .._model.words import Action
from .plan import Plan


class State(Enum):
    """How far the work on an item has come."""

    PENDING = "pending"
    """The work has not begun."""
    DONE = "done"
    """The instance is as desired."""
    UNCONFIRMED = "unconfirmed"
    """It was created, but has not appeared in a listing yet."""
    ANSWER_LOST = "answer_lost"
    """The answer to the create request was lost, and the instance has not been found yet."""
    LOST_RACE = "lost_race"
    """Another job created the same instance at the same time, and this run's instance was deleted again."""
    FAILED = "failed"
    """An error ended the work."""
    SKIPPED = "skipped"
    """The run ended before the work was begun."""


@dataclass(eq=False)
class WorkItem:
    """The desired instance, its plan and the outcome so far. It is correct at any moment, also after an error.

    :param initial_desired: the instance as in the input
    :param run_client: the client of the run
    :param pruned: it is deleted because it is not in the list
    """

    initial_desired: Desired
    run_client: Client = field(repr=False)
    pruned: bool = False
    plan: Plan | None = None
    state: State = State.PENDING
    action: Action = Action.NONE
    """The action so far."""
    changed: bool = False
    actual: Actual | None = None
    """The instance as last read."""
    posted_id: int | None = None
    """The id in the answer to this run's POST: this run created the instance, whatever its tags are."""
    loss: MaybeProcessed | None = None
    """The error that lost the answer to the create request."""
    recovered: bool = False
    """The answer to the create request was lost, and the instance was found by its stamp."""
    error: Exception | None = None
    warnings: list[str] = field(default_factory=list)

    @cached_property
    def client(self) -> Client:
        """The client that hides the secrets of this item. Most items of a large list are up to date and need none."""
        return self.run_client.with_secrets(*self.initial_desired.secret_texts)

    @property
    def desired(self) -> Desired:
        """The desired instance, with the additions of the plan."""
        return self.plan.desired if self.plan else self.initial_desired

    @property
    def planned(self) -> Plan:
        """The plan, or an empty one if there is none yet."""
        return self.plan or Plan(self.initial_desired)

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else changed something in the meantime, so that a new plan is needed."""
        return self.state is State.LOST_RACE or isinstance(self.error, PlanOutdated)

    def record_change(self) -> None:
        """Record that a write changed something. A later change does not turn "created" into "updated"."""
        self.changed, self.action = True, self.planned.action

    def finish(self, actual: Actual | None) -> None:
        """Record that the work is done."""
        self.state, self.actual = State.DONE, actual

    def fail(self, error: Exception) -> None:
        """Record the error that ended the work. Earlier changes stay recorded."""
        self.state, self.error = State.FAILED, error

    def forget(self) -> None:
        """Record that nothing of this run's work remains on the platform."""
        self.state, self.action, self.changed, self.actual = State.PENDING, Action.NONE, False, None
        self.posted_id, self.loss, self.recovered, self.error = None, None, False, None
