# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The stamp: a tag that shows whether write-only secrets changed. Pure. Private to this collection.

``ansible:v1:<key id>.<salt>.<mac>``, in lower-case base32 of 6, 13 and 26 characters, where

* ``mac = HMAC-SHA256(K, "v1", element key, salt, canonical JSON of the secrets)[:16]``, with the length of each part
  before it; a secret that is itself JSON is used in its canonical form
* ``K = HKDF-SHA256(stamp key)``, and ``key id`` comes from the same HKDF with another info text
* ``salt`` is 8 random bytes, which make every stamp unique: it also proves which run created an instance.

A mac of ``-`` means that the secrets are not proven to work, so the next run sends them again.
"""

from __future__ import annotations

import ast
import base64
import enum
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

PREFIX = "ansible:v1:"
SALT_BYTES = 8

_INVALIDATED = "-"
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_SHAPE = re.compile(r"ansible:v1:([a-z2-7]{6})\.([a-z2-7]{13})\.([a-z2-7]{26}|-)")


class StampState(enum.Enum):
    """The result of comparing the stamp on an instance with the desired secrets."""

    MATCH = enum.auto()
    CHANGED = enum.auto()
    MISSING = enum.auto()
    OTHER_KEY = enum.auto()
    UNREADABLE = enum.auto()
    INVALIDATED = enum.auto()


class Stamps:
    """Makes and judges stamps with one stamp key.

    :param key: the stamp key, any non-empty text
    """

    def __init__(self, key: str) -> None:
        secret = key.encode("utf-8", "surrogatepass")
        self._mac_key = _hkdf(secret, b"cloud_elements.platform stamp v1 mac", 32)
        self._token_key = _hkdf(secret, b"cloud_elements.platform token fingerprint v1", 32)
        self._key_id = _text(_hkdf(secret, b"cloud_elements.platform stamp v1 key id", 4))[:6]

    def make(self, element: str, secrets: Mapping[str, str], salt: bytes) -> str:
        """Return the tag for these secrets.

        :param element: the element key
        :param secrets: configuration key to secret
        :param salt: 8 fresh random bytes
        """
        text = _text(salt)
        return f"{PREFIX}{self._key_id}.{text}.{self._mac(element, secrets, text)}"

    def fingerprint(self, instance_id: int, token: str) -> str:
        """Return a fingerprint that shows whether a token changed. It reveals nothing without the stamp key."""
        return _mac(self._token_key, str(instance_id), token)

    def judge(self, tags: Iterable[str], element: str, secrets: Mapping[str, str]) -> StampState:
        """Compare the stamp among the tags with the desired secrets. Any tags are valid input: it never raises."""
        stamps = {tag for tag in tags if is_stamp(tag)}
        if not stamps:
            return StampState.MISSING
        shape = _SHAPE.fullmatch(stamps.pop())
        if stamps or not shape:
            return StampState.UNREADABLE
        key_id, salt, mac = shape.groups()
        if key_id != self._key_id:
            return StampState.OTHER_KEY
        if mac == _INVALIDATED:
            return StampState.INVALIDATED
        is_equal = hmac.compare_digest(mac, self._mac(element, secrets, salt))
        return StampState.MATCH if is_equal else StampState.CHANGED

    def _mac(self, element: str, secrets: Mapping[str, str], salt: str) -> str:
        meanings = {key: _canonical_secret(secret) for key, secret in secrets.items()}
        return _mac(self._mac_key, "v1", element, salt, _CANONICAL(meanings))


def _canonical_secret(secret: str) -> str:
    """Return a secret in one canonical form, because Ansible rewrites some strings.

    Up to ansible-core 2.18, a template whose result looks like a list or a dictionary, in JSON or as Python writes it,
    is parsed, and arrives here in another spelling. Without this, two controllers, one with such a release and one with
    a newer one, would report ``secrets_changed`` in turn, forever.
    """
    if not secret.startswith(("{", "[")):
        return secret
    for parse in (json.loads, _literal):
        try:
            return _CANONICAL(parse(secret))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
    return secret


def _literal(text: str) -> Any:
    """Parse a list or dictionary as Python writes it. The text is never executed."""
    if "\\" in text:
        # Python warns about unknown escapes, and the warning would show a part of the text.
        raise ValueError
    return ast.literal_eval(text)


def is_stamp(tag: str) -> bool:
    """Return whether the tag is a stamp, complete or cut off."""
    return tag.startswith(PREFIX)


def invalidated(tag: str) -> str:
    """Return the stamp without its mac, because its secrets are not proven to work. Return any other tag unchanged."""
    shape = _SHAPE.fullmatch(tag)
    return f"{PREFIX}{shape[1]}.{shape[2]}.{_INVALIDATED}" if shape else tag


def _mac(key: bytes, *texts: str) -> str:
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    content = b"".join([len(part).to_bytes(8, "big") + part for part in parts])
    return _text(hmac.digest(key, content, "sha256")[:16])


def _text(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    """Return a key by RFC 5869 with SHA-256 and no salt, of at most 32 bytes: one round of expansion."""
    pseudorandom_key = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(pseudorandom_key, info + b"\x01", hashlib.sha256).digest()[:length]
