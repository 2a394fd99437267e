# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job that is cancelled, interrupted or killed in the middle of a fleet, and the one after it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.collection import collections_in
from tests.faults.playbooks import item, started, told
from tests.faults.world import World
from tests.sandbox.process import Running

COUNT = 80
ENOUGH = 20
"""Creations after which the signal comes."""
WANTED = [item(f"Item {number}", verify="never") for number in range(COUNT)]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_after_a_signal_in_the_middle_the_next_job_finishes_the_work(
    world: World, sandbox: Running, tmp_path: Path, number: signal.Signals
) -> None:
    collections = collections_in(tmp_path)
    world.mode(latency=0.05)
    with started(sandbox, collections, tmp_path / "first.json", WANTED, fleet=True) as first:
        _wait(lambda: len(world.there()) >= ENOUGH)
        workers = _descendants(first.pid)
        for pid in (first.pid, *(workers if number == signal.SIGKILL else ())):
            os.kill(pid, number)
        said = first.communicate(timeout=60)[0].decode()
        _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    assert first.returncode != 0
    world.quiet()
    made = len(world.there())
    assert ENOUGH <= made < COUNT
    if number != signal.SIGKILL:
        # Finished what was under way, began nothing, and said so.
        words = re.search(r"ce_instances was stopped: (\d+) created, (\d+) not attempted\.", said)
        assert words, said
        assert (int(words[1]), int(words[2])) == (made, COUNT - made)
    world.mode(latency=0)
    with started(sandbox, collections, tmp_path / "second.json", WANTED, fleet=True) as second:
        said = second.communicate(timeout=120)[0].decode()
        assert second.returncode == 0, said
    assert sorted(one["name"] for one in world.there().values()) == sorted(options["name"] for options in WANTED)
    assert sum(one["changed"] for one in told(tmp_path / "second.json").values()) == COUNT - made


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_job_whose_standard_error_is_a_socket_says_what_was_done(
    world: World, sandbox: Running, tmp_path: Path, number: signal.Signals
) -> None:
    world.mode(latency=0.05)
    here, there = socket.socketpair()
    collections = collections_in(tmp_path)
    with here, there:
        with started(sandbox, collections, tmp_path / "job.json", WANTED, fleet=True, stderr=there.fileno()) as job:
            _wait(lambda: len(world.there()) >= ENOUGH)
            workers = _descendants(job.pid)
            os.kill(job.pid, number)
            job.communicate(timeout=60)
            _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
        world.quiet()
        here.setblocking(False)
        words = re.search(r"ce_instances was stopped: (\d+) created, (\d+) not attempted\.", _read(here))
    assert words
    assert int(words[1]) == len(world.there())
    world.mode(latency=0)


def test_a_job_whose_standard_error_nobody_reads_ends(sandbox: Running, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    collections, report = collections_in(tmp_path), tmp_path / "job.json"
    with started(sandbox, collections, report, WANTED[:2], fleet=True, stderr=writer) as job:
        os.close(writer)
        said = job.communicate(timeout=120)[0].decode()
    assert job.returncode == 0, said
    assert len(told(report)) == 2


def _read(source: socket.socket) -> str:
    parts = []
    with contextlib.suppress(BlockingIOError):
        while part := source.recv(2**16):
            parts.append(part)
    return b"".join(parts).decode()


def _wait(ready: object) -> None:
    assert callable(ready)
    give_up = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [found for child in map(int, children) for found in (child, *_descendants(child))]
