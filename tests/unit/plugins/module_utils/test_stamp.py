# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stamp: known vectors, made by other code, and what holds for every stamp."""

from __future__ import annotations

import re

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.stamp import (
    SALT_BYTES,
    Stamps,
    StampState,
    _hkdf,
    invalidated,
    is_stamp,
)
from hypothesis import given
from hypothesis import strategies as st

SHAPE = re.compile(r"ansible:v1:[a-z2-7]{6}\.[a-z2-7]{13}\.[a-z2-7]{26}")
STAMPS = Stamps("organization-secret")
SALT = bytes(SALT_BYTES)
KNOWN = [
    (
        ("organization-secret", "autotaskcrm", {"crm.autotask.password": "s3cret"}, bytes(range(8))),
        "ansible:v1:vfsygb.aaaqeayeaudao.kp6tg7b3hmsw4gffgeojnsdowa",
    ),
    (
        ("organization-secret", "examplebasic", {}, b"\xff" * 8),
        "ansible:v1:vfsygb.7777777777776.wgktdnphdl2nq67w6evprl45ta",
    ),
    (
        ("clé", "actessentials", {"username": "API kéy", "password": 'q"uo\\te\n'}, b"saltsalt"),
        "ansible:v1:ghynb6.onqwy5dtmfwhi.4i6mtvtvpqqx5vvnomt23fzex4",
    ),
]

texts = st.text(max_size=20)
secret_sets = st.dictionaries(texts, texts, max_size=4)
salts = st.binary(min_size=8, max_size=8)


@pytest.mark.parametrize(("given", "expected"), KNOWN)
def test_a_stamp_is_made_as_documented(given: tuple[str, str, dict[str, str], bytes], expected: str) -> None:
    key, element, secrets, salt = given

    assert Stamps(key).make(element, secrets, salt) == expected
    assert Stamps(key).judge([expected], element, secrets) is StampState.MATCH


def test_the_key_derivation_is_that_of_rfc_5869() -> None:
    # Its test case 3: no salt, no info.
    assert _hkdf(bytes.fromhex("0b" * 22), b"", 32).hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    )


@given(texts, secret_sets, salts)
def test_every_stamp_has_the_documented_shape(element: str, secrets: dict[str, str], salt: bytes) -> None:
    assert SHAPE.fullmatch(STAMPS.make(element, secrets, salt))


@given(texts, secret_sets, salts)
def test_the_same_secrets_match_in_any_order(element: str, secrets: dict[str, str], salt: bytes) -> None:
    tag = STAMPS.make(element, secrets, salt)

    assert STAMPS.judge(["other", tag], element, dict(reversed(list(secrets.items())))) is StampState.MATCH


@given(texts, secret_sets, secret_sets, salts)
def test_any_other_secrets_are_changed_secrets(
    element: str, stamped: dict[str, str], now: dict[str, str], salt: bytes
) -> None:
    tag = STAMPS.make(element, stamped, salt)

    assert STAMPS.judge([tag], element, now) is (StampState.MATCH if stamped == now else StampState.CHANGED)


@given(st.dictionaries(texts, texts, min_size=1, max_size=4), salts, st.data())
def test_one_changed_value_key_or_element_is_seen(secrets: dict[str, str], salt: bytes, data: st.DataObject) -> None:
    tag = STAMPS.make("element", secrets, salt)
    key = data.draw(st.sampled_from(sorted(secrets)))
    renamed = {(k + "x" if k == key else k): v for k, v in secrets.items() if k != key + "x"}

    assert STAMPS.judge([tag], "element", {**secrets, key: secrets[key] + "x"}) is StampState.CHANGED
    assert STAMPS.judge([tag], "element", renamed) is StampState.CHANGED
    assert STAMPS.judge([tag], "element", {k: v for k, v in secrets.items() if k != key}) is StampState.CHANGED
    assert STAMPS.judge([tag], "elementx", secrets) is StampState.CHANGED


def test_parts_cannot_be_moved_between_element_and_secrets() -> None:
    tag = STAMPS.make("ab", {"c": "d"}, b"saltsalt")

    assert STAMPS.judge([tag], "a", {"bc": "d"}) is StampState.CHANGED
    assert STAMPS.judge([tag], "ab", {"cd": ""}) is StampState.CHANGED


@given(texts, texts)
def test_another_stamp_key_is_distinguished_from_changed_secrets(one: str, other: str) -> None:
    tag = Stamps(one).make("element", {"a": "b"}, b"saltsalt")

    assert Stamps(other).judge([tag], "element", {"a": "b"}) is (
        StampState.MATCH if one == other else StampState.OTHER_KEY
    )


def test_another_salt_makes_another_stamp() -> None:
    assert STAMPS.make("e", {}, b"saltsalt") != STAMPS.make("e", {}, b"saltsal2")


FULL = STAMPS.make("e", {}, b"saltsalt")
ODD = [
    ([], StampState.MISSING),
    (["Acme", "ansible:owner:acme", "ansible:v2:x", "Ansible:v1:x"], StampState.MISSING),
    (["ansible:v1:"], StampState.UNREADABLE),
    ([FULL[:-1]], StampState.UNREADABLE),
    ([FULL + "a"], StampState.UNREADABLE),
    ([FULL + "\n"], StampState.UNREADABLE),
    ([FULL.upper().replace("ANSIBLE:V1:", "ansible:v1:")], StampState.UNREADABLE),
    ([FULL.replace(".", ":")], StampState.UNREADABLE),
    ([FULL, FULL], StampState.MATCH),
    ([FULL, STAMPS.make("e", {}, b"saltsal2")], StampState.UNREADABLE),
    ([FULL, FULL[:20]], StampState.UNREADABLE),
    ([invalidated(FULL)], StampState.INVALIDATED),
    ([FULL, invalidated(FULL)], StampState.UNREADABLE),
    ([invalidated(Stamps("another").make("e", {}, b"saltsalt"))], StampState.OTHER_KEY),
]


@pytest.mark.parametrize(("tags", "verdict"), ODD)
def test_odd_tags(tags: list[str], verdict: StampState) -> None:
    assert STAMPS.judge(tags, "e", {}) is verdict


foreign_stamps = salts.map(lambda salt: Stamps(salt.hex()).make("e", {"a": "b"}, salt))


@given(st.lists(texts | texts.map("ansible:v1:".__add__) | foreign_stamps, max_size=4))
def test_no_foreign_tag_is_taken_for_a_match_or_breaks_anything(tags: list[str]) -> None:
    assert STAMPS.judge(tags, "e", {"a": "b"}) is not StampState.MATCH


def test_a_withdrawn_stamp_keeps_its_key_id_and_salt() -> None:
    assert invalidated(KNOWN[0][1]) == "ansible:v1:vfsygb.aaaqeayeaudao.-"


@given(texts.map("ansible:v1:".__add__))
def test_whatever_is_withdrawn_stays_one_of_our_tags_and_never_matches(cut: str) -> None:
    assert is_stamp(invalidated(cut))
    assert STAMPS.judge([invalidated(cut)], "e", {}) is not StampState.MATCH


@given(texts)
def test_a_stamp_is_what_starts_like_one(tag: str) -> None:
    assert is_stamp("ansible:v1:" + tag)
    assert not is_stamp("x" + tag)


@given(st.text(min_size=1, max_size=20), secret_sets)
def test_a_surrogate_does_not_break_a_stamp(key: str, secrets: dict[str, str]) -> None:
    odd = {**secrets, "\udc80": "\ud800"}

    assert Stamps(key + "\udcff").judge([Stamps(key + "\udcff").make("e\udc80", odd, b"saltsalt")], "e\udc80", odd) is (
        StampState.MATCH
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"b": 1, "a": null, "c": [true, "M\\u00fcller"]}', '{"a":null,"b":1,"c":[true,"M\\u00fcller"]}'),
        ('{"a": "M\u00fcller"}', '{"a":"M\\u00fcller"}'),
        ("['a', 'b']", '["a","b"]'),
        ("{'x': 1, 'y': None}", '{"x":1,"y":null}'),
        ("{1: True}", '{"1":true}'),
    ],
)
def test_a_secret_that_a_release_of_ansible_wrote_anew_is_the_same(one: str, other: str) -> None:
    assert STAMPS.judge([STAMPS.make("e", {"key": one}, SALT)], "e", {"key": other}) is StampState.MATCH
    assert STAMPS.judge([STAMPS.make("e", {"key": other}, SALT)], "e", {"key": one}) is StampState.MATCH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[not json", "[not  json"),
        ("{a}", "{b}"),
        ("[" * 100_000, "[" * 100_001),
        ("['\\d']", '["\\\\d"]'),
        ('{"a": 1}', '{"a": 2}'),
        ("{'a', 'b'}", "{'a', 'c'}"),
        (' {"a": 1}', '{"a": 1}'),
        ("0123", "123"),
    ],
)
def test_any_other_secret_counts_as_it_is(one: str, other: str) -> None:
    assert STAMPS.judge([STAMPS.make("e", {"key": one}, SALT)], "e", {"key": one}) is StampState.MATCH
    assert STAMPS.judge([STAMPS.make("e", {"key": one}, SALT)], "e", {"key": other}) is StampState.CHANGED


def test_a_fingerprint_depends_on_the_key_the_instance_and_the_token() -> None:
    made = Stamps("key").fingerprint(5, "canary")
    others = [Stamps("other").fingerprint(5, "canary"), Stamps("key").fingerprint(6, "canary")]
    others.append(Stamps("key").fingerprint(5, "another"))

    assert made == Stamps("key").fingerprint(5, "canary")
    assert len({made, *others}) == 4
    assert re.fullmatch("[a-z2-7]{26}", made)
