# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the YAML examples of the documentation pages to files for a linter."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

MARKDOWN = re.compile(r"^```yaml[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RESTRUCTURED = re.compile(r"^\.\. code-block:: yaml[^\n]*\n(?:[ ]+:[^\n]*\n)*\n((?:[ ]+[^\n]*\n|\n)+)", re.MULTILINE)

PLAYS = re.compile(r"^(?:- |  )(?:hosts|ansible\.builtin\.import_playbook):", re.MULTILINE)


def blocks(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the place of each block, such as `README.md 2`, and its text."""
    pages = sorted([*root.glob("*.md"), *root.glob("roles/*/README.md"), *root.glob("docs/docsite/rst/*.rst")])
    for page in pages:
        texts = (RESTRUCTURED if page.suffix == ".rst" else MARKDOWN).findall(page.read_text(encoding="utf-8"))
        for number, text in enumerate(texts, start=1):
            # Blank lines after a block are not part of it.
            yield f"{page.relative_to(root)} {number}", f"{dedent(text).rstrip()}\n"


def written(root: Path) -> list[Path]:
    """Write each playbook and list of tasks to the place where a linter expects it, and return the files."""
    files = []
    for place, text in blocks(root):
        # Skip variables and lists of instances, which are no code.
        if not text.startswith("- ") or not re.search(r"^ +(hosts|\w+\.\w+\.\w+):", text, re.MULTILINE):
            continue
        kind = "playbooks" if PLAYS.search(text) else "tasks"
        file = root / "pages" / kind / f"{re.sub('[^A-Za-z0-9]+', '_', place).lower()}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\n{text}", encoding="utf-8")
        # Files that the reader of the page has.
        (file.parent / "vault.yml").touch()
        files.append(file)
    return files
