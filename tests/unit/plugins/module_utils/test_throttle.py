# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests run at once, and when all of them wait."""

from __future__ import annotations

import threading
import time as real_time
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._throttle import Clock, Throttle
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


def test_a_busy_platform_gets_half_as_many_at_once(time: FakeTime) -> None:
    throttle = Throttle(8, time.clock)
    throttle.busy(1.0)
    time.now += 1.0

    assert most_at_once(throttle) == 4


def test_being_told_so_several_times_at_once_counts_once(time: FakeTime) -> None:
    throttle = Throttle(8, time.clock)
    for _time in range(5):
        throttle.busy(1.0)
    time.now += 1.0

    assert most_at_once(throttle) == 4


def test_it_never_falls_below_one(time: FakeTime) -> None:
    throttle = Throttle(8, time.clock)
    for _time in range(9):
        throttle.busy(1.0)
        time.now += 1.0

    assert most_at_once(throttle) == 1


def test_while_all_goes_well_it_comes_back_to_the_limit_and_no_further(time: FakeTime) -> None:
    throttle = Throttle(4, time.clock)
    throttle.busy(1.0)
    time.now += 1.0
    for _time in range(100):
        throttle.well()

    assert most_at_once(throttle) == 4


def test_everybody_waits_as_long_as_the_longest_was_asked_for(time: FakeTime) -> None:
    throttle = Throttle(8, time.clock)
    throttle.busy(9.0)
    throttle.busy(2.0)
    with throttle.turn():
        assert time.sleeps == [9.0]
    with throttle.turn():
        assert time.sleeps == [9.0]


def test_a_turn_ends_with_an_error_too(time: FakeTime) -> None:
    throttle = Throttle(1, time.clock)
    with pytest.raises(KeyError), throttle.turn():
        raise KeyError
    with throttle.turn():
        pass
