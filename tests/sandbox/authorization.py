# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform's Authorization header: `User <secret>, Organization <secret>, Element <token>`, in any order."""

from __future__ import annotations

import enum

PART_NAMES = ("User", "Organization", "Element")
UNKNOWN_PART = "unknown"


class Needs(enum.Enum):
    """Which parts of the header a call needs."""

    NOTHING = "nothing"
    PLATFORM = "User and Organization"
    LIST = "User and Organization, and no Element that is wrong"
    TOKEN = "User, Organization and Element"
    HUB = "User and Element"
    ANY = "User with Organization or Element"


def parse(header: str) -> dict[str, str]:
    """The known parts of a header, name to value. Names are case-sensitive; of a repeated part the last one counts."""
    parts: dict[str, str] = {}
    for piece in header.split(","):
        name, _space, value = piece.strip().partition(" ")
        # Secrets and tokens are ASCII; a header's other bytes would be no text that the database could look up.
        if name in PART_NAMES and value.isascii():
            parts[name] = value.strip()
    return parts


def part_names(header: str) -> list[str]:
    """The names alone, for the request log. What is not a known name may be a secret, so it is not repeated."""
    names = [piece.strip().partition(" ")[0] for piece in header.split(",") if piece.strip()]
    return [name if name in PART_NAMES else UNKNOWN_PART for name in names]
