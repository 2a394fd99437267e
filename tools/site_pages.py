# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare the sources of the documentation site, and check the links of its pages."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# The pages of Ansible's site that ours link to, by Sphinx's label. Not every network reaches its whole inventory.
ANSIBLE = {
    "action_plugins": ("plugins/action.html#$", "Action plugins"),
    "ansible_configuration_settings": ("reference_appendices/config.html#$", "Ansible Configuration Settings"),
    "common_return_values": ("reference_appendices/common_return_values.html#$", "Common return values"),
}


class BrokenLinksError(Exception):
    """Broken links, one per line."""


def prepared(collection: Path) -> Path:
    """Return a folder with the sources of the site, next to a copy of the collection."""
    source = collection.parents[2] / "source"
    shutil.copytree(collection / "docs/site", source)
    shutil.copytree(collection / "docs/images", source / "images")
    lines = (f"{label} std:label -1 {place} {title}\n" for label, (place, title) in ANSIBLE.items())
    head = "# Sphinx inventory version 2\n# Project: ansible\n# Version: \n# The remainder is compressed using zlib.\n"
    (source / "ansible.inv").write_bytes(head.encode() + zlib.compress("".join(lines).encode()))
    # antsibull-docs requires that nobody else can write there.
    source.chmod(0o755)
    return source


def checked(built: Path) -> str:
    """Check the links of all pages, and return a sentence with the number of pages.

    :raises BrokenLinksError: some are broken
    """
    pages = sorted(built.rglob("*.html"))
    if problems := [problem for page in pages for problem in broken(page, built)] or ([] if pages else ["no page"]):
        raise BrokenLinksError("\n".join(problems))
    return f"{len(pages)} pages in {built}"


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
    """Yield a sentence for each link of an HTML file to a missing file below root, or to a missing place in a file.

    Addresses on other hosts are left alone.
    """
    for link in _read(file).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = file.parent / unquote(parts.path) if parts.path else file
        if not target.is_file():
            yield f"{file.relative_to(root)}: {link} is not there"
        elif target.suffix == ".html" and parts.fragment and unquote(parts.fragment) not in _read(target).anchors:
            yield f"{file.relative_to(root)}: {link} names no place in that page"
