# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a canary, or a part of one, in whatever form it was written."""

from __future__ import annotations

import base64
import html
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import quote, quote_plus

from tests.leak.canaries import Canary

PIECE = 10
"""A run of so many characters of any spelling of a canary is a leak: a secret that is half taken out still is one."""
OWN = 5
"""It has to show so many of the canary's letters and digits: other texts have the same escapes and punctuation. Any ten
characters of a canary have them; a spelling with long escapes shows them in a longer run."""
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
    # After a double quote, repr writes each character the same way, whichever others there are.
    return repr(f'"{text}')[2:-1]


def _bytes_repr(text: str) -> str:
    return repr(f'"{text}'.encode())[3:-1]


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
    "URL, + for space, in URL": lambda text: quote(quote_plus(text), safe=""),
    "hexadecimal": lambda text: text.encode().hex(),
}
ALPHABETS: Mapping[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64 for URLs": base64.urlsafe_b64encode,
}


@dataclass(frozen=True)
class Spelling:
    """A form that a value may take on a wire, in a log or in a file.

    `sources`: for each character, the position of the value's character that it comes from.
    """

    encoding: str
    text: str
    sources: Sequence[int]

    @classmethod
    def joined(cls, encoding: str, parts: Sequence[str]) -> Spelling:
        """Return the spelling that consists of what became of each character of the value."""
        folded = [part.casefold() for part in parts]
        return cls(encoding, "".join(folded), [at for at, part in enumerate(folded) for _char in part])

    def pieces(self, value: str) -> Iterator[str]:
        """Yield the shortest runs that are a leak, at least one around each character of a longer run."""
        own = list(accumulate((char.isascii() and char.isalnum() for char in value), initial=0))
        size, end, ends = len(self.text), 0, []
        for start, source in enumerate(self.sources):
            end = max(end, start + PIECE)
            while end <= size and own[self.sources[end - 1] + 1] - own[source] < OWN:
                end += 1
            if end > size:
                break
            ends.append(end)
        for start, (end, following) in enumerate(zip(ends, [*ends[1:], size + 1])):
            yield from (self.text[start:at] for at in range(end, max(end + 1, following)))


def spellings(value: str) -> Iterator[Spelling]:
    """Yield every spelling of a value."""
    once = {"raw": list(value), **{name: [escape(char) for char in value] for name, escape in ESCAPES.items()}}
    yield from (Spelling.joined(name, parts) for name, parts in once.items())
    for inner, parts in list(once.items())[1:]:
        for outer, escape in ESCAPES.items():
            yield Spelling.joined(f"{inner} in {outer}", [escape(part) for part in parts])
    for inner, parts in once.items():
        # Upper and lower case of the hexadecimal digits are one: the search does not tell case apart.
        for name, encode in URLS.items():
            yield Spelling.joined(f"{name} of {inner}", [encode(part) for part in parts])
        for name, alphabet in ALPHABETS.items():
            yield from (_embedded(f"{name} of {inner}, offset {at}", alphabet, parts, at) for at in range(3))


def _embedded(encoding: str, alphabet: Callable[[bytes], bytes], parts: Sequence[str], offset: int) -> Spelling:
    """Return what stays the same of the base64 of a longer text in which this one starts at the offset, modulo 3."""
    raw = bytes(offset) + "".join(parts).encode()
    first, last = -(-offset * 8 // 6), len(raw) * 8 // 6
    of_bytes = [at for at, part in enumerate(parts) for _byte in part.encode()]
    # Each digit has six bits; the middle ones say which byte it comes from.
    sources = [of_bytes[(digit * 6 + 3) // 8 - offset] for digit in range(first, last)]
    return Spelling(encoding, alphabet(raw).decode()[first:last].casefold(), sources)


@dataclass(frozen=True)
class Leak:
    """Where a canary was seen. The context has every canary cut out."""

    where: str
    canary: str
    encoding: str
    context: str

    def __str__(self) -> str:
        return f"{self.where}: {self.canary} ({self.encoding}) in: {self.context}"


Hit = tuple[int, str]
"""Where a piece starts in a text, and the piece."""


class Searcher:
    """Looks for canaries in texts, whatever their case."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self.canaries = tuple(canaries)
        self.encodings: dict[str, int] = {}
        pieces: dict[str, set[tuple[str, str]]] = {}
        for canary in self.canaries:
            for spelling in spellings(canary.value):
                self.encodings.setdefault(spelling.encoding, len(self.encodings))
                for piece in spelling.pieces(canary.value):
                    pieces.setdefault(piece, set()).add((canary.name, spelling.encoding))
        # One value may have several names, such as a token that was given and is stored.
        values = {canary.name: canary.value for canary in self.canaries}
        self._pieces = {
            piece: owners
            for piece, owners in pieces.items()
            if len({values[name] for name, _encoding in owners}) < COMMON
        }
        found = {name for owners in self._pieces.values() for name, encoding in owners if encoding == "raw"}
        if unseen := {canary.name for canary in self.canaries} - found:
            raise ValueError(f"too short, or too much like others, to be found: {', '.join(sorted(unseen))}")
        self._beginning: dict[str, list[str]] = {}
        for piece in self._pieces:
            self._beginning.setdefault(piece[:PIECE], []).append(piece)

    def search(self, where: str, found: str | bytes) -> list[Leak]:
        """Return the leaks in a text: of each canary and encoding one, the first."""
        text = (found.decode("utf-8", "replace") if isinstance(found, bytes) else found).casefold()
        beginning = self._beginning
        starts = [start for start in range(len(text) - PIECE + 1) if text[start : start + PIECE] in beginning]
        hits = [
            (start, piece)
            for start in starts
            for piece in beginning[text[start : start + PIECE]]
            if text.startswith(piece, start)
        ]
        leaks: dict[tuple[str, str], Leak] = {}
        for place in _places(hits):
            owner = self._owner(place)
            if owner not in leaks:
                leaks[owner] = Leak(where, *owner, _context(text, hits, place))
        return list(leaks.values())

    def _owner(self, place: Sequence[Hit]) -> tuple[str, str]:
        """Return the canary and the encoding that explain most of a place."""
        votes = Counter(owner for _start, piece in place for owner in self._pieces[piece])
        return min(votes, key=lambda owner: (-votes[owner], self.encodings[owner[1]], owner[0]))


def _end(hit: Hit) -> int:
    start, piece = hit
    return start + len(piece)


def _places(hits: Iterable[Hit]) -> Iterator[list[Hit]]:
    """Join hits that overlap or touch: one place of a canary."""
    place: list[Hit] = []
    reach = 0
    for hit in hits:
        if place and hit[0] > reach:
            yield place
            place = []
        place.append(hit)
        reach = max(reach, _end(hit))
    if place:
        yield place


def _context(text: str, hits: Iterable[Hit], place: Sequence[Hit]) -> str:
    """Return what stands around a place, without anything of any canary."""
    begin, end = max(place[0][0] - CONTEXT, 0), min(max(map(_end, place)) + CONTEXT, len(text))
    hidden = {at for hit in hits if hit[0] < end and begin < _end(hit) for at in range(hit[0], _end(hit))}
    shown = "".join("\0" if at in hidden else text[at] for at in range(begin, end))
    return " ".join("[...]".join(part for part in shown.split("\0") if part).split())
