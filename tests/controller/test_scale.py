# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide about scale says a run costs is what the arithmetic says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collection import ROOT
from tests.controller.cost import Run, hosts_table, human, list_table, requests_table, seconds_table


@pytest.mark.parametrize("table", [requests_table, hosts_table, seconds_table])
def test_the_guide_shows_what_the_arithmetic_says(table: Any) -> None:
    page = (ROOT / "docs/docsite/rst/guide_scale.rst").read_text(encoding="utf-8")
    assert list_table(table()) in page


@pytest.mark.parametrize(
    ("seconds", "said"), [(14.2, "14 s"), (119.4, "119 s"), (120, "2 min"), (7140, "119 min"), (12600, "3.5 h")]
)
def test_a_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert human(seconds) == said


def test_a_limit_that_all_share_makes_more_slices_useless() -> None:
    few, many = (Run(0, created=10_000, hosts=hosts).seconds(0.5, limit=10) for hosts in (4, 10))
    assert many >= few
