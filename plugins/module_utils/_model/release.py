# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Turn a result into plain values for Ansible, without a secret. Every result passes here. Pure. Private.

The danger is a result that somebody adds later and forgets to redact. So every string is redacted here, unless its type
shows that it is the collection's own word, or a token that the user requested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from .message import Message, Own
from .redact import Guarded, Redactor, one_line


class Disclosed(str):
    """A secret that the user requested, such as a token. A result must not contain any other secret."""

    __slots__ = ()


class Lines(tuple[Message, ...]):
    """Messages that become one string with a line for each, as in a diff."""

    __slots__ = ()


def release(value: Any, redactor: Redactor, rename: Callable[[str], str] = str) -> Any:
    """Return a result with the types of JSON: dictionaries with strings as keys, lists, plain strings, numbers.

    :param value: nested dictionaries, lists and tuples of messages, the collection's own words, and other values
    :param redactor: hides the secrets of the task; a :class:`Guarded` part has a redactor of its own
    :param rename: replaces option names with the names that the user knows, in messages
    """
    if isinstance(value, Guarded):
        return release(value.value, value.redactor, rename)
    if isinstance(value, Mapping):
        return {str(key): release(item, redactor, rename) for key, item in value.items()}
    if isinstance(value, Lines):
        return "".join(f"{release(line, redactor, rename)}\n" for line in value)
    if isinstance(value, (list, tuple)):
        return [release(item, redactor, rename) for item in value]
    return _release_scalar(value, redactor, rename)


def _release_scalar(value: Any, redactor: Redactor, rename: Callable[[str], str]) -> Any:
    if isinstance(value, Message):
        return one_line(value.cleaned(redactor.redact_text, rename))
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (Own, Disclosed)):
        return str(value)
    return redactor.redact_text(value) if isinstance(value, str) else value
