# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs send as many requests as the guide about scale says; its tables are made of these, with pages of 200."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.controller.account import Account
from tests.controller.jobs import Job, run
from tests.controller.slices import CREDENTIALS, Hosts, inventory
from tests.sandbox.process import Running

PAGE_SIZE = 10
NUMBER = 25
OTHER = {"api_key": "other-example-api-key", "developer_key": "other-example-developer-key"}


@pytest.fixture
def account(sandbox: Running) -> Account:
    """An account whose listings have pages that a short list fills."""
    account = Account(sandbox)
    account.setting(page_size=PAGE_SIZE)
    account.vendor("act365", OTHER["api_key"], OTHER["developer_key"])
    return account


def items(changed: int = 0) -> list[dict[str, Any]]:
    """Return a list, some of it with other credentials."""
    return [{"name": f"Acme {one:02}", "act365": OTHER if one < changed else {}} for one in range(NUMBER)]


def cost(account: Account, sandbox: Running, directory: Path, hosts: Hosts, playbook: str = "provision") -> int:
    """Return how many requests a job sends."""
    account.forget()
    # One host after the other: two that create at the same time look for each other's instances.
    job = Job(
        f"cloud_elements.platform.{playbook}",
        variables={f"{playbook}_hosts": "all"},
        environment={**sandbox.environment, **CREDENTIALS},
        arguments=("--forks", "1"),
    )
    ended = run(replace(job, inventory=inventory(hosts)), directory)
    assert ended.status == "successful", ended
    return sum(account.by().values())


def one(**variables: Any) -> Mapping[str, Mapping[str, Any]]:
    """Return the only host."""
    return {"shard-1": variables}


def test_runs_send_as_many_requests_as_the_guide_says(account: Account, sandbox: Running, tmp_path: Path) -> None:
    def sent(name: str, hosts: Hosts, playbook: str = "provision") -> int:
        return cost(account, sandbox, tmp_path / name, hosts, playbook)

    # The account has a page when it is empty, and three when it is not.
    all_as_it_is = one(instances_list=items())
    # A page, two requests for each, the element, and the pages once more.
    assert sent("first", all_as_it_is) == 1 + 2 * NUMBER + 1 + 3
    assert sent("again", all_as_it_is) == 3
    assert sent("drift", all_as_it_is, "drift") == 2 * 3
    assert sent("changed", one(instances_list=items(changed=5))) == 3 + 3 * 5


def test_each_host_lists_the_whole_account(account: Account, sandbox: Running, tmp_path: Path) -> None:
    cost(account, sandbox, tmp_path / "first", one(instances_list=items()))
    hosts = {f"shard-{number}": {"instances_list": items()[number::3]} for number in range(3)}
    assert cost(account, sandbox, tmp_path / "three", hosts) == 3 * 3
    assert cost(account, sandbox, tmp_path / "drift", hosts, "drift") == 2 * 3 * 3
