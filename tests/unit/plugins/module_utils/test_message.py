# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are hidden in what is filled into a sentence, and its own words stay."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model import errors as _errors
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import (
    BadInput,
    CloudElementsError,
    failure,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.message import (
    Message,
    Own,
    Shortened,
    names_of,
    some_of,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.redact import Guarded, Redactor
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.release import release

PLUGINS = Path(_errors.__file__).parents[1]
CLEAN = Redactor(["a", "12"]).redact_text


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (Message("What was said?"), "What was said?"),
        (Message("Say {what}: a {{b}}.", what="bat"), "Say b<secret>t: a {b}."),
        (Message("{option} is {number}.", option=Own("max"), number=12), "max is 12."),
        (Message("{timeout:g} s", timeout=12.0), "12 s"),
        (
            Message("First: {error} That's all.", error=BadInput("{name} at {place}", name="ab", place=Own("a"))),
            "First: <secret>b at a That's all.",
        ),
        (Message("{why}", why=ValueError("bad")), "b<secret>d"),
        (Message.joined([Message("an {x}", x="a"), "a", Own("a")], " and "), "an <secret> and <secret> and a"),
    ],
)
def test_only_what_is_filled_in_is_scrubbed(message: Message, text: str) -> None:
    assert message.cleaned(CLEAN) == text


def test_a_failure_is_one_line_in_which_the_words_stay() -> None:
    assert (
        release(failure(BadInput("a {name}: again", name="Ta\x1bb")), Redactor(["a"]))["msg"]
        == r"a T<secret>\x1bb: again"
    )


def test_a_message_without_values_may_hold_braces() -> None:
    error = CloudElementsError("{} {a}")

    assert (str(error), error.message.template) == ("{} {a}", "{} {a}")


def test_a_message_is_cut_after_secrets_are_hidden_and_what_cannot_be_seen_is_shown() -> None:
    name = Message("{name}", name="xx\u200bcanary-yyyy")

    assert Shortened(name, 25).cleaned(Redactor(["canary"]).redact_text) == r"xx\u200b<secret>-yyyy"
    assert Shortened(name, 12).cleaned(Redactor(["canary"]).redact_text) == r"xx\u200b<..."
    assert Shortened(name, 12).template == name.template


@pytest.mark.parametrize(
    ("total", "room", "said"),
    [(2, 20, "ab, <secret>"), (5, 20, "ab, <secret> and 3 more"), (2, 9, "ab and 1 more"), (2, 1, "ab and 1 more")],
)
def test_names_are_said_while_there_is_room_for_them_as_they_are_shown(total: int, room: int, said: str) -> None:
    names = [Message("{name}", name="ab"), Guarded(Message("{name}", name="x"), Redactor(["x"]))]

    assert str(names_of(names, total, room)) == said


@pytest.mark.parametrize(
    ("things", "said"), [([], ""), ([1, 2], "1; 2"), ([1, 2, 3], "1; 2; 3"), ([1, 2, 3, 4, 5], "1; 2; 3; and 2 more")]
)
def test_the_first_of_many_are_said_and_the_others_counted(things: list[int], said: str) -> None:
    assert some_of(things, 3, separator="; ") == said


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield what makes a message."""
    classes = {name for name, kind in vars(_errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {*classes, "Message"}:
            yield node


@pytest.mark.parametrize("file", sorted(PLUGINS.rglob("*.py")), ids=lambda file: file.name)
def test_no_value_is_among_the_words_of_a_message(file: Path) -> None:
    found = [call for call in calls(ast.parse(file.read_text(encoding="utf-8"))) if call.args]

    assert [ast.unparse(call) for call in found if isinstance(call.args[0], (ast.JoinedStr, ast.BinOp))] == []
