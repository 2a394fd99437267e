# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first example of the README works as it is pasted."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.collection import ROOT, collections_in
from tests.guides.playing import run
from tests.sandbox.process import running

SECRETS = {
    "vault_autotask_username": "api.user@example.com",
    "vault_autotask_password": "autotask-example-password",
    "vault_act365_api_key": "act-example-api-key",
    "vault_act365_developer_key": "act-example-developer-key",
}


def test_the_first_example_connects_three_accounts_once(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[0]
    assert set(re.findall(r"vault_\w+", first)) == set(SECRETS)
    place = tmp_path / "place"
    place.mkdir()
    (place / "site.yml").write_text(first, encoding="utf-8")
    (place / "vault.yml").write_text(yaml.safe_dump(SECRETS), encoding="utf-8")
    collections = collections_in(tmp_path)
    with running(tmp_path / "sandbox", "--fresh") as sandbox:
        said = [
            run(["ansible-playbook", "site.yml"], place, tmp_path / "home", collections, **sandbox.environment)
            for _attempt in range(2)
        ]
    assert ["changed=1" in said[0], "changed=0" in said[1]] == [True, True], said
