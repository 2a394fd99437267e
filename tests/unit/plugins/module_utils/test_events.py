# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option events, and the configuration keys that it becomes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.element import POLLER, Element, Key
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.events import event_keys, polled
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import ITEM

ALL = {
    "enabled": True,
    "callback_url": "https://events.example.com/a?b=c",
    "refresh_interval": 15,
    "poller_configuration": {"contacts": {"url": "/x"}},
    "signature_key": "canary signature",
    "basic_username": "",
    "basic_password": "canary password",
}
DEFAULT = {"accounts": {"url": "/hubs/crm/accounts"}, "contacts": {"url": "/hubs/crm/contacts"}}
ELEMENT = Element("e", table=(Key(POLLER, "", "TEXTAREA", required=False, default=json.dumps(DEFAULT)),))


def test_every_setting_becomes_a_key() -> None:
    readable, secret = event_keys(ALL)

    assert readable == {
        "event.notification.enabled": "true",
        "event.notification.callback.url": "https://events.example.com/a?b=c",
        "event.poller.refresh_interval": "15",
        "event.poller.configuration": '{"contacts":{"url":"/x"}}',
        "event.notification.basic.username": "",
    }
    assert secret == {
        "event.notification.signature.key": "canary signature",
        "event.notification.basic.password": "canary password",
    }


def test_every_option_is_one_of_these() -> None:
    assert set(ITEM["events"]["options"]) == {*ALL, "resources"}


@pytest.mark.parametrize("events", [{}, dict.fromkeys(ITEM["events"]["options"])])
def test_what_is_not_given_is_not_sent(events: dict[str, Any]) -> None:
    assert event_keys(events) == ({}, {})


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ({"callback_url": ""}, "events.callback_url is empty. Set a value, or leave the option out."),
        ({"signature_key": ""}, "events.signature_key is empty. Set a value, or leave the option out."),
        ({"basic_password": ""}, "events.basic_password is empty. Set a value, or leave the option out."),
        ({"callback_url": "events.example.com"}, "events.callback_url must start with https:// or http://"),
        ({"callback_url": "ftp://example.com"}, "events.callback_url must start with https:// or http://"),
        ({"callback_url": "https:///path"}, "events.callback_url must start with https:// or http://"),
        ({"callback_url": "https://[::1"}, "events.callback_url must start with https:// or http://"),
        ({"refresh_interval": 0}, "events.refresh_interval is 0, but must be at least 1 minute."),
        ({"resources": []}, "events.resources is empty. List the resources to poll"),
        (
            {"resources": ["a"], "poller_configuration": {}},
            "events.resources and events.poller_configuration are mutually",
        ),
    ],
)
def test_a_wrong_setting_is_refused_in_this_sentence(events: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=f"^{re.escape(sentence)}"):
        event_keys(events)


def test_resources_are_polled_as_the_element_polls_them() -> None:
    assert polled(ELEMENT, ["contacts"]) == '{"contacts":{"url":"/hubs/crm/contacts"}}'
    assert json.loads(polled(ELEMENT, ["contacts", "accounts"])) == DEFAULT


@pytest.mark.parametrize(
    ("element", "resource", "hint"),
    [
        (ELEMENT, "contact", "Did you mean contacts?"),
        (ELEMENT, "zzz", "Choose from accounts, contacts."),
        (Element("e"), "contacts", "It polls nothing."),
    ],
)
def test_a_resource_that_the_element_does_not_poll_is_refused(element: Element, resource: str, hint: str) -> None:
    with pytest.raises(BadInput, match=f"^{re.escape(f'The element e does not poll {resource} for events. {hint}')}$"):
        polled(element, [resource])
