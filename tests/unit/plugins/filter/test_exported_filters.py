# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of an export return a string that Ansible does not evaluate."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.cloud_elements.platform.tests.unit.plugins.modules.test_contract import PACKAGE

EXPORTED: dict[str, Any] = {
    "instances": [{"name": "{{ canary }}", "element": "examplebasic", "secrets": {"password": "{{ vault_password }}"}}],
    "secrets": [
        {"variable": "vault_password", "id": 7, "name": "{{ canary }}", "element": "examplebasic", "key": "password"}
    ],
    "left_out": [],
}


@pytest.mark.parametrize("name", ["exported_list", "exported_vault"])
def test_the_text_of_a_file_is_no_template(name: str) -> None:
    text = importlib.import_module(f"{PACKAGE}.filter.{name}").FilterModule().filters()[name](EXPORTED)

    assert "{{ canary }}" in text
    assert Templar(DataLoader(), variables={"canary": "evaluated"}).template(text) == text
