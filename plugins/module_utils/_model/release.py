# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The one way out: turns a result into what Ansible gets, without a secret. Pure. Private to this collection.

The danger is a result that somebody adds later and forgets to redact. So every string is redacted here, unless its type
says that it is our own word or a token that the user asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from .message import Message, Own
from .redact import Guarded, Redactor, one_line


class Disclosed(str):
    """A secret that the user asked for, such as a token. It is the only kind of secret that a result may hold."""

    __slots__ = ()


class Lines(tuple[Message, ...]):
    """Messages that are one string, with a line for each, as in a diff."""

    __slots__ = ()


def release(value: Any, redactor: Redactor, rename: Callable[[str], str] = str) -> Any:
    """Return a result as JSON would: dictionaries with strings as keys, lists, plain strings, numbers.

    :param value: nested dictionaries, lists and tuples of messages, words of our own, and any other values
    :param redactor: hides the secrets of the task; a :class:`Guarded` part brings more of them
    :param rename: puts the names that the user knows in the place of our own, in messages
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
