# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How the platform stores configuration values, and when two of them are equal. Private to this collection."""

from __future__ import annotations

import json
from typing import Any, TypeVar

T = TypeVar("T")


MASK = "********"
"""What the platform answers in place of a secret (its own test suite asserts these eight asterisks)."""


def to_stored_text(value: Any) -> str:
    """Return a configuration value as the platform stores it: ``true``, ``15``, ``{"a":1}``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    return str(value)


def values_equal(desired: str, actual: str | None) -> bool:
    """Compare a desired value with the stored one: booleans in any case, JSON by its meaning, nothing as ''."""
    if desired == (actual or ""):
        return True
    if actual is None:
        return False
    if {desired.lower(), actual.lower()} <= {"true", "false"}:
        return desired.lower() == actual.lower()
    documents = [parse_json(text) for text in (desired, actual)]
    return None not in documents and to_stored_text(documents[0]) == to_stored_text(documents[1])


def parse_json(text: str) -> Any:
    """Return what a text that is a JSON object or array means, and None for any other text."""
    try:
        return json.loads(text) if text.lstrip().startswith(("{", "[")) else None
    except (ValueError, RecursionError):
        return None


def is_mask(value: str) -> bool:
    """Return whether the value is asterisks alone: what is shown for a secret, and never a secret."""
    return bool(value) and not value.strip("*")


def expect_type(kind: type[T], value: Any) -> T:
    """Return the value, or raise: what is of another kind would be read as something that it is not."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"not {kind}")
    return value


def expect_optional(kind: type[T], value: Any) -> T | None:
    return None if value is None else expect_type(kind, value)


def read_date(value: Any) -> str | None:
    """Return a date as it is written: nothing is decided from it."""
    return None if value is None else to_stored_text(value)
