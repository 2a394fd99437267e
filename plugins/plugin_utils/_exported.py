# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an export is written as: a list of variables, and a vault file to fill in. Private to this collection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..module_utils._model.vendors import VENDORS
from ..module_utils._query.export import placeholder
from ._arguments import plain
from ._marked_yaml import dump, marked

HEAD = """---
# The element instances of an account, for the role cloud_elements.platform.instances.
"""
LOGIN_HEAD = "# The login of {option} comes from the job's credential, or from the environment{login}.\n"
SECRETS_HEAD = """# Each template is a secret of vault.yml.
# In the list of a controller's project, put the encrypted secret in its place: ansible-vault encrypt_string
"""
VAULT_HEAD = """---
# Fill in each secret, then encrypt this file: ansible-vault encrypt vault.yml
"""


def list_text(exported: Mapping[str, Any]) -> str:
    """Return the file that sets ``instances_list``; what could not be exported stands in comments."""
    result = _as_json(exported)
    placeholders = {placeholder(secret["variable"]) for secret in result["secrets"]}
    items = [_marked(item, placeholders) for item in result["instances"]]
    told = [
        f"# {_label(each)}: {_line(each['what'])} is not exported. {_line(each['why'])}\n"
        for each in result["left_out"]
    ]
    logins = "".join(map(_login_head, result.get("logins", ())))
    return HEAD + logins + (SECRETS_HEAD if placeholders else "") + "".join(told) + dump({"instances_list": items})


def on_screen(text: str) -> str:
    """Return a list whose unusual characters, which are in double quotes always, are escapes of YAML."""
    return "".join(char if char.isprintable() or char == "\n" else f"\\U{ord(char):08x}" for char in text).rstrip("\n")


def _login_head(each: Mapping[str, Any]) -> str:
    login = ", ".join(f"{name} {text}" for name, text in each["login"].items())
    return LOGIN_HEAD.format(option=each["option"], login=f": {_line(login)}" if login else "")


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
    """Return the options with every text marked, but for the places of secrets.

    A text in any other place that names one of the variables was written by whoever made the instance: as a template
    it would show the secret.
    """
    return {
        option: {name: _secret(option, name, text, placeholders) for name, text in value.items()}
        if isinstance(value, dict)
        else marked(value)
        for option, value in item.items()
    }


def _secret(option: str, name: str, text: Any, placeholders: set[str]) -> Any:
    """Return a placeholder as it is where a secret belongs, and any other text marked."""
    fields = VENDORS[option].fields if option in VENDORS else ()
    belongs = option == "secrets" or any(field.secret for field in fields if field.option == name)
    return text if belongs and text in placeholders else marked(text)


def _label(each: Mapping[str, Any]) -> str:
    return _line(f'{each["element"]} "{each["name"]}" (id {each["id"]})')


def _line(text: str) -> str:
    """Return a text as a part of one line of comment, whatever it holds."""
    return "".join(char if char.isprintable() else "?" for char in text)
