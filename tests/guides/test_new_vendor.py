# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor profile that is added as the page says: word for word, in a copy of the collection."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.collection import ROOT
from tests.guides.vendor_page import PAGE, blocks, changed_copy, playbook
from tests.sandbox.process import Running, running

TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
PASSWORD = "crm-example-password"
# The documentation against the options, the role against the module, and the sandbox's tables.
CONTRACTS = (
    "tests/unit/plugins/modules/test_contract.py",
    "tests/unit/plugins/modules/test_pages.py",
    "tests/unit/plugins/lookup/test_lookup_contract.py",
    "tests/unit/sandbox/test_sandbox_elements.py",
)
BY_ROLE = """
- name: Connect Example CRM with the role
  hosts: localhost
  gather_facts: false
  roles:
    - role: cloud_elements.platform.instances
      vars:
        instances_examplecrm: {username: crm.user, password: "{{ vault_examplecrm_password }}"}
        instances_return_all: true
        instances_list: [{name: Acme customers, examplecrm: {}}]
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection with one vendor more."""
    return changed_copy(tmp_path_factory.mktemp("copy"), TEXT)


@pytest.fixture(scope="module")
def sandbox(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sandbox of that copy."""
    with running(tmp_path_factory.mktemp("sandbox") / "state", root=copy) as started:
        yield started


def run(copy: Path, command: Sequence[str], home: Path, **variables: str) -> str:
    """Run a program of this environment in the copy, and return what it says."""
    root = copy.parents[2]
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(root),
        "ANSIBLE_COLLECTIONS_PATH": str(root),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        **variables,
    }
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def play(copy: Path, sandbox: Running, home: Path, text: str) -> str:
    """Run a playbook with the changed collection, and return what it says."""
    (home / "site.yml").write_text(text, encoding="utf-8")
    extra = json.dumps({"vault_examplecrm_password": PASSWORD, "ansible_python_interpreter": sys.executable})
    return run(
        copy,
        ["ansible-playbook", str(home / "site.yml"), "-v", "-e", extra],
        home,
        CLOUD_ELEMENTS_BASE_URL=sandbox.base_url,
        CLOUD_ELEMENTS_USER_SECRET=sandbox.user_secret,
        CLOUD_ELEMENTS_ORGANIZATION_SECRET=sandbox.organization_secret,
    )


def held(sandbox: Running) -> list[dict[str, Any]]:
    """What the sandbox has, its secrets in clear."""
    answer = requests.get(f"{sandbox.control_url}/instances", timeout=30)
    instances: list[dict[str, Any]] = answer.json()["instances"]
    return instances


def test_the_page_tells_something_for_each_part_of_the_collection() -> None:
    parts = {Path(block.file).parts[0] for block in blocks(TEXT)}

    assert parts == {"plugins", "roles", "tests"}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_contracts_of_the_collection_hold(copy: Path, tmp_path: Path, contract: str) -> None:
    run(copy, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", contract], tmp_path)


def test_the_playbook_of_the_page_authenticates_an_instance_once(copy: Path, sandbox: Running, tmp_path: Path) -> None:
    first = play(copy, sandbox, tmp_path, playbook(TEXT))
    (made,) = held(sandbox)

    assert made["held"]["examplecrm.password"] == PASSWORD
    assert '"action": "created"' in first
    assert PASSWORD not in first
    # The vendor was asked, with the call that the page names.
    counters = requests.get(f"{sandbox.control_url}/counters", timeout=30).json()
    assert counters["hub"] == 1

    second = play(copy, sandbox, tmp_path, playbook(TEXT))
    assert '"action": "none"' in second

    by_role = play(copy, sandbox, tmp_path, BY_ROLE)
    assert '"action": "none"' in by_role
    assert PASSWORD not in by_role
    assert held(sandbox) == [made]


def test_the_option_is_documented(copy: Path, tmp_path: Path) -> None:
    said = run(copy, ["ansible-doc", "cloud_elements.platform.ce_instance"], tmp_path)

    assert "CLOUD_ELEMENTS_EXAMPLECRM_PASSWORD" in said
