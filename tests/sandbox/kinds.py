# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the values in a body have to be, and the words for it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from . import problems


class Kind(NamedTuple):
    """What a value has to be, and the words for it."""

    fits: Callable[[Any], bool]
    words: str


def check(body: Mapping[str, Any], kinds: Mapping[str, Kind]) -> Mapping[str, Any]:
    """The body; raises a 400 for a name that is not in `kinds` or a value of another kind."""
    for name, value in body.items():
        if name not in kinds:
            raise problems.bad_request(f"Unknown field {name}; known: {', '.join(kinds)}")
        if not kinds[name].fits(value):
            raise problems.bad_request(f"{name} must be {kinds[name].words}")
    return body


def number(least: int, most: int) -> Kind:
    return Kind(
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most,
        f"a number from {least} to {most}",
    )


def or_null(kind: Kind) -> Kind:
    return Kind(lambda value: value is None or kind.fits(value), f"{kind.words}, or null")


TEXT = Kind(lambda value: isinstance(value, str), "a text")
FLAG = Kind(lambda value: isinstance(value, bool), "true or false")
OBJECT = Kind(lambda value: isinstance(value, dict), "an object")
