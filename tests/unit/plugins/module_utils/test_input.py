# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From options to what is desired: what they become, and each sentence that refuses them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.desired import read_desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import ITEM
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    SOURCES,
    options,
)

AUTOTASK = {"hub": "crm", "username": "u", "password": "p", "server_url": "https://s"}
ACT = {"api_key": "k", "developer_key": "d"}


def item(**given: Any) -> dict[str, Any]:
    """Return the options of one item, valid but for what is given."""
    source = {} if {"autotask", "act365", "element", "id"} & given.keys() else {"element": ELEMENT}
    return options(ITEM, **{"name": "Acme", **source, **given})


def test_the_least_is_an_element_and_a_name() -> None:
    assert read_desired(item()) == Desired(element=ELEMENT, name="Acme")


@pytest.mark.parametrize(
    ("hub", "element"), [("crm", "autotaskcrm"), ("helpdesk", "autotaskhelpdesk"), ("finance", "autotaskfinance")]
)
def test_autotask_becomes_an_element_and_its_keys(hub: str, element: str) -> None:
    made = read_desired(item(autotask={**AUTOTASK, "hub": hub}))

    assert made.element == element
    assert made.configuration == {f"{hub}.autotask.username": "u", f"{hub}.autotask.server.url": "https://s"}
    assert made.secrets == {f"{hub}.autotask.password": "p"}
    assert made.credential_keys == set(made.configuration)


def test_act_365_becomes_an_element_and_two_secrets() -> None:
    made = read_desired(item(act365=ACT))

    assert (made.element, dict(made.configuration), made.credential_keys) == ("actessentials", {}, frozenset())
    assert made.secrets == {"username": "k", "password": "d"}


def test_free_keys_are_added_to_a_vendor_s_and_are_no_credentials() -> None:
    made = read_desired(item(autotask=AUTOTASK, configuration={"event.enabled": True}, secrets={"signature": "5"}))

    assert made.configuration["event.enabled"] == "true"
    assert made.secrets == {"crm.autotask.password": "p", "signature": "5"}
    assert made.credential_keys == {"crm.autotask.username", "crm.autotask.server.url"}


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (0, "0"), ({"b": [1]}, '{"b":[1]}'), ("", "")])
def test_configuration_becomes_text(value: Any, text: str) -> None:
    assert read_desired(item(configuration={"color": value})).configuration == {"color": text}


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"element": "e", "configuration": {"clientSecret": "canary"}}, "clientSecret"),
        ({"element": "actessentials", "configuration": {"username": "canary"}}, "username"),
        ({"autotask": AUTOTASK, "configuration": {"sfdc.security.token": "canary"}}, "sfdc.security.token"),
        (
            {"element": None, "id": 7, "configuration": {"event.notification.signature.key": "canary"}},
            "event.notification",
        ),
        ({"element": None, "id": 7, "configuration": {"crm.autotask.password": "canary"}}, "crm.autotask.password"),
    ],
)
def test_a_secret_in_configuration_is_refused_by_its_name_and_element(given: dict[str, Any], key: str) -> None:
    with pytest.raises(BadInput, match=f"^The configuration key {key}.* is a secret of this element. Move") as caught:
        read_desired(item(**given))

    assert "canary" not in str(caught.value)


def test_a_key_that_is_given_twice_is_said_to_be_so_also_when_it_is_a_secret() -> None:
    with pytest.raises(BadInput, match=r"^The configuration key password is set twice"):
        read_desired(item(element="e", configuration={"password": "a"}, secrets={"password": "b"}))


def test_the_other_options_are_taken_as_they_are() -> None:
    given = {
        "state": "present",
        "provider_data": {"code": "c"},
        "external_authentication": "initial",
        "purge_tags": False,
        "enabled": False,
        "update_secrets": "on_create",
        "verify": "never",
        "create_confirm_timeout": 5,
        "create_settle": 3,
        "owner": "acme/team-1",
    }
    made = read_desired(item(id=7, tags=["b", "a", "b"], **given))

    assert {option: getattr(made, option) for option in given} == given
    assert (made.id, made.name, made.element, made.tags) == (7, "Acme", None, ("b", "a"))


@pytest.mark.parametrize(
    ("own", "shared", "password"), [({}, "shared", "shared"), ({"password": "own"}, "shared", "own")]
)
def test_shared_credentials_fill_in_what_an_item_lacks(own: dict[str, str], shared: str, password: str) -> None:
    made = read_desired(
        item(autotask={"hub": "crm", **own}),
        {"autotask": {"username": "u", "password": shared, "server_url": "https://s"}, "act365": None},
    )

    assert made.secrets == {"crm.autotask.password": password}


@pytest.mark.parametrize(
    ("own", "shared", "owner"),
    [(None, None, None), ("", None, None), (None, "s", "s"), ("", "s", "s"), ("o", "s", "o"), (None, "", None)],
)
def test_the_shared_owner_stands_in(own: str | None, shared: str | None, owner: str | None) -> None:
    assert read_desired(item(owner=own), {"owner": shared}).owner == owner


EVENTS = {"signature_key": "five", "basic_password": "six"}


def test_all_that_is_secret_is_hidden() -> None:
    secrets = {"a": "one", "b": {"nested": ["two", 3]}}
    made = read_desired(item(act365=ACT, secrets=secrets, provider_data={"oauth": {"code": "four"}}, events=EVENTS))

    assert set(made.secret_texts) == {"k", "d", "one", '{"nested":["two",3]}', "two", "3", "four", "five", "six"}


def test_all_that_is_secret_is_hidden_when_it_is_not_needed() -> None:
    secrets = {"a": "one", "b": {"c": 3}}
    given = {"act365": {"api_key": "k"}, "secrets": secrets, "provider_data": {"code": "four"}, "events": EVENTS}
    made = read_desired(item(state="absent", **given), {"act365": {"api_key": "shared", "developer_key": "d"}})

    assert set(made.secret_texts) == {"k", "shared", "d", "one", "3", "four", "five", "six"}


@pytest.mark.parametrize("option", ["configuration", "secrets"])
def test_events_and_free_keys_are_those_of_the_platform_and_given_once(option: str) -> None:
    made = read_desired(item(events={"enabled": False, "signature_key": "s", "resources": ["a", "b", "a"]}))
    assert made.configuration == {"event.notification.enabled": "false"}
    assert made.secrets == {"event.notification.signature.key": "s"}
    assert made.event_resources == ("a", "b")

    key = "event.notification.enabled"
    with pytest.raises(BadInput, match=f"^The configuration key {key} is set twice"):
        read_desired(item(events={"enabled": False}, **{option: {key: True}}))


@pytest.mark.parametrize(
    "given",
    [
        {"autotask": {"hub": "crm"}},
        {"act365": {}},
        {"act365": {"api_key": "only"}},
        {"secrets": {"password": ""}},
        {"configuration": {"a": None}},
    ],
)
def test_absent_needs_no_credentials(given: dict[str, Any]) -> None:
    made = read_desired(item(state="absent", **given))

    assert (made.state, dict(made.configuration), dict(made.secrets)) == ("absent", {}, {})


KNOWN_BY = "An instance is identified by element and name, or by id."
GIVEN_TWICE = "is set twice. Keep it in one place."
NO_VALUE = "has no value for a. Set one, or leave the key out."
MASKED = "is only a mask of asterisks. Use the real value."
SHOWN_ID = "but ids start at 1. Use the id that Cloud Elements shows for the instance."
LOOSE = "must not be empty, or start or end with a space."
TAKEN_OUT = "must not contain <, > or control characters: Cloud Elements removes them."
NO_OWNER = (
    "owner must consist of at most 64 lower-case letters, digits and the characters . _ / -, and start with a letter "
    "or a digit."
)
OURS = 'Tags with the prefix "ansible:" belong to this collection. Remove them from tags.'
NO_STRING = "must be a string, not a number: put it in quotes."
REFUSED = [
    ({"element": "e", "autotask": AUTOTASK}, f"element and autotask are mutually exclusive. Use one of {SOURCES}."),
    ({"autotask": AUTOTASK, "act365": ACT}, f"autotask and act365 are mutually exclusive. Use one of {SOURCES}."),
    *(
        (given, f"{option} is missing or empty. Set it, or the environment variable CLOUD_ELEMENTS_{variable}.")
        for given, option, variable in (
            ({"autotask": {**AUTOTASK, "password": ""}}, "autotask.password", "AUTOTASK_PASSWORD"),
            (
                {"autotask": {"hub": "crm", "password": "p", "server_url": "https://s"}},
                "autotask.username",
                "AUTOTASK_USERNAME",
            ),
            ({"act365": {"api_key": "k"}}, "act365.developer_key", "ACT365_DEVELOPER_KEY"),
        )
    ),
    ({"configuration": {"a": 1}, "secrets": {"a": 2}}, f"The configuration key a {GIVEN_TWICE}"),
    (
        {"autotask": AUTOTASK, "secrets": {"crm.autotask.username": "u"}},
        f"The configuration key crm.autotask.username {GIVEN_TWICE}",
    ),
    ({"configuration": {1: "a"}, "secrets": {1: "b"}}, f"The configuration key 1 {GIVEN_TWICE}"),
    ({"configuration": {"a": None}}, f"configuration {NO_VALUE}"),
    *(({"secrets": {"a": value}}, f"secrets {NO_VALUE}") for value in (None, "")),
    ({"secrets": {"a": "********"}}, f"The value of a {MASKED}"),
    ({"configuration": {"a": "*"}}, f"The value of a {MASKED}"),
    ({"autotask": {**AUTOTASK, "password": "***"}}, f"The value of crm.autotask.password {MASKED}"),
    *(({"id": number}, f"id is {number}, {SHOWN_ID}") for number in (0, -1)),
    ({"name": None}, f"name is missing. {KNOWN_BY}"),
    ({"element": ""}, f"one of {SOURCES} is missing. {KNOWN_BY}"),
    *(({"name": name}, f"name {LOOSE}") for name in ("", "Acme ")),
    *(({"name": name}, f"name {TAKEN_OUT}") for name in ("<b>Acme", "a\tb", "a\udc80")),
    *(({"tags": tags}, f"a tag in tags {LOOSE}") for tags in (["a", ""], [" a"])),
    ({"tags": ["a>b"]}, f"a tag in tags {TAKEN_OUT}"),
    ({"tags": ["ansible:owner:me"]}, OURS),
    *(({"owner": owner}, NO_OWNER) for owner in ("a b", "-a", "a" * 65, "Acme")),
    (
        {"configuration": {"a": {"b": {1, 2}}}},
        "configuration has a value for a that cannot be written as JSON. Write it as a string.",
    ),
    ({"create_confirm_timeout": -1}, "create_confirm_timeout is -1, but must be at least 0 seconds."),
    ({"create_settle": -5}, "create_settle is -5, but must be at least 0 seconds."),
    *(({"secrets": {"password": value}}, f"the value of password in secrets {NO_STRING}") for value in (83, 1.1)),
    ({"provider_data": {"code": 83}}, f"the value of code in provider_data {NO_STRING}"),
]
LOOSE_END = (
    "starts or ends with white space, a line break or another invisible character. Remove it, for example "
    "with the filter trim."
)
REFUSED += [
    (given, f"{what} {LOOSE_END}")
    for given, what in (
        ({"secrets": {"password": "p\n"}}, "the value of password in secrets"),
        ({"provider_data": {"code": " p"}}, "the value of code in provider_data"),
        ({"autotask": {**AUTOTASK, "password": "p\n"}}, "autotask.password"),
        ({"act365": {**ACT, "developer_key": "\ufeffd"}}, "act365.developer_key"),
        ({"events": {"signature_key": "k\u200b"}}, "events.signature_key"),
        ({"events": {"basic_username": "u", "basic_password": "p "}}, "events.basic_password"),
    )
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED, ids=[str(given) for given, _sentence in REFUSED])
def test_this_is_refused_in_this_sentence_which_shows_no_secret(given: dict[str, Any], sentence: str) -> None:
    hidden = {"secrets": {"other": "canary-secret"}, "provider_data": {"code": "canary-code"}}
    for options_ in (given, {**hidden, **given}):
        with pytest.raises(BadInput, match=f"^{re.escape(sentence)}$"):
            read_desired(item(**options_))


@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_id_needs_neither_name_nor_element(state: str) -> None:
    made = read_desired(item(id=7, name=None, state=state))

    assert (made.id, made.name, made.element) == (7, None, None)


NO_URLS = [
    *("ww2.autotask.net", "https//ww2.autotask.net", "https:ww2", "ftp://ww2", "https://", "https:// ww2"),
    *("https://w:99999", "https://[::1"),
]


@pytest.mark.parametrize("url", NO_URLS)
def test_a_url_that_nobody_can_call_is_refused_before_the_vendor_blames_the_password(url: str) -> None:
    shared = {"autotask": {**AUTOTASK, "server_url": url}, "act365": None}
    for given, beside in ({**AUTOTASK, "server_url": url}, None), ({"hub": "helpdesk"}, shared):
        with pytest.raises(
            BadInput, match=r"^autotask\.server_url, or the environment variable CLOUD_ELEMENTS_AUTOTASK_SERVER_URL,"
        ):
            read_desired(item(autotask=given), beside)
    for key in ("crm.autotask.server.url", "event.notification.callback.url"):
        with pytest.raises(BadInput, match=f"^The value of {re.escape(key)} must start with https:// or http:// and"):
            read_desired(item(element="autotaskcrm", configuration={key: url}))


@pytest.mark.parametrize(
    "url", ["https://ww2.autotask.net", "HTTP://localhost:8080/", "https://ww2.autotask.net/a?b=c#d"]
)
def test_a_url_is_taken_as_it_is(url: str) -> None:
    key = "crm.autotask.server.url"

    assert read_desired(item(autotask={**AUTOTASK, "server_url": url})).configuration[key] == url
    assert read_desired(item(element="autotaskcrm", configuration={key: url})).configuration[key] == url
    assert read_desired(item(element="e", configuration={"event.notification.callback.url": ""})).configuration
    assert read_desired(item(autotask={"hub": "crm", "server_url": "gone"}, state="absent")).configuration == {}
