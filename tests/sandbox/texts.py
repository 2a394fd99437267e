# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the platform turns what it is sent into the text it keeps. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from . import problems

# Shorter than a stamp.
CUT_TAG = 32

_TAG = re.compile(r"<[^>]*>")


def without_html(text: str) -> str:
    """`<b>name</b>` -> `name`: markup is taken out of names and tags, what stands between stays."""
    return _TAG.sub("", text)


def as_text(value: Any) -> str | None:
    """A configuration value as it is stored: booleans, numbers and JSON become strings, null stays null."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def as_number(text: str) -> int | None:
    """A whole number from 0 on, of at most 18 digits, so that it fits SQLite's integers; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def clean_name(value: Any, habit: str) -> str:
    """The instance name as kept; raises a 400 when it is not a text, or when nothing is left of it.

    `habit`: one of NAME_HABITS: what else becomes of it.
    """
    name = without_html(value) if isinstance(value, str) else ""
    if not name.strip():
        raise problems.bad_request("Element instance name is required")
    return _NAME_HABITS[habit](name)


def clean_tags(value: Any, habit: str) -> tuple[str, ...]:
    """The tags as kept: markup stripped, empty and repeated ones dropped, order kept. 400 when not a list of texts.

    `habit`: one of TAG_HABITS: what else becomes of them.
    """
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise problems.bad_request("tags must be a list of strings")
    stripped = (without_html(tag) for tag in value)
    return tuple(dict.fromkeys(tag for tag in map(_HABITS[habit], stripped) if tag))


CUT_NAME = 8
_NAME_HABITS: Mapping[str, Callable[[str], str]] = {
    "kept": str,
    "cut": lambda name: name[:CUT_NAME],
    "lowered": str.lower,
}
_HABITS: Mapping[str, Callable[[str], str]] = {
    "kept": str,
    "cut": lambda tag: tag[:CUT_TAG],
    "lowered": str.lower,
    "dropped": lambda _tag: "",
}
