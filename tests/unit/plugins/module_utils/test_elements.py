# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vendors and elements as data."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.element import (
    Element,
    Key,
    element_view,
    is_secret,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import (
    credentials_of,
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
        {"key": "hidden", "type": "PASSWORD", "required": False},
        {"key": "color", "type": "TEXTFIELD_32"},
        {"type": "PASSWORD", "required": True},
        "not an entry",
    ]

    element = Element.read({"key": "e", "configuration": entries, "id": 5})

    assert list(element.keys) == ["user", "password", "url", "empty", "hidden", "color"]
    assert element.required == {"user", "password", "empty"}
    assert [key for key in element.keys if element.hides(key)] == ["password", "hidden"]


def test_an_element_says_what_it_is() -> None:
    entry = {"key": "user", "name": "User", "type": "TEXTFIELD_128", "required": True, "defaultValue": 5}
    body = {"key": "e", "name": "E", "hub": "crm", "authentication": {"type": "basic"}, "configuration": [entry]}

    assert Element.read(body) == Element("e", "E", "crm", "basic", (Key("user", "User", "TEXTFIELD_128", True, "5"),))


@pytest.mark.parametrize(
    ("element", "secret", "readable"),
    [
        ("autotaskcrm", set(), {"crm.autotask.username", "crm.autotask.server.url"}),
        ("actessentials", {"username"}, set()),
        ("examplebasic", set(), set()),
    ],
)
def test_an_element_knows_its_secrets_whatever_their_type(element: str, secret: set[str], readable: set[str]) -> None:
    keys = {"username", "password", "color", "crm.autotask.password", *readable}
    hidden = {key for key in keys if Element(element).hides(key)}

    assert hidden == {"password", "crm.autotask.password"} | secret
    assert credentials_of(element) == readable


@pytest.mark.parametrize(
    "key",
    [
        *("oauth.api.key", "oauth.api.secret", "oauth.user.token", "oauth.user.refresh_token"),
        *("event.notification.signature.key", "event.notification.basic.password"),
    ],
)
@pytest.mark.parametrize("element", ["", "autotaskcrm", "anything"])
def test_some_keys_are_secrets_on_every_element(element: str, key: str) -> None:
    assert is_secret(element, key)


@pytest.mark.parametrize(
    ("key", "type_", "label", "secret"),
    [
        ("color", "PASSWORD", "Color", True),
        ("color", "TEXTFIELD_32", "Color", False),
        ("color", "TEXTFIELD_32", "API Key", False),
        ("username", "TEXTFIELD_32", "API Key", True),
        ("username", "TEXTFIELD_32", "Username", False),
        ("username", "TEXTFIELD_32", "", False),
        ("clientSecret", "TEXTFIELD_128", "Color", True),
    ],
)
def test_what_an_element_says_of_a_key_counts(key: str, type_: str, label: str, secret: bool) -> None:
    element = Element("e", table=(Key(key, label, type_, required=False, default=None),))

    assert element.hides(key) == secret
    assert element_view(element, with_keys=True)["configuration"][0]["secret"] == secret


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
