# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an export: what Ansible reads from them is what was exported, and nothing else is a template."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.cloud_elements.platform.plugins.module_utils._export import placeholder
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._exported import list_text, vault_text
from hypothesis import given
from hypothesis import strategies as st

SECRET = {"variable": "vault_acme_password", "id": 7, "name": "Acme", "element": "examplebasic", "key": "password"}
PLACE = placeholder("vault_acme_password")


class Loader(yaml.SafeLoader):
    """Reads what Ansible must not template as such."""


Loader.add_constructor("!unsafe", lambda _loader, node: ("unsafe", node.value))


def listed(*instances: dict[str, Any], secrets: Any = (SECRET,), left_out: Any = ()) -> Any:
    text = list_text({"instances": list(instances), "secrets": list(secrets), "left_out": list(left_out)})
    return yaml.load(text, Loader)["instances_list"]  # noqa: S506  # it is a safe one


def test_secrets_are_templates() -> None:
    items = [
        {"name": "A", "autotask": {"hub": "crm", "username": "u", "password": PLACE}},
        {"name": "B", "act365": {"api_key": PLACE, "developer_key": PLACE}},
        {"name": "C", "element": "e", "secrets": {"a.b": PLACE}, "tags": ["1", "true"], "enabled": False, "id": 5},
    ]

    assert listed(*items) == items


@pytest.mark.parametrize("text", ["{{ 1 }}", "{% if a %}", "{# a #}", PLACE])
def test_what_looks_like_a_template_anywhere_else_is_marked(text: str) -> None:
    item = {"name": text, "autotask": {"username": text}, "configuration": {"a": text}, "tags": [text]}
    mark = ("unsafe", text)

    assert listed(item) == [
        {"name": mark, "autotask": {"username": mark}, "configuration": {"a": mark}, "tags": [mark]}
    ]


def test_a_template_in_the_place_of_a_secret_is_marked_unless_it_was_put_there() -> None:
    assert listed({"secrets": {"a": "{{ other }}"}}) == [{"secrets": {"a": ("unsafe", "{{ other }}")}}]


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_ansible_reads_each_text_as_it_was(text: str) -> None:
    item = {"name": text, "configuration": {"key": text}, "tags": [text]}
    exported = {"instances": [item], "secrets": [], "left_out": []}

    assert DataLoader().load(list_text(exported))["instances_list"] == [item]


@given(st.text(max_size=20))
def test_a_comment_stays_one(text: str) -> None:
    left_out = [{"id": 7, "name": text, "element": "e", "what": text, "why": "Because."}]
    secret = {**SECRET, "name": text, "key": text}
    exported = {"instances": [], "secrets": [secret], "left_out": left_out}

    assert yaml.safe_load(list_text(exported)) == {"instances_list": []}
    assert yaml.safe_load(vault_text(exported)) == {"vault_acme_password": ""}
    assert "Because." in list_text(exported)


def test_a_vault_file_without_secrets_is_an_empty_dictionary() -> None:
    assert yaml.safe_load(vault_text({"instances": [], "secrets": [], "left_out": []})) == {}


def test_a_vault_file_says_what_each_secret_is_for() -> None:
    text = vault_text({"instances": [], "secrets": [SECRET], "left_out": []})

    assert '# examplebasic "Acme" (id 7): password\nvault_acme_password: ""\n' in text
