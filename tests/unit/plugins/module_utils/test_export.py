# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The export of an instance, and that it describes the instance exactly."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.find import refuse_duplicates
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.plan import make_plan
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.element import Element, Key
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Actual
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.values import MASK
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.argspec import Checker
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.desired import read_desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import ITEM
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.export import (
    NO_ELEMENT,
    OF_THE_SERVER,
    REVEALING,
    ROTATED,
    SEVERAL_OWNERS,
    UNWRITABLE,
    export_instances,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    STAMPS,
    actual,
)
from hypothesis import given
from hypothesis import strategies as st

AUTOTASK = {
    "crm.autotask.username": "api.user@example.com",
    "crm.autotask.password": MASK,
    "crm.autotask.server.url": "https://ww2.autotask.net",
}
ACT = {"username": "canary-api-key", "password": MASK}
TABLE = (
    Key("password", "", "PASSWORD", required=True, default=None),
    Key("username", "", "TEXTFIELD_128", required=True, default=""),
    Key("pagination.max", "", "TEXTFIELD_32", required=False, default="500"),
    Key("filter.response.nulls", "", "BOOLEAN", required=False, default="true"),
    Key("event.poller.configuration", "", "TEXTAREA", required=False, default='{"a": {"url": 1}}'),
    Key("event.notification.signature.key", "", "TEXTFIELD_128", required=False, default=None),
)
KEYS = ("autotaskcrm", "autotaskhelpdesk", "autotaskfinance", "actessentials", "actessentialsoauth", "examplebasic")
ELEMENTS = {key: Element(key, table=TABLE) for key in KEYS}


def exported(
    *found: Actual, duplicates: Sequence[Mapping[str, Any]] = (), elements: Mapping[str, Element] = ELEMENTS
) -> dict[str, Any]:
    return export_instances(found, duplicates, elements)


def item(**changes: Any) -> dict[str, Any]:
    """Return the options of one instance without tags."""
    (only,) = exported(actual(**{"tags": (), **changes}))["instances"]
    return dict(only)


def held(key: str, value: str | None) -> dict[str, Any]:
    return {"configuration": {key: value}}


def left_out(**changes: Any) -> dict[str, str]:
    """Return what is left out of one instance, and why."""
    told = exported(actual(**{"tags": (), **changes}))["left_out"]
    return {each["what"]: each["why"] for each in told}


# Vendors


@pytest.mark.parametrize("hub", ["crm", "helpdesk", "finance"])
def test_autotask_has_its_own_option(hub: str) -> None:
    held = {key.replace("crm", hub): value for key, value in AUTOTASK.items()}

    assert item(element=f"autotask{hub}", configuration=held) == {
        "name": "Acme",
        "autotask": {
            "hub": hub,
            "username": "api.user@example.com",
            "server_url": "https://ww2.autotask.net",
            "password": "{{ vault_autotask_api_user_example_com_password }}",
        },
    }


def test_act_has_its_own_option_and_its_api_key_is_a_secret() -> None:
    found = exported(actual(element="actessentials", tags=(), configuration=ACT))

    assert found["instances"] == [
        {
            "name": "Acme",
            "act365": {
                "api_key": "{{ vault_act365_acme_api_key }}",
                "developer_key": "{{ vault_act365_acme_developer_key }}",
            },
        }
    ]
    assert [(each["variable"], each["key"], each["id"]) for each in found["secrets"]] == [
        ("vault_act365_acme_api_key", "username", 7),
        ("vault_act365_acme_developer_key", "password", 7),
    ]


@pytest.mark.parametrize("lacking", [*AUTOTASK])
@pytest.mark.parametrize("value", [None, ""])
def test_a_vendor_whose_credentials_are_not_all_there_is_an_element_like_any_other(
    lacking: str, value: str | None
) -> None:
    told = item(element="autotaskcrm", configuration={**AUTOTASK, lacking: value})

    assert "autotask" not in told
    assert told["element"] == "autotaskcrm"
    assert lacking not in {**told.get("configuration", {}), **told.get("secrets", {})}


def test_what_a_vendor_has_besides_is_configuration_and_secrets() -> None:
    held = {**AUTOTASK, "pagination.max": "100", "event.notification.signature.key": "canary-signature"}
    told = item(element="autotaskcrm", configuration=held)

    assert told["configuration"] == {"pagination.max": "100"}
    assert told["secrets"] == {"event.notification.signature.key": "{{ vault_acme_event_notification_signature_key }}"}


# Configuration, tags, owner, enabled


def variable(key: str, name: str = "acme") -> dict[str, str]:
    """Return a secret whose place a variable takes."""
    return {key: "{{ vault_" + name + "_" + key.replace(".", "_") + " }}"}


STARTS_WITH = [
    *(("pagination.max", "500"), ("filter.response.nulls", "TRUE"), ("event.poller.configuration", '{"a":{"url":1}}')),
    *(("username", ""), ("username", None), ("unknown", None)),
]
DIFFERS = [
    *(("pagination.max", "50", "50"), ("filter.response.nulls", "false", "false"), ("unknown", "x", "x")),
    *(("pagination.max", "", ""), ("pagination.max", None, "")),
]
SECRETS = ("password", "oauth.api.key", "event.notification.signature.key")
TAGS: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    *(((), {}), (("Acme",), {}), (("Acme", "gold"), {"tags": ["gold"]}), (("ansible:v1:x",), {})),
    (("silver", "gold", "ansible:v1:x"), {"tags": ["gold", "silver"]}),
]
ALIKE = {"a.b": "{{ vault_acme_a_b_7 }}", "a_b": "{{ vault_acme_a_b_7_2 }}"}
# Of an instance without tags: what it has, and which options besides its element and name are exported.
EXPORTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    *(("what is as the element starts is not exported", held(key, value), {}) for key, value in STARTS_WITH),
    *(("what differs is exported", held(key, value), held(key, told)) for key, value, told in DIFFERS),
    *(("a secret without a value is not asked for", held(key, value), {}) for key in SECRETS for value in ("", None)),
    *(("what is masked is a secret", held(key, MASK), {"secrets": variable(key)}) for key in (*SECRETS, "anything")),
    *(("tags are those that people gave", {"tags": tags}, told) for tags, told in TAGS),
    ("the owner comes from its tag", {"tags": ("ansible:owner:acme",)}, {"owner": "acme"}),
    ("a disabled instance says so", {"enabled": False}, {"enabled": False}),
    ("two keys that look alike have two variables", {"configuration": dict.fromkeys(ALIKE, MASK)}, {"secrets": ALIKE}),
    (
        "a short secret does not take everything with it",
        {"configuration": {"event.notification.signature.key": "a", "note": "a banana"}},
        {"configuration": {"note": "a banana"}, "secrets": variable("event.notification.signature.key")},
    ),
]


@pytest.mark.parametrize(("why", "changes", "told"), EXPORTED, ids=[why for why, _changes, _told in EXPORTED])
def test_an_export(why: str, changes: dict[str, Any], told: dict[str, Any]) -> None:  # noqa: ARG001  # it is the id
    assert item(**{"configuration": {}, **changes}) == {"name": "Acme", "element": "examplebasic", **told}


@pytest.mark.parametrize(
    ("name", "called"), [("Acme – Büro 2", "acme_buro_2"), ("漢字", "instance"), (" x", "instance"), ("{{ 1 }}", "1")]
)
def test_a_variable_is_called_like_the_instance_and_the_key(name: str, called: str) -> None:
    assert item(name=name)["secrets"] == variable("password", called)


@pytest.mark.parametrize("key", ["oauth.user.token", "oauth.user.refresh_token"])
def test_a_token_that_the_platform_renews_is_left_out(key: str) -> None:
    assert left_out(configuration={key: "canary-token"}) == {key: ROTATED}
    assert left_out(configuration={key: None}) == {}
    assert item(configuration={key: "canary-token"}) == {"name": "Acme", "element": "examplebasic"}


@pytest.mark.parametrize(
    "key",
    ["clientSecret", "oauth.user.token.secret", "sfdc.security.token", "oauth.api.key", "APIkey", "integration_key"],
)
def test_a_secret_that_is_answered_in_clear_is_a_placeholder(key: str) -> None:
    told = exported(actual(tags=(), configuration={key: "canary-in-clear", "oauth.token.url": "https://example.com"}))

    assert list(told["instances"][0]["secrets"]) == [key]
    assert told["instances"][0]["configuration"] == {"oauth.token.url": "https://example.com"}
    assert "canary" not in json.dumps(told)


def test_a_secret_that_the_element_starts_with_is_not_asked_for_and_hides_nothing() -> None:
    key = Key("integration_key", "", "TEXTFIELD_128", required=False, default="of-the-element")
    url = Key("url", "", "TEXTFIELD_128", required=False, default="https://example.com/secret-1")
    found = actual(
        element="e",
        tags=(),
        configuration={
            "integration_key": "of-the-element",
            "note": "of-the-element",
            "token": "secret-1",
            "url": url.default,
        },
    )
    told = exported(found, elements={"e": Element("e", table=(key, url))})

    assert told["instances"][0]["configuration"] == {"note": "of-the-element"}
    assert list(told["instances"][0]["secrets"]) == ["token"]
    assert told["left_out"] == []


@pytest.mark.parametrize(("key", "value"), [("note", "a\ud800"), ("note\udfff", "a"), ("password", "\ud800")])
def test_what_no_file_can_hold_is_left_out(key: str, value: str) -> None:
    found = exported(actual(tags=(), name="Acme \ud83d", configuration={key: value}))

    assert {each["why"] for each in found["left_out"]} >= {UNWRITABLE}
    assert "configuration" not in found["instances"][0]
    assert not re.search("[\ud800-\udfff]", str(found))


def test_what_the_platform_writes_itself_is_left_out() -> None:
    assert left_out(configuration={"event.notification.subscription.id": "5"}) == {
        "event.notification.subscription.id": OF_THE_SERVER
    }


def test_what_holds_a_secret_in_clear_is_left_out() -> None:
    held = {"event.notification.signature.key": "canary-key", "note": "it is canary-key"}
    found = exported(actual(name="canary-key 1", tags=("canary-key", "gold"), configuration=held))

    assert {each["what"]: each["why"] for each in found["left_out"]} == {
        "note": REVEALING,
        "name": f"{REVEALING} The list identifies the instance by its id. To rename it, add a name.",
        "tags": REVEALING,
    }
    assert "canary" not in json.dumps(found)


def test_an_instance_of_an_element_that_is_gone_is_left_out() -> None:
    found = exported(actual(element="gone"), actual(id=8, name="Other"))

    assert found["left_out"] == [{"id": 7, "name": "Acme", "element": "gone", "what": "instance", "why": NO_ELEMENT}]
    assert [each["name"] for each in found["instances"]] == ["Other"]


# Names, and what is left out


def test_instances_that_share_their_name_have_an_id() -> None:
    duplicates = [{"element": "examplebasic", "name": "Acme", "ids": [7, 8]}]
    found = exported(actual(), actual(id=8), actual(id=9, element="autotaskcrm"), duplicates=duplicates)

    assert [(each.get("id"), each["name"]) for each in found["instances"]] == [(7, "Acme"), (8, "Acme"), (None, "Acme")]
    assert [each["variable"] for each in found["secrets"]] == [
        "vault_acme_password_7",
        "vault_acme_password_8",
        "vault_acme_password_9",
    ]


@pytest.mark.parametrize("name", ["", " Acme", "a<b", "a\nb"])
def test_a_name_that_is_refused_gives_way_to_the_id(name: str) -> None:
    told = item(name=name)

    assert told["id"] == 7
    assert "name" not in told
    assert re.search("^name .* The list identifies the instance by its id", left_out(name=name)["name"])


def test_tags_that_are_refused_are_left_out_together() -> None:
    assert "tags" not in item(tags=("gold", " silver"))
    assert left_out(tags=("gold", " silver"))["tags"].startswith("a tag in tags must not be empty, or start")


def test_an_owner_that_is_refused_or_not_alone_is_left_out() -> None:
    assert left_out(tags=("ansible:owner:Acme!",))["owner"].startswith("owner must consist of")
    assert left_out(tags=("ansible:owner:a", "ansible:owner:b")) == {"owner": SEVERAL_OWNERS}
    assert "owner" not in item(tags=("ansible:owner:a", "ansible:owner:b"))


# It describes what was exported

CLEAR = "canary-secret-in-clear"
VALUES = st.one_of(st.none(), st.sampled_from(["", "500", "true", "FALSE", "{}", "{{ x }}", MASK]), st.text(max_size=9))
CONFIGURATION_KEYS = st.sampled_from(
    [*AUTOTASK, *ACT, *(key.key for key in TABLE), "oauth.api.secret", "oauth.user.token", "free", "frée"]
)
SECRET_KEYS = ("event.notification.signature.key", "oauth.user.token")
INSTANCES = st.builds(
    actual,
    id=st.integers(1, 10**6),
    name=st.one_of(st.sampled_from(["Acme", "acme", "A cme"]), st.text(max_size=9)),
    element=st.sampled_from(KEYS),
    tags=st.lists(st.one_of(st.sampled_from(["Acme", "ansible:owner:acme"]), st.text(max_size=5))).map(tuple),
    enabled=st.booleans(),
    configuration=st.dictionaries(CONFIGURATION_KEYS, VALUES).map(
        lambda held: {**held, **{key: CLEAR for key in SECRET_KEYS if held.get(key)}}
    ),
)


@given(st.lists(INSTANCES, max_size=5, unique_by=lambda each: each.id))
def test_an_export_with_its_secrets_changes_nothing_but_the_stamp(found: list[Actual]) -> None:
    names = [(each.element, each.name) for each in found]
    duplicates = [{"element": element, "name": name} for element, name in names if names.count((element, name)) > 1]
    told = exported(*found, duplicates=duplicates)
    variables = [each["variable"] for each in told["secrets"]]

    assert CLEAR not in json.dumps(told)
    assert MASK not in json.dumps(told["instances"])
    assert all(re.fullmatch("vault_[a-z0-9_]+", variable) for variable in variables)
    checked = Checker(ITEM)
    wanted = [read_desired(checked(each)) for each in told["instances"]]
    refuse_duplicates(wanted)
    for each, one in zip(found, wanted):
        assert one.id == each.id if one.id else one.names(each)
        # A placeholder is as good as any secret here: what reads back in clear is not compared without a stamp.
        reasons = make_plan(one, [each], STAMPS, bytes(8)).reasons
        assert reasons == (("not_stamped",) if one.secrets else ())
