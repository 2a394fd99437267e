# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Arguments against specifications: the short way and Ansible's own come to the same, and no value is said."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._options import argspec as _spec
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import (
    CONNECTION,
    ELEMENT_INFO,
    FLEET,
    INSTANCE,
    INSTANCE_EXPORT,
    INSTANCE_INFO,
    ITEM,
    TOKEN,
    TOKEN_FILE,
)
from hypothesis import given, settings
from hypothesis import strategies as st

TEXTS = st.one_of(st.sampled_from(("", "1", "true", "present", "always", "crm", "a=b", "a,b", "{}")), st.text())
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.floats(allow_nan=False), TEXTS)
FREE = st.dictionaries(TEXTS, LEAVES, max_size=2)
CREDENTIALS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("hub", "username", "password", "server_url", "api_key", "unknown"), LEAVES)
)
OF_TYPE = {
    "str": TEXTS,
    "int": st.integers(0, 3),
    "bool": st.booleans(),
    "dict": st.one_of(FREE, CREDENTIALS),
    "list": st.lists(TEXTS, max_size=2),
}
ANYTHING = st.one_of(LEAVES, FREE, CREDENTIALS, st.lists(LEAVES, max_size=2))


def _value(rules: dict[str, Any]) -> st.SearchStrategy[Any]:
    choices = [st.sampled_from(rules["choices"])] if "choices" in rules else []
    options = (
        [st.fixed_dictionaries({}, optional={name: _value(inner) for name, inner in rules["options"].items()})]
        if "options" in rules
        else []
    )
    return st.one_of(*choices, *options, OF_TYPE[rules["type"]], ANYTHING)


ITEMS = st.fixed_dictionaries({}, optional={**{name: _value(rules) for name, rules in ITEM.items()}, "other": LEAVES})
RIGHT = {
    "name": "Acme",
    "autotask": {"hub": "crm", "username": "user", "password": "password", "server_url": "https://ww2.autotask.net"},
    "configuration": {"a": 1, "b": [True]},
    "tags": ["one"],
    "enabled": True,
    "verify": "never",
}


@given(item=ITEMS)
def test_the_short_way_comes_to_what_ansible_comes_to(item: dict[str, Any]) -> None:
    known = _spec.without_unset(ITEM, item)
    short = _spec._Exact(ITEM).complete(known)
    try:
        validated = _spec.Checker(ITEM)._validated(known)
    except BadInput:
        assert short is None
    else:
        assert short in (None, validated)


@pytest.mark.parametrize("item", [{}, {"name": "Acme"}, RIGHT, {**RIGHT, "tags": None}])
def test_what_has_the_right_types_takes_the_short_way(item: dict[str, Any]) -> None:
    assert (
        _spec._Exact(ITEM).complete(_spec.without_unset(ITEM, item))
        == ArgumentSpecValidator(ITEM).validate(item).validated_parameters
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "1"},
        {"enabled": "yes"},
        {"name": 1},
        {"tags": [1]},
        {"tags": "one"},
        {"verify": "sometimes"},
        {"autotask": {}},
        {"autotask": {"hub": "sales"}},
        {"autotask": {"hub": "crm", "password": 1}},
        {"autotask": {"hub": "crm", "passwort": "x"}},
        {"act365": "api_key=1"},
        {"secret": {}},
    ],
)
def test_what_is_in_doubt_is_left_to_ansible(wrong: dict[str, Any]) -> None:
    assert _spec._Exact(ITEM).complete({"name": "Acme", **wrong}) is None


def test_null_is_unset() -> None:
    nothing = dict.fromkeys(FLEET)
    assert _spec.Checker(FLEET)(nothing) == _spec.Checker(FLEET)({})
    nulls = {**RIGHT, **dict.fromkeys(ITEM.keys() - RIGHT.keys()), "id": "1"}
    assert _spec.Checker(ITEM)(nulls) == _spec.Checker(ITEM)({**RIGHT, "id": 1})
    with pytest.raises(BadInput, match=r"^autotask\.hub is missing: choose one of crm, helpdesk, finance\.$"):
        _spec.Checker(ITEM)({"name": "Acme", "autotask": {"hub": None}})


@pytest.mark.parametrize("spec", [FLEET, INSTANCE, INSTANCE_INFO, TOKEN_FILE, ITEM])
def test_an_empty_text_is_unset_for_each_option(spec: _spec.Spec) -> None:
    needed = {name: "x" for name, rules in spec.items() if rules.get("required")}
    given = {**dict.fromkeys(spec, ""), **needed}

    assert _spec.Checker(spec)(given) == _spec.Checker(spec)(needed)


def test_an_empty_text_in_events_is_something_to_refuse_and_an_empty_list_is_a_list() -> None:
    checked = _spec.Checker(ITEM)({"name": "A", "id": "1", "enabled": "", "tags": [], "events": {"signature_key": ""}})

    assert (checked["enabled"], checked["tags"], checked["events"]["signature_key"]) == (None, [], "")
    assert _spec.Checker(FLEET)({"instances": []})["instances"] == []


def test_shared_credentials_that_are_empty_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CLOUD_ELEMENTS_AUTOTASK_PASSWORD", "of-the-environment")

    for shared in ({}, "", None, {"password": ""}, {"password": None, "username": ""}):
        assert _spec.Checker(FLEET)({"autotask": shared})["autotask"]["password"] == "of-the-environment"


@pytest.mark.parametrize(
    ("value", "kind"), [(False, "a boolean"), (0, "a number"), (1.5, "a number"), ([], "a list"), (["hub"], "a list")]
)
def test_what_is_no_dictionary_is_refused_as_such(value: object, kind: str) -> None:
    with pytest.raises(BadInput, match=rf"^autotask must be a dictionary, not {kind}\.$"):
        _spec.Checker(ITEM)({"name": "Acme", "autotask": value})


@pytest.mark.parametrize("spec", [CONNECTION, FLEET])
def test_what_may_come_from_the_environment_is_left_to_ansible(spec: _spec.Spec) -> None:
    assert _spec._Exact(spec).complete({}) is None


# The sentences

OPTIONS_OF_AUTOTASK = "hub, password, server_url, username"
FROM_STRING = ": convert it with the filter from_json or from_yaml"
IN_QUOTES = "must be a string, not a number: put it in quotes."
NO_BOOLEAN = (
    "must be a string, not a boolean: put it in quotes (before ansible-core 2.19, templates turn the words True "
    "and False into booleans)."
)
NO_OPTION = "unsupported option"
OF_ITEMS: list[tuple[dict[Any, Any], str]] = [
    ({"autotask": {"hub": "crm", "passwort": "x"}}, f"{NO_OPTION}: autotask.passwort. Did you mean autotask.password?"),
    ({"autotask": {"hub": "crm", "color": 1}}, f"{NO_OPTION}: autotask.color. Choose from {OPTIONS_OF_AUTOTASK}."),
    ({"nmae": "Acme"}, "unsupported option: nmae. Did you mean name?"),
    (
        {"autotask": {"hub": "crm", "my pass": "x"}},
        "unsupported option in autotask. Its name is not shown, because it may be a secret. Choose from "
        f"{OPTIONS_OF_AUTOTASK}.",
    ),
    ({"autotask": {"hub": "sales"}}, "autotask.hub must be one of crm, helpdesk, finance."),
    ({"autotask": {"hub": ["crm"]}}, "autotask.hub must be a string, not a list."),
    ({"autotask": {}}, "autotask.hub is missing: choose one of crm, helpdesk, finance."),
    ({"id": "x found in y"}, "id must be a whole number."),
    ({"id": 1.5}, "id must be a whole number."),
    ({"id": {"a": 1}}, "id must be a whole number, not a dictionary."),
    ({"enabled": "perhaps"}, "enabled must be true or false."),
    (
        {"events": {"resources": ["a", {"b": 1}, None]}},
        "events.resources[1] must be a string, not a dictionary. events.resources[2] must be a string, not null.",
    ),
    ({"tags": {"a": 1}}, "tags must be a list, not a dictionary."),
    *(
        ({"secrets": text}, f"secrets must be a dictionary, not a string{FROM_STRING}.")
        for text in ("hunter2", '{"password": "hunter2"', "a=b, c", "{1, 2}")
    ),
    ({"autotask": {"hub": "crm", "password": 83}}, f"autotask.password {IN_QUOTES}"),
    ({"act365": {"api_key": True}}, f"act365.api_key {NO_BOOLEAN}"),
    ({"events": {"signature_key": 1.1}}, f"events.signature_key {IN_QUOTES}"),
    ({"name": 1.1}, f"name {IN_QUOTES}"),
    ({"name": True}, f"name {NO_BOOLEAN}"),
    ({"tags": ["a", 1.1]}, f"tags[1] {IN_QUOTES}"),
    ({"tags": 1.1}, "tags must be a list, not a number."),
    ({"tags": True}, "tags must be a list, not a boolean."),
    *(({"tags": text}, f"tags must be a list, not a string{FROM_STRING}.") for text in ('["a", "b"', "['a', 'b']")),
    (
        {"id": "x", "state": "gone", "enabled": []},
        "id must be a whole number. state must be one of present, absent. enabled must be true or false, not a list.",
    ),
]
OF_LISTS = "instances must be a list of dictionaries, not a"
SENTENCES: list[tuple[_spec.Spec, dict[Any, Any], str]] = [
    *((ITEM, given, sentence) for given, sentence in OF_ITEMS),
    (TOKEN_FILE, {}, "path is missing: set it."),
    *(
        (FLEET, {"instances": text}, f"{OF_LISTS} string{FROM_STRING}.")
        for text in ('[{"name": "a", "element": "b"}]', "name=a, element=b")
    ),
    (FLEET, {"instances": {"name": "a"}}, f"{OF_LISTS} dictionary."),
    (
        FLEET,
        {"instances": [{}, "x", 5]},
        f"instances[1] must be a dictionary, not a string{FROM_STRING}. "
        "instances[2] must be a dictionary, not a number.",
    ),
    (FLEET, {"instances": [], "autotask": {"password": 0}}, f"autotask.password {IN_QUOTES}"),
    (INSTANCE_INFO, {"user_secret": 5}, f"user_secret {IN_QUOTES}"),
    (FLEET, {"stamp_key": 5}, f"stamp_key {IN_QUOTES}"),
]


@pytest.mark.parametrize(("spec", "arguments", "sentence"), SENTENCES)
def test_what_does_not_fit_is_said_in_this_sentence(spec: _spec.Spec, arguments: dict[Any, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=f"^{re.escape(sentence)}$"):
        _spec.Checker(spec)(arguments)


AUTOTASK = {"hub": "crm", "username": "u"}
MISSPELT: list[tuple[_spec.Spec, dict[str, Any], str, str]] = [
    (INSTANCE, {"nmae": "Acme"}, "nmae", "name"),
    (INSTANCE, {"autotsk": AUTOTASK}, "autotsk", "autotask"),
    (INSTANCE, {"AutoTask": AUTOTASK}, "AutoTask", "autotask"),
    (INSTANCE, {"autotask": {**AUTOTASK, "pasword": "x"}}, "autotask.pasword", "autotask.password"),
    (INSTANCE, {"autotask": {**AUTOTASK, "serverUrl": "x"}}, "autotask.serverUrl", "autotask.server_url"),
    (INSTANCE, {"act365": {"apikey": "x"}}, "act365.apikey", "act365.api_key"),
    (INSTANCE, {"act365": {"DEVELOPER_KEY": "x"}}, "act365.DEVELOPER_KEY", "act365.developer_key"),
    (INSTANCE, {"events": {"resource": ["contacts"]}}, "events.resource", "events.resources"),
    (INSTANCE, {"return_tokens": True}, "return_tokens", "return_token"),
    (INSTANCE, {"username": "x"}, "username", "autotask.username"),
    (INSTANCE, {"Password": "x"}, "Password", "autotask.password"),
    (INSTANCE, {"resources": ["contacts"]}, "resources", "events.resources"),
    (ITEM, {"nmae": "Acme"}, "nmae", "name"),
    (ITEM, {"autotask": {**AUTOTASK, "pasword": "x"}}, "autotask.pasword", "autotask.password"),
    (ITEM, {"act365": {"develper_key": "x"}}, "act365.develper_key", "act365.developer_key"),
    (ITEM, {"confguration": {"a": 1}}, "confguration", "configuration"),
    (FLEET, {"instances": [], "prunes": True}, "prunes", "prune"),
    (FLEET, {"instance": []}, "instance", "instances"),
    (FLEET, {"instances": [], "autotask": {"pasword": "x"}}, "autotask.pasword", "autotask.password"),
    (TOKEN, {"elment": "autotaskcrm"}, "elment", "element"),
    (TOKEN_FILE, {"path": "x", "valt_id": "x"}, "valt_id", "vault_id"),
    (INSTANCE_INFO, {"base_ulr": "x"}, "base_ulr", "base_url"),
    (INSTANCE_EXPORT, {"login": "environment"}, "login", "logins"),
    (ELEMENT_INFO, {"usr_secret": "x"}, "usr_secret", "user_secret"),
]


@pytest.mark.parametrize(("spec", "arguments", "given", "meant"), MISSPELT)
def test_a_misspelt_option_is_shown_with_the_one_that_was_meant(
    spec: _spec.Spec, arguments: dict[str, Any], given: str, meant: str
) -> None:
    with pytest.raises(
        BadInput, match=rf"^unsupported option: {re.escape(given)}\. Did you mean {re.escape(meant)}\?$"
    ):
        _spec.Checker(spec)(arguments)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("p" * 40, True), ("p" * 41, False), ("pass_word1", True), ("pass-word1", False), ("1password", False)],
)
def test_the_name_of_an_unknown_option_is_shown_if_it_may_be_one(name: str, shown: bool) -> None:
    with pytest.raises(BadInput) as caught:
        _spec.Checker(INSTANCE)({"autotask": {**AUTOTASK, name: "x"}})

    assert (name in str(caught.value)) is shown
    assert ("in autotask. Its name is not shown" in str(caught.value)) is not shown


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        ("a", ["a"]),
        ("a, b,c", ["a", "b", "c"]),
        (' ["a, b", "c"] ', ["a, b", "c"]),
        ("[]", []),
        (2024, ["2024"]),
        ([2024, "a"], ["2024", "a"]),
    ],
)
def test_a_list_may_be_a_string(given: Any, tags: list[str]) -> None:
    assert _spec.Checker(ITEM)({"tags": given})["tags"] == tags


def test_of_many_sentences_the_first_are_said() -> None:
    with pytest.raises(BadInput, match=r"tags\[9\] must be a string, not a list\. and 30 more$"):
        _spec.Checker(ITEM)({"tags": [[]] * 40})


@pytest.mark.parametrize(
    "name", ["with space", "a" * 41, "p\u00e4ss", "a-b", "", 5, True, None, (1,), b"bytes", date(2024, 1, 1)]
)
def test_a_name_that_may_be_a_secret_is_not_said(name: Any) -> None:
    with pytest.raises(BadInput, match=r"^unsupported option here\. Its name is not shown") as caught:
        _spec.Checker(TOKEN)({name: "x"})
    assert not name or str(name) not in str(caught.value)


@pytest.mark.parametrize(
    "arguments", [{"secrets": {"a": "hunter2"}}, {"name": "hunter2"}, {"tags": ["x", "hunter2"]}, {"hunter": "hunter2"}]
)
def test_a_value_is_not_said_as_the_name_of_an_option(arguments: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        _spec.Checker(ITEM)({**arguments, "hunter2": "x"})
    assert "hunter2" not in str(caught.value)


def test_what_ansible_refuses_for_another_reason_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    checker = _spec.Checker(ITEM)
    monkeypatch.setattr(checker._validator, "_required_together", [["name", "owner"]])
    with pytest.raises(BadInput, match=r"^Ansible does not accept this combination of options\.$"):
        checker({"name": "canary", "enabled": "yes"})


CANARY = "q7canary7q"
AROUND = (
    *("", " ", " found in ", ", got: ", " must be one of: ", "convert to int: ", "\n", "'", '"', "=", ",", "{", "["),
    *("{'", "%s"),
)
HOSTILE_TEXTS = st.builds("{0}{1}{2}".format, st.sampled_from(AROUND), st.just(CANARY), st.sampled_from(AROUND))
HOSTILE_LEAVES = st.one_of(
    HOSTILE_TEXTS,
    st.builds(str.encode, HOSTILE_TEXTS),
    st.sampled_from((None, True, 0, -1.5, float("nan"), date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=timezone.utc))),
)
HOSTILE_KEYS = st.one_of(
    # A short identifier could be an option, so it is said.
    st.sampled_from(("a", "b", "hub", f"x {CANARY}", CANARY * 5, f"{CANARY}-", 5, None, True, b"x", (1,)))
)
HOSTILE = st.recursive(
    HOSTILE_LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner), st.dictionaries(HOSTILE_KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)
RULES = st.deferred(
    lambda: st.one_of(
        st.fixed_dictionaries(
            {"type": st.sampled_from(("str", "int", "bool", "path", "dict"))},
            optional={"required": st.booleans(), "no_log": st.booleans()},
        ),
        st.just({"type": "str", "choices": ["one", "two"]}),
        st.fixed_dictionaries({"type": st.just("list"), "elements": st.sampled_from(("str", "int", "dict"))}),
        st.fixed_dictionaries({"type": st.just("dict"), "options": SPECS}, optional={"apply_defaults": st.booleans()}),
    )
)
SPECS = st.dictionaries(st.sampled_from(("a", "b", "hub")), RULES, max_size=3)


@settings(max_examples=200)
@given(spec=SPECS, arguments=st.dictionaries(HOSTILE_KEYS, HOSTILE, max_size=4))
def test_no_value_is_ever_said(spec: _spec.Spec, arguments: dict[Any, Any]) -> None:
    assert CANARY not in refusal(spec, arguments)


def refusal(spec: _spec.Spec, arguments: dict[Any, Any]) -> str:
    """Return the sentences that refuse the arguments, and '' when they fit."""
    try:
        _spec.Checker(spec)(arguments)
    except BadInput as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "spec", [ITEM, INSTANCE, FLEET, TOKEN, TOKEN_FILE, INSTANCE_INFO, INSTANCE_EXPORT, ELEMENT_INFO]
)
def test_each_type_has_its_word(spec: _spec.Spec) -> None:
    def types(options: _spec.Spec) -> set[str]:
        inner = [types(rules["options"]) for rules in options.values() if "options" in rules]
        return {rules["type"] for rules in options.values()}.union(*inner)

    assert types(spec) <= _spec._EXPECTED.keys()


# What goes on to a module


def test_a_dictionary_as_a_text_goes_on_as_a_dictionary() -> None:
    given = {
        "name": "Acme",
        "secrets": '{"password": "hunter2", "5": [1, {"b": null}]}',
        "provider_data": "code=hunter2, state='a b'",
        "autotask": '{"hub": "crm", "password": "hunter2"}',
        "events": {"enabled": "yes", "poller_configuration": '{"contacts": {}}'},
        "configuration": "{'a': 1, 2: True}",
        "tags": "one,two",
        "id": "5",
    }

    assert _spec.Checker(INSTANCE).as_given(given) == {
        "name": "Acme",
        "secrets": {"password": "hunter2", "5": [1, {"b": None}]},
        "provider_data": {"code": "hunter2", "state": "a b"},
        "autotask": {"hub": "crm", "password": "hunter2"},
        "events": {"enabled": True, "poller_configuration": {"contacts": {}}},
        "configuration": {"a": 1, "2": True},
        "tags": ["one", "two"],
        "id": 5,
    }


def test_neither_defaults_nor_the_environment_of_this_machine_go_on(environment: pytest.MonkeyPatch) -> None:
    for name in ("USER_SECRET", "ORGANIZATION_SECRET", "STAMP_KEY", "BASE_URL", "AUTOTASK_PASSWORD", "ACT365_API_KEY"):
        environment.setenv(f"CLOUD_ELEMENTS_{name}", "canary")
    environment.setenv("HOME", "/canary")
    given = {"autotask": {"hub": "crm"}, "act365": {}, "secrets": "{}", "name": None, "ca_path": "~/$HOME/ca.pem"}

    assert _spec.Checker(INSTANCE).as_given(given) == {
        "autotask": {"hub": "crm"},
        "act365": {},
        "secrets": {},
        "ca_path": "~/$HOME/ca.pem",
    }


@given(item=ITEMS)
def test_what_goes_on_means_the_same(item: dict[str, Any]) -> None:
    checker = _spec.Checker(ITEM)
    try:
        expected = checker(item)
    except BadInput:
        return
    assert checker(checker.as_given(item)) == expected


def test_what_has_other_types_than_json_goes_on_as_json_writes_it() -> None:
    odd = {5: date(2024, 1, 2), True: (1, b"text"), date(2024, 1, 1): datetime(2024, 1, 1, 7, tzinfo=timezone.utc)}

    assert _spec.plain(odd) == {"5": "2024-01-02", "True": [1, "text"], "2024-01-01": "2024-01-01T07:00:00+00:00"}
