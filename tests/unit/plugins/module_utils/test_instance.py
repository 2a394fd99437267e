# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two values: what is read, what is compared, and what may be shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.changes import Create
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.element import Element
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import (
    Actual,
    Desired,
    describe_duplicates,
    owner_tag,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.values import (
    MASK,
    is_mask,
    to_stored_text,
    values_equal,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.views import (
    instance_view,
    safe_instance_view,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    SECRET,
    TOKEN,
    actual,
    desired,
)
from hypothesis import example, given
from hypothesis import strategies as st

LEAST = {"id": 5, "name": "Acme", "element": {"key": "e"}}
BODY = {
    "id": 5,
    "name": "Acme",
    "element": {"key": "autotaskcrm", "name": "AutoTask", "id": 50},
    "tags": ["a", "ansible:owner:o"],
    "disabled": True,
    "valid": False,
    "eventsEnabled": True,
    "configuration": {"user": "u", "password": MASK, "on": True, "n": 15, "j": {"b": 1, "a": [2]}, "none": None},
    "createdDate": "C",
    "updatedDate": "U",
    "token": TOKEN,
    "providerData": {"code": "canary-code"},
    "user": {"emailAddress": "canary@example.com"},
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("id", "name", "element", "tags", "disabled", "valid", "configuration", "createdDate", "token")


def test_an_answer_is_read_by_allow_list() -> None:
    assert Actual.read(BODY) == Actual(
        id=5,
        name="Acme",
        element="autotaskcrm",
        tags=("a", "ansible:owner:o"),
        enabled=False,
        valid=False,
        events_enabled=True,
        configuration={"user": "u", "password": MASK, "on": "true", "n": "15", "j": '{"a":[2],"b":1}', "none": None},
        created_date="C",
        updated_date="U",
        token=TOKEN,
    )


def test_what_an_answer_leaves_out_has_its_usual_value() -> None:
    read = Actual.read(LEAST)

    assert (read.enabled, read.valid, read.events_enabled) == (True, True, False)
    assert (read.tags, read.configuration) == (None, None)


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"id": "12153"}, "id", 12153),
        ({"name": None}, "name", ""),
        ({"tags": [{"id": 1, "name": "QA Box"}, "plain"]}, "tags", ("QA Box", "plain")),
        ({"tags": []}, "tags", ()),
        ({"tags": None}, "tags", None),
        ({"configuration": None}, "configuration", None),
        ({"configuration": {}}, "configuration", {}),
        ({"valid": None}, "valid", True),
        ({"createdDate": 1576049443}, "created_date", "1576049443"),
        ({"token": None}, "token", None),
    ],
)
def test_odd_but_known_answers_are_read(change: dict[str, Any], field: str, expected: Any) -> None:
    assert getattr(Actual.read({**LEAST, **change}), field) == expected


ODD_FIELDS: dict[str, list[Any]] = {
    "id": [None, "x", True, 1.5],
    "name": [["Acme"]],
    "element": [None, {}, "autotaskcrm", {"key": 5}],
    "tags": [[{"id": 1}], 5, "one", [5]],
    "disabled": ["false"],
    "valid": ["false"],
    "token": [{"a": 1}],
    "configuration": [["a"]],
}
NO_INSTANCES = [
    *(None, [], "text", {}, {key: value for key, value in LEAST.items() if key != "name"}),
    *({**LEAST, field: value} for field, values in ODD_FIELDS.items() for value in values),
]


@pytest.mark.parametrize("body", NO_INSTANCES)
def test_what_is_not_an_instance_is_a_value_error_without_its_data(body: Any) -> None:
    with pytest.raises(ValueError, match=r"^something that is not an element instance$"):
        Actual.read(body)


@given(json_values | st.dictionaries(st.sampled_from(FIELDS), json_values))
@example({**LEAST, "id": float("inf")})
@example({**LEAST, "id": float("nan")})
def test_reading_any_json_raises_nothing_but_a_value_error(body: Any) -> None:
    try:
        read = Actual.read(body)
    except ValueError:
        return
    assert isinstance(read.id, int)


@pytest.mark.parametrize("missing", ["tags", "configuration", "disabled", "valid"])
def test_an_answer_that_leaves_something_out_is_short(missing: str) -> None:
    assert not Actual.read(BODY).short
    assert Actual.read({**BODY, missing: None}).short
    assert Actual.read({key: value for key, value in BODY.items() if key != missing}).short


def test_an_empty_configuration_says_nothing_and_empty_tags_say_that_there_are_none() -> None:
    assert Actual.read({**BODY, "configuration": {}}).short
    assert not Actual.read({**BODY, "tags": []}).short


def test_of_many_duplicates_the_first_are_told_and_the_others_counted() -> None:
    sentence = str(describe_duplicates([actual(id=number) for number in range(300, 0, -1)]))

    assert sentence.startswith("300 instances have this element and name (id 1, created ")
    assert "; id 20, created " in sentence
    assert " and 280 more). Choose one with id" in sentence
    assert len(sentence) < 1500


def test_owners_are_read_from_their_tags() -> None:
    assert actual(tags=("ansible:owner:b", "ansible:owner:a", "a", "ansible:v1:x")).owners == {"a", "b"}
    assert actual(tags=None).owners == frozenset()
    assert actual(tags=(owner_tag("acme"),)).owners == {"acme"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (15, "15"),
        (0, "0"),
        (1.5, "1.5"),
        ("text", "text"),
        ("", ""),
        ({"b": 1, "a": True}, '{"a":true,"b":1}'),
        (["b", 1], '["b",1]'),
    ],
)
def test_configuration_values_are_text(value: Any, text: str) -> None:
    assert to_stored_text(value) == text


SAME = [
    ("a", "a"),
    ("", ""),
    ("", None),
    ("true", "TRUE"),
    ("False", "false"),
    ('{"a":1,"b":[2]}', '{ "b": [2], "a": 1 }'),
    ("[1]", "[ 1 ]"),
    # As the platform serves the default of what AutoTask's help desk polls.
    ('{"a":1}', '\n{\n\t"a": 1\n}'),
    (" [1]\n", "[1]"),
]
DIFFERENT = [
    ("a", "A"),
    ("a", None),
    ("a", ""),
    ("", "a"),
    ("true", "false"),
    ("true", "1"),
    ("[1,2]", "[2,1]"),
    ('{"a":1}', '{"a":2}'),
    ('{"a":1}', '{"a":"1"}'),
    ('{"a":1}', '{"a":true}'),
    ("{", "{{"),
    ("{a}", "{a }"),
    ("1", "1.0"),
    (" a", "a"),
    ("\n{a}", "{a}"),
]


@pytest.mark.parametrize(("wanted", "there"), SAME)
def test_these_values_are_the_same(wanted: str, there: str | None) -> None:
    assert values_equal(wanted, there)


@pytest.mark.parametrize(("wanted", "there"), DIFFERENT)
def test_these_values_differ(wanted: str, there: str | None) -> None:
    assert not values_equal(wanted, there)


def test_json_that_is_too_deep_to_read_differs() -> None:
    assert not values_equal("[" * 200_000, "[" * 200_001)


@given(json_values)
def test_a_value_is_the_same_as_itself_however_json_is_written(value: Any) -> None:
    if isinstance(value, (dict, list)) and "NaN" not in json.dumps(value):
        assert values_equal(to_stored_text(value), json.dumps(value, indent=2))
    assert values_equal(to_stored_text(value), to_stored_text(value))


@pytest.mark.parametrize(("text", "mask"), [(MASK, True), ("*", True), ("", False), ("*a*", False), ("* *", False)])
def test_a_mask_is_asterisks_alone(text: str, mask: bool) -> None:
    assert is_mask(text) == mask


# What may be shown

SHOWN = {
    *("id", "name", "element", "tags", "owner", "enabled", "valid", "events_enabled", "configuration"),
    *("created_date", "updated_date"),
}


def test_the_public_view() -> None:
    assert instance_view(Actual.read(BODY), ["user", "n", "absent"]) == {
        "id": 5,
        "name": "Acme",
        "element": "autotaskcrm",
        "tags": ["a"],
        "owner": "o",
        "enabled": False,
        "valid": False,
        "events_enabled": True,
        "configuration": {"n": "15", "user": "u"},
        "created_date": "C",
        "updated_date": "U",
    }


@given(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["canary-1", "canary-2", None])),
    st.lists(st.sampled_from("wxyz"), unique=True),
)
def test_the_public_view_never_holds_the_token_or_a_key_that_was_not_asked_for(
    hidden: dict[str, str | None], keys: list[str]
) -> None:
    held = {**hidden, **dict.fromkeys("wxyz", "shown")}
    view = instance_view(actual(configuration=held, token=TOKEN), keys)

    assert set(view) == SHOWN
    assert sorted(view["configuration"]) == sorted(keys)
    assert "canary" not in str(view)


@pytest.mark.parametrize("element", ["examplebasic", "actessentials"])
def test_the_view_for_anybody_leaves_out_what_is_not_there_or_masked_and_keeps_what_is_empty(element: str) -> None:
    held = {"zone": "eu", "password": MASK, "empty": "", "null": None}
    view = safe_instance_view(actual(element=element, configuration=held), [*held, "absent"], Element(element))

    assert view["configuration"] == {"empty": "", "null": None, "zone": "eu"}
    assert set(view) == SHOWN


@pytest.mark.parametrize(("element", "told"), [("examplebasic", ["username"]), ("actessentials", [])])
def test_the_view_for_anybody_knows_which_readable_keys_of_a_vendor_are_secrets(element: str, told: list[str]) -> None:
    # Act! 365 has the key of its API there, and the platform shows it.
    view = safe_instance_view(
        actual(element=element, configuration={"username": "canary"}), ["username"], Element(element)
    )

    assert list(view["configuration"]) == told


def test_the_view_for_anybody_holds_no_configuration_of_an_element_that_nobody_knows() -> None:
    assert safe_instance_view(actual(configuration={"zone": "eu"}), ["zone"], None)["configuration"] == {}


@given(st.text(alphabet="abcdef", min_size=4).map("canary".__add__))
def test_no_repr_shows_a_secret(secret: str) -> None:
    values: list[Any] = [
        desired(secrets={"password": secret}, provider_data={"code": secret}),
        actual(configuration={"username": secret}, token=secret),
        Create(configuration={"password": secret}, provider_data={"code": secret}),
    ]

    assert secret not in repr(values)
    assert secret not in str(values)


@pytest.mark.parametrize(
    ("wanted", "label"),
    [
        (desired(), 'examplebasic "Acme"'),
        (desired(id=7), 'examplebasic "Acme" (id 7)'),
        (Desired(None, id=7), "instance (id 7)"),
        (Desired(None, name="Acme", id=7), 'instance "Acme" (id 7)'),
    ],
)
def test_an_instance_is_named_for_a_person(wanted: Desired, label: str) -> None:
    assert str(wanted.label) == label


@pytest.mark.parametrize(
    ("changes", "named"), [({}, True), ({"name": "acme"}, False), ({"name": "Acme "}, False), ({"element": "e"}, False)]
)
def test_a_name_is_matched_exactly_and_with_its_element(changes: dict[str, Any], named: bool) -> None:
    assert desired(secrets={"password": SECRET}).names(actual(**changes)) == named
