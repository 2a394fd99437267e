# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the output of `make quickstart` as a picture for the README. It must never invent a line.

What changes from run to run or from machine to machine is left out: the versions, the address of the sandbox, paths,
times and counts of characters.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/images/quickstart.svg"
WIDTH = 72
"""Columns of the terminal: as few as the results need, because telephones show the whole width."""
THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        (72, 79, 88),
        (255, 123, 114),
        (63, 185, 80),
        (210, 153, 34),
        *[(121, 192, 255)] * 2,
        (86, 212, 221),
        (230, 237, 243),
    ],
)
"""Distinguishable colours, each with a contrast of at least 4.5 to the background."""
FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" width="720" viewBox="0 0 {width} {height}"
     role="img" aria-labelledby="title desc">
<!-- Made by the command nox -s pictures: do not edit it. -->
<title id="title">Terminal output of make quickstart</title>
<desc id="desc">The quick start runs one playbook four times: it creates three instances, changes nothing, updates
one changed password, and previews a tag.</desc>
<style>
.{unique_id}-matrix {{
font: {char_height}px/{line_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}}
{styles}
</style>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""The frame around the lines that rich draws. rich's own frame loads a font from the internet."""


class PictureError(Exception):
    """The quick start failed, or its output cannot be drawn."""


def captured(command: list[str]) -> str:
    """Return the terminal output of a program, with its colours.

    :raises PictureError: it failed
    """
    ours, terminal = pty.openpty()
    colours = {name: value for name, value in os.environ.items() if name not in ("KEEP", "NO_COLOR")}
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=terminal, env=colours) as running:
        os.close(terminal)
        output = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    text = output.decode("utf-8").replace("\r\n", "\n")
    if running.returncode:
        raise PictureError(text)
    return text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux reports the end of a terminal's output as an error.
        return b""


def shortened(output: str) -> str:
    """Return the four runs, and the result of the search for secrets, with three dots for omitted lines.

    :raises PictureError: there are not four
    """
    found = re.search(r"^1\. .*?(?=^Done in )", output, re.MULTILINE | re.DOTALL)
    if not found or len(re.findall(r"^\d\. ", found.group(), re.MULTILINE)) != 4:
        raise PictureError(f"These are not four runs:\n{output}")
    # Shorten the file names, and the tags in JSON. Flags such as --check stay.
    text = re.sub(r"( --vault-password-file \S+| -e (@\S+|'.*?'))+", " …", found.group())
    text = re.sub(r" …(.*) …", r" …\1", text)
    text = text.replace(" unreachable=0 failed=0 ", " … ")
    text = re.sub(r"the [\d,]+ characters", "the … characters", text)
    # Three are created at once, and any of them may be the first. Number them in the order of the list.
    ids = dict.fromkeys(re.findall(r"\bid \d+", text))
    numbered = dict(zip(ids, sorted(ids), strict=True))
    return re.sub(r"\bid \d+", lambda one: numbered[one.group()], text).rstrip()


def wrapped(console: Console, line: Text) -> Iterator[Text]:
    """Yield the lines of a wrapped line. The others are indented to the first word."""
    indent = re.match(r"\s*(\d\. )?", line.plain)
    first, *rest = line.wrap(console, WIDTH)
    yield first
    width = len(indent.group()) if indent else 0
    for part in Text(" ").join(rest).wrap(console, WIDTH - width) if rest else ():
        part.pad_left(width)
        yield part


def drawn(text: str) -> str:
    """Return a picture of the lines, with their terminal colours."""
    console = Console(record=True, width=WIDTH + 2, file=io.StringIO(), force_terminal=True, color_system="standard")
    for line in [Text("$ make quickstart", "cyan"), Text(), *map(Text.from_ansi, text.split("\n"))]:
        for part in wrapped(console, line):
            part.rstrip()
            part.pad_left(1)
            console.print(part)
    svg = console.export_svg(title="", theme=THEME, code_format=FORMAT, unique_id="quickstart")
    # rich draws the end of each line, too, and clips all lines; none of these is too long.
    svg = re.sub(r'<text [^>]*>\n</text>| clip-path="[^"]*"', "", svg).replace("</text><", "</text>\n<")
    return "\n".join(line.strip() for line in svg.splitlines() if line.strip()) + "\n"


if __name__ == "__main__":
    try:
        output = captured([sys.executable, "-u", str(ROOT / "tools/quickstart.py")])
        PICTURE.write_text(drawn(shortened(output)), encoding="utf-8")
    except PictureError as failure:
        sys.exit(str(failure))
    print(f"Written: {PICTURE.relative_to(ROOT)}")
