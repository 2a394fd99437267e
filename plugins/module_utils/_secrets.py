# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeping secrets out of every text that leaves the collection. Private to this collection."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:  # before ansible-core 2.22
    register_secret = None

HIDDEN = "<secret>"
ENCODED_FROM = 6
"""Bytes. What is left of the encoding of a shorter secret in a longer text could be any word."""

REGISTERED_FROM = 12
"""Characters. Ansible hides whatever it is given, in every text: a shorter secret could be any word."""


class Scrubber:
    """Replaces known secrets, in every form they take on a wire or in a log, by a constant.

    :param secrets: the words to hide; empty ones are ignored
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = frozenset(secret for secret in secrets if secret)

    def knowing(self, secrets: Iterable[str]) -> Scrubber:
        """Return a scrubber that hides these secrets too."""
        return Scrubber(self._secrets.union(secrets))

    def text(self, text: str) -> str:
        """Return the text with every known secret replaced."""
        return self._pattern.sub(HIDDEN, text) if self._secrets else text

    def deep(self, value: Any) -> Any:
        """Return the same structure (dicts, lists, text) with every known secret replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.deep(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.deep(item) for item in value]
        return value

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Made when it is first needed: most instances of a fleet have nothing to say.
        forms = {form for secret in self._secrets for form in _forms(secret) if form}
        # The longest first: a secret may contain another, and its rest must not stay.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        return re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE)


def register(secrets: Iterable[str]) -> None:
    """Let Ansible itself hide secrets in all that it prints, where it can (ansible-core 2.22); values stay as they are.

    :param secrets: not looked at before that release; short ones are passed over
    """
    if register_secret is not None:
        for secret in secrets:
            if len(secret) >= REGISTERED_FROM:
                register_secret(secret)


def leaves(value: Any) -> list[str]:
    """Return every text and number in a structure, as texts."""
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _forms(secret: str) -> Iterable[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    escaped = json.dumps(secret)[1:-1]
    yield from (secret, repr(secret)[1:-1], escaped, json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (json.dumps(escaped)[1:-1], escaped.replace("/", "\\/"))
    yield from (html.escape(secret), html.escape(secret, quote=False), html.escape(secret).replace("&#x27;", "&apos;"))
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw), quote(quote(raw, safe=""), safe=""))
    if len(raw) >= ENCODED_FROM:
        yield raw.hex()
        for before in range(3):
            # In a longer text the first and last characters depend on what is around.
            for encoded in (base64.b64encode, base64.urlsafe_b64encode):
                text = encoded(b"\0" * before + raw).decode().rstrip("=")
                yield text[(0, 2, 3)[before] : len(text) - (1 if (before + len(raw)) % 3 else 0)]
    else:
        yield base64.b64encode(raw).decode().rstrip("=")
