# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts from elsewhere, in playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.filter.printable import printable


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("Acme", "Acme"),
        ("A\n\x1b[2Kok: \u202e{{ 1 + 1 }}", "A\\n\\x1b[2Kok: \\u202e{{ 1 + 1 }}"),
        (5, "5"),
        (None, "None"),
        (["A\n"], r"['A\n']"),
    ],
)
def test_a_value_becomes_one_printable_line(value: Any, line: str) -> None:
    assert printable(value) == line
