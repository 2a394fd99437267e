# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor profile that is added in the steps of the page: word for word, in a copy of the collection."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.guides.playing import file_of, page, run
from tests.guides.vendor_page import GUIDE, blocks, changed_copy, generator, last_steps
from tests.guides.vendor_steps import STEPS
from tests.sandbox.process import Running, running

pytestmark = pytest.mark.in_ci
PLAYBOOK = file_of(GUIDE, "site.yml")
PASSWORD = "crm-example-password"
RUNS_CONTROLLERS = sys.version_info >= (3, 11)
"""As the pipeline has it: what plays the controller needs that Python."""
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


BY_ANSWERS = """
- name: Connect Example CRM with plain answers
  ansible.builtin.import_playbook: cloud_elements.platform.authenticate
  vars:
    authenticate_vendor: examplecrm
    authenticate_name: Acme customers
    authenticate_username: crm.user
    authenticate_password: "{{ vault_examplecrm_password }}"
"""
ROTATE = """
- name: Rotate the password of Example CRM
  ansible.builtin.import_playbook: cloud_elements.platform.rotate
  vars:
    rotate_vendor: examplecrm
    rotate_username: crm.user
    rotate_password: "{{ vault_examplecrm_password }}"
"""


@dataclass(frozen=True)
class Generated:
    """A copy of the collection, the files that a check named, and those that were written then."""

    copy: Path
    out_of_date: list[str]
    written: list[str]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The collection with one vendor more."""
    copy = changed_copy(tmp_path_factory.mktemp("copy"))
    checked = subprocess.run([*generator(), "--check"], cwd=copy, capture_output=True, text=True, check=False)
    assert checked.returncode == 1, f"{checked.stdout}\n{checked.stderr}"
    written = run(generator(), copy, copy, copy.parents[2])
    named = re.findall(r"^(\S+): out of date$", checked.stdout, re.MULTILINE)
    return Generated(copy, named, re.findall(r"^(\S+): written$", written, re.MULTILINE))


@pytest.fixture(scope="module")
def copy(generated: Generated) -> Path:
    """The directory of that copy."""
    return generated.copy


@pytest.fixture(scope="module")
def sandbox(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sandbox of that copy."""
    with running(tmp_path_factory.mktemp("sandbox") / "state", root=copy) as started:
        yield started


def play(copy: Path, sandbox: Running, home: Path, text: str) -> str:
    """Run a playbook with the changed collection, and return what it says."""
    (home / "site.yml").write_text(text, encoding="utf-8")
    extra = json.dumps({"vault_examplecrm_password": PASSWORD, "ansible_python_interpreter": sys.executable})
    command = ["ansible-playbook", "site.yml", "-v", "-e", extra]
    return run(command, home, home, copy.parents[2], **sandbox.environment)


def held(sandbox: Running) -> list[dict[str, Any]]:
    """What the sandbox has, its secrets in clear."""
    answer = requests.get(f"{sandbox.control_url}/instances", timeout=30)
    instances: list[dict[str, Any]] = answer.json()["instances"]
    return instances


def test_a_vendor_costs_a_profile_its_element_and_an_example() -> None:
    assert [block.file for block in blocks()] == [
        "plugins/module_utils/_model/vendors.py",
        "tests/sandbox/element_table.py",
        "tests/sandbox/vendors.py",
        "tests/integration/targets/ce_instance/vars/main.yml",
    ]
    assert re.findall(r"^(\d)\. ", page(GUIDE), re.MULTILINE) == ["1", "2", "3"]


def test_the_command_of_the_page_writes_something_in_each_part_of_the_collection(generated: Generated) -> None:
    parts = {Path(file).parts[0] for file in generated.written}
    assert parts == {"docs", "extensions", "playbooks", "plugins", "roles", "tests"}
    assert "extensions/controller/credential_types/examplecrm.yml" in generated.written


def test_a_check_names_the_files_that_the_command_writes_and_none_after_it(generated: Generated) -> None:
    assert generated.out_of_date == generated.written
    assert run([*generator(), "--check"], generated.copy, generated.copy, generated.copy.parents[2]) == ""


@pytest.mark.parametrize("step", [step for step in last_steps() if step != "controller" or RUNS_CONTROLLERS])
def test_each_step_of_the_last_command_of_the_page_passes(copy: Path, tmp_path: Path, step: str) -> None:
    STEPS[step](copy, tmp_path)


def test_the_last_command_runs_all_that_the_page_changes(generated: Generated) -> None:
    steps = last_steps()
    changed = {*(block.file for block in blocks()), *generated.written}
    by_step = {"units": "plugins", "integration": "tests/integration", "controller": "extensions/controller"}
    assert [step for step, part in by_step.items() if any(file.startswith(part) for file in changed)] == [
        step for step in steps if step in by_step
    ]


def test_the_playbook_of_the_page_authenticates_an_instance_once(copy: Path, sandbox: Running, tmp_path: Path) -> None:
    first = play(copy, sandbox, tmp_path, PLAYBOOK)
    (made,) = held(sandbox)

    assert made["held"]["examplecrm.password"] == PASSWORD
    assert '"action": "created"' in first
    assert PASSWORD not in first
    # The vendor was asked, with the call that the page names.
    asked = requests.get(f"{sandbox.control_url}/requests", timeout=30).json()["requests"]
    assert [each["path"] for each in asked if each["path"].startswith("/hubs/")] == ["/hubs/crm/users"]

    nothing = '"action": "none"'
    for again, expected in {PLAYBOOK: nothing, BY_ROLE: nothing, BY_ANSWERS: nothing, ROTATE: "1 unchanged."}.items():
        said = play(copy, sandbox, tmp_path, again)
        assert expected in said
        assert PASSWORD not in said
    assert held(sandbox) == [made]


def test_the_option_is_documented(copy: Path, tmp_path: Path) -> None:
    said = run(["ansible-doc", "cloud_elements.platform.ce_instance"], tmp_path, tmp_path, copy.parents[2])

    assert "CLOUD_ELEMENTS_EXAMPLECRM_PASSWORD" in said
