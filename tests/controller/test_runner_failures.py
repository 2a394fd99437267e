# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that fail: what their events say to whoever reads them in a controller, and that no secret is among it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.controller.jobs import Ended, Job
from tests.controller.surroundings import CHECK, MAIN, USER, ZONE, Surroundings

pytestmark = pytest.mark.in_ci

PROVISION = "cloud_elements.platform.provision"
CRM = {"name": "Acme CRM", "autotask": {"hub": "crm"}}
READABLE = 8_000
"""Bytes that an event of one failure has at most, with its share of the output, at the highest verbosity."""


@dataclass(frozen=True)
class Failure:
    """What goes wrong, and what the message is made of."""

    says: tuple[str, ...]
    variables: Callable[[Mapping[str, str]], Mapping[str, Any]] = lambda _secrets: {}
    environment: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda _secrets: {}
    before: tuple[str, ...] = ()
    """Names of instances that are there, of an owner, and not in the list."""
    sent: bool = False
    """Whether the instance is made all the same."""


def autotask(**options: str) -> dict[str, Any]:
    """Return the one wanted instance, with other options."""
    return {"instances_list": [{"name": "Acme CRM", "autotask": options}]}


FAILURES = {
    "a wrong AutoTask password": Failure(
        (
            '1 of 1 instances failed. autotaskcrm "Acme CRM" (id ',
            ": The vendor does not accept the credentials",
            "HTTP 401",
            'vendor: "The user name or password is incorrect',
            "Check the user name, password, keys and server URL with the vendor, then run again.",
        ),
        environment=lambda secrets: {"CLOUD_ELEMENTS_AUTOTASK_PASSWORD": secrets["autotask_wrong_password"]},
        sent=True,
    ),
    "a wrong user secret": Failure(
        (
            'autotaskcrm "Acme CRM": Cloud Elements at',
            "does not accept the user secret",
            "check instances_user_secret and",
        ),
        environment=lambda secrets: {"CLOUD_ELEMENTS_USER_SECRET": secrets["wrong_user_secret"]},
    ),
    "a platform that cannot be reached": Failure(
        (
            'autotaskcrm "Acme CRM": Cannot connect to',
            "check instances_base_url, the network and any proxy. Nothing was sent.",
        ),
        variables=lambda _secrets: {"instances_retries": 0},
        environment=lambda _secrets: {"CLOUD_ELEMENTS_BASE_URL": "http://127.0.0.1:9"},
    ),
    "an unknown option": Failure(
        ('instances_list[0] "Acme CRM"', "unsupported option: autotask.passwort. Did you mean autotask.password?"),
        variables=lambda secrets: autotask(hub="crm", passwort=secrets["misplaced"].replace("{", "")),
    ),
    "a missing option": Failure(
        ('instances_list[0] "Acme CRM": autotask.hub is missing: give one of crm, helpdesk, finance.',),
        variables=lambda _secrets: autotask(username=USER, server_url=ZONE),
    ),
    "a value that is not one of those": Failure(
        ('instances_list[0] "Acme CRM": autotask.hub must be one of crm, helpdesk, finance.',),
        variables=lambda secrets: autotask(hub=secrets["misplaced"].replace("{", "")),
    ),
    "a text where a number belongs": Failure(
        ("instances_timeout must be a whole number.",),
        variables=lambda secrets: {"instances_timeout": secrets["misplaced"].replace("{", "")},
    ),
    "no list": Failure(
        ("instances_list is missing: give the list, or with instances_file the file that holds it.",),
        variables=lambda _secrets: {"instances_list": None},
    ),
    "too much to prune": Failure(
        ("instances_max_delete", "3"),
        variables=lambda _secrets: {
            "instances_owner": "acme",
            "instances_prune": True,
            "instances_max_delete": 2,
        },
        before=("One", "Two", "Three"),
    ),
}


def failed(ended: Ended, task: str = CHECK) -> dict[str, Any]:
    """Return the one event of the failure."""
    (event,) = [one for one in ended.events if one["event"] == "runner_on_failed" and one["event_data"]["task"] == task]
    return event


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failure_reads_well_in_its_event(surroundings: Surroundings, failure: Failure) -> None:
    secrets = surroundings.secrets
    if failure.before:
        wanted = [{"name": name, "act365": {}, "owner": "acme"} for name in failure.before]
        made = surroundings.run(
            Job(PROVISION, variables={"instances_list": wanted}, environment=surroundings.credentials()), "before"
        )
        assert made.status == "successful", made
    surroundings.writes()
    job = Job(
        PROVISION,
        variables={"instances_list": [CRM], **failure.variables(secrets)},
        environment={**surroundings.credentials(), **failure.environment(secrets)},
    )

    ended = surroundings.run(job, "failing")

    assert ended.status == "failed", ended
    event = failed(ended)
    said = event["event_data"]["res"]["msg"]
    assert [words for words in failure.says if words not in said] == [], said
    # It is said to a person, who sees the sentence before what else is told.
    assert len(said) < 500
    assert said in event["stdout"].replace("\\n", "\n").replace('\\"', '"')
    assert len(json.dumps(event)) < READABLE
    assert (surroundings.writes() > 0) == failure.sent


def test_a_failed_job_tells_the_same_in_its_last_lines(surroundings: Surroundings) -> None:
    wrong = {"CLOUD_ELEMENTS_ACT365_API_KEY": surroundings.secrets["act365_wrong_api_key"]}
    wanted = [{"name": "Acme contacts", "act365": {}}]
    job = Job(PROVISION, variables={"instances_list": wanted}, environment=surroundings.credentials(**wrong))

    ended = surroundings.run(job, "failing")

    assert ended.status == "failed"
    (stats,) = [event for event in ended.events if event["event"] == "playbook_on_stats"]
    assert stats["event_data"]["failures"] == {"localhost": 1}
    (said,) = [one["msg"] for one in ended.results(MAIN)]
    assert 'actessentials "Acme contacts"' in said


LEAKING = """\
- name: A job that leaks
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Say a secret
      ansible.builtin.debug:
        msg: "{{ lookup('ansible.builtin.env', 'CLOUD_ELEMENTS_AUTOTASK_PASSWORD') }}"
    - name: Keep a secret as a fact
      ansible.builtin.set_fact:
        kept: "{{ lookup('ansible.builtin.env', 'CLOUD_ELEMENTS_ACT365_API_KEY') }}"
        cacheable: true
    - name: Leave a secret in a file
      ansible.builtin.copy:
        content: "{{ lookup('ansible.builtin.env', 'CLOUD_ELEMENTS_STAMP_KEY') | b64encode }}"
        dest: "{{ lookup('ansible.builtin.env', 'HOME') }}/left"
        mode: "0600"
"""


def test_the_search_finds_what_a_job_leaks(surroundings: Surroundings) -> None:
    job = Job(LEAKING, environment=surroundings.credentials(UNNAMED=surroundings.secrets["callback_password"]))

    ended = surroundings.unsearched(job, "leaking")

    assert ended.status == "successful", ended
    found = {(leak.canary, leak.where.rpartition("/")[0]) for leak in surroundings.leaks(job, ended)}
    events, artifacts = "artifacts/job/job_events", "artifacts/job"
    assert {("autotask_password", events), ("autotask_password", artifacts), ("autotask_password", "")} <= found
    assert ("act365_api_key", "artifacts/job/fact_cache") in found
    assert ("stamp_key", "home") in found
    # A controller masks by name what it stores of the environment, and this name does not say that it is a secret.
    assert ("callback_password", artifacts) in found
