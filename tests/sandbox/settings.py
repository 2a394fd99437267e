# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a running sandbox, and checks of the values in control calls. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from .wire import bad_request

ENVIRONMENTS = ("production", "snapshot")
REFUSAL_MODES = ("request_failed", "bad_request", "no_connection")
MAX_PAGE_SIZE = 200
MAX_SECONDS = 300


class Kind(NamedTuple):
    """The expected type of a value, and its name."""

    fits: Callable[[Any], bool]
    words: str


def number(least: int, most: int) -> Kind:
    return Kind(
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most,
        f"a number from {least} to {most}",
    )


def or_null(kind: Kind) -> Kind:
    return Kind(lambda value: value is None or kind.fits(value), f"{kind.words}, or null")


def one_of(*values: Any) -> Kind:
    return Kind(lambda value: value in values, f"one of {', '.join(map(str, values))}")


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS


TEXT = Kind(lambda value: isinstance(value, str), "a text")
FLAG = Kind(lambda value: isinstance(value, bool), "true or false")
OBJECT = Kind(lambda value: isinstance(value, dict), "an object")
SECONDS = Kind(_is_seconds, f"seconds from 0 to {MAX_SECONDS}")


def check(body: Mapping[str, Any], kinds: Mapping[str, Kind]) -> Mapping[str, Any]:
    """Return the body; raise a 400 for a name that is not in `kinds` or a value of another kind."""
    for name, value in body.items():
        if name not in kinds:
            raise bad_request(f"Unknown field {name}; known: {', '.join(kinds)}")
        if not kinds[name].fits(value):
            raise bad_request(f"{name} must be {kinds[name].words}")
    return body


def of_kind(kind: Kind, default: Any) -> Any:
    """Return a field of a frozen dataclass whose values come from a body."""
    return field(default_factory=lambda: default, metadata={"kind": kind})


def kinds_of(dataclass_type: type[Any]) -> dict[str, Kind]:
    """Return the kinds of all fields."""
    return {each.name: each.metadata["kind"] for each in fields(dataclass_type)}


@dataclass(frozen=True)
class Settings:
    """The settings. README.md describes each one."""

    latency: float = of_kind(SECONDS, 0.0)
    strict_masks: bool = of_kind(FLAG, False)
    environment: str = of_kind(one_of(*ENVIRONMENTS), "production")
    listing_lag: float = of_kind(SECONDS, 0.0)
    page_size: int = of_kind(number(1, MAX_PAGE_SIZE), MAX_PAGE_SIZE)
    pages: str = of_kind(one_of("by_id", "by_position"), "by_id")
    hydrates: bool = of_kind(FLAG, True)
    empty_list_status: int = of_kind(one_of(200, 404), 404)
    tags: str = of_kind(one_of("kept", "cut", "lowered", "dropped"), "kept")
    rate_limit: int = of_kind(number(0, 10**9), 0)
    names: str = of_kind(one_of("kept", "cut", "lowered"), "kept")
    renames: bool = of_kind(FLAG, True)
    put_replaces: bool = of_kind(FLAG, False)
    patch_adds_tags: bool = of_kind(FLAG, False)
    whole_answers: bool = of_kind(FLAG, True)
    order: str = of_kind(one_of("ascending", "descending"), "ascending")
    short_items: bool = of_kind(FLAG, False)
    refusals: str = of_kind(one_of(*REFUSAL_MODES), "request_failed")
    event_minute: float = of_kind(SECONDS, 60.0)
    event_retry: float = of_kind(SECONDS, 1.0)
    verify_callbacks: bool = of_kind(FLAG, True)

    def changed(self, given: Mapping[str, Any]) -> Settings:
        return replace(self, **check(given, kinds_of(Settings)))
