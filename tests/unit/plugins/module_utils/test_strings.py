# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strings that are not what their author meant are noticed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.strings import (
    escape_text,
    expected_string,
    has_loose_ends,
    looks_like_another,
)


@pytest.mark.parametrize(
    ("value", "as_secret", "otherwise"),
    [
        ("0123", "", ""),
        ("", "", ""),
        (83, "a string, not a number: put it in quotes", ""),
        (0, "a string, not a number: put it in quotes", ""),
        (1.1, "a string, not a number: put it in quotes", "a string, not a number: put it in quotes"),
        ({"type": "service_account", "id": 1}, "", ""),
        (["a", 1], "", ""),
        (None, "", ""),
    ],
)
def test_what_yaml_made_of_a_string_is_no_string(value: Any, as_secret: str, otherwise: str) -> None:
    assert expected_string(value, secret=True) == as_secret
    assert expected_string(value, secret=False) == otherwise


def test_a_boolean_is_no_string_whatever_it_is_for() -> None:
    assert expected_string(False, secret=True).startswith("a string, not a boolean: put it in quotes (before")
    assert expected_string(False, secret=False) == expected_string(True, secret=True)


@pytest.mark.parametrize("end", [" ", "\n", "\r\n", "\t", "\u00a0", "\u2028", "\u200b", "\ufeff", "\x00"])
def test_white_space_and_what_cannot_be_seen_is_a_loose_end(end: str) -> None:
    assert has_loose_ends(f"secret{end}")
    assert has_loose_ends(f"{end}secret")
    assert has_loose_ends(end)
    assert not has_loose_ends(f"se{end}cret")


@pytest.mark.parametrize("text", ["", "a", "p\u00e4ss w\u00f6rd", '{"a": 1}', "\U0001f511"])
def test_a_usual_secret_has_no_loose_ends(text: str) -> None:
    assert not has_loose_ends(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("no\u00a0break", r"no\xa0break"),
        ("rtl \u202etxt", r"rtl \u202etxt"),
        ("Cafe\u0301", r"Cafe\u0301"),
        ("\ufeffmark", r"\ufeffmark"),
    ],
)
def test_a_text_that_looks_like_another_is_shown_with_escapes(text: str, shown: str) -> None:
    assert looks_like_another(text)
    assert escape_text(text) == shown


@pytest.mark.parametrize("text", ["Acme", "Caf\u00e9", "\u6771\u4eac", "emoji \U0001f600", "two  spaces"])
def test_a_text_of_usual_characters_looks_like_no_other(text: str) -> None:
    assert not looks_like_another(text)
