# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page on the architecture says to write for a new vendor, and a copy of the collection with that in it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

from tests.collection import ROOT
from tests.guides.playing import BODY, page

GUIDE = "architecture"
# What a working copy gathers, and what none of this needs.
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "output", "dist")

_PLACED = re.compile(
    r"^\.\. code-block:: \S+\n   :caption: (\S+), (?:before the line ``(.+)``|a new file)" + BODY, re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """Lines for a file.

    :param line: the first line of the file that reads so, whatever its indentation, is the one that they go before;
        '' for a new file
    """

    file: str
    line: str
    text: str

    def put_into(self, text: str) -> str:
        """Return the text of the file with these lines in their place, indented like the line that they go before."""
        lines = text.splitlines(keepends=True)
        places = [number for number, line in enumerate(lines) if line.strip() == self.line]
        assert places, f"{self.file} has no line {self.line}"
        place = lines[places[0]]
        lines.insert(places[0], indent(self.text, place[: len(place) - len(place.lstrip())]))
        return "".join(lines)


def blocks() -> Iterator[Block]:
    """Yield the blocks that the page says to write."""
    for file, line, text in _PLACED.findall(page(GUIDE)):
        yield Block(file, line, f"{dedent(text).strip()}\n")


def generator() -> list[str]:
    """Return the command of the page that writes what follows from the profile."""
    (command,) = re.findall(r"^   python (tools/\S+)$", page(GUIDE), re.MULTILINE)
    return [sys.executable, command]


def last_steps() -> list[str]:
    """Return the sessions that the last command of the page runs."""
    (named,) = re.findall(r'^   make test ARGS="-s ([\w -]+)"$', page(GUIDE), re.MULTILINE)
    return list(named.split())


def changed_copy(root: Path) -> Path:
    """Copy the collection below root, write the blocks of the page there, and return its directory."""
    copy = root / "ansible_collections/cloud_elements/platform"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    for block in blocks():
        file = copy / block.file
        if block.line:
            file.write_text(block.put_into(file.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            with file.open("x", encoding="utf-8") as new:
                new.write(block.text)
    return copy
