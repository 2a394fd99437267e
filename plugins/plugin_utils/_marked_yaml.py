# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write and read YAML in which no text from the platform may become a template. Private to this collection.

Ansible treats any string in a file as a template if it contains ``{{``, or if it begins with ``#jinja2:`` and sets its
own delimiters. Anybody may have written what the platform returns, so each of its strings has the mark ``!unsafe``.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

try:
    from yaml import CSafeDumper as FastDumper
    from yaml import CSafeLoader as FastLoader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeDumper as FastDumper  # type: ignore[assignment]
    from yaml import SafeLoader as FastLoader  # type: ignore[assignment]

_TEXT = "tag:yaml.org,2002:str"
_JSON_MARKS = ("__ansible_unsafe", "__ansible_vault")


class Marked(str):
    """A text that Ansible must not treat as a template."""

    __slots__ = ()


def marked(value: Any) -> Any:
    """Return the same structure with all texts marked, except keys, which are never templates."""
    if isinstance(value, dict):
        return {key: marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [marked(item) for item in value]
    return Marked(value) if isinstance(value, str) else value


def is_writable(text: str) -> bool:
    """Return whether a file can contain the text: half of a surrogate pair is not a character."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def dump(value: Any, indented: bool = True) -> str:
    """Return a structure as readable YAML. Ansible does not evaluate its marked texts.

    :param value: the structure
    :param indented: indent lists as people do, which takes many times as long
    """
    options: dict[str, Any] = {"default_flow_style": False, "sort_keys": False, "allow_unicode": True, "width": 10**6}
    text: str = yaml.dump(value, Dumper=_Indented if indented else _Dumper, **options)
    return text


class DoubleKey(ValueError):
    """A dictionary has a key twice, and only one of the two values would count.

    :param line: the line of the second one, counted from 1; 0 if it is not known
    """

    def __init__(self, key: str, line: int = 0) -> None:
        super().__init__()
        self.key = key
        self.line = line


def load_json(text: str) -> Any:
    """Return the content of JSON, far quicker than as YAML. A marked or encrypted value becomes a :class:`Marked` text.

    :raises DoubleKey: a dictionary has a key twice
    :raises ValueError: it is not JSON
    """
    return json.loads(text, object_pairs_hook=_json_object)


def load_yaml(text: str | bytes) -> Any:
    """Return the content of YAML. A marked or encrypted value becomes a :class:`Marked` text.

    :raises DoubleKey: a dictionary has a key twice
    :raises yaml.YAMLError: it is not YAML
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        _refuse_double_keys(node)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _json_object(pairs: list[tuple[str, Any]]) -> Any:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _value in pairs]
        raise DoubleKey(next(key for key in keys if keys.count(key) > 1))
    mark = next((mark for mark in _JSON_MARKS if mark in result), None)
    return Marked(result[mark]) if mark and isinstance(result[mark], str) else result


def _refuse_double_keys(root: yaml.Node | None) -> None:
    """Refuse a key that is twice in one mapping. A mapping may replace a key that it merges from another one."""
    queue: list[yaml.Node] = [] if root is None else [root]
    visited: set[int] = set()
    while queue:
        node = queue.pop()
        if id(node) in visited or isinstance(node, yaml.ScalarNode):
            continue
        visited.add(id(node))
        if isinstance(node, yaml.MappingNode):
            _refuse_double_keys_of(node)
            queue += [value for _key, value in node.value]
        else:
            queue += node.value


def _refuse_double_keys_of(mapping: yaml.MappingNode) -> None:
    names = set()
    for key, _value in mapping.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in names:
                raise DoubleKey(key.value, key.start_mark.line + 1)
            names.add(key.value)


class _Dumper(FastDumper):  # type: ignore[misc]  # one of two
    """Writes unusual characters so that every reader gets them back unchanged."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


class _Indented(yaml.SafeDumper):
    """The same, with lists as people indent them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _plain(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # In single quotes, any other line end would be read as \n.
    return dumper.represent_scalar(_TEXT, text, style=None if text.isprintable() else '"')


def _unsafe(dumper: yaml.SafeDumper, text: Marked) -> yaml.ScalarNode:
    # Since ansible-core 2.19, a marked text is read as if it had no quotes: yes becomes true, and << an error. So what
    # YAML would read as another type gets quotes instead of the mark. No template looks like that.
    is_text = dumper.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT
    return dumper.represent_scalar("!unsafe" if is_text else _TEXT, str(text), style='"')


for _dumper in (_Dumper, _Indented):
    _dumper.add_representer(str, _plain)
    _dumper.add_representer(Marked, _unsafe)


class _Loader(FastLoader):  # type: ignore[misc]  # one of two
    """Reads a marked value as a string, regardless of its form."""


def _marked_node(loader: Any, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return marked(loader.construct_mapping(node, deep=True))
    return marked(
        loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else str(node.value)
    )


for _mark in ("!unsafe", "!vault", "!vault-encrypted"):
    _Loader.add_constructor(_mark, _marked_node)
