# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vendors and elements as data."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._elements import (
    ALWAYS_MASKED,
    Element,
    verification_call,
)


@pytest.mark.parametrize(
    ("element", "path"),
    [
        ("autotaskcrm", "/hubs/crm/users?pageSize=1"),
        ("autotaskhelpdesk", "/hubs/helpdesk/users?pageSize=1"),
        ("actessentials", "/hubs/crm/contacts?pageSize=1"),
        ("autotaskfinance", "/ping"),
        ("anything", "/ping"),
    ],
)
def test_the_call_that_proves_credentials(element: str, path: str) -> None:
    assert verification_call(element) == path


def test_an_element_says_what_it_needs_and_what_it_hides() -> None:
    entries = [
        {"key": "user", "type": "TEXTFIELD_128", "required": True},
        {"key": "password", "type": "PASSWORD", "required": True, "defaultValue": None},
        {"key": "url", "type": "TEXTFIELD_1000", "required": True, "defaultValue": "https://example.com"},
        {"key": "empty", "type": "TEXTFIELD_32", "required": True, "defaultValue": ""},
        {"key": "signature", "type": "PASSWORD", "required": False},
        {"key": "color", "type": "TEXTFIELD_32"},
        {"type": "PASSWORD", "required": True},
        "not an entry",
    ]

    assert Element.read({"key": "e", "configuration": entries, "id": 5}) == Element(
        "e",
        keys=frozenset({"user", "password", "url", "empty", "signature", "color"}),
        required=frozenset({"user", "password", "empty"}),
        masked=frozenset({"password", "signature"}) | ALWAYS_MASKED,
    )


@pytest.mark.parametrize("body", [{"key": "e"}, {"key": "e", "configuration": None}])
def test_an_element_without_configuration_needs_nothing(body: dict[str, Any]) -> None:
    assert Element.read(body) == Element("e", frozenset(), frozenset(), ALWAYS_MASKED)


@pytest.mark.parametrize("body", [None, [], "e", {}, {"key": 5}])
def test_what_is_not_an_element_is_a_value_error(body: Any) -> None:
    with pytest.raises(ValueError, match="not an element"):
        Element.read(body)


@pytest.mark.parametrize("key", [["a"], {"a": 1}, 5])
def test_an_entry_whose_key_is_no_text_is_passed_over(key: Any) -> None:
    body = {"key": "e", "configuration": [{"key": key, "required": True, "type": "PASSWORD"}]}

    assert Element.read(body) == Element("e", frozenset(), frozenset(), ALWAYS_MASKED)
