# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scrubbing: no form of a secret is left in a text."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils import _secrets
from ansible_collections.cloud_elements.platform.plugins.module_utils._secrets import (
    HIDDEN,
    Scrubber,
    leaves,
    register,
)
from hypothesis import assume, given
from hypothesis import strategies as st

ODD = "a\"b\\c d/é+\n'?!"  # 15 bytes: base64 without padding
FORMS = {
    "raw": ODD,
    "upper case": ODD.upper(),
    "JSON": json.dumps(ODD)[1:-1],
    "JSON with its letters": json.dumps(ODD, ensure_ascii=False)[1:-1],
    "repr": repr(ODD)[1:-1],
    "URL-quoted, without slash": quote(ODD, safe=""),
    "URL-quoted, in lower case": quote(ODD, safe="").lower(),
    "URL-quoted": quote(ODD),
    "plus-quoted": quote_plus(ODD),
    "JSON in JSON": json.dumps(json.dumps(ODD)[1:-1])[1:-1],
    "JSON with escaped slashes": json.dumps(ODD)[1:-1].replace("/", "\\/"),
    "HTML": html.escape(ODD),
    "URL-quoted twice": quote(quote(ODD, safe=""), safe=""),
    "hexadecimal": ODD.encode().hex(),
    "base64": base64.b64encode(ODD.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(ODD.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_hidden_in_this_form(form: str) -> None:
    assert Scrubber([ODD]).text(f"before {FORMS[form]} after") == f"before {HIDDEN} after"


def test_the_longest_secret_is_hidden_first() -> None:
    assert Scrubber(["pass", "password-long", "password"]).text("password-long password pass") == (
        f"{HIDDEN} {HIDDEN} {HIDDEN}"
    )


@pytest.mark.parametrize("secret", ["canary", "canary1", "canary12"])
@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
def test_a_secret_within_a_base64_text_is_hidden(secret: str, before: str) -> None:
    text = base64.b64encode(f"{before}{secret}~more of it".encode()).decode()
    hidden = Scrubber([secret]).text(text)

    assert hidden.count(HIDDEN) == 1
    # One character at each end, shared with what is around, may stay.
    assert len(text) - len(hidden.replace(HIDDEN, "")) >= len(secret)


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_secrets_nothing_is_hidden(secrets: list[str]) -> None:
    assert Scrubber(secrets).text("any text") == "any text"


def test_a_secret_is_not_a_pattern() -> None:
    assert Scrubber(["a.c*"]).text("abcc a.c*") == f"abcc {HIDDEN}"


def test_another_scrubber_knows_more_and_the_first_does_not() -> None:
    first = Scrubber(["one"])

    assert first.knowing(["two"]).text("one two") == f"{HIDDEN} {HIDDEN}"
    assert first.text("one two") == f"{HIDDEN} two"


def test_the_leaves_of_a_structure_are_its_texts_and_numbers() -> None:
    assert leaves({"a": ["x", {"b": ("y", 5, 1.5)}], "n": None, "t": True}) == ["x", "y", "5", "1.5"]
    assert leaves("x") == ["x"]


def test_structures_are_scrubbed_through_and_through() -> None:
    value: Any = {"a": ["x canary", {"b": ("canary", 5)}], "n": None, "t": True}

    assert Scrubber(["canary"]).deep(value) == {"a": [f"x {HIDDEN}", {"b": [HIDDEN, 5]}], "n": None, "t": True}


def test_long_secrets_are_told_to_an_ansible_that_hides_them(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(_secrets, "register_secret", told.append)
    register(["canary-token", "short", "eleven-char", "canary-secret"])

    assert told == ["canary-token", "canary-secret"]


def test_before_that_release_nobody_looks_for_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_secrets, "register_secret", None)
    secrets = iter(["canary-token"])
    register(secrets)

    assert list(secrets) == ["canary-token"]


def wire_forms(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
    }


# The mark itself must not be mistaken for the rest of a secret.
letters = st.characters(exclude_categories=["Cs"], exclude_characters="<>secrtSECRT=")


@given(st.lists(st.text(letters, min_size=4, max_size=12), min_size=1, max_size=3), st.data())
def test_no_form_of_any_secret_is_left(secrets: list[str], data: st.DataObject) -> None:
    forms = [form for secret in secrets for form in sorted(wire_forms(secret))]
    text = "|".join(data.draw(st.lists(st.sampled_from(forms) | st.text(letters, max_size=5), max_size=6)))
    assume(not any("|" in secret for secret in secrets))

    hidden = Scrubber(secrets).text(text)

    assert [form for form in forms if form in hidden] == []


@given(st.lists(st.text(min_size=1, max_size=8), max_size=3), st.text(max_size=30))
def test_scrubbing_never_breaks(secrets: list[str], text: str) -> None:
    assert isinstance(Scrubber(secrets).text(text), str)
