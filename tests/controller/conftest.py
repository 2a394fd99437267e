# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox for all tests in this folder, empty at the beginning of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.sandbox.process import Running, running


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
