# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages: sizes, and the opaque token that leads to the next one. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from . import problems
from .texts import as_number


@dataclass(frozen=True)
class PageRequest:
    """`size` items that follow position `after` (an id or a row number; 0 is the start)."""

    size: int
    after: int


def page_request(query: Mapping[str, str], longest: int, usual: int | None = None) -> PageRequest:
    """Read `pageSize` and `nextPage`; raises a 400 for a size below 1 or a token this server did not make.

    `usual`: the size of a page where none is asked for, if it is not the longest one.
    """
    size = _size(query.get("pageSize", ""), longest, usual or longest)
    return PageRequest(size=size, after=_position(query.get("nextPage", "")))


def page_token(position: int) -> str:
    """The token of the page after `position`."""
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode()


def _size(text: str, longest: int, usual: int) -> int:
    if not text:
        return usual
    size = as_number(text)
    if not size:
        raise problems.bad_request(f"pageSize must be a number from 1 to {longest}")
    return min(size, longest)


def _position(token: str) -> int:
    if not token:
        return 0
    try:
        word, _colon, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (binascii.Error, ValueError):
        word, number = "", ""
    position = as_number(number)
    if word != "after" or position is None:
        raise problems.bad_request("Invalid nextPage token")
    return position
