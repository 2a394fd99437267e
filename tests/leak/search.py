# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a canary, or a part of one, in whatever form it was written."""

from __future__ import annotations

import base64
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from tests.leak.canaries import Canary

PIECE = 10
"""A run of so many characters of any spelling of a canary is a leak: a secret that is half taken out still is one."""
COMMON = 3
"""What the spellings of so many canaries share, such as an escaped emoji, is no secret of any of them."""
CONTEXT = 70


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _json_unicode(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_slash(text: str) -> str:
    return _json(text).replace("/", "\\/")


def _repr(text: str) -> str:
    return repr(text)[1:-1]


def _bytes_repr(text: str) -> str:
    return repr(text.encode())[2:-1]


def _yaml_single(text: str) -> str:
    return text.replace("'", "''")


def _yaml_double(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(char if char.isascii() else _yaml_escape(ord(char)) for char in escaped)


def _yaml_escape(code: int) -> str:
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _xml(text: str) -> str:
    return html.escape(text, quote=False)


ESCAPES: Mapping[str, Callable[[str], str]] = {
    "JSON": _json,
    "JSON with Unicode": _json_unicode,
    "JSON with \\/": _json_slash,
    "repr": _repr,
    "bytes repr": _bytes_repr,
    "YAML in single quotes": _yaml_single,
    "YAML in double quotes": _yaml_double,
    "HTML": html.escape,
    "XML": _xml,
}
URLS: Mapping[str, Callable[[str], str]] = {
    "URL, all quoted": lambda text: quote(text, safe=""),
    "URL, / kept": lambda text: quote(text, safe="/"),
    "URL, + for space": quote_plus,
    "URL, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "hexadecimal": lambda text: text.encode().hex(),
}
ALPHABETS: Mapping[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64 for URLs": base64.urlsafe_b64encode,
}


def spellings(value: str) -> Iterator[tuple[str, str]]:
    """Yield every form that a value may take on a wire, in a log or in a file, each with the name of its encoding."""
    once = {"raw": value, **{name: escape(value) for name, escape in ESCAPES.items()}}
    yield from once.items()
    for inner, text in list(once.items())[1:]:
        yield from ((f"{inner} in {outer}", escape(text)) for outer, escape in ESCAPES.items())
    for inner, text in once.items():
        # Upper and lower case of the hexadecimal digits are one: the search does not tell case apart.
        yield from ((f"{name} of {inner}", encode(text)) for name, encode in URLS.items())
        for name, alphabet in ALPHABETS.items():
            yield from ((f"{name} of {inner}, offset {at}", _embedded(alphabet, text, at)) for at in range(3))


def _embedded(alphabet: Callable[[bytes], bytes], text: str, offset: int) -> str:
    """Return what stays the same of the base64 of a longer text in which this one starts at the offset, modulo 3."""
    raw = bytes(offset) + text.encode()
    return alphabet(raw).decode()[-(-offset * 8 // 6) : len(raw) * 8 // 6]


@dataclass(frozen=True)
class Leak:
    """Where a canary was seen. The context has every canary cut out."""

    where: str
    canary: str
    encoding: str
    context: str

    def __str__(self) -> str:
        return f"{self.where}: {self.canary} ({self.encoding}) in: {self.context}"


class Searcher:
    """Looks for canaries in texts, whatever their case."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self.canaries = tuple(canaries)
        self.encodings: dict[str, int] = {}
        pieces: dict[str, set[tuple[str, str]]] = {}
        for canary in self.canaries:
            for encoding, spelled in spellings(canary.value):
                self.encodings.setdefault(encoding, len(self.encodings))
                text = spelled.casefold()
                for start in range(len(text) - PIECE + 1):
                    if _tells(piece := text[start : start + PIECE]):
                        pieces.setdefault(piece, set()).add((canary.name, encoding))
        self._pieces = {
            piece: owners for piece, owners in pieces.items() if len({name for name, _encoding in owners}) < COMMON
        }

    def search(self, where: str, found: str | bytes) -> list[Leak]:
        """Return the leaks in a text: of each canary and encoding one, the first."""
        text = (found.decode("utf-8", "replace") if isinstance(found, bytes) else found).casefold()
        pieces = self._pieces
        hits = [start for start in range(len(text) - PIECE + 1) if text[start : start + PIECE] in pieces]
        leaks: dict[tuple[str, str], Leak] = {}
        for first, last in _runs(hits):
            owner = self._owner(text, first, last)
            if owner not in leaks:
                leaks[owner] = Leak(where, *owner, _context(text, hits, first, last))
        return list(leaks.values())

    def _owner(self, text: str, first: int, last: int) -> tuple[str, str]:
        """Return the canary and the encoding that explain most of a place."""
        votes: Counter[tuple[str, str]] = Counter()
        for start in range(first, last + 1):
            votes.update(self._pieces.get(text[start : start + PIECE], ()))
        return min(votes, key=lambda owner: (-votes[owner], self.encodings[owner[1]], owner[0]))


def _tells(piece: str) -> bool:
    """Tell whether a piece holds more than two escaped characters, such as the ``//`` of any quoted address."""
    return len(re.sub("%(?:25)*[0-9a-f]{0,2}", "", piece)) > PIECE // 4 or "%" not in piece


def _runs(hits: list[int]) -> Iterator[tuple[int, int]]:
    """Join hits that overlap or touch: one place of a canary."""
    first = last = -1
    for hit in hits:
        if first >= 0 and hit > last + PIECE:
            yield first, last
            first = hit
        first, last = (hit if first < 0 else first), hit
    if first >= 0:
        yield first, last


def _context(text: str, hits: list[int], first: int, last: int) -> str:
    """Return what stands around a place, without anything of any canary."""
    begin, end = max(first - CONTEXT, 0), min(last + PIECE + CONTEXT, len(text))
    hidden = {at for hit in hits if begin - PIECE < hit < end for at in range(hit, hit + PIECE)}
    shown = "".join("\0" if at in hidden else text[at] for at in range(begin, end))
    return " ".join("[...]".join(part for part in shown.split("\0") if part).split())
