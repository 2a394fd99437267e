# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that say how far a task has come: when they come, and their words."""

from __future__ import annotations

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.item import WorkItem
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.words import Action
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._progress import ProgressLines
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import SETTINGS, desired

CLIENT = Client(SETTINGS)


def item(action: str = "none", error: Exception | None = None) -> WorkItem:
    return WorkItem(desired(), CLIENT, action=Action(action), changed=action != "none", error=error)


class Work:
    """Work on many instances, at times that a test says.

    :param total: how many
    :param began: seconds
    """

    def __init__(self, total: int, began: float = 0.0) -> None:
        self.said: list[str] = []
        self.now = began / 2
        self.lines = ProgressLines(lambda message: self.said.append(str(message)), lambda: self.now)
        self.now = began
        self.lines.begin(total)

    def ends(self, seconds: float, one: WorkItem | None = None) -> None:
        self.now = seconds
        self.lines.item_done(one or item())

    @property
    def numbers(self) -> list[int]:
        """How many had ended at each line."""
        return [int(line.split()[1]) for line in self.said]


@pytest.mark.parametrize("began", [0.0, 100.0])
def test_a_task_of_less_than_three_seconds_says_nothing(began: float) -> None:
    work = Work(100, began)
    for number in range(100):
        work.ends(began + number * 0.0299)

    assert work.said == []


def test_quick_work_says_a_line_at_each_tenth() -> None:
    work = Work(1000)
    for number in range(1, 1001):
        work.ends(number * 0.01)

    assert work.numbers == [300, 400, 500, 600, 700, 800, 900, 1000]


def test_slow_work_says_a_line_every_five_seconds() -> None:
    work = Work(1000)
    for second in range(1, 23):
        work.ends(second)

    assert work.numbers == [5, 10, 15, 20]


def test_the_five_seconds_start_at_the_last_line() -> None:
    work = Work(100)
    for number in range(1, 10):
        work.ends(number * 0.1)
    for seconds in (4, 8.9, 9, 13.9, 14):
        work.ends(seconds)

    assert work.numbers == [10, 12, 14]


def test_few_instances_say_a_line_each() -> None:
    work = Work(3)
    for seconds in (2, 4, 6):
        work.ends(seconds)

    assert work.said == ["ce_instances: 2 of 3 (66 %), 0.5/s, 2 s left", "ce_instances: 3 of 3 (100 %), 0.5/s"]


def test_the_words_of_a_line() -> None:
    work = Work(200)
    outcomes = {"created": 10, "updated": 4, "deleted": 2, "none": 1}
    for action, number in outcomes.items():
        for _run_parallel in range(number):
            work.ends(1, item(action))
    # It was created before the vendor refused it.
    for action in ("created", "none"):
        work.ends(1, item(action, BadInput("No.")))
    work.ends(4.0)

    assert work.said == [
        'ce_instances: first failure: examplebasic "Acme": No.',
        "ce_instances: 20 of 200 (10 %), 10 created, 4 updated, 2 deleted, 2 failed, 5.0/s, 36 s left",
    ]


def test_a_failure_is_shown_at_once_in_a_long_run_and_only_the_first() -> None:
    work = Work(1000)
    work.ends(3.5, item(error=BadInput("No.")))
    work.ends(3.6, item(error=BadInput("Again.")))

    assert work.said == ['ce_instances: first failure: examplebasic "Acme": No.']


def test_work_that_has_to_be_done_again_counts_once() -> None:
    work, again = Work(10), item("created")
    work.ends(1, again)
    work.ends(4, again)
    again.action = Action.UPDATED
    work.ends(9, again)

    assert [line.partition(", 0.")[0] for line in work.said] == [
        "ce_instances: 1 of 10 (10 %), 1 created",
        "ce_instances: 1 of 10 (10 %), 1 updated",
    ]


@pytest.mark.parametrize(
    ("total", "left"), [(60, "59 s"), (61, "1 min 0 s"), (100, "1 min 39 s"), (3602, "60 min 1 s")]
)
def test_the_time_that_is_left(total: int, left: str) -> None:
    work = Work(total)
    work.ends(0.5)

    assert str(work.lines.line(1.0)).endswith(f", 1.0/s, {left} left")


def test_at_once_there_is_no_speed() -> None:
    assert str(Work(10).lines.line(0.0)) == "ce_instances: 0 of 10 (0 %), 0.0/s, 0 s left"
    assert str(Work(0).lines.line(0.0)) == "ce_instances: 0 of 0 (100 %), 0.0/s"


def test_while_nothing_ends_a_line_comes_every_five_seconds() -> None:
    work = Work(100)
    work.ends(1.0)
    for tenth in range(10, 170):
        work.now = tenth / 10
        work.lines.idle()

    assert work.numbers == [1, 1, 1]
