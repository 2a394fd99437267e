# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox for all tests in this folder, put back to its first state before each of them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.process import Running
    from tests.unit.sandbox.calling import Caller

# Also when pytest was not started as `python -m pytest` in the collection's root.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

# The sandbox is a tool of development: where its own needs are not met, its tests are left out.
if sys.version_info < (3, 10) or any(importlib.util.find_spec(name) is None for name in ("aiohttp", "requests")):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox in a process of its own."""
    from tests.sandbox.process import running  # noqa: PLC0415 - only where it can run

    with running(tmp_path_factory.mktemp("sandbox") / "state") as started:
        yield started


@pytest.fixture
def caller(sandbox: Running) -> Iterator[Caller]:
    """A caller of a sandbox that is as on its first start."""
    from tests.unit.sandbox.calling import Caller  # noqa: PLC0415 - only where it can run

    caller = Caller(sandbox)
    caller.control("POST", "/reset")
    with caller.session:
        yield caller
