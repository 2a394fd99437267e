# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests run at once, and when all of them wait."""

from __future__ import annotations

import threading
import time as real_time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.throttle import Clock, Throttle
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import NotSent
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import FakeTime


def most_at_once(throttle: Throttle, threads: int = 12) -> int:
    """Return how many of many threads had their turn at the same time."""
    running, most, lock = 0, 0, threading.Lock()

    def work(_number: int) -> None:
        nonlocal running, most
        with throttle.turn():
            with lock:
                running += 1
                most = max(most, running)
            real_time.sleep(0.01)
            with lock:
                running -= 1

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads * 3)))
    return most


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_no_more_than_the_limit_run_at_once(limit: int) -> None:
    assert most_at_once(Throttle(limit, Clock())) == limit


# The limit, what comes one after the other, and how many run at once then.
AT_ONCE = {
    "a busy platform gets half as many": (8, ["busy", "later"], 4),
    "being told so several times at once counts once": (8, [*["busy"] * 5, "later"], 4),
    "it never falls below one": (8, ["busy", "later"] * 9, 1),
    "while all goes well it comes back to the limit and no further": (4, ["busy", "later", *["well"] * 100], 4),
}


@pytest.mark.parametrize("sentence", AT_ONCE)
def test_at_once(time: FakeTime, sentence: str) -> None:
    limit, words, most = AT_ONCE[sentence]
    throttle = Throttle(limit, time.clock)
    for word in words:
        if word == "busy":
            throttle.slow_down(1.0)
        elif word == "well":
            throttle.speed_up()
        else:
            time.now += 1.0

    assert most_at_once(throttle) == most


def test_everybody_waits_as_long_as_the_longest_was_asked_for(time: FakeTime) -> None:
    throttle = Throttle(8, time.clock)
    throttle.slow_down(9.0)
    throttle.slow_down(2.0)
    with throttle.turn():
        assert time.sleeps == [9.0]
    with throttle.turn():
        assert time.sleeps == [9.0]


def test_a_cancelled_run_waits_for_nobody_and_says_that_nothing_was_sent(time: FakeTime) -> None:
    clock = replace(time.clock, cancelled=lambda: time.now >= 2.0)
    throttle = Throttle(8, clock)
    throttle.slow_down(120.0)
    with pytest.raises(NotSent, match=r"The run was cancelled .* Nothing was sent"), throttle.turn():
        pass

    assert time.now == 2.0


def test_a_turn_ends_with_an_error_too(time: FakeTime) -> None:
    throttle = Throttle(1, time.clock)
    with pytest.raises(KeyError), throttle.turn():
        raise KeyError
    with throttle.turn():
        pass


def test_all_who_wait_see_that_the_run_is_cancelled() -> None:
    cancelled = threading.Event()
    throttle = Throttle(1, Clock(sleep=lambda _seconds: real_time.sleep(0.01), cancelled=cancelled.is_set))
    refused: list[str] = []

    def wait_for_a_turn() -> None:
        try:
            with throttle.turn():
                refused.append("had its turn")
        except NotSent:
            refused.append("not sent")

    # One that waits for ever must not hold the others up.
    waiting = [threading.Thread(target=wait_for_a_turn, daemon=True) for _number in range(3)]
    with throttle.turn():
        for thread in waiting:
            thread.start()
        real_time.sleep(0.1)
        throttle.slow_down(120.0)
    cancelled.set()
    for thread in waiting:
        thread.join(5)

    assert refused == ["not sent"] * 3
