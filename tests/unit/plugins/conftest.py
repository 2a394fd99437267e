# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared fixtures of the plugins' tests: a clean environment, a platform in memory, and a clock that stands still."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    SETTINGS,
    FakeTime,
    Platform,
)
from hypothesis import settings

# The same examples on each run and machine, which may be slow; fewer where a run before has tried them all.
for name, examples in (("all", 100), ("some", 20)):
    settings.register_profile(name, deadline=None, derandomize=True, max_examples=examples)
settings.load_profile(os.environ.get("UNITS_PROFILE", "all"))


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without the collection's variables, a proxy and certificates, to be filled by a test."""
    known = ("CLOUD_ELEMENTS_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    for name in [name for name in os.environ if name.startswith(known) or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform in memory. Nothing else can be reached, and it must not be sent anything that it does not know."""
    platform = Platform()
    with platform.served():
        yield platform
    assert platform.surprises == []


@pytest.fixture
def client(platform: Platform, time: FakeTime) -> Client:  # noqa: ARG001  # it must not reach anything else
    return Client(SETTINGS, time.clock)
