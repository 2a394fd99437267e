# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Convert and compare configuration values as the platform stores them. Private to this collection."""

from __future__ import annotations

import json
from typing import Any, TypeVar

T = TypeVar("T")


MASK = "********"
"""The platform returns this instead of a secret (its own test suite asserts these eight asterisks)."""


def to_stored_text(value: Any) -> str:
    """Return a configuration value as the platform stores it: ``true``, ``15``, ``{"a":1}``."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    return str(value)


def values_equal(desired: str, actual: str | None) -> bool:
    """Return whether a desired and a stored value are equal: booleans in any case, JSON by content, None as ''."""
    if desired == (actual or ""):
        return True
    if actual is None:
        return False
    if {desired.lower(), actual.lower()} <= {"true", "false"}:
        return desired.lower() == actual.lower()
    documents = [parse_json(text) for text in (desired, actual)]
    return None not in documents and to_stored_text(documents[0]) == to_stored_text(documents[1])


def parse_json(text: str) -> Any:
    """Return the content of a JSON object or array, and None for any other text."""
    try:
        return json.loads(text) if text.lstrip().startswith(("{", "[")) else None
    except (ValueError, RecursionError):
        return None


def is_mask(value: str) -> bool:
    """Return whether the value consists of asterisks: the mask of a secret, and never a secret."""
    return bool(value) and not value.strip("*")


def expect_type(kind: type[T], value: Any) -> T:
    """Return a value of a JSON answer, or raise if it has another type, because it would be misread."""
    if value.__class__ is not kind:
        raise TypeError(f"not {kind}")
    return value


def expect_optional(kind: type[T], value: Any) -> T | None:
    return None if value is None else expect_type(kind, value)


def read_date(value: Any) -> str | None:
    """Return a date as the platform writes it. Nothing is decided from it."""
    return None if value is None else to_stored_text(value)
