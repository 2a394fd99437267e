# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Redact secrets in every text that leaves the collection. Private to this collection."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:  # before ansible-core 2.22
    register_secret = None

HIDDEN = "<secret>"
ENCODED_FROM = 6
"""Bytes. The encoding of a shorter secret could be part of any word."""

REGISTERED_FROM = 12
"""Characters. Ansible hides a registered secret in every text, and a shorter secret could be any word."""


FIRST_OF_BASE64 = (0, 2, 3)
"""For 0, 1 and 2 bytes before a text: the first character of the base64 that depends on the text alone."""
PART_FROM = 4
"""Characters. A shorter line of a key, or a shorter value in a JSON string, could be any word."""

TOKEN_FROM = 8
"""Characters. A shorter token is not searched for."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{10,}")
_NEVER_ESCAPED = re.compile(r"[A-Za-z0-9._-]+")
"""A text that JSON, HTML, URLs and Python write as it is."""
_OF_URLS = str.maketrans("-_", "+/")
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")


class Tokens:
    """The instance tokens that a run has read, maybe tens of thousands, indexed to find those in a text."""

    def __init__(self) -> None:
        self._by_start: dict[str, dict[str, None]] = {}

    def add(self, token: str | None) -> None:
        """Add a token. Threads may do so at the same time."""
        if token and len(token) >= TOKEN_FROM:
            self._by_start.setdefault(token[:TOKEN_FROM].lower(), {})[token] = None

    def within(self, text: str) -> set[str]:
        """Return the tokens that the text contains, in clear or encoded."""
        if not self._by_start or len(text) < TOKEN_FROM:
            return set()
        return {token for reading in _readings(text) for token in self._in(reading.lower())}

    def _in(self, text: str) -> Iterator[str]:
        for place in range(len(text) - TOKEN_FROM + 1):
            # Iterate over a copy, because another thread may add a token.
            for token in tuple(self._by_start.get(text[place : place + TOKEN_FROM], ())):
                if text.startswith(token.lower(), place):
                    yield token


class Redactor:
    """Replaces known secrets with a constant, in every form that they take in a request or a log.

    :param secrets: the strings to hide; empty ones are ignored
    :param tokens: are hidden too, if they are known when a text is redacted
    :param base: hides its secrets too, and finds their forms once for all redactors with the same base
    """

    def __init__(self, secrets: Iterable[str], tokens: Tokens | None = None, base: Redactor | None = None) -> None:
        self._secrets = frozenset(secret for secret in secrets if secret)
        self._tokens = tokens
        self._base = base

    def with_secrets(self, secrets: Iterable[str]) -> Redactor:
        """Return a redactor that hides these secrets too."""
        return Redactor(secrets, self._tokens, self)

    def redact_text(self, text: str) -> str:
        """Return the text with every known secret replaced, and every half of a surrogate pair."""
        tokens = self._tokens.within(text) if self._tokens else ()
        if self._tokens and tokens:
            redacted = Redactor(tokens, base=self).redact_text(text)
            # A token in an unusual encoding cannot be cut out, so the whole text is hidden.
            return HIDDEN if self._tokens.within(redacted) else redacted
        # Anybody may write half of a surrogate pair into a name. It would break the output for the whole account.
        characters = text if text.isascii() else _HALF_A_CHARACTER.sub("\ufffd", text)
        return characters if self._is_free(characters) else self._pattern.sub(HIDDEN, characters)

    def _is_free(self, text: str) -> bool:
        """Return whether a text certainly contains no secret. Compiling the pattern would take a hundred times longer.

        Outside of ASCII, the cases of a letter are more than two, so only the pattern decides.
        """
        if not self._forms:
            return True
        lower_forms = self._lower_forms
        if lower_forms is None or not text.isascii():
            return False
        lower_text = text.lower()
        return not any(form in lower_text for form in lower_forms)

    @cached_property
    def _forms(self) -> set[str]:
        parts = {part for secret in self._secrets for part in _parts(secret)}
        forms = {form for part in parts for form in _forms(part) if form}
        return forms | self._base._forms if self._base else forms

    @cached_property
    def _lower_forms(self) -> set[str] | None:
        """The forms in lower case, or None if a form has other characters than those of ASCII."""
        return {form.lower() for form in self._forms} if all(map(str.isascii, self._forms)) else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # The longest first: a secret may contain a shorter one, and its remainder must not stay readable.
        longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


@dataclass(frozen=True)
class Guarded:
    """A value with secrets of its own, such as the result of one item of a list.

    :param value: a value of a message, or a part of a result
    :param redactor: hides these secrets as well
    """

    value: Any
    redactor: Redactor


def one_line(text: str) -> str:
    """Return a text from outside as part of one printable line.

    Characters that control a terminal, or that a reader cannot see, become escapes such as ``\\x1b``: control
    characters, line separators, and marks that change the direction of writing.
    """
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(char: str) -> str:
    if char.isprintable():
        return char
    return " " if unicodedata.category(char) == "Zs" else char.encode("unicode_escape").decode()


def register(secrets: Iterable[str]) -> None:
    """Make Ansible hide secrets in everything it prints, if it can (ansible-core 2.22). The values are not changed.

    :param secrets: not read before that release; short ones are skipped
    """
    if register_secret is not None:
        for secret in secrets:
            if len(secret) >= REGISTERED_FROM:
                register_secret(secret)


def iter_scalars(value: Any) -> list[str]:
    """Return every string and number in a structure, as strings."""
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, (str, int, float)):
        return [str(value)]
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in iter_scalars(item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in iter_scalars(item)]
    return [str(value)]


def _parts(secret: str) -> Iterator[str]:
    """Yield a secret and the parts that a server may quote: the lines of a key, and the values in a JSON string."""
    yield secret
    # In environment variables, a key often contains \\n instead of line breaks.
    lines = re.split(r"\s*(?:[\r\n]|\\r|\\n)\s*", secret.strip())
    # The first and last line of a PEM key are not secret.
    inner = [line for line in lines if not line.startswith("-----")] if lines != [secret] else []
    for part in (*inner, *_json_leaves(secret)):
        if len(part) >= PART_FROM:
            yield from _parts(part)


def _json_leaves(text: str) -> list[str]:
    if not text.lstrip().startswith(("{", "[")):
        return []
    try:
        return iter_scalars(json.loads(text))
    except (ValueError, RecursionError):
        return []


def _readings(text: str) -> Iterator[str]:
    """Yield a text, and its decoded forms if it contains an encoding."""
    yield text
    if "%" in text:
        yield from (unquote(text), unquote_plus(text), unquote_plus(unquote_plus(text)))
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield text.replace("\\", "")
    for run in _HEXADECIMAL.findall(text):
        yield bytes.fromhex(run).decode("utf-8", "replace")
    for run in _BASE64.findall(text):
        for start in range(4):
            # In a longer text, the first and last characters depend on the text around.
            piece = run[start : len(run) - ((len(run) - start) % 4 == 1)].translate(_OF_URLS)
            yield base64.b64decode(piece + "==").decode("utf-8", "replace")


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    if not _NEVER_ESCAPED.fullmatch(secret):
        yield from _escaped_forms(secret, raw)
    if len(raw) >= ENCODED_FROM:
        yield raw.hex()
        for offset in range(3):
            # In a longer text, the first and last characters depend on the text around.
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                text = encode(b"\0" * offset + raw).decode().rstrip("=")
                yield text[FIRST_OF_BASE64[offset] : len(text) - (1 if (offset + len(raw)) % 3 else 0)]
    else:
        yield base64.b64encode(raw).decode().rstrip("=")


def _escaped_forms(secret: str, raw: bytes) -> Iterator[str]:
    json_text = json.dumps(secret)[1:-1]
    yield from (one_line(secret), repr(secret)[1:-1], json_text, json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (json.dumps(json_text)[1:-1], json_text.replace("/", "\\/"))
    yield from (html.escape(secret), html.escape(secret, quote=False), html.escape(secret).replace("&#x27;", "&apos;"))
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw), quote(quote(raw, safe=""), safe=""))
