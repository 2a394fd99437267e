# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project that a user copies: each of its playbooks runs as a job, with survey answers and credentials."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._marked_yaml import load_yaml

from tests.controller.jobs import Ended, Job, run
from tests.controller.setup_data import SETUP, injected
from tests.sandbox.process import Running

pytestmark = pytest.mark.in_ci

PROJECT = {
    str(file.relative_to(SETUP / "project")): file.read_text(encoding="utf-8")
    for file in sorted((SETUP / "project").rglob("*.yml"))
}
LOGIN = {
    "username": "api.user@example.com",
    "password": "autotask-example-password",
    "server_url": "https://ww2.autotask.net",
}
KEYS = {"api_key": "act-example-api-key", "developer_key": "act-example-developer-key"}
NEW_PASSWORD = "new-canary-password"
ANSWERS = {
    "authenticate_vendor": "autotask",
    "authenticate_name": "Umbrella CRM",
    "authenticate_hub": "crm",
    "authenticate_username": LOGIN["username"],
    "authenticate_password": LOGIN["password"],
    "authenticate_server_url": LOGIN["server_url"],
    "authenticate_tags": "",
    "authenticate_owner": "",
}


class Controller:
    """Runs jobs of the project, one after the other."""

    def __init__(self, sandbox: Running, directory: Path) -> None:
        self.sandbox = sandbox
        self.directory = directory
        self.credentials = {
            **sandbox.environment,
            **injected("AutoTask", LOGIN),
            **injected("Act! 365", KEYS),
        }

    def job(
        self,
        playbook: str,
        variables: Mapping[str, Any] | None = None,
        credentials: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
    ) -> Ended:
        """Run a playbook of the project."""
        number = len(list(self.directory.iterdir())) if self.directory.exists() else 0
        job = Job(
            PROJECT[f"{playbook}.yml"],
            variables=variables or {},
            environment=self.credentials if credentials is None else credentials,
            files=PROJECT,
            arguments=arguments,
        )
        return run(job, self.directory / f"{number}-{playbook}")

    def told(self, path: str) -> list[dict[str, Any]]:
        return list(requests.get(f"{self.sandbox.control_url}/{path}", timeout=30).json()[path])

    def instances(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.told("instances")}

    def tags(self) -> dict[str, set[str]]:
        """Return the tags of all instances, without their stamps."""
        held = self.instances().items()
        return {name: {tag for tag in each["tags"] if "ansible:v1:" not in tag} for name, each in held}

    def stored(self, name: str) -> dict[str, str]:
        url = f"{self.sandbox.control_url}/instances/{self.instances()[name]['id']}/stored"
        return dict(requests.get(url, timeout=30).json())

    def writes(self) -> list[str]:
        """Return what was written since this was asked the last time."""
        sent = [request for request in self.told("requests") if request["method"] != "GET"]
        requests.delete(f"{self.sandbox.control_url}/requests", timeout=30).raise_for_status()
        return [f"{request['method']} {request['path']}" for request in sent]

    def password_changes(self, username: str = LOGIN["username"], password: str = NEW_PASSWORD) -> None:
        url = f"{self.sandbox.control_url}/vendors/autotask/{username}"
        known = {"password": password, "server_url": LOGIN["server_url"]}
        requests.put(url, json=known, timeout=30).raise_for_status()


@pytest.fixture
def controller(sandbox: Running, tmp_path: Path) -> Controller:
    return Controller(sandbox, tmp_path / "jobs")


def test_the_list_of_the_project_is_made_true_and_a_second_job_writes_nothing(controller: Controller) -> None:
    first = controller.job("provision")
    assert first.status == "successful", first
    assert set(controller.instances()) == {"Acme CRM", "Acme help desk", "Acme contacts"}
    controller.writes()
    assert controller.job("provision").status == "successful"
    assert controller.writes() == []


def test_a_drift_job_fails_when_there_is_drift_though_it_runs_in_check_mode(controller: Controller) -> None:
    before = controller.job("drift", {"drift_fail": True}, arguments=("--check", "--diff"))
    assert before.status == "failed"
    assert "3 missing" in before.said, before
    assert controller.writes() == []
    controller.job("provision")
    after = controller.job("drift", {"drift_fail": True}, arguments=("--check", "--diff"))
    assert after.status == "successful", after


EXPORT = {"export_show": "true", "export_logins": "environment", "export_element": ""}


def printed(ended: Ended) -> str:
    """Return the list as a person copies it from a job's output, from `---` to its last line."""
    lines = ended.said.replace("\r\n", "\n").split("\n")
    first = lines.index("---")
    return "\n".join(itertools.takewhile(lambda line: not line.startswith(("ok:", "changed:")), lines[first:])) + "\n"


def test_an_export_can_be_pasted_into_the_project(controller: Controller) -> None:
    controller.job("provision")

    ended = controller.job("export", {**EXPORT, "export_name": ""})

    assert ended.status == "successful", ended
    listed = load_yaml(printed(ended).encode())["instances_list"]
    assert sorted(listed, key=str) == [
        {"name": "Acme CRM", "autotask": {"hub": "crm"}},
        {"name": "Acme contacts", "act365": {}},
        {"name": "Acme help desk", "autotask": {"hub": "helpdesk"}, "tags": ["support"]},
    ]
    assert f"username {LOGIN['username']}" in printed(ended)
    assert "There is nothing to fill in" in str(ended.results("Show what to do next"))
    controller.writes()
    files = {**PROJECT, "instances.yml": printed(ended)}
    job = Job(PROJECT["provision.yml"], environment=controller.credentials, files=files)
    pasted = run(job, controller.directory / "pasted")
    assert pasted.status == "successful", pasted
    assert controller.writes() == []


def test_a_login_that_the_credential_does_not_serve_is_a_template_to_replace(controller: Controller) -> None:
    controller.job("provision")
    other = {**controller.credentials, "CLOUD_ELEMENTS_AUTOTASK_USERNAME": "another"}

    ended = controller.job("export", {**EXPORT, "export_name": "Acme CRM"}, credentials=other)

    assert "password: '{{ vault_autotask_" in printed(ended)
    assert f'username: !unsafe "{LOGIN["username"]}"' in printed(ended)
    assert "Replace each template" in str(ended.results("Show what to do next"))
    assert "Acme contacts" not in ended.said


def test_an_export_that_hides_its_result_prints_nothing(controller: Controller) -> None:
    controller.job("provision")
    ended = run(Job(HIDING, environment=controller.credentials), controller.directory / "hiding")
    assert ended.status == "successful", ended
    assert "Acme" not in ended.said


HIDING = """\
- name: Export, and hide it
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Export
      cloud_elements.platform.ce_instance_export:
        show: true
      no_log: true
"""


def test_a_person_authenticates_autotask_with_plain_answers(controller: Controller) -> None:
    told = {"authenticate_tags": " gold, customer-umbrella\nsupport,,\n", "authenticate_owner": "umbrella"}
    answers = {**ANSWERS, **told}
    ended = controller.job("authenticate", answers, credentials=controller.sandbox.environment)
    assert ended.status == "successful", ended
    (shown,) = ended.results("Show the result")
    assert shown["msg"].startswith('created: autotaskcrm "Umbrella CRM", id ')
    (made,) = controller.instances().values()
    assert {"gold", "customer-umbrella", "support", "ansible:owner:umbrella"} <= set(made["tags"])
    assert controller.stored("Umbrella CRM")["crm.autotask.password"] == LOGIN["password"]
    assert LOGIN["password"] not in (ended.said + str(ended.events))
    controller.writes()
    again = controller.job("authenticate", answers, credentials=controller.sandbox.environment)
    assert again.status == "successful", again
    assert controller.writes() == []


def test_a_person_authenticates_act_365_with_plain_answers(controller: Controller) -> None:
    answers = {
        "authenticate_vendor": "act365",
        "authenticate_name": "Umbrella contacts",
        "authenticate_api_key": KEYS["api_key"],
        "authenticate_developer_key": KEYS["developer_key"],
        "authenticate_tags": "",
    }
    ended = controller.job("authenticate", answers, credentials=controller.sandbox.environment)
    assert ended.status == "successful", ended
    assert controller.stored("Umbrella contacts")["username"] == KEYS["api_key"]
    assert not [key for key in KEYS.values() if key in ended.said + str(ended.events)]


@pytest.mark.parametrize("vendor", ["autotask", "act365"])
def test_what_is_not_answered_comes_from_the_credential(controller: Controller, vendor: str) -> None:
    names = [f"authenticate_{name}" for name in (*LOGIN, *KEYS, "tags", "owner", "hub")]
    answers = {**dict.fromkeys(names, ""), "authenticate_vendor": vendor, "authenticate_name": "Umbrella"}
    ended = controller.job("authenticate", answers)
    assert ended.status == "successful", ended
    assert set(controller.stored("Umbrella").values()) >= set((LOGIN if vendor == "autotask" else KEYS).values())


def test_without_a_vendor_or_a_name_nothing_is_sent(controller: Controller) -> None:
    sentences = {
        "authenticate_vendor": "authenticate_vendor must be one of autotask, act365",
        "authenticate_name": "authenticate_name is missing",
    }
    for missing, sentence in sentences.items():
        ended = controller.job("authenticate", {**ANSWERS, missing: ""})
        assert ended.status == "failed"
        assert sentence in ended.said
    assert controller.told("requests") == []


def test_a_new_password_goes_to_the_instances_that_use_the_login_and_to_no_other(controller: Controller) -> None:
    controller.job("provision")
    controller.password_changes("other@example.com", "other")
    other = {"authenticate_username": "other@example.com", "authenticate_password": "other"}
    assert controller.job("authenticate", {**ANSWERS, **other}).status == "successful"
    tags = controller.tags()
    controller.password_changes()
    controller.writes()
    answers = {
        "rotate_vendor": "autotask",
        "rotate_username": LOGIN["username"],
        "rotate_password": NEW_PASSWORD,
        "rotate_owner": "",
        "rotate_name": "",
        "rotate_tags": "",
    }
    ended = controller.job("rotate", answers)
    assert ended.status == "successful", ended
    ids = {name: each["id"] for name, each in controller.instances().items()}
    assert sorted(controller.writes()) == sorted(
        f"PUT /instances/{ids[name]}" for name in ("Acme CRM", "Acme help desk")
    )
    assert controller.stored("Acme CRM")["crm.autotask.password"] == NEW_PASSWORD
    assert controller.stored("Umbrella CRM")["crm.autotask.password"] == "other"
    assert "ce_instances: 2 updated (" in ended.said
    assert NEW_PASSWORD not in ended.said + str(ended.events)
    assert controller.tags() == tags
    assert controller.job("rotate", answers).status == "successful"
    assert controller.writes() == []


def test_a_changed_credential_is_enough_to_rotate(controller: Controller) -> None:
    controller.job("provision")
    controller.password_changes()
    credentials = {**controller.credentials, **injected("AutoTask", {**LOGIN, "password": NEW_PASSWORD})}
    ended = controller.job("rotate", {"rotate_vendor": "autotask", "rotate_password": ""}, credentials=credentials)
    assert ended.status == "successful", ended
    assert controller.stored("Acme help desk")["helpdesk.autotask.password"] == NEW_PASSWORD


def test_a_password_that_the_vendor_refuses_fails_the_job_and_is_told_for_each(controller: Controller) -> None:
    controller.job("provision")
    answers = {"rotate_vendor": "autotask", "rotate_password": NEW_PASSWORD, "rotate_name": "Acme CRM"}
    ended = controller.job("rotate", answers)
    assert ended.status == "failed"
    assert "refused" in ended.said.lower() or "401" in ended.said, ended
    assert NEW_PASSWORD not in ended.said + str(ended.events)


def test_new_keys_of_act_365_need_to_know_whose_they_are(controller: Controller) -> None:
    controller.job("provision")
    url = f"{controller.sandbox.control_url}/vendors/act365/new-canary-key"
    requests.put(url, json={"password": KEYS["developer_key"]}, timeout=30).raise_for_status()
    controller.writes()
    answers = {"rotate_vendor": "act365", "rotate_api_key": "new-canary-key", "rotate_developer_key": ""}
    nobody = controller.job("rotate", answers)
    assert nobody.status == "failed"
    assert "rotate_owner, rotate_name, rotate_tags and rotate_instance are missing" in nobody.said
    assert controller.writes() == []
    ended = controller.job("rotate", {**answers, "rotate_name": "Acme contacts"})
    assert ended.status == "successful", ended
    assert controller.stored("Acme contacts")["username"] == "new-canary-key"
    assert "new-canary-key" not in ended.said + str(ended.events)


def event(instance: object) -> dict[str, Any]:
    """Return the variables that a rulebook's action run_job_template adds to those of its own."""
    fields = {"element": "autotaskcrm", "instance": instance, "object_type": "accounts", "event_type": "UPDATE"}
    return {"ansible_eda": {"ruleset": "Cloud Elements", "rule": "Changed", "event": fields}}


def test_a_drift_job_reports_only_about_the_instance_of_an_event(controller: Controller) -> None:
    controller.job("provision")
    ids = {name: str(each["id"]) for name, each in controller.instances().items()}
    tagged = {"instances_list": [{"name": "Acme CRM", "autotask": {"hub": "crm"}, "tags": ["new"]}]}
    list_of_others = Job(
        "cloud_elements.platform.drift",
        {**tagged, **event(ids["Acme CRM"]), "drift_fail": True, "drift_instance": ids["Acme CRM"]},
        controller.credentials,
        arguments=("--check", "--diff"),
    )
    ended = run(list_of_others, controller.directory / "one")
    assert ended.status == "failed", ended
    assert "Drift found: 1 different." in ended.said
    assert f"instance {ids['Acme CRM']} on " in ended.said
    assert "Acme contacts" not in ended.said
    same = {"drift_fail": True, "drift_instance": ids["Acme contacts"]}
    assert controller.job("drift", same).status == "successful"
    gone = controller.job("drift", {**same, "drift_instance": "99999999"})
    assert gone.status == "failed"
    assert "There is no instance with the id 99999999" in gone.said


def test_a_rotation_takes_only_the_instance_of_an_event(controller: Controller) -> None:
    controller.job("provision")
    controller.password_changes()
    number = controller.instances()["Acme help desk"]["id"]
    controller.writes()
    answers = {"rotate_vendor": "autotask", "rotate_password": NEW_PASSWORD, "rotate_instance": str(number)}
    ended = controller.job("rotate", {**answers, **event(str(number))})
    assert ended.status == "successful", ended
    assert controller.writes() == [f"PUT /instances/{number}"]
    other = str(controller.instances()["Acme contacts"]["id"])
    ended = controller.job("rotate", {**answers, "rotate_instance": other})
    assert ended.status == "failed"
    assert "No autotask instance uses these credentials" in ended.said
    assert controller.writes() == []


@pytest.mark.parametrize("value", ["Acme CRM", "12/../13", "1\n", "1" * 19, [1], True])
@pytest.mark.parametrize("playbook", ["drift", "rotate"])
def test_an_id_that_is_no_number_is_refused_before_anything_is_sent(
    controller: Controller, playbook: str, value: object
) -> None:
    ended = controller.job(playbook, {f"{playbook}_instance": value, "rotate_vendor": "autotask"})
    assert ended.status == "failed"
    assert f"{playbook}_instance must be the id of an instance, a number." in ended.said
    assert controller.told("requests") == []


def test_a_login_that_no_instance_uses_is_told(controller: Controller) -> None:
    ended = controller.job("rotate", {"rotate_vendor": "autotask", "rotate_username": "nobody@example.com"})
    assert ended.status == "failed"
    assert "No autotask instance uses these credentials" in ended.said
