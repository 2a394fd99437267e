# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox for all tests in this folder, and how hard hypothesis tries."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.faults.world import World
from tests.sandbox.process import Running, running

for name, examples in (("quick", 60), ("deep", 2000)):
    # Every example talks to a server: how long that takes says nothing.
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        database=None,
        print_blob=True,
        # Making a failure smaller takes longer than finding it.
        phases=(Phase.generate, *((Phase.shrink,) if "FAULTS_SHRINK" in os.environ else ())),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
settings.load_profile(os.environ.get("FAULTS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox in a process of its own."""
    with running(tmp_path_factory.mktemp("sandbox") / "state") as started:
        yield started


@pytest.fixture(scope="session")
def everywhere(sandbox: Running) -> World:
    """The world that all tests share."""
    return World(sandbox)


@pytest.fixture
def world(everywhere: World) -> World:
    """The world, as in the beginning."""
    everywhere.reset()
    return everywhere
