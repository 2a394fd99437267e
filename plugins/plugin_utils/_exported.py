# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an export is written as: a list of variables, and a vault file to fill in. Private to this collection."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from ..module_utils._elements import VENDORS
from ..module_utils._export import placeholder
from ._arguments import plain

HEAD = """---
# The element instances of an account, for the role cloud_elements.platform.instances. The secrets are in vault.yml.
"""
VAULT_HEAD = """---
# Fill in each secret, then encrypt this file: ansible-vault encrypt vault.yml
"""
_TEMPLATE = re.compile("{[{%#]")


class _Unsafe(str):
    """A text that Ansible must not take for a template."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes YAML as people do: lists are indented, and what looks like a template is marked."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"'))


def list_text(exported: Mapping[str, Any]) -> str:
    """Return the file that sets ``instances_list``; what could not be exported stands in comments."""
    result = _as_json(exported)
    placeholders = {placeholder(secret["variable"]) for secret in result["secrets"]}
    items = [_marked(item, placeholders) for item in result["instances"]]
    told = [
        f"# {_label(each)}: {_line(each['what'])} is not exported. {_line(each['why'])}\n"
        for each in result["left_out"]
    ]
    options = {"default_flow_style": False, "sort_keys": False, "allow_unicode": True, "width": 10**6}
    return HEAD + "".join(told) + yaml.dump({"instances_list": items}, Dumper=_Dumper, **options)


def vault_text(exported: Mapping[str, Any]) -> str:
    """Return the file that names each secret, without a value."""
    secrets = _as_json(exported)["secrets"]
    lines = [f'# {_label(each)}: {_line(each["key"])}\n{each["variable"]}: ""\n' for each in secrets]
    return VAULT_HEAD + ("".join(lines) or "{}\n")


def _as_json(exported: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result without Ansible's own kinds of text, which older releases keep and YAML does not know."""
    result: dict[str, Any] = json.loads(json.dumps(plain(exported)))
    return result


def _marked(item: Mapping[str, Any], placeholders: set[str]) -> dict[str, Any]:
    """Return the options with everything marked that looks like a template, but for the places of secrets.

    A text in any other place that names one of the variables was written by whoever made the instance: as a template
    it would show the secret.
    """
    secret = {(option, field.option) for option, vendor in VENDORS.items() for field in vendor.fields if field.secret}

    def mark(value: Any, *where: str) -> Any:
        if isinstance(value, dict):
            return {key: mark(inner, *where, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [mark(inner, *where) for inner in value]
        meant = value in placeholders and (where in secret or where[0] == "secrets")
        return value if meant else _marked_text(value)

    marked: dict[str, Any] = mark(item)
    return marked


def _marked_text(value: Any) -> Any:
    return _Unsafe(value) if isinstance(value, str) and _TEMPLATE.search(value) else value


def _label(each: Mapping[str, Any]) -> str:
    return _line(f'{each["element"]} "{each["name"]}" (id {each["id"]})')


def _line(text: str) -> str:
    """Return a text as a part of one line of comment, whatever it holds."""
    return "".join(char if char.isprintable() else "?" for char in text)
