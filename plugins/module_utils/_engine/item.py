# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One item of a run on its way from what is asked for to what became of it. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from .._api.client import Client
from .._model.errors import MaybeProcessed, PlanOutdated
from .._model.instance import Actual, Desired
from .._model.words import Action
from .plan import Plan


class State(Enum):
    """How far the work on an item has come."""

    PENDING = "pending"
    """Nothing was begun."""
    DONE = "done"
    """All is as it should be."""
    UNCONFIRMED = "unconfirmed"
    """It was created, and was not seen in a listing yet."""
    ANSWER_LOST = "answer_lost"
    """The answer to the creation was lost, and the instance is not found yet."""
    LOST_RACE = "lost_race"
    """Another job created the same instance at the same time, and ours was deleted again."""
    FAILED = "failed"
    """An error ended the work."""
    SKIPPED = "skipped"
    """The run ended before the work was begun."""


@dataclass(eq=False)
class WorkItem:
    """What is asked for, the plan for it, and what has happened: true at any moment, also when an error ends the work.

    :param initial_desired: what the list says
    :param client: hides the secrets of this item
    :param pruned: it is deleted because nobody names it
    """

    initial_desired: Desired
    client: Client = field(repr=False)
    pruned: bool = False
    plan: Plan | None = None
    state: State = State.PENDING
    action: Action = Action.NONE
    """What was done so far."""
    changed: bool = False
    actual: Actual | None = None
    """The instance as it was seen last."""
    posted_id: int | None = None
    """The id in the answer to our own POST: that instance is ours, whatever became of its tags."""
    loss: MaybeProcessed | None = None
    """How the answer to the creation was lost."""
    recovered: bool = False
    """The answer to the creation was lost, and the instance was found by its stamp."""
    error: Exception | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def desired(self) -> Desired:
        """What is asked for, with what the plan knows of it besides."""
        return self.plan.desired if self.plan else self.initial_desired

    @property
    def planned(self) -> Plan:
        """The plan; one that does nothing where there is none yet."""
        return self.plan or Plan(self.initial_desired)

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else changed something meanwhile, so that the plan has to be made again."""
        return self.state is State.LOST_RACE or isinstance(self.error, PlanOutdated)

    def record_change(self) -> None:
        """Note that a write changed something; a later change does not turn "created" into "updated"."""
        self.changed, self.action = True, self.planned.action

    def finish(self, actual: Actual | None) -> None:
        """Note that nothing is left to do."""
        self.state, self.actual = State.DONE, actual

    def fail(self, error: Exception) -> None:
        """Note what ended the work; what was done before stays noted."""
        self.state, self.error = State.FAILED, error

    def forget(self) -> None:
        """Note that nothing of what was tried is left on the platform."""
        self.state, self.action, self.changed, self.actual = State.PENDING, Action.NONE, False, None
        self.posted_id, self.loss, self.recovered, self.error = None, None, False, None
