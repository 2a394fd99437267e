# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No request of the project follows a redirect: ansible.builtin.uri would send the secrets on to any other host."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
MODULES = ("uri", "ansible.builtin.uri", "ansible.legacy.uri", "ansible.builtin.get_url", "get_url")
MODULE = re.compile(r"\b(?:uri|get_url)[\"']?:")
RST_BLOCK = re.compile(r"^( *)\.\. code-block:: (?:yaml|YAML)\S*\n((?:\1 +\S.*\n|\s*\n)+)", re.MULTILINE)
MD_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
SUFFIXES = {".yml", ".yaml", ".rst", ".md", ".py"}
LEFT_OUT = (".nox", ".git", ".sandbox", "tests/output", "changelogs")


class Loader(yaml.SafeLoader):
    """Reads YAML as Ansible does, as far as this test needs it: a tag of Ansible's own is a text."""


Loader.add_multi_constructor("!", lambda _loader, _tag, node: node.value)


def files() -> list[Path]:
    found = [path for path in sorted(ROOT.rglob("*")) if path.suffix in SUFFIXES and path.is_file()]
    return [path for path in found if not str(path.relative_to(ROOT)).startswith(LEFT_OUT)]


def texts_in(path: Path) -> Iterator[str]:
    """Yield the YAML in a file: all of it, its code blocks, or the examples of a plugin."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".yml", ".yaml"):
        yield text
    elif path.suffix == ".md":
        yield from MD_BLOCK.findall(text)
    elif path.suffix == ".rst":
        # The options of a block come before an empty line.
        yield from (dedent(re.sub(r"\A(?: +:.*\n)+", "", body)) for _indent, body in RST_BLOCK.findall(text))
    elif path.parts[-3:-2] == ("plugins",) and "EXAMPLES" in text:
        for node in ast.parse(text).body:
            named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES"
            if named and isinstance(node.value, ast.Constant):
                yield str(node.value.value)


def requests_in(value: Any) -> Iterator[Any]:
    """Yield the options of each task that sends a request, wherever it is."""
    if isinstance(value, list):
        for inner in value:
            yield from requests_in(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in MODULES:
                yield inner
            yield from requests_in(inner)


def requests(path: Path) -> list[Any]:
    found = []
    for text in texts_in(path):
        if MODULE.search(text):
            found += [each for document in yaml.load_all(text, Loader) for each in requests_in(document)]
    return found


def follows(options: Any) -> bool:
    return not isinstance(options, dict) or options.get("follow_redirects") != "none"


def test_no_task_follows_a_redirect() -> None:
    found = {str(path.relative_to(ROOT)): requests(path) for path in files()}

    assert [name for name, tasks in found.items() if any(map(follows, tasks))] == []
    # The places that a user copies from.
    assert [name for name, tasks in found.items() if tasks and not name.startswith("tests/")] == [
        "README.md",
        "docs/docsite/rst/guide_secrets.rst",
        "playbooks/events.yml",
        "playbooks/tasks/call_vendor_page.yml",
        "plugins/lookup/ce_instance_token.py",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tasks.yml", "- uri:\n    url: x\n- ansible.builtin.uri: {url: x, follow_redirects: safe}\n"),
        ("page.md", "Text\n\n```yaml\n- block:\n    - uri: url=x\n    - uri: {follow_redirects: all}\n```\n"),
        ("page.rst", "Text\n\n.. code-block:: yaml\n   :caption: x\n\n   - uri:\n       url: x\n\n   - uri: {}\n\nX\n"),
        ("plugins/lookup/x.py", 'EXAMPLES = r"""\n- uri:\n    url: x\n- uri: {url: !unsafe y}\n"""\n'),
    ],
)
def test_the_check_finds_them_in_all_kinds_of_files(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

    assert [follows(task) for task in requests(path)] == [True, True]
