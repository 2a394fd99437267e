# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of a running sandbox. They live in memory: every start begins with the defaults."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import problems

ENVIRONMENTS = ("production", "snapshot")
PAGE_HABITS = ("by_id", "by_position")
ORDERS = ("ascending", "descending")
REFUSAL_HABITS = ("request_failed", "bad_request", "no_connection")
TAG_HABITS = ("kept", "cut", "lowered", "dropped")
NAME_HABITS = ("kept", "cut", "lowered")
MAX_SECONDS = 300.0
MAX_PAGE_SIZE = 200


@dataclass(frozen=True)
class Settings:
    """`latency`: seconds that every platform and hub call waits. `strict_masks`: a mask sent back is stored literally.

    `environment`: whose element ids are served, one of ENVIRONMENTS. The rest are habits that the real service may
    have: `listing_lag`: seconds before a new instance shows in lists; `page_size`: the longest page; `pages`: one of
    PAGE_HABITS; `hydrates`: lists carry configuration and tags where asked for; `empty_list_status`: 404, or 200 with
    `[]`; `tags`: one of TAG_HABITS; `rate_limit`: so many calls in a second, from all callers together; 0 is no limit.
    `names`: one of NAME_HABITS; `renames`: a new name is taken; `put_replaces`: PUT drops the configuration that it
    does not carry; `patch_adds_tags`: PATCH keeps the tags that are there; `whole_answers`: answers to writes show
    tags and configuration; `order`: of ids in lists, one of ORDERS; `short_items`: lists show little, whatever was
    asked for; `refusals`: how the platform passes on that a vendor refuses credentials, one of REFUSAL_HABITS.
    """

    latency: float = 0.0
    strict_masks: bool = False
    environment: str = "production"
    listing_lag: float = 0.0
    page_size: int = MAX_PAGE_SIZE
    pages: str = "by_id"
    hydrates: bool = True
    empty_list_status: int = 404
    tags: str = "kept"
    rate_limit: int = 0
    names: str = "kept"
    renames: bool = True
    put_replaces: bool = False
    patch_adds_tags: bool = False
    whole_answers: bool = True
    order: str = "ascending"
    short_items: bool = False
    refusals: str = "request_failed"


def changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """The settings with the given ones replaced; raises a 400 for an unknown name or a wrong value."""
    for name, value in given.items():
        if name not in _CHECKS:
            raise problems.bad_request(f"Unknown setting {name}; known: {', '.join(_CHECKS)}")
        if not _CHECKS[name](value):
            raise problems.bad_request(f"Wrong value for setting {name}")
    return dataclasses.replace(settings, **given)


def is_seconds(value: Any) -> bool:
    """Tell whether a value is a time that somebody may wait."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_page_size(value: Any) -> bool:
    return _is_whole(value) and 1 <= value <= MAX_PAGE_SIZE


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "latency": is_seconds,
    "strict_masks": _is_bool,
    "environment": ENVIRONMENTS.__contains__,
    "listing_lag": is_seconds,
    "page_size": _is_page_size,
    "pages": PAGE_HABITS.__contains__,
    "hydrates": _is_bool,
    "empty_list_status": (200, 404).__contains__,
    "tags": TAG_HABITS.__contains__,
    "rate_limit": _is_whole,
    "names": NAME_HABITS.__contains__,
    "renames": _is_bool,
    "put_replaces": _is_bool,
    "patch_adds_tags": _is_bool,
    "whole_answers": _is_bool,
    "order": ORDERS.__contains__,
    "short_items": _is_bool,
    "refusals": REFUSAL_HABITS.__contains__,
}
