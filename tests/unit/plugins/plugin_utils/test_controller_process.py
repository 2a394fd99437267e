# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals while a task works: real ones, sent to this process."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.cloud_elements.platform.plugins.plugin_utils import _controller_process
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._controller_process import SIGNALS, Cancellation


@pytest.fixture(autouse=True)
def heard() -> Iterator[list[int]]:
    """The signals that reach the handlers of the process itself."""
    numbers: list[int] = []
    before = {number: signal.signal(number, lambda came, _frame: numbers.append(came)) for number in SIGNALS}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_only_asks_to_stop(heard: list[int], number: signal.Signals) -> None:
    with Cancellation("ce_instances") as cancellation:
        assert not cancellation.cancelled()
        os.kill(os.getpid(), number)
        assert cancellation.cancelled()
        os.kill(os.getpid(), number)
    assert cancellation.cancelled()
    assert heard == []


def test_a_timeout_only_asks_to_stop_and_is_told_apart_from_a_cancelled_job() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with Cancellation("ce_instances") as cancellation:
        assert not cancellation.ended()
        os.kill(os.getpid(), signal.SIGALRM)
        assert (cancellation.timed_out(), cancellation.cancelled(), cancellation.ended()) == (True, False, True)

    assert signal.getsignal(signal.SIGALRM) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_afterwards_signals_mean_what_they_meant(heard: list[int], number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    with Cancellation("ce_instances") as cancellation:
        assert [signal.getsignal(each) for each in SIGNALS] != before
    assert [signal.getsignal(each) for each in SIGNALS] == before
    os.kill(os.getpid(), number)

    assert heard == [number]
    assert not cancellation.cancelled()


def test_after_an_exception_too() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    with pytest.raises(KeyError), Cancellation("ce_instances"):
        raise KeyError
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_outside_of_the_main_thread_it_hears_none(heard: list[int]) -> None:
    asked: list[bool] = []
    entered, sent = threading.Event(), threading.Event()

    def work() -> None:
        with Cancellation("ce_instances") as cancellation:
            entered.set()
            sent.wait(10)
            asked.append(cancellation.cancelled())

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait(10)
    os.kill(os.getpid(), signal.SIGTERM)
    sent.set()
    thread.join()

    assert asked == [False]
    assert heard == [signal.SIGTERM]


def test_it_stops_when_the_parent_has_gone_without_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    with Cancellation("ce_instances") as cancellation:
        assert not cancellation.cancelled()
        monkeypatch.setattr(os, "getppid", lambda: 1)
        assert cancellation.cancelled()


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses with which the process would have ended."""
    statuses: list[int] = []
    monkeypatch.setattr(os, "_exit", statuses.append)
    return statuses


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Give the main process another standard error, and close it in the end."""
    used: list[int] = []

    def use(number: int) -> None:
        used.append(number)
        monkeypatch.setattr(_controller_process, "_ERRORS", number)

    yield use
    for number in used:
        os.close(number)


WORDS = b"\nce_instances was stopped: 1 created, 2 not attempted.\n"


def last_words() -> float:
    """Let a job say its last words, and return how many seconds that took."""
    began = time.monotonic()
    with Cancellation("ce_instances") as cancellation:
        cancellation.leave("1 created, 2 not attempted.")
    return time.monotonic() - began


def test_the_last_words_go_where_the_errors_of_the_main_process_go(
    errors: Callable[[int], None], left: list[int]
) -> None:
    reader, writer = os.pipe()
    errors(writer)
    last_words()

    assert os.read(reader, 1000) == WORDS
    assert left == [1]
    os.close(reader)


def test_they_go_to_a_socket_too(errors: Callable[[int], None], left: list[int]) -> None:
    here, there = socket.socketpair()
    with here, there:
        errors(os.dup(there.fileno()))
        last_words()

        assert here.recv(1000) == WORDS
    assert left == [1]


def test_nobody_may_be_there_to_hear_them(errors: Callable[[int], None], left: list[int]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    errors(writer)

    assert last_words() < 1
    assert left == [1]


def test_a_full_pipe_does_not_keep_the_process(
    errors: Callable[[int], None], left: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_controller_process, "LAST_WORDS", 0.05)
    reader, writer = os.pipe()
    errors(os.dup(writer))
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    took = last_words()
    # Let the thread that waits for room go on.
    os.read(reader, 2**16)
    os.close(writer)
    os.close(reader)

    assert took < 1
    assert left == [1]


def test_without_a_standard_error_nothing_is_said(monkeypatch: pytest.MonkeyPatch, left: list[int]) -> None:
    def closed(_number: int) -> int:
        raise OSError

    monkeypatch.setattr(os, "dup", closed)
    monkeypatch.setattr(_controller_process, "_ERRORS", _controller_process._standard_error())
    last_words()

    assert left == [1]


def test_the_number_is_of_the_file_that_errors_go_to(capfd: pytest.CaptureFixture[str]) -> None:
    number = _controller_process._standard_error()
    assert number not in (None, 2)
    os.write(number or 0, b"words")
    os.close(number or 0)

    assert capfd.readouterr().err == "words"


def test_the_environment_of_a_task_ends_with_it(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KEPT", "before")
    with _controller_process.task_environment({"KEPT": 2, "NEW": "x"}):
        assert (os.environ["KEPT"], os.environ["NEW"]) == ("2", "x")

    assert os.environ["KEPT"] == "before"
    assert "NEW" not in os.environ


def test_what_existed_before_the_work_is_not_collected_during_it() -> None:
    before = gc.get_freeze_count()
    with _controller_process.frozen_heap():
        assert gc.get_freeze_count() > before
    assert gc.get_freeze_count() == 0
