# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of shards that users copy, and what the playbooks make of several hosts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.collection import ROOT
from tests.controller.account import Account
from tests.controller.jobs import Job, run
from tests.controller.slices import Hosts, cut, inventory, run_at_once, told
from tests.sandbox.process import Running

EXAMPLE = ROOT / "extensions/controller/shards"
# As the guide about scale has it.
SITE = """- name: Provision all shards
  ansible.builtin.import_playbook: cloud_elements.platform.provision
  vars:
    provision_hosts: all
"""
CREDENTIALS = {
    "CLOUD_ELEMENTS_AUTOTASK_USERNAME": "api.user@example.com",
    "CLOUD_ELEMENTS_AUTOTASK_PASSWORD": "autotask-example-password",
    "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL": "https://ww2.autotask.net",
    "CLOUD_ELEMENTS_ACT365_API_KEY": "act-example-api-key",
    "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY": "act-example-developer-key",
}


def example() -> Hosts:
    """Return the hosts of the example, as a controller reads an inventory in a project."""
    program = Path(sys.executable).with_name("ansible-inventory")
    command = [sys.executable, str(program), "-i", str(EXAMPLE / "inventory.yml"), "--list"]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    hosts: Hosts = listed["_meta"]["hostvars"]
    return hosts


def named(host: str) -> list[str]:
    """Return the names in the list of a shard of the example."""
    variables: dict[str, Any] = yaml.safe_load((EXAMPLE / f"host_vars/{host}.yml").read_text(encoding="utf-8"))
    return sorted(item["name"] for item in variables["instances_list"])


def test_the_guide_shows_the_playbook_that_is_run_here() -> None:
    page = (ROOT / "docs/docsite/rst/guide_scale.rst").read_text(encoding="utf-8")
    assert "".join(f"   {line}\n" for line in SITE.splitlines()) in page


def test_the_example_is_made_by_two_slices_and_each_instance_belongs_to_its_shard(
    sandbox: Running, tmp_path: Path
) -> None:
    hosts = example()
    assert sorted(hosts) == ["shard-1", "shard-2", "shard-3", "shard-4"]
    jobs = [
        Job(SITE, environment={**sandbox.environment, **CREDENTIALS}, inventory=inventory(own)) for own in cut(hosts, 2)
    ]
    for ended, own in zip(run_at_once(jobs, tmp_path), (("shard-1", "shard-3"), ("shard-2", "shard-4"))):
        assert ended.status == "successful", ended
        made = {host: sorted(one["name"] for one in result["instances"]) for host, result in told(ended).items()}
        assert made == {host: named(host) for host in own}
    assert Account(sandbox).owners() == {name: host for host in hosts for name in named(host)}


def test_reports_of_several_hosts_do_not_overwrite_each_other(sandbox: Running, tmp_path: Path) -> None:
    variables = {"drift_hosts": "all", "drift_report_file": "drift.json", "drift_page_file": "drift.html"}
    job = Job(
        "cloud_elements.platform.drift",
        variables=variables,
        environment={**sandbox.environment, **CREDENTIALS},
        inventory=inventory(example()),
    )
    ended = run(job, tmp_path / "job")
    assert ended.status == "successful", ended
    project = ended.directory / "project"
    assert {file.name for file in project.glob("drift*.html")} == {f"drift-{host}.html" for host in example()}
    for host in example():
        report = (project / f"drift-{host}.json").read_text(encoding="utf-8")
        assert all(f'"{name}"' in report for name in named(host))
        assert json.loads(report)["drift"] is True


def test_the_report_of_one_list_has_the_name_that_was_given(sandbox: Running, tmp_path: Path) -> None:
    job = Job(
        "cloud_elements.platform.drift",
        variables={"instances_list": [{"name": "Acme", "act365": {}}], "drift_report_file": "drift.json"},
        environment={**sandbox.environment, **CREDENTIALS},
    )
    ended = run(job, tmp_path / "job")
    assert ended.status == "successful", ended
    assert (ended.directory / "project/drift.json").is_file()
