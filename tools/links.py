# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links of a page, and whether what they name is there; addresses on other hosts are left alone."""

from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and (name == "id" or (tag == "a" and name == "name")):
                self.anchors.add(value)
            elif value and name in ("href", "src"):
                self.links.append(value)


@lru_cache
def _read(file: Path) -> _Page:
    page = _Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


def broken(file: Path, root: Path) -> Iterator[str]:
    """Yield a sentence for each link of an HTML file that names no file below root, or no place in it."""
    for link in _read(file).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = file.parent / unquote(parts.path) if parts.path else file
        if not target.is_file():
            yield f"{file.relative_to(root)}: {link} is not there"
        elif target.suffix == ".html" and parts.fragment and unquote(parts.fragment) not in _read(target).anchors:
            yield f"{file.relative_to(root)}: {link} names no place in that page"
