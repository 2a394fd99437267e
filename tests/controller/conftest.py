# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox for all tests in this folder, empty at the beginning of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.controller.controller_api import Controller, controller_api
from tests.controller.searched import Tally
from tests.controller.setting_up import Setup
from tests.controller.surroundings import Surroundings, searcher_for
from tests.leak.search import Searcher
from tests.sandbox.process import Running, running

TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox in a process of its own."""
    with running(tmp_path_factory.mktemp("sandbox") / "state") as started:
        yield started


@pytest.fixture
def sandbox(sandbox_process: Running) -> Running:
    """The sandbox, as in the beginning."""
    requests.post(f"{sandbox_process.control_url}/reset", timeout=30).raise_for_status()
    return sandbox_process


@pytest.fixture(scope="session")
def searcher(sandbox_process: Running) -> Searcher:
    """A search for every secret that is known beforehand."""
    return searcher_for(sandbox_process)


@pytest.fixture
def surroundings(sandbox: Running, searcher: Searcher, tmp_path: Path, request: pytest.FixtureRequest) -> Surroundings:
    """The sandbox with canaries for secrets, and a place for jobs."""
    return Surroundings(sandbox, tmp_path, searcher, request.config.stash.setdefault(TALLY, Tally()))


@pytest.fixture
def controller() -> Iterator[Controller]:
    """A stand-in for a controller, empty."""
    with controller_api() as started:
        yield started


@pytest.fixture
def setup(controller: Controller, tmp_path: Path) -> Setup:
    """The playbook that sets it up."""
    return Setup(controller, tmp_path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how much was searched."""
    tally = terminalreporter.config.stash.get(TALLY, None)
    if tally:
        terminalreporter.write_line(str(tally))
