# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeping secrets out of every text that leaves the collection. Private to this collection."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "<secret>"


class Scrubber:
    """Replaces known secrets, in every form they take on a wire or in a log, by a constant.

    :param secrets: the words to hide; empty ones are ignored
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = frozenset(secret for secret in secrets if secret)
        forms = {form for secret in self._secrets for form in _forms(secret) if form}
        # The longest first: a secret may contain another, and its rest must not stay.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE) if ordered else None

    def knowing(self, secrets: Iterable[str]) -> Scrubber:
        """Return a scrubber that hides these secrets too."""
        return Scrubber(self._secrets.union(secrets))

    def text(self, text: str) -> str:
        """Return the text with every known secret replaced."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def deep(self, value: Any) -> Any:
        """Return the same structure (dicts, lists, text) with every known secret replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.deep(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.deep(item) for item in value]
        return value


def _forms(secret: str) -> Iterable[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)
    # Without its padding, which is not there when the secret is the head of a longer text.
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
