# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vendors and elements as data."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._elements import (
    ALWAYS_MASKED,
    ALWAYS_SECRET,
    Element,
    Key,
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

    element = Element.read({"key": "e", "configuration": entries, "id": 5})

    assert list(element.keys) == ["user", "password", "url", "empty", "signature", "color"]
    assert element.required == {"user", "password", "empty"}
    assert element.masked == {"password", "signature"} | ALWAYS_MASKED


def test_an_element_says_what_it_is() -> None:
    entry = {"key": "user", "name": "User", "type": "TEXTFIELD_128", "required": True, "defaultValue": 5}
    body = {"key": "e", "name": "E", "hub": "crm", "authentication": {"type": "basic"}, "configuration": [entry]}

    assert Element.read(body) == Element("e", "E", "crm", "basic", (Key("user", "User", "TEXTFIELD_128", True, "5"),))


@pytest.mark.parametrize(
    ("element", "secret"),
    [
        ("autotaskcrm", {"crm.autotask.password"}),
        ("autotaskhelpdesk", {"helpdesk.autotask.password"}),
        ("actessentials", {"username", "password"}),
        ("examplebasic", set()),
    ],
)
def test_an_element_knows_its_secrets_whatever_their_type(element: str, secret: set[str]) -> None:
    assert Element(element).secret == secret | ALWAYS_MASKED | ALWAYS_SECRET


@pytest.mark.parametrize(
    ("default", "polled"),
    [('{"contacts": {"url": "/x"}}', ["contacts"]), (None, []), ("", []), ("[1]", []), ("not JSON", [])],
)
def test_an_element_says_what_it_polls(default: str | None, polled: list[str]) -> None:
    entries = [{"key": "event.poller.configuration", "defaultValue": default}]

    assert list(Element.read({"key": "e", "configuration": entries}).polled) == polled


@pytest.mark.parametrize("body", [{"key": "e"}, {"key": "e", "configuration": None}])
def test_an_element_without_configuration_needs_nothing(body: dict[str, Any]) -> None:
    assert Element.read(body) == Element("e")


@pytest.mark.parametrize("body", [None, [], "e", {}, {"key": 5}])
def test_what_is_not_an_element_is_a_value_error(body: Any) -> None:
    with pytest.raises(ValueError, match="not an element"):
        Element.read(body)


@pytest.mark.parametrize("key", [["a"], {"a": 1}, 5])
def test_an_entry_whose_key_is_no_text_is_passed_over(key: Any) -> None:
    body = {"key": "e", "configuration": [{"key": key, "required": True, "type": "PASSWORD"}]}

    assert Element.read(body) == Element("e")
