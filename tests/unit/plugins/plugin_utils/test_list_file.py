# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list in a file: every form that programs write is read, and every mistake is named without the content."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._list_file import with_list

SECRET = "canary-secret"
ELEMENT = "examplebasic"


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> DataLoader:
    """A loader that knows the vault password."""
    secrets = [("default", VaultSecret(b"a password"))]
    loader = DataLoader()
    loader.set_vault_secrets(secrets)
    # Since ansible-core 2.19, single values are decrypted with what the command line has set up.
    if context := getattr(vault, "VaultSecretsContext", None):
        monkeypatch.setattr(context, "_current", context(secrets))
    return loader


def locked(text: str, password: bytes = b"a password") -> str:
    """Return the text, encrypted."""
    encrypted: bytes = VaultLib([("default", VaultSecret(password))]).encrypt(text)
    return encrypted.decode()


def value(text: str) -> str:
    """Return a list whose secret is encrypted inline."""
    lines = "".join(f"        {line}\n" for line in text.splitlines())
    return f"- name: Acme\n  element: {ELEMENT}\n  secrets:\n    password: !vault |\n{lines}"


FORMS = {
    "with a byte order mark": codecs.BOM_UTF8 + b"- name: A\n",
    "in UTF-16": "- name: A\n".encode("utf-16"),
    "in UTF-32": "- name: A\n".encode("utf-32"),
    "with the line ends of Windows": b"- name: A\r\n  element: e\r\n",
    "encrypted, with a byte order mark": codecs.BOM_UTF8 + locked("- name: A\n").encode(),
    "encrypted, with the line ends of Windows": locked("- name: A\n").replace("\n", "\r\n").encode(),
    "a byte order mark, encrypted": locked("\ufeff- name: A\n").encode(),
    "as an export writes it": b"---\n# Exported\ninstances_list:\n  - name: A\n",
    "as a variable in JSON": b'{"instances_list": [{"name": "A"}]}',
    "merged from another item": b"- &a {name: B, tags: [b]}\n- {<<: *a, name: A}\n",
    "with a marked text": b"- {name: A, tags: [!unsafe '{{ 1 + 1 }}']}\n",
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_every_form_that_programs_write_is_read(tmp_path: Path, unlocked: DataLoader, content: bytes) -> None:
    (tmp_path / "list").write_bytes(content)

    assert with_list(unlocked, {"instances_file": str(tmp_path / "list")})["instances"][-1]["name"] == "A"


def test_a_value_may_be_encrypted(tmp_path: Path, unlocked: DataLoader) -> None:
    (tmp_path / "list.yml").write_text(value(locked(SECRET)), encoding="utf-8")
    (item,) = with_list(unlocked, {"instances_file": str(tmp_path / "list.yml")})["instances"]

    assert item["secrets"] == {"password": SECRET}
    assert type(item["secrets"]["password"]) is str


def test_a_relative_path_starts_at_the_playbook(tmp_path: Path) -> None:
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))
    (tmp_path / "list.yml").write_text("- name: A", encoding="utf-8")

    assert with_list(loader, {"instances_file": "list.yml"})["instances"] == [{"name": "A"}]


BROKEN: dict[str, tuple[str | bytes, str]] = {
    "a syntax error": (
        f"- name: Acme\n  secrets: {{password: {SECRET}\n",
        "is neither valid YAML nor JSON (line 3). Correct",
    ),
    "a tab": ("- name: Acme\n\telement: canary\n", "is neither valid YAML nor JSON (line 2). Correct"),
    "a list as a key": ("- {[canary]: a}\n", "is neither valid YAML nor JSON (line 1)"),
    "a tag that nobody knows": (
        f"- !python/object:canary {{password: {SECRET}}}\n",
        "is neither valid YAML nor JSON (line 1)",
    ),
    "an alias without an anchor": ("- *canary\n", "is neither valid YAML nor JSON (line 1)"),
    "several documents": ("- name: canary\n---\n- name: canary\n", "contains several YAML documents. Put"),
    "encrypted with another password": (locked(SECRET, b"another password"), "cannot be decrypted. Provide its"),
    "a broken vault": ("$ANSIBLE_VAULT;1.1;AES256\ncanary\n", "cannot be decrypted. Provide its"),
    "a value with another password": (
        value(locked(SECRET, b"another password")),
        "contains a value that cannot be read (",
    ),
    "a dictionary": (f"instances:\n  - password: {SECRET}\n", "does not contain a list of instances. Write a list"),
    "a variable among others": (
        f"instances_list: []\nother: {SECRET}\n",
        "does not contain a list of instances. Write a list",
    ),
    "a text": (SECRET, "does not contain a list of instances. Write a list"),
    "nothing": ("", "does not contain a list of instances. Write a list"),
    "null": ("---\n", "does not contain a list of instances. Write a list"),
    "a list of texts": (f"- {SECRET}\n", "does not contain a list of instances. Write a list"),
    "a key twice": ("- name: a\n  tags: [canary]\n  tags: [b]\n", "has the key tags twice (line 3), and only"),
    "a key twice, deep": (
        "- {name: a, secrets: {password: canary, password: b}}\n",
        "has the key password twice (line 1), and only",
    ),
    "a key twice in JSON": ('[{"name": "a", "name": "canary"}]', "has the key name twice (in one object), and only"),
    "a secret twice as a key": (
        "- {canary.0: a, canary.0: b}\n",
        "has a key that is not shown twice (line 1), and only",
    ),
    "another encoding": ("- name: M\xfcller canary\n".encode("latin-1"), "is not encoded as UTF-8. Save it as UTF-8."),
    "a template": (
        "- {name: a, autotask: {password: '{{ canary }}'}}\n",
        "has a template in instances[0].autotask.password",
    ),
    "a template in JSON, hidden in escapes": (
        '[{"tags": ["\\u007b\\u007B canary }}"]}]',
        "has a template in instances[0].tags[0], but",
    ),
    "a template in JSON": ('[{"tags": ["a", "b {% canary %}"]}]', "has a template in instances[0].tags[1], but"),
    "a template beside an encrypted value": (
        f"{value(locked(SECRET))}  element: '{{{{ canary }}}}'\n".replace(f"  element: {ELEMENT}\n", ""),
        "has a template in instances[0].element, but",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_named_without_the_content(
    tmp_path: Path, unlocked: DataLoader, text: str | bytes, sentence: str
) -> None:
    path = tmp_path / "list.yml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(BadInput) as refused:
        with_list(unlocked, {"instances_file": str(path)})

    assert str(refused.value).startswith(f"instances_file {path} {sentence}")
    assert "canary" not in str(refused.value)
