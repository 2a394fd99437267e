# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick start of the documentation: its files, its commands, and what it says that they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.collection import collections_in
from tests.guides.playing import file_of, page, run
from tests.sandbox.process import Running, running

NEW_PASSWORD = "a-new-autotask-password"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path / "state") as started:
        yield started


class Reader:
    """Somebody who does what the page says, with the sandbox in the place of the account.

    :param directory: where the files go
    """

    def __init__(self, directory: Path, sandbox: Running) -> None:
        self._directory = directory
        self._collections = collections_in(directory)
        # What the page asks to write "with your own values".
        self._vault = file_of("quickstart", "vault.yml")
        self.change("the-user-secret", sandbox.user_secret)
        self.change("the-organization-secret", sandbox.organization_secret)
        self.change("the-autotask-password", "autotask-example-password")
        self.change("the-api-key", "act-example-api-key")
        self.change("the-developer-key", "act-example-developer-key")
        playbook = file_of("quickstart", "site.yml")
        assert "https://api.cloud-elements.com\n" in playbook
        (directory / "site.yml").write_text(
            playbook.replace("https://api.cloud-elements.com\n", f"{sandbox.base_url}\n"), encoding="utf-8"
        )
        (directory / "password").write_text("the vault password\n", encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        """Edit the vault file, which stays encrypted."""
        assert old in self._vault
        self._vault = self._vault.replace(old, new)
        (self._directory / "vault.yml").write_text(self._vault, encoding="utf-8")

    def play(self, *options: str) -> str:
        """Run the playbook, and return what it says."""
        command = ["ansible-playbook", "site.yml", "--vault-password-file", "password", *options]
        vault = ["ansible-vault", "encrypt", "--vault-password-file", "password", "vault.yml"]
        if not (self._directory / "vault.yml").read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT"):
            run(vault, self._directory, self._directory, self._collections)
        return run(command, self._directory, self._directory, self._collections, ANSIBLE_NOCOLOR="1")


def counts(said: str) -> dict[str, int]:
    """Return the summary that a run ends with, but for zeros."""
    return {word: int(number) for word, number in re.findall(r'"(\w+)": (\d+)', said) if number != "0"}


def shown(text: str) -> str:
    """Return the difference of one instance in a text, without indentation."""
    (found,) = re.findall(r"^ *--- before: autotaskcrm .*?^ *[+ ]}$", text, re.MULTILINE | re.DOTALL)
    return "\n".join(line.strip() for line in found.splitlines())


def test_what_the_page_says_is_what_happens(sandbox: Running, tmp_path: Path) -> None:
    created, rotated = re.findall(r"^   --- before:.*?^   [+ ] *}$", page("quickstart"), re.MULTILINE | re.DOTALL)
    reader = Reader(tmp_path, sandbox)

    assert shown(reader.play("--check", "--diff")) == shown(created)
    assert counts(reader.play()) == {"created": 3}
    again = reader.play()
    assert counts(again) == {"unchanged": 3}
    assert "changed=0" in again

    account = f"{sandbox.control_url}/vendors/autotask/api.user@example.com"
    requests.put(account, json={"password": NEW_PASSWORD}, timeout=30).raise_for_status()
    reader.change("autotask-example-password", NEW_PASSWORD)
    predicted = reader.play("--check", "--diff")
    assert shown(predicted) == shown(rotated)
    assert counts(reader.play()) == {"unchanged": 1, "updated": 2}
    assert NEW_PASSWORD not in predicted
