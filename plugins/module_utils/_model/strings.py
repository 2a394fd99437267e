# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Detect strings that YAML or an editor changed. Pure, and must never show a value. Private to this collection."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

_KINDS = ((Mapping, "a dictionary"), ((list, tuple), "a list"), (str, "a string"), (bool, "a boolean"))


def kind_of(value: Any) -> str:
    """Return the name of a value's type for messages, such as ``a number``."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "null" if value is None else "a number")


def expected_string(value: Any, secret: bool) -> str:
    """Return what a value that YAML did not read as a string must be, or '' if nothing was lost.

    For YAML, ``0123`` is the number 83, ``1.10`` is 1.1, and ``yes`` is true: the original text is lost.
    Outside secrets, a whole number is usually intended, such as the tag ``2024``.

    :param secret: whether a whole number is refused too
    """
    if isinstance(value, bool):
        return (
            "a string, not a boolean: put it in quotes (before ansible-core 2.19, templates turn the words True "
            "and False into booleans)"
        )
    is_lossy = isinstance(value, float) or (secret and isinstance(value, int))
    return "a string, not a number: put it in quotes" if is_lossy else ""


def has_loose_ends(text: str) -> bool:
    """Return whether a text starts or ends with an invisible character: white space, or a mark such as U+FEFF.

    The usual mistakes are a secret that was encrypted with its line break, and a file with a byte order mark.
    """
    return any(char.isspace() or not char.isprintable() for char in text[:1] + text[-1:])


def looks_like_another(text: str) -> bool:
    """Return whether another text looks the same: the text has invisible characters, or is not in the form NFC."""
    return not text.isprintable() or not unicodedata.is_normalized("NFC", text)


def escape_text(text: str) -> str:
    """Return a text with an escape, such as ``\\u200b``, for each character that is not ASCII."""
    return text.encode("unicode_escape").decode("ascii")
