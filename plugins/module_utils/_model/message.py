# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Messages that keep their own words apart from the values in them. Pure. Private to this collection.

Secrets are redacted in the values, never in the words around them. Otherwise, with the password ``a``, the message
would be unreadable, and its gaps would show how short the password is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from .redact import Guarded, one_line

T = TypeVar("T")

Clean = Callable[[str], str]
"""Redacts secrets in a value."""


class Own(str):
    """A value that cannot contain a secret, because the collection wrote it, such as the name of an option."""

    __slots__ = ()


class Message:
    """One or more sentences.

    :param text: the text, with a name in braces for each value
    :param values: numbers, :class:`Own` words, other messages, errors that have one, and anything else as a string
    """

    def __init__(self, text: str, /, **values: Any) -> None:
        self._text = text
        self._values = values

    @classmethod
    def joined(cls, parts: Iterable[Any], separator: str = " ") -> Message:
        """Return the parts as one message."""
        values = {f"part{number}": part for number, part in enumerate(parts)}
        return cls(separator.join(f"{{{name}}}" for name in values), **values)

    @property
    def template(self) -> str:
        """The text, with the text of each message in it, and ``{}`` for every other value."""
        if not self._values:
            return self._text
        return self._text.format(**{name: _template(value) for name, value in self._values.items()})

    def cleaned(self, clean: Clean, rename: Clean = str) -> str:
        """Return the text, with each value as ``clean`` returns it.

        :param rename: replaces option names with the names that the user knows, in the collection's own words
        """
        text = rename(self._text)
        if not self._values:
            return text
        return text.format(**{name: _clean_value(value, clean, rename) for name, value in self._values.items()})

    def __str__(self) -> str:
        return self.cleaned(str)


class Shortened(Message):
    """A message that is cut if it is too long for a sentence, after secrets are hidden.

    :param message: the whole message
    :param limit: maximum number of characters, with an escape for each invisible one
    """

    def __init__(self, message: Message, limit: int) -> None:
        super().__init__("{message}", message=message)
        self._limit = limit

    def cleaned(self, clean: Clean, rename: Clean = str) -> str:
        """Return the beginning of the text as one line, with each value as ``clean`` returns it."""
        text = one_line(super().cleaned(clean, rename))
        return text if len(text) <= self._limit else f"{text[: self._limit - 3]}..."


def names_of(names: Sequence[Any], total: int, room: int, separator: str = ", ") -> Message:
    """Return the first names as one message, and the number of the others.

    :param names: the first names, each a value of a message
    :param total: number of all names
    :param room: characters for these names, as shown; the first one is always shown
    """
    parts: list[Any] = []
    for name in names:
        room -= len(str(Message("{name}", name=name)))
        if parts and room < 0:
            break
        parts.append(name)
    message = Message.joined(parts, separator)
    more = total - len(parts)
    return Message("{names} and {count} more", names=message, count=more) if more else message


def some_of(items: Sequence[T], limit: int, describe: Callable[[T], str] = str, separator: str = ", ") -> str:
    """Return the descriptions of the first items, and the number of the others.

    :param limit: maximum number of items to describe
    """
    more = [f"and {len(items) - limit} more"] if len(items) > limit else []
    return separator.join([*map(describe, items[:limit]), *more])


def _clean_value(value: Any, clean: Clean, rename: Clean) -> Any:
    if isinstance(value, Guarded):
        return _clean_value(value.value, value.redactor.redact_text, rename)
    if isinstance(value, Own):
        return rename(value)
    if isinstance(value, (int, float)):
        return value
    message = getattr(value, "message", value)
    return message.cleaned(clean, rename) if isinstance(message, Message) else clean(str(value))


class _Blank:
    """Replaces a value, regardless of its format."""

    def __format__(self, _spec: str) -> str:
        return "{}"


_BLANK = _Blank()


def _template(value: Any) -> Any:
    if isinstance(value, Own):
        return value
    message = getattr(value, "message", value)
    return message.template if isinstance(message, Message) else _BLANK
