# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the files of an export: the list, and a vault file to fill in. Platform texts must not become code. Private."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._model.vendors import VENDORS
from ..module_utils._query.export import placeholder
from ._arguments import plain
from ._marked_yaml import dump, marked

HEAD = """---
# The element instances of an account, for the role cloud_elements.platform.instances.
"""
LOGIN_HEAD = "# The login of {option} comes from the job's credential, or from the environment{login}.\n"
SECRETS_HEAD = """# Each template names a variable of vault.yml: {counts}.
# In the list of a controller's project, replace it with the encrypted secret: ansible-vault encrypt_string
"""
SHARED_HEAD = "# Instances with the same login share a variable. If one has another secret, give it its own variable.\n"
USERS_HEAD = "# {number} instances with the same login:\n"
REST_HEAD = "#   and {number} more: search for the variable in instances.yml\n"
VAULT_HEAD = """---
# Fill in {counts}, then encrypt this file: ansible-vault encrypt vault.yml
"""
EMPTY_VAULT_HEAD = """---
# The list needs no secrets.
{}
"""

MAX_USERS = 20
"""Maximum number of instances that the vault file names for one variable."""


def list_text(exported: Mapping[str, Any]) -> str:
    """Return the file that sets ``instances_list``. Comments name what could not be exported, and shared variables."""
    result = _as_json(exported)
    users = _users(result["secrets"])
    placeholders = set(map(placeholder, users))
    items = [_mark_item(item, placeholders) for item in result["instances"]]
    left_out = [
        f"# {_label(each)}: {_line(each['what'])} is not exported. {_line(each['why'])}\n"
        for each in result["left_out"]
    ]
    logins = "".join(map(_login_head, result.get("logins", ())))
    return HEAD + logins + _secrets_head(users) + "".join(left_out) + dump({"instances_list": items})


def on_screen(text: str) -> str:
    """Return a list with YAML escapes for unusual characters, which :func:`dump` always puts in double quotes."""
    return "".join(char if char.isprintable() or char == "\n" else f"\\U{ord(char):08x}" for char in text).rstrip("\n")


def _login_head(each: Mapping[str, Any]) -> str:
    login = ", ".join(f"{name} {text}" for name, text in each["login"].items())
    return LOGIN_HEAD.format(option=each["option"], login=f": {_line(login)}" if login else "")


def _secrets_head(users: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the comments on the variables of a list: the number of secrets, and the shared variables."""
    shared_lines = [f"#   {variable}: {len(uses)} instances\n" for variable, uses in users.items() if len(uses) > 1]
    head = SECRETS_HEAD.format(counts=_counts(users)) if users else ""
    return head + "".join([SHARED_HEAD, *shared_lines] if shared_lines else [])


def vault_text(exported: Mapping[str, Any]) -> str:
    """Return the file with each variable once, the instances that use it, and no value."""
    users = _users(_as_json(exported)["secrets"])
    if not users:
        return EMPTY_VAULT_HEAD
    shared_head = SHARED_HEAD if any(len(uses) > 1 for uses in users.values()) else ""
    entries = [f'\n{_users_head(uses)}{variable}: ""\n' for variable, uses in users.items()]
    return VAULT_HEAD.format(counts=_counts(users)) + shared_head + "".join(entries)


def _users_head(uses: Sequence[Mapping[str, Any]]) -> str:
    """Return the comment above a variable: the instances that use it, with the configuration key it is for."""
    lines = [f"{_label(each)}: {_line(each['key'])}\n" for each in uses[:MAX_USERS]]
    if len(uses) == 1:
        return f"# {lines[0]}"
    more = REST_HEAD.format(number=len(uses) - MAX_USERS) if len(uses) > MAX_USERS else ""
    return USERS_HEAD.format(number=len(uses)) + "".join(f"#   {line}" for line in lines) + more


def _users(secrets: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the secrets by their variables: one for each instance that uses the variable."""
    users: dict[str, list[Mapping[str, Any]]] = {}
    for secret in secrets:
        users.setdefault(secret["variable"], []).append(secret)
    return users


def _counts(users: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the number of secrets and of the instances that need them."""
    instances = len({secret["id"] for uses in users.values() for secret in uses})
    return f"{_count_text(len(users), 'secret')} for {_count_text(instances, 'instance')}"


def _count_text(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_json(exported: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result without Ansible's own string types, which YAML cannot write."""
    result: dict[str, Any] = json.loads(json.dumps(plain(exported)))
    return result


def _mark_item(item: Mapping[str, Any], placeholders: set[str]) -> dict[str, Any]:
    """Return the options with every string marked, except for the templates of secrets.

    If the creator of an instance wrote the name of such a variable into another field, an unmarked string would be a
    template and show the secret.
    """
    return {
        option: {name: _secret(option, name, text, placeholders) for name, text in value.items()}
        if isinstance(value, dict)
        else marked(value)
        for option, value in item.items()
    }


def _secret(option: str, name: str, text: Any, placeholders: set[str]) -> Any:
    """Return a placeholder unchanged in the place of a secret, and any other value marked."""
    fields = VENDORS[option].fields if option in VENDORS else ()
    is_secret_place = option == "secrets" or any(field.secret for field in fields if field.option == name)
    return text if is_secret_place and text in placeholders else marked(text)


def _label(each: Mapping[str, Any]) -> str:
    return _line(f'{each["element"]} "{each["name"]}" (id {each["id"]})')


def _line(text: str) -> str:
    """Return a text without characters that could end the line of a comment."""
    return "".join(char if char.isprintable() else "?" for char in text)
