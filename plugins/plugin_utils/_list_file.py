# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a list of instances from a file on the control node. It must never show the content. Private."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.parsing.vault import is_encrypted

from ..module_utils._model.errors import BadInput
from ..module_utils._model.message import Message, Own
from ..module_utils._options.argspec import is_showable_name
from ._arguments import plain, refuse_non_strings
from ._files import check_file
from ._marked_yaml import DoubleKey, Marked, load_json, load_yaml

VARIABLE = "instances_list"
"""The variable in the file of an export. Such a file can be read as a list, too."""

_ANSIBLE_VALUES = re.compile(r"__ansible_(?!unsafe\b)|!(?!unsafe\b)[A-Za-z]")
"""Encrypted values, which only Ansible's own, slow reader understands."""
_UNUSUAL_JSON = re.compile(r"\{\{|\{%|\\u|__ansible_")
"""Parts of the text of a template, or of a marked or encrypted value."""
_TEMPLATE = re.compile(r"\{\{.*\}\}|\{%.*%\}", re.DOTALL)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, because its mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks that other programs write, and their encodings."""


def with_list(loader: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the list from the file, if they name one.

    :param loader: Ansible's, with the vault passwords of the run
    :raises BadInput: there is no such list, or there are two
    """
    path = arguments.get("instances_file")
    if not path:
        return arguments
    # Roles and inventories pass an empty list if it is unset.
    if arguments.get("instances") not in (None, []):
        raise BadInput("instances and instances_file are mutually exclusive. Use one of them.")
    return {**arguments, "instances": _read_list(loader, str(path))}


def _read_list(loader: Any, path: str) -> list[dict[str, Any]]:
    full_path = loader.path_dwim(os.path.expandvars(path))
    check_file("instances_file", path, full_path)
    text = _text(loader, path, full_path)
    content, is_json = _load_text(path, text)
    items = _items(path, content)
    # JSON has no types to convert. An escape such as \u007b may hide a template.
    if is_json and not _UNUSUAL_JSON.search(text):
        return items
    _refuse_templates(path, items)
    if _ANSIBLE_VALUES.search(text):
        return _load_with_ansible(loader, path, full_path, text)
    return _plain(items)


def _text(loader: Any, path: str, full_path: str) -> str:
    """Return the text of the file, decrypted."""
    try:
        content, encoding = _without_mark(Path(full_path).read_bytes())
        if is_encrypted(content):
            content, encoding = _without_mark(bytes(loader._vault.decrypt(content)))
        return content.decode(encoding)
    except OSError as error:
        raise BadInput(
            "instances_file {path} cannot be read ({reason}). A relative path starts at the playbook.",
            path=path,
            reason=Own(error.strerror),
        ) from None
    except AnsibleError:
        raise BadInput(
            "instances_file {path} cannot be decrypted. Provide its vault password, for example with --vault-id or "
            "a vault credential of the controller.",
            path=path,
        ) from None
    except ValueError:
        raise BadInput("instances_file {path} is not encoded as UTF-8. Save it as UTF-8.", path=path) from None


def _without_mark(content: bytes) -> tuple[bytes, str]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :], encoding
    return content, "utf-8"


def _load_text(path: str, text: str) -> tuple[Any, bool]:
    """Return the content of the text, and whether it is JSON. Encrypted values become marked strings."""
    try:
        return _load_json_or_yaml(text)
    except DoubleKey as error:
        key = Message("the key {key}", key=error.key) if is_showable_name(error.key) else Own("a key that is not shown")
        place = Own(f"line {error.line}" if error.line else "in one object")
        raise BadInput(
            "instances_file {path} has {key} twice ({place}), and only one of the values would be used. Remove the "
            "other.",
            path=path,
            key=key,
            place=place,
        ) from None
    except yaml.composer.ComposerError as error:
        # The other error of this class is an alias without an anchor.
        if "single document" in str(error.context):
            raise BadInput(
                "instances_file {path} contains several YAML documents. Put the whole list into one.", path=path
            ) from None
        raise _yaml_error(path, error) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _yaml_error(path, error) from None


def _load_json_or_yaml(text: str) -> tuple[Any, bool]:
    try:
        return load_json(text), True
    except DoubleKey:
        raise
    except ValueError:
        return load_yaml(text), False


def _yaml_error(path: str, error: Exception) -> BadInput:
    mark = getattr(error, "problem_mark", None)
    place = f"line {mark.line + 1}" if mark else type(error).__name__
    return BadInput(
        "instances_file {path} is neither valid YAML nor JSON ({place}). Correct it, for example with yamllint.",
        path=path,
        place=Own(place),
    )


def _load_with_ansible(loader: Any, path: str, full_path: str, text: str) -> list[dict[str, Any]]:
    """Return the list in the text, with its encrypted values decrypted."""
    try:
        # Since ansible-core 2.19, a value is decrypted when it is used.
        return _plain(_items(path, loader.load(text, file_name=full_path, show_content=False)))
    except (AnsibleError, ValueError, RecursionError) as error:
        raise BadInput(
            "instances_file {path} contains a value that cannot be read ({kind}). Provide the vault password of "
            "each encrypted value, and use no YAML tags but !vault and !unsafe.",
            path=path,
            kind=Own(type(error).__name__),
        ) from None


def _plain(items: list[Any]) -> list[dict[str, Any]]:
    refuse_non_strings({"instances": items})
    result: list[dict[str, Any]] = plain(items)
    return result


def _items(path: str, content: Any) -> list[Any]:
    if isinstance(content, Mapping) and [*content] == [VARIABLE]:
        content = content[VARIABLE]
    if not isinstance(content, list) or not all(isinstance(item, Mapping) for item in content):
        raise BadInput(
            "instances_file {path} does not contain a list of instances. Write a list of dictionaries, by itself "
            "or as the only variable {variable}.",
            path=path,
            variable=Own(VARIABLE),
        )
    return content


def _refuse_templates(path: str, items: list[Any]) -> None:
    """Refuse a template. A literal ``{{ variable }}`` would be sent and replace a good password."""
    place = next(_templates(items, "instances"), None)
    if place:
        raise BadInput(
            "instances_file {path} has a template in {place}, but nothing in this file is evaluated. Pass the file "
            "as variables with -e @file, or put the credentials into the environment or next to the list. Mark a "
            "string that only looks like a template with !unsafe.",
            path=path,
            place=place,
        )


def _templates(value: Any, place: str) -> Iterator[str]:
    """Yield the places of strings that look like templates and are not marked as unsafe."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _templates(inner, f"{place}.{name}" if is_showable_name(name) else place)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _templates(inner, f"{place}[{number}]")
    elif isinstance(value, str) and not isinstance(value, Marked) and _TEMPLATE.search(value):
        yield place
