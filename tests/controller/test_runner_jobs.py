# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of a controller, as it starts them: with a vault password at a prompt, or with what credentials inject."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._marked_yaml import load_yaml

from tests.controller.jobs import Job
from tests.controller.surroundings import MAIN, VAULT_PASSWORD, Surroundings, decrypted, encrypted

PROVISION, DRIFT, EXPORT = (f"cloud_elements.platform.{name}" for name in ("provision", "drift", "export"))
WANTED = [{"name": "Acme CRM", "autotask": {"hub": "crm"}}, {"name": "Acme contacts", "act365": {}}]
VAULTED = """\
- name: Connect
  hosts: localhost
  gather_facts: false
  vars_files: [vault.yml]
  vars:
    instances_autotask: {username: api.user@example.com, server_url: "https://ww2.autotask.net"}
    instances_act365: {api_key: "{{ vault_api_key }}", developer_key: "{{ vault_developer_key }}"}
    instances_list:
      - {name: Acme CRM, autotask: {hub: crm, password: "{{ vault_crm_password }}"}}
      - {name: Acme help desk, autotask: {hub: helpdesk, username: desk, password: "{{ vault_desk_password }}"}}
      - {name: Acme contacts, act365: {}}
  roles:
    - role: cloud_elements.platform.instances
"""
PROMPTS = {
    "--ask-vault-pass": ("default", r"Vault password:\s*?$"),
    "--vault-id=prod@prompt": ("prod", r"Vault password \(prod\):\s*?$"),
}
"""How a controller hands a vault password over: the option, the label and the prompt."""


def vaulted(surroundings: Surroundings, option: str, desk_password: str, name: str) -> dict[str, Any]:
    """Run a job whose credentials are in an encrypted file, and return what it made of the list."""
    label, prompt = PROMPTS[option]
    secrets = surroundings.secrets
    vault = {
        "vault_crm_password": secrets["autotask_password"],
        "vault_desk_password": secrets[desk_password],
        "vault_api_key": secrets["act365_api_key"],
        "vault_developer_key": secrets["act365_developer_key"],
    }
    job = Job(
        VAULTED,
        environment=surroundings.credentials(CLOUD_ELEMENTS_AUTOTASK_PASSWORD="", CLOUD_ELEMENTS_ACT365_API_KEY=""),
        passwords={prompt: VAULT_PASSWORD},
        files={"vault.yml": encrypted(vault, label)},
        arguments=(option,),
    )
    ended = surroundings.run(job, name)
    assert ended.status == "successful", ended
    (result,) = ended.results(MAIN)
    return result


@pytest.mark.parametrize("option", PROMPTS)
def test_a_new_password_in_the_vault_goes_to_the_one_instance_that_uses_it(
    surroundings: Surroundings, option: str
) -> None:
    surroundings.account("autotask", "desk", surroundings.secrets["autotask_old_password"])
    first = vaulted(surroundings, option, "autotask_old_password", "first")
    assert first["summary"]["created"] == 3
    surroundings.account("autotask", "desk", surroundings.secrets["autotask_item_password"])
    surroundings.writes()

    second = vaulted(surroundings, option, "autotask_item_password", "second")

    assert [(one["name"], one["reasons"]) for one in second["instances"]] == [("Acme help desk", ["secrets_changed"])]
    assert second["summary"]["unchanged"] == 2
    assert surroundings.writes() == 1


def provisioned(surroundings: Surroundings) -> None:
    """Make what is wanted."""
    job = Job(PROVISION, {"instances_list": WANTED}, surroundings.credentials())
    ended = surroundings.run(job, "provisioned")
    assert ended.status == "successful", ended
    surroundings.writes()


def test_a_scheduled_job_tells_drift_and_fails_when_it_is_asked_to(surroundings: Surroundings) -> None:
    provisioned(surroundings)
    variables = {"instances_list": WANTED, "drift_fail": True, "drift_report_file": "drift.json"}
    clean = surroundings.run(Job(DRIFT, variables, surroundings.credentials()), "clean")
    assert clean.status == "successful", clean
    (number,) = [one["id"] for one in surroundings.there() if one["name"] == "Acme CRM"]
    surroundings.control("PUT", f"/instances/{number}", {"valid": False})

    drifted = surroundings.run(Job(DRIFT, variables, surroundings.credentials()), "drifted")

    assert drifted.status == "failed", drifted
    (failed,) = drifted.results("Fail on drift")
    assert failed["msg"].startswith("Drift found: "), failed
    assert "Acme CRM" in (drifted.directory / "project/drift.json").read_text(encoding="utf-8")
    assert surroundings.writes() == 0


def test_a_check_job_shows_the_difference_and_writes_nothing(surroundings: Surroundings) -> None:
    job = Job(PROVISION, {"instances_list": WANTED}, surroundings.credentials(), arguments=("--check",))

    ended = surroundings.run(job, "check")

    assert ended.status == "successful", ended
    differences = [event for event in ended.events if event["event"] == "runner_on_file_diff"]
    assert "Acme contacts" in json.dumps(differences)
    assert surroundings.writes() == 0


def test_what_is_exported_is_a_list_without_secrets(surroundings: Surroundings) -> None:
    provisioned(surroundings)

    ended = surroundings.run(Job(EXPORT, environment=surroundings.credentials()), "export")

    assert ended.status == "successful", ended
    written = load_yaml((ended.directory / "project/export/instances.yml").read_bytes())
    assert sorted(one["name"] for one in written["instances_list"]) == ["Acme CRM", "Acme contacts"]


def test_a_file_of_tokens_is_encrypted_with_the_password_of_the_job(surroundings: Surroundings) -> None:
    job = Job(
        PROVISION,
        {"instances_list": WANTED, "instances_token_file": str(surroundings.directory / "tokens.yml")},
        surroundings.credentials(),
        passwords={PROMPTS["--vault-id=prod@prompt"][1]: VAULT_PASSWORD},
        arguments=("--vault-id=prod@prompt",),
    )

    ended = surroundings.run(job, "tokens")

    assert ended.status == "successful", ended
    kept = decrypted(surroundings.directory / "tokens.yml")
    assert [one["name"] for one in surroundings.there() if one["token"] not in kept] == []


USING = """\
- name: Use tokens
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Authenticate, and take the token
      cloud_elements.platform.ce_instance:
        name: Acme contacts
        act365: {}
        return_token: true
      register: contacts
    - name: Compare it with what the lookup reads
      ansible.builtin.assert:
        that: contacts.token == lookup('cloud_elements.platform.ce_instance_token', id=contacts.instance.id)
        quiet: true
      no_log: true
"""


def test_a_token_goes_from_task_to_task_and_into_no_event(surroundings: Surroundings) -> None:
    ended = surroundings.run(Job(USING, environment=surroundings.credentials()), "using")

    assert ended.status == "successful", ended
    assert len(ended.results("Compare it with what the lookup reads")) == 1
    assert [one["name"] for one in surroundings.there()] == ["Acme contacts"]


def test_a_wrong_vault_password_is_told_and_shows_nothing(surroundings: Surroundings) -> None:
    label, prompt = PROMPTS["--vault-id=prod@prompt"]
    job = Job(
        VAULTED,
        environment=surroundings.credentials(),
        passwords={prompt: surroundings.secrets["callback_password"]},
        files={"vault.yml": encrypted({"vault_crm_password": surroundings.secrets["autotask_password"]}, label)},
        arguments=("--vault-id=prod@prompt",),
    )

    ended = surroundings.run(job, "wrong")

    assert ended.status == "failed"
    assert "Decryption failed" in ended.said
