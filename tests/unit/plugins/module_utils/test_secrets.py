# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scrubbing: no form of a secret is left in a text."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model import redact as _secrets
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.redact import (
    HIDDEN,
    Redactor,
    Tokens,
    iter_scalars,
    one_line,
    register,
)
from hypothesis import assume, given
from hypothesis import strategies as st

ODD = "a\"b\\c d/é+\n'?!"  # 15 bytes: base64 without padding
A_TOKEN = "tz5Ou9xAvK4Lx+/RNm3k0g=="


def wire_forms(secret: str) -> dict[str, str]:
    """Return how programs write a text."""
    raw = secret.encode()
    return {
        "raw": secret,
        "JSON": json.dumps(secret)[1:-1],
        "JSON with its letters": json.dumps(secret, ensure_ascii=False)[1:-1],
        "repr": repr(secret)[1:-1],
        "URL-quoted, without slash": quote(secret, safe=""),
        "URL-quoted": quote(secret),
        "plus-quoted": quote_plus(secret),
        "base64": base64.b64encode(raw).decode(),
        "base64 for URLs": base64.urlsafe_b64encode(raw).decode(),
    }


def all_forms(secret: str) -> dict[str, str]:
    """Return how programs write a text, and write again what others wrote."""
    return {
        **wire_forms(secret),
        "upper case": secret.upper(),
        "one printable line": one_line(secret),
        "URL-quoted, in lower case": quote(secret, safe="").lower(),
        "JSON in JSON": json.dumps(json.dumps(secret)[1:-1])[1:-1],
        "JSON with escaped slashes": json.dumps(secret)[1:-1].replace("/", "\\/"),
        "HTML": html.escape(secret),
        "URL-quoted twice": quote(quote(secret, safe=""), safe=""),
        "hexadecimal": secret.encode().hex(),
    }


FORMS = [*all_forms("")]


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_hidden_in_this_form(form: str) -> None:
    assert Redactor([ODD]).redact_text(f"before {all_forms(ODD)[form]} after") == f"before {HIDDEN} after"


@pytest.mark.parametrize("secret", ["canary", "canary1", "canary12"])
@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
def test_a_secret_within_a_base64_text_is_hidden(secret: str, before: str) -> None:
    text = base64.b64encode(f"{before}{secret}~more of it".encode()).decode()
    hidden = Redactor([secret]).redact_text(text)

    assert hidden.count(HIDDEN) == 1
    # One character at each end, shared with what is around, may stay.
    assert len(text) - len(hidden.replace(HIDDEN, "")) >= len(secret)


def test_another_redactor_knows_more_and_the_first_does_not() -> None:
    first = Redactor(["one"])

    assert first.with_secrets(["two"]).redact_text("one two") == f"{HIDDEN} {HIDDEN}"
    assert first.redact_text("one two") == f"{HIDDEN} two"


def test_the_leaves_of_a_structure_are_its_texts_and_numbers() -> None:
    assert iter_scalars({"a": ["x", {"b": ("y", 5, 1.5)}], "n": None, "t": True}) == ["x", "y", "5", "1.5"]
    assert iter_scalars("x") == ["x"]


# What a server quotes of a secret

KEY_LINES = ["MIIEvQIBADANBgkqhkiG9w0B", "AQEFAASCBKcwggSjAgEAAoIB", "x9Q="]
PEM = "\n".join(["-----BEGIN PRIVATE KEY-----", *KEY_LINES, "-----END PRIVATE KEY-----", ""])


@pytest.mark.parametrize("secret", [PEM, PEM.replace("\n", "\r\n"), PEM.replace("\n", "\\n"), json.dumps({"key": PEM})])
@pytest.mark.parametrize("quoted", [*KEY_LINES, " ".join(KEY_LINES), "".join(KEY_LINES), "|".join(KEY_LINES)])
def test_a_line_of_a_key_is_hidden(secret: str, quoted: str) -> None:
    hidden = Redactor([secret]).redact_text(f"Line 2 is wrong: {quoted}.")

    assert HIDDEN in hidden
    assert [line for line in KEY_LINES if line in hidden] == []


JSON_TEXT = json.dumps({"id": "canary-id", "n": 123456, "a": [{"key": "canary key"}], "text": '["deep-canary"]'})
MUST_START = "It must start with -----BEGIN PRIVATE KEY-----."
HIDES: list[tuple[str, list[str], str, str]] = [
    ("the longest is hidden first", ["pass", "password-long", "password"], "password-long password pass", "# # #"),
    *(("without secrets nothing is hidden", secrets, "any text", "any text") for secrets in ([], [""])),
    ("a secret is not a pattern", ["a.c*"], "abcc a.c*", "abcc #"),
    ("the frame of a key is no secret", [PEM], MUST_START, MUST_START),
    ("a secret is hidden without the space around it", [" canary\n"], "a canary.", "a #."),
    *(
        ("a value in a JSON text is hidden", [JSON_TEXT], f"wrong: {part}.", "wrong: #.")
        for part in ("canary-id", "canary key", "123456", "deep-canary")
    ),
    *(
        ("what is no JSON or short is no part", [secret], "x not JSON", "x not JSON")
        for secret in ("{not JSON", "[" * 5000, '{"a": "x"}')
    ),
]


@pytest.mark.parametrize(("why", "secrets", "text", "hidden"), HIDES, ids=[row[0] for row in HIDES])
def test_in_texts(why: str, secrets: list[str], text: str, hidden: str) -> None:  # noqa: ARG001  # it is the id
    assert Redactor(secrets).redact_text(text) == hidden.replace("#", HIDDEN)


# The tokens of instances


def tokens(*known: str | None) -> Tokens:
    made = Tokens()
    for token in (*known, *(f"another-token-{number}" for number in range(50))):
        made.add(token)
    return made


@pytest.mark.parametrize("form", FORMS)
def test_a_token_that_was_seen_is_hidden_in_this_form(form: str) -> None:
    written = all_forms(A_TOKEN)[form]

    assert Redactor((), tokens(A_TOKEN)).redact_text(f"before {written} after") == f"before {HIDDEN} after"


@pytest.mark.parametrize("char", ["&#{};", "&#x{:x};", "%{:x}", "\\{:c}"])
def test_a_text_with_a_token_in_an_unusual_encoding_is_hidden_as_a_whole(char: str) -> None:
    text = A_TOKEN[:9] + char.format(ord(A_TOKEN[9])) + A_TOKEN[10:]

    assert Redactor((), tokens(A_TOKEN)).redact_text(f"before {text} after") == HIDDEN


@given(st.text("abcdefXYZ0123456789+/=", min_size=8, max_size=40), st.text("ab:;", max_size=3), st.data())
def test_no_form_of_a_token_is_left(token: str, before: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(sorted({*wire_forms(token).values(), *wire_forms(before + token).values()})))

    assert token not in Redactor((), tokens(token)).redact_text(f"x {form} y")


def test_a_token_that_is_seen_later_is_hidden_from_then_on() -> None:
    seen = tokens(None, "")
    redactor = Redactor(["canary"], seen).with_secrets(["more"])
    assert redactor.redact_text(f"canary more {A_TOKEN}") == f"{HIDDEN} {HIDDEN} {A_TOKEN}"
    seen.add(A_TOKEN)

    assert redactor.redact_text(f"canary more {A_TOKEN}") == f"{HIDDEN} {HIDDEN} {HIDDEN}"


def test_a_short_token_could_be_any_word() -> None:
    assert Redactor((), tokens("token")).redact_text("the token") == "the token"


# Texts from elsewhere


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Café 日本 😀 'x' \\n", "Café 日本 😀 'x' \\n"),
        ("\x1b[2K\x1b]0;title\x07", "\\x1b[2K\\x1b]0;title\\x07"),
        ("one\ntwo\r\nthree\u2028four\u2029five\x85six\x0b", "one\\ntwo\\r\\nthree\\u2028four\\u2029five\\x85six\\x0b"),
        ("\u202eevil\u202c\u2066x\u2069\u200f\u200b\ufeff", "\\u202eevil\\u202c\\u2066x\\u2069\\u200f\\u200b\\ufeff"),
        ("\x9b31m\x7f\x00", "\\x9b31m\\x7f\\x00"),
        ("no\u00a0break\u3000", "no break "),
        ("lone \ud800", "lone \\ud800"),
    ],
)
def test_a_text_from_elsewhere_becomes_one_printable_line(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text(min_size=4))
def test_a_secret_is_known_in_one_printable_line_too(secret: str) -> None:
    assert Redactor([secret]).redact_text(f"<{one_line(secret)}>") == f"<{HIDDEN}>"


@given(st.text())
def test_any_text_becomes_printable_and_stays_so(text: str) -> None:
    line = one_line(text)

    assert line.isprintable()
    assert len(line.encode()) >= len(text)
    assert len(line.splitlines()) < 2
    assert one_line(line) == line


def test_long_secrets_are_registered_with_an_ansible_that_hides_them(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(_secrets, "register_secret", told.append)
    register(["canary-token", "short", "eleven-char", "canary-secret"])

    assert told == ["canary-token", "canary-secret"]


def test_before_that_release_nobody_looks_for_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_secrets, "register_secret", None)
    secrets = iter(["canary-token"])
    register(secrets)

    assert list(secrets) == ["canary-token"]


# The mark itself must not be mistaken for the rest of a secret.
letters = st.characters(exclude_categories=["Cs"], exclude_characters="<>secrtSECRT=")


@given(st.lists(st.text(letters, min_size=4, max_size=12), min_size=1, max_size=3), st.data())
def test_no_form_of_any_secret_is_left(secrets: list[str], data: st.DataObject) -> None:
    forms = [form for secret in secrets for form in sorted(set(wire_forms(secret).values()))]
    text = "|".join(data.draw(st.lists(st.sampled_from(forms) | st.text(letters, max_size=5), max_size=6)))
    assume(not any("|" in secret for secret in secrets))

    hidden = Redactor(secrets).redact_text(text)

    assert [form for form in forms if form in hidden] == []


@given(st.lists(st.text(min_size=1, max_size=8), max_size=3), st.text(max_size=30))
def test_scrubbing_never_breaks(secrets: list[str], text: str) -> None:
    assert isinstance(Redactor(secrets).redact_text(text), str)


@given(st.lists(st.text("aAkK\u212a.'=\\\n", max_size=8), max_size=3), st.text("aAkK\u212a.'=\\n", max_size=30))
def test_a_text_that_is_quickly_seen_to_be_free_has_no_match(secrets: list[str], text: str) -> None:
    redactor = Redactor(secrets)

    assert not (redactor._forms and redactor._is_free(text) and redactor._pattern.search(text))


@given(st.from_regex(_secrets._NEVER_ESCAPED, fullmatch=True))
def test_a_secret_that_needs_no_escapes_has_only_one_escaped_form(secret: str) -> None:
    assert set(_secrets._escaped_forms(secret, secret.encode())) == {secret}
