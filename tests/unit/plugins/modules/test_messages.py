# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each sentence that the code can say has an entry in the page on messages, and the page has no other one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "docs/docsite/rst/guide_troubleshooting.rst"

GAP = "…"
"""Replaces each value in a message."""
PLACEHOLDER = re.compile(r"<[^<>,]+>")
"""The page's form of a value."""
# A message is a literal that has a line for itself, in the page, or as an item of a list below another one.
ENTRY = re.compile(r"^(?:``|   \* ``)(.+)``$", re.MULTILINE)

DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN", "READS", "WRITES", "ACTION_GROUP_ALL", "SHARED", "VENDORS"}
WORDS_OF_A_REPORT = {
    *("KINDS", "REASONS", "HEAD", "LOGIN_HEAD", "SECRETS_HEAD", "SHARED_HEAD", "USERS_HEAD", "REST_HEAD", "VAULT_HEAD"),
    *("EMPTY_VAULT_HEAD", "NEXT", "NEXT_BY_REASON"),
}
WORDS_OF_NAMES = {
    *("_NOUNS", "_KEYS_OF_DATA", "_TOKENS_OF_LISTS", "_CODES_THAT_OPEN", "_TRANSPARENT", "_PLAIN", "_QUESTIONS"),
    *("_OTHER", "_LOGINS", "_ASIDE"),
}
NO_MESSAGES = {
    # Parts of an answer, of a name, of a difference, and of a line of progress
    f"{GAP}, request id {GAP}",
    f"id {GAP}, created {GAP}",
    f"and {GAP} more instances",
    f"{GAP}: does not exist yet",
    f"delete {GAP}, created {GAP}",
    "at an unknown time",
    f"ce_instances: first failure: {GAP}: {GAP}",
    # Parts of a summary
    "nothing to do",
    "not in the list, or not checked",
    "would be ",
    f"{GAP} instances{GAP}: {GAP} These are {GAP}.",
    ", with the details of the first",
    f"{GAP} more instances failed for other reasons.",
    ": new token",
    "<secret: as on the platform>",
    "<secret: sent again>",
    # Parts of the report of drift
    *("No drift", "No drift found.", "all owners", "the list is empty", f"{GAP} of {GAP} listed instances match"),
    # What is written into files
    f"# {GAP}: {GAP} is not exported. {GAP}\n",
    "# Instances with the same login share a variable. If one has another secret, give it its own variable.\n",
    f"# {GAP} instances with the same login:\n",
    f"#   and {GAP} more: search for the variable in instances.yml\n",
    "---\n# The list needs no secrets.\n{}\n",
    # What PyYAML says of a second document
    "single document",
    # What the event filter logs around a problem, and when there is none
    f"instance {GAP}, notification {GAP}: {GAP}",
    "A repeated notification was dropped.",
    # Patterns
    "No .* found",
    "Failed to connect to the API URL",
    r"Tunnel connection failed: (\d{3})",
}


class Sentences(ast.NodeVisitor):
    """Collects what has the form of a sentence: at least two words, and a space."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        """Pass over docstrings."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Pass over documentation."""
        self._unless_other_words(node, node.targets[0])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Pass over the words of a report."""
        self._unless_other_words(node, node.target)

    def _unless_other_words(self, node: ast.AST, target: ast.expr) -> None:
        if not (isinstance(target, ast.Name) and target.id in DOCUMENTATION | WORDS_OF_A_REPORT | WORDS_OF_NAMES):
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take a text."""
        if isinstance(node.value, str):
            self._add(re.sub("%s|{[a-z]+[a-z_:]*}", GAP, node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Take a text with values, and those that the values may be."""
        parts = [part.value if isinstance(part, ast.Constant) else GAP for part in node.values]
        self._add("".join(map(str, parts)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def _add(self, text: str) -> None:
        if " " in text and len(re.findall(r"[A-Za-z_]{2,}", text)) > 1 and text not in NO_MESSAGES:
            self.found.append(text)


def of_python() -> Iterator[tuple[str, str]]:
    for file in sorted([*(ROOT / "plugins").rglob("*.py"), *(ROOT / "extensions").rglob("*.py")]):
        sentences = Sentences()
        sentences.visit(ast.parse(file.read_text(encoding="utf-8")))
        yield from ((file.name, text) for text in sentences.found)


def fail_messages(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for key, text in value.items() if key == "fail_msg")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from fail_messages(item)


def of_playbooks() -> Iterator[tuple[str, str]]:
    files = [*ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/tasks/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")]
    for file in sorted(files):
        for text in fail_messages(yaml.safe_load(file.read_text(encoding="utf-8"))):
            yield file.name, re.sub(r"{{.*?}}", GAP, text)


def pattern(sentence: str) -> re.Pattern[str]:
    """Return what finds a sentence in an entry; what is filled in at its ends may be missing there."""
    constants = [re.escape(part) for part in sentence.strip(f"{GAP}: \n").split(GAP)]
    return re.compile(PLACEHOLDER.pattern.join(constants))


SENTENCES = sorted({*of_python(), *of_playbooks()})
PATTERNS = {sentence: pattern(sentence) for _file, sentence in SENTENCES}
ENTRIES = [entry for entry in ENTRY.findall(PAGE.read_text(encoding="utf-8")) if " " in entry]


def test_there_are_sentences_and_entries() -> None:
    assert len(SENTENCES) > 100
    assert len(ENTRIES) > 100
    assert sorted(set(ENTRIES)) == sorted(ENTRIES)


@pytest.mark.parametrize(("file", "sentence"), SENTENCES)
def test_a_sentence_of_the_code_has_an_entry(file: str, sentence: str) -> None:
    assert any(PATTERNS[sentence].search(entry) for entry in ENTRIES), f"{file}: {sentence}"


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_is_said_by_the_code(entry: str) -> None:
    said = list(entry)
    for found in PATTERNS.values():
        for match in found.finditer(entry):
            said[match.start() : match.end()] = " " * (match.end() - match.start())
    rest = PLACEHOLDER.sub(" ", "".join(said))

    assert re.findall(r"\w+", rest) == []


def test_each_message_has_a_cause_and_then_a_fix() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("\nBugs in the collection\n")[0]
    entries = re.split(r"^``.+``$", text, flags=re.MULTILINE)[1:]

    assert [entry for entry in entries if not re.match(r"\s+[^*\s].*\s\*Fix\*:\s+\S", entry, re.DOTALL)] == []
