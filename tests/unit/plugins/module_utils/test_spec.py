# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Arguments against specifications: the short way and Ansible's own come to the same."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloud_elements.platform.plugins.module_utils import _spec
from ansible_collections.cloud_elements.platform.plugins.module_utils._errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._options import CONNECTION, FLEET, ITEM
from hypothesis import given
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
    short = _spec._as_it_is(ITEM, item)
    try:
        validated = _spec.Checker(ITEM)._validated(item)
    except BadInput:
        assert short is None
    else:
        assert short in (None, validated)


@pytest.mark.parametrize("item", [{}, {"name": "Acme"}, RIGHT, {**RIGHT, "tags": None}])
def test_what_has_the_right_types_takes_the_short_way(item: dict[str, Any]) -> None:
    assert _spec._as_it_is(ITEM, item) == ArgumentSpecValidator(ITEM).validate(item).validated_parameters


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
    assert _spec._as_it_is(ITEM, {"name": "Acme", **wrong}) is None


def test_null_is_unset() -> None:
    nothing = dict.fromkeys(FLEET)
    assert _spec.Checker(FLEET)(nothing) == _spec.Checker(FLEET)({})
    nulls = {**RIGHT, **dict.fromkeys(ITEM.keys() - RIGHT.keys()), "id": "1"}
    assert _spec.Checker(ITEM)(nulls) == _spec.Checker(ITEM)({**RIGHT, "id": 1})
    with pytest.raises(BadInput, match="hub found in autotask"):
        _spec.Checker(ITEM)({"name": "Acme", "autotask": {"hub": None}})


@pytest.mark.parametrize("value", [False, 0, 1.5, [], ["hub"]])
def test_what_is_no_dictionary_is_refused_as_such(value: object) -> None:
    with pytest.raises(BadInput, match=r"^autotask must be a dictionary\.$"):
        _spec.Checker(ITEM)({"name": "Acme", "autotask": value})


@pytest.mark.parametrize("spec", [CONNECTION, FLEET])
def test_what_may_come_from_the_environment_is_left_to_ansible(spec: _spec.Spec) -> None:
    assert _spec._as_it_is(spec, {}) is None
