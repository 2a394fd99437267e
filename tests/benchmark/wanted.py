# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances that everybody has to make, and the least number of requests that this takes. Pure."""

from __future__ import annotations

from typing import Any

ELEMENT = "examplebasic"
STATES = ("create", "unchanged", "rotated")
"""What a run finds: nothing, everything, everything but one password in a hundred."""
PAGE_SIZE = 200
ROTATED_EVERY = 100


def items(size: int, rotated: bool = False) -> list[dict[str, Any]]:
    """Return the list; nobody is to call the vendor, so that what is counted can be compared."""
    return [
        {
            "name": f"Benchmark {number:06}",
            "element": ELEMENT,
            "configuration": {"username": "example"},
            "secrets": {"password": f"{'new' if rotated and is_rotated(number) else 'first'}-password-{number}"},
            "verify": "never",
        }
        for number in range(size)
    ]


def is_rotated(number: int) -> bool:
    """Tell whether an item gets a new password; the first always does, so that a list of one has one."""
    return number % ROTATED_EVERY == 0


def writes(state: str, size: int) -> int:
    """Return how many requests must change something, and how many may."""
    return {"create": size, "unchanged": 0, "rotated": -(-size // ROTATED_EVERY)}[state]


def minimum(state: str, size: int) -> int:
    """Return the least number of requests: the pages of one listing, at least one, and the writes."""
    there = 0 if state == "create" else size
    return max(1, -(-there // PAGE_SIZE)) + writes(state, size)
