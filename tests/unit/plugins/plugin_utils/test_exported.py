# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an export: what Ansible reads from them is what was exported, and nothing else is a template."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.export import placeholder
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._exported import list_text, on_screen, vault_text
from hypothesis import given
from hypothesis import strategies as st

SECRET = {"variable": "vault_acme_password", "id": 7, "name": "Acme", "element": "examplebasic", "key": "password"}
PLACE = placeholder("vault_acme_password")


HOSTILE = [
    "#jinja2: variable_start_string:'[%', variable_end_string:'%]'\n[% vault_acme_password %]",
    "#jinja2:variable_start_string:'<<',variable_end_string:'>>'\n<< 1 >>",
    *("{{ 1 + 1 }}", "{% if 1 %}a{% endif %}", "{# a #}b", "{{ vault_acme_password }}", "{{", "a {{ b"),
    *("$ANSIBLE_VAULT;1.1;AES256\n3031", "!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3031", "!unsafe x", "!!python/none"),
    *("0123", "0x1F", "1e3", "1_000", "190:20:30", ".inf", "12", "-1", "1.10", "yes", "True", "off", "null", "~", ""),
    *("<<", "=", "2026-11-27", "2026-11-27T07:30:43Z", '{"a": "{{ 1 }}"}', "[1, 2]", "{a: b}", "- a", "a: b", "? a"),
    *("# a", "a # b", "&a", "*a", "'", '"', "\\", "\\n", "%", "@", "`", " a"),
    *("a ", "\t", "|", ">", "---", "...", "--- a"),
    *("a\nb", "a\r\nb", "a\rb", "a\x85b", "a\u2028b", "a\u2029b"),
    *("\ufeffa", "a\ufeffb", "\x00", "\x1b[31m", "\x7f", "\uffff"),
    *("\xa0", "\u200b", "\u202e", "\U0001f511", "a" * 200, "a " * 100, "__ansible_unsafe", "__ansible_vault"),
]


class Loader(yaml.SafeLoader):
    """Reads what Ansible must not template as such."""


Loader.add_constructor("!unsafe", lambda _loader, node: ("unsafe", node.value))


def listed(*instances: dict[str, Any], secrets: Any = (SECRET,), left_out: Any = ()) -> Any:
    text = list_text({"instances": list(instances), "secrets": list(secrets), "left_out": list(left_out)})
    return yaml.load(text, Loader)["instances_list"]  # noqa: S506  # it is a safe one


def mark(text: str) -> tuple[str, str]:
    return ("unsafe", text)


def test_secrets_are_templates_and_nothing_else_is() -> None:
    items = [
        {"name": "A", "autotask": {"hub": "crm", "username": "u", "password": PLACE}},
        {"name": "B", "act365": {"api_key": PLACE, "developer_key": PLACE}},
        {"name": "C", "element": "e", "secrets": {"a.b": PLACE}, "tags": ["1", "true", "x"], "enabled": False, "id": 5},
    ]

    assert listed(*items) == [
        {"name": mark("A"), "autotask": {"hub": mark("crm"), "username": mark("u"), "password": PLACE}},
        {"name": mark("B"), "act365": {"api_key": PLACE, "developer_key": PLACE}},
        {
            "name": mark("C"),
            "element": mark("e"),
            "secrets": {"a.b": PLACE},
            # What YAML would not read as a text is no template, and a mark would make another value of it.
            "tags": ["1", "true", mark("x")],
            "enabled": False,
            "id": 5,
        },
    ]


@pytest.mark.parametrize("text", [*HOSTILE, PLACE])
def test_what_the_platform_said_is_never_a_template_and_reads_as_it_was(text: str) -> None:
    item = {
        "name": text,
        "autotask": {"username": text},
        "element": text,
        "owner": text,
        "configuration": {"a": text, text: "b"},
        "tags": [text],
    }
    (read,) = DataLoader().load(list_text({"instances": [item], "secrets": [SECRET], "left_out": []}))["instances_list"]
    templar = Templar(DataLoader(), variables={"vault_acme_password": "evaluated"})

    assert read == item
    assert templar.template(read) == item
    assert [templar.template(each) for each in (read["name"], read["configuration"]["a"], *read["tags"])] == [text] * 3


def test_a_template_in_the_place_of_a_secret_is_marked_unless_it_was_put_there() -> None:
    assert listed({"secrets": {"a": "{{ other }}"}}) == [{"secrets": {"a": mark("{{ other }}")}}]
    assert listed({"configuration": {"a": PLACE}}) == [{"configuration": {"a": mark(PLACE)}}]
    assert listed({"autotask": {"username": PLACE}}) == [{"autotask": {"username": mark(PLACE)}}]


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_ansible_reads_each_text_as_it_was(text: str) -> None:
    item = {"name": text, "configuration": {"key": text, text: "value"}, "tags": [text]}
    exported = {"instances": [item], "secrets": [], "left_out": []}

    assert DataLoader().load(list_text(exported))["instances_list"] == [item]


@given(st.text(max_size=20))
def test_a_comment_stays_one(text: str) -> None:
    left_out = [{"id": 7, "name": text, "element": "e", "what": text, "why": "Because."}]
    secret = {**SECRET, "name": text, "key": text}
    for secrets in ([secret], [secret] * 2):
        exported = {"instances": [], "secrets": secrets, "left_out": left_out}

        assert yaml.safe_load(list_text(exported)) == {"instances_list": []}
        assert yaml.safe_load(vault_text(exported)) == {"vault_acme_password": ""}
        assert "Because." in list_text(exported)


def test_a_vault_file_without_secrets_is_an_empty_dictionary() -> None:
    text = vault_text({"instances": [], "secrets": [], "left_out": []})

    assert yaml.safe_load(text) == {}
    assert "# The list needs no secrets." in text


def test_a_vault_file_says_what_each_secret_is_for() -> None:
    text = vault_text({"instances": [], "secrets": [SECRET], "left_out": []})

    assert text == (
        "---\n# Fill in 1 secret for 1 instance, then encrypt this file: ansible-vault encrypt vault.yml\n\n"
        '# examplebasic "Acme" (id 7): password\nvault_acme_password: ""\n'
    )


def shared(number: int) -> dict[str, Any]:
    """Return an export of so many instances that share one secret, and of one with its own."""
    users = [{**SECRET, "id": each, "name": f"Acme {each}", "variable": "vault_shared"} for each in range(number)]
    return {"instances": [], "secrets": [*users, {**SECRET, "id": 99}], "left_out": []}


def test_a_vault_file_names_a_shared_secret_once_and_who_uses_it() -> None:
    text = vault_text(shared(2))

    assert text.splitlines()[1:] == [
        "# Fill in 2 secrets for 3 instances, then encrypt this file: ansible-vault encrypt vault.yml",
        "# Instances with the same login share a variable. If one has another secret, give it its own variable.",
        "",
        "# 2 instances with the same login:",
        '#   examplebasic "Acme 0" (id 0): password',
        '#   examplebasic "Acme 1" (id 1): password',
        'vault_shared: ""',
        "",
        '# examplebasic "Acme" (id 99): password',
        'vault_acme_password: ""',
    ]


@pytest.mark.parametrize(("number", "rest"), [(20, []), (21, ["1"]), (57, ["37"])])
def test_a_vault_file_names_twenty_users_of_a_secret_and_counts_the_rest(number: int, rest: list[str]) -> None:
    text = vault_text(shared(number))

    assert len(re.findall("(?m)^#   examplebasic ", text)) == 20
    assert re.findall("(?m)^#   and (.*) more: search for the variable in instances.yml$", text) == rest
    assert yaml.safe_load(text) == {"vault_shared": "", "vault_acme_password": ""}


def test_a_list_says_how_many_secrets_it_needs_and_which_are_shared() -> None:
    text = list_text(shared(2))

    assert "# Each template names a variable of vault.yml: 2 secrets for 3 instances.\n" in text
    assert "give it its own variable.\n#   vault_shared: 2 instances\ninstances_list:" in text
    assert "share" not in list_text({"instances": [], "secrets": [SECRET], "left_out": []})


def test_a_list_says_which_login_a_job_has_to_bring() -> None:
    logins = [
        {"option": "autotask", "login": {"username": "a\nb", "server_url": "https://z"}},
        {"option": "act365", "login": {}},
    ]
    text = list_text({"instances": [], "secrets": [], "left_out": [], "logins": logins})

    assert "# The login of autotask comes from the job's credential, or from the environment: username a?b, " in text
    assert "# The login of act365 comes from the job's credential, or from the environment.\n" in text
    assert "ansible-vault" not in text
    assert yaml.safe_load(text) == {"instances_list": []}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_on_the_screen_moves_no_cursor_and_reads_as_the_file_does(text: str) -> None:
    item = {"name": text, "configuration": {"a": text, text: "b"}, "tags": [text, PLACE]}
    written = list_text({"instances": [item], "secrets": [], "left_out": []})
    shown = on_screen(written)

    assert all(line.isprintable() for line in shown.split("\n"))
    assert DataLoader().load(shown) == DataLoader().load(written)
