# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals while a task works: real ones, sent to this process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._cancel import SIGNALS, Cancellation


@pytest.fixture(autouse=True)
def heard() -> Iterator[list[int]]:
    """What the process hears besides, as it would without a task."""
    numbers: list[int] = []
    before = {number: signal.signal(number, lambda came, _frame: numbers.append(came)) for number in SIGNALS}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_only_asks_to_stop(heard: list[int], number: signal.Signals) -> None:
    with Cancellation() as cancellation:
        assert not cancellation.asked()
        os.kill(os.getpid(), number)
        assert cancellation.asked()
        os.kill(os.getpid(), number)
    assert cancellation.asked()
    assert heard == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_afterwards_signals_mean_what_they_meant(heard: list[int], number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    with Cancellation() as cancellation:
        assert [signal.getsignal(each) for each in SIGNALS] != before
    assert [signal.getsignal(each) for each in SIGNALS] == before
    os.kill(os.getpid(), number)

    assert heard == [number]
    assert not cancellation.asked()


def test_after_an_exception_too() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    with pytest.raises(KeyError), Cancellation():
        raise KeyError
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_outside_of_the_main_thread_it_hears_none(heard: list[int]) -> None:
    asked: list[bool] = []
    entered, sent = threading.Event(), threading.Event()

    def work() -> None:
        with Cancellation() as cancellation:
            entered.set()
            sent.wait(10)
            asked.append(cancellation.asked())

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait(10)
    os.kill(os.getpid(), signal.SIGTERM)
    sent.set()
    thread.join()

    assert asked == [False]
    assert heard == [signal.SIGTERM]


def test_it_stops_when_the_parent_has_gone_without_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    with Cancellation() as cancellation:
        assert not cancellation.asked()
        monkeypatch.setattr(os, "getppid", lambda: 1)
        assert cancellation.asked()


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses with which the process would have ended."""
    statuses: list[int] = []
    monkeypatch.setattr(os, "_exit", statuses.append)
    return statuses


def test_the_last_words_go_where_the_parent_s_errors_go(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], left: list[int]
) -> None:
    monkeypatch.setattr(os, "getppid", os.getpid)
    opened = len([*Path("/proc/self/fd").iterdir()])
    with Cancellation() as cancellation:
        cancellation.leave("1 created, 2 not attempted.")

    assert capfd.readouterr().err == "\nce_instances was stopped: 1 created, 2 not attempted.\n"
    assert left == [1]
    assert len([*Path("/proc/self/fd").iterdir()]) == opened


def test_nobody_may_be_there_to_hear_them(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], left: list[int]
) -> None:
    monkeypatch.setattr(os, "getppid", lambda: -1)
    with Cancellation() as cancellation:
        cancellation.leave("1 created.")

    assert capfd.readouterr() == ("", "")
    assert left == [1]
