# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML with marks: any text survives, in our own reader and in Ansible's, on every release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.cloud_elements.platform.plugins.plugin_utils import _list_file
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._marked_yaml import (
    dump,
    is_writable,
    load_yaml,
    marked,
)
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.text(
        st.sampled_from("#jinja2:{}%[]'\"\\ \n\r\t\x85\u2028\u2029\ufeff\x00!&*-?:,|>@`~0x1e.yesnoTrue<=_"), max_size=15
    ),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.integers(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


@given(VALUES, st.booleans())
def test_whatever_is_written_reads_the_same_in_all_readers(value: Any, indented: bool) -> None:
    text = dump({"list": marked(value)}, indented)

    assert load_yaml(text) == {"list": value}
    assert DataLoader().load(text) == {"list": value}


class Slow:
    """Ansible's own reader, which may not be needed."""

    def __init__(self) -> None:
        self.used = False

    def path_dwim(self, path: str) -> str:
        return path

    def load(self, text: str, **_options: Any) -> Any:
        self.used = True
        return DataLoader().load(text)


@given(st.lists(st.dictionaries(TEXTS, TEXTS, max_size=3), max_size=3))
def test_a_marked_list_needs_no_slow_reader(tmp_path_factory: pytest.TempPathFactory, items: list[Any]) -> None:
    # What is written inside of a text may still look like a value of Ansible's own.
    path = tmp_path_factory.mktemp("lists") / "list.yml"
    path.write_bytes(dump(marked(items)).encode())
    slow = Slow()
    found = _list_file.with_list(slow, {"instances_file": str(path)})["instances"]

    assert found == items
    assert not slow.used or "!" in str(items)


@pytest.mark.parametrize(
    ("text", "value", "slow"),
    [
        ("- a: !unsafe '{{ 1 }}'", "{{ 1 }}", False),
        ("- a: !unsafe yes", "yes", False),
        ("- a: !unsafe '0123'", "0123", False),
        ("- a: !unsafe", "", False),
        ("- a: !unsafe {b: {c: [d]}}", {"b": {"c": ["d"]}}, False),
        ("- a: !unsafe [b, !unsafe c]", ["b", "c"], False),
        ('[{"a": {"__ansible_unsafe": "{{ 1 }}"}}]', "{{ 1 }}", False),
        ('[{"a": "{{ one curly brace less }"}]', "{{ one curly brace less }", False),
        ("- a: !!str 12", "12", True),
        ("- a: say !unsafe", "say !unsafe", False),
    ],
)
def test_every_form_of_a_mark_is_known(tmp_path: Path, text: str, value: Any, slow: bool) -> None:
    (tmp_path / "list.yml").write_text(text, encoding="utf-8")
    reader = Slow()
    (item,) = _list_file.with_list(reader, {"instances_file": str(tmp_path / "list.yml")})["instances"]

    assert item["a"] == value
    assert not reader.used or slow


@pytest.mark.parametrize("text", ["a: !other x", "a: [", "a: !!python/object:os.system x"])
def test_what_nobody_knows_is_an_error(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        load_yaml(text)


def test_half_of_a_surrogate_pair_cannot_be_written() -> None:
    assert [is_writable(text) for text in ("a", "\U0001f511", "\ud83d", json.loads('"a\\udd11"'))] == [
        True,
        True,
        False,
        False,
    ]
