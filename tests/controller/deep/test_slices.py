# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller cuts a job into slices, and runs them at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.controller.account import Account
from tests.controller.jobs import run, started
from tests.controller.slices import Hosts, actions, cut, items, jobs, kill, names, run_at_once, shards, told
from tests.sandbox.process import Running


@pytest.fixture
def account(sandbox: Running) -> Account:
    return Account(sandbox)


def changed(told_of_hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, bool]:
    """Return which hosts reported a change."""
    return {host: result["changed"] for host, result in told_of_hosts.items()}


def test_a_slice_gets_every_so_many_th_host_of_the_sorted_names() -> None:
    hosts: Hosts = {name: {} for name in ("e", "a", "d", "c", "b")}
    assert [list(one) for one in cut(hosts, 2)] == [["a", "c", "e"], ["b", "d"]]


def test_slices_make_what_the_lists_of_their_own_hosts_say_and_a_second_run_nothing(
    account: Account, sandbox: Running, tmp_path: Path
) -> None:
    hosts = shards(4, each=10)
    # The first slice has two hosts.
    slices = cut(hosts, 3)
    first = run_at_once(jobs(sandbox, slices), tmp_path / "first")
    for ended, own in zip(first, slices):
        assert ended.status == "successful", ended
        assert changed(told(ended)) == dict.fromkeys(own, True)
        assert actions(ended) == dict.fromkeys(names(own), "created")
    assert sorted(account.names()) == names(hosts)
    assert account.writes() == Counter(POST=40)

    account.forget()
    for ended, own in zip(run_at_once(jobs(sandbox, slices), tmp_path / "second"), slices):
        assert ended.status == "successful", ended
        assert changed(told(ended)) == dict.fromkeys(own, False)
    assert account.writes() == Counter()


def test_of_what_stands_in_the_lists_of_all_slices_one_remains_and_one_job_says_created(
    account: Account, sandbox: Running, tmp_path: Path
) -> None:
    count, number = 4, 5
    # None of them can see what another makes: they all looked before the first was carried out.
    account.fault(method="POST", path="/instances", together=count, times=None)
    shared: Hosts = {"shared": {"instances_list": items("shared", number)}}
    # One at a time: those that wait for each other shall be of different jobs.
    ended = run_at_once(jobs(sandbox, [shared] * count, instances_concurrency=1), tmp_path)
    assert [one.status for one in ended] == ["successful"] * count, "\n".join(map(str, ended))
    there = account.ids()
    assert sorted(account.names()) == names(shared)
    created = Counter(name for one in ended for name, action in actions(one).items() if action == "created")
    assert created == Counter(names(shared))
    for one in ended:
        result = told(one)["shared"]
        assert {item["name"]: item["instance"]["id"] for item in result["instances"]} == there
        assert result["changed"] is ("created" in actions(one).values())
        assert all(item["changed"] is (item["action"] == "created") for item in result["instances"])
    assert account.writes() == Counter(POST=count * number, DELETE=(count - 1) * number)


def test_slices_whose_lists_overlap_make_each_instance_once(account: Account, sandbox: Running, tmp_path: Path) -> None:
    # What stands in both lists comes first in both, so the two creations of each meet.
    account.fault(method="POST", path="/instances", together=2, times=None)
    lists: list[Hosts] = [
        {word: {"instances_list": [*items("shared", 3), *items(word, 3)]}} for word in ("left", "right")
    ]
    ended = run_at_once(jobs(sandbox, lists, instances_concurrency=1), tmp_path)
    assert [one.status for one in ended] == ["successful"] * 2, "\n".join(map(str, ended))
    all_names = {name for one in lists for name in names(one)}
    assert sorted(account.names()) == sorted(all_names)
    created = Counter(name for one in ended for name, action in actions(one).items() if action == "created")
    assert created == Counter(all_names)
    there = account.ids()
    for one, own in zip(ended, lists):
        (result,) = told(one).values()
        assert {item["name"]: item["instance"]["id"] for item in result["instances"]} == {
            name: there[name] for name in names(own)
        }
    assert account.writes() == Counter(POST=12, DELETE=3)


def test_a_slice_that_was_killed_and_runs_again_creates_exactly_the_rest(
    account: Account, sandbox: Running, tmp_path: Path
) -> None:
    hosts = shards(2, each=40)
    victim, other = jobs(sandbox, cut(hosts, 2), instances_concurrency=2)
    account.setting(latency=0.1)
    with started(victim, tmp_path / "killed") as dying, started(other, tmp_path / "other") as living:
        account.wait_for_posts(20)
        kill(dying.pid)
        dying.wait()
        living.wait()
    account.settle()
    account.setting(latency=0)
    before = set(account.names())
    assert set(names({"other": hosts["shard-2"]})) < before < set(names(hosts))

    again = run(victim, tmp_path / "again")
    assert again.status == "successful", again
    assert sorted(account.names()) == names(hosts)
    assert {name for name, action in actions(again).items() if action == "created"} == set(names(hosts)) - before
    assert {name for name, action in actions(again).items() if action == "none"} == before & set(actions(again))
    assert account.writes() == Counter(POST=80)


def test_a_slice_that_prunes_deletes_of_its_own_owner_only(account: Account, sandbox: Running, tmp_path: Path) -> None:
    hosts = shards(2, each=10)
    run_at_once(jobs(sandbox, cut(hosts, 2)), tmp_path / "first")
    account.forget()
    fewer: Hosts = {name: {**of, "instances_list": of["instances_list"][1:]} for name, of in hosts.items()}
    for ended, own in zip(run_at_once(jobs(sandbox, cut(fewer, 2), instances_prune=True), tmp_path / "second"), fewer):
        assert ended.status == "successful", ended
        assert {name for name, action in actions(ended).items() if action == "deleted"} == {f"{own} 01"}
    assert sorted(account.names()) == names(fewer)
    assert account.writes() == Counter(DELETE=2)


def test_max_delete_counts_what_the_owner_of_the_slice_has(account: Account, sandbox: Running, tmp_path: Path) -> None:
    # 2 are less than 10 % of the account, but not of an owner's ten.
    hosts = {**shards(1, each=10), "shard-2": {"instances_list": items("large", 30), "instances_owner": "shard-2"}}
    run_at_once(jobs(sandbox, cut(hosts, 2)), tmp_path / "first")
    account.forget()
    fewer: Hosts = {name: {**of, "instances_list": of["instances_list"][2:]} for name, of in hosts.items()}
    small, large = run_at_once(jobs(sandbox, cut(fewer, 2), instances_prune=True), tmp_path / "second")
    assert (small.status, large.status) == ("failed", "successful"), f"{small}\n{large}"
    assert "2 of 10 instances of the owner shard-1" in told(small)["shard-1"]["msg"]
    assert sorted(account.names()) == names({"shard-1": hosts["shard-1"], "shard-2": fewer["shard-2"]})
    assert account.writes() == Counter(DELETE=2)


def test_a_host_that_fails_leaves_the_others_alone(account: Account, sandbox: Running, tmp_path: Path) -> None:
    hosts = shards(3, each=2)
    hosts["shard-1"]["instances_act365"] = {"api_key": "nobody", "developer_key": "wrong"}
    (ended,) = run_at_once(jobs(sandbox, [hosts]), tmp_path)
    assert ended.status == "failed"
    assert changed(told(ended)) == {"shard-1": False, "shard-2": True, "shard-3": True}
    assert sorted(account.names()) == names({name: hosts[name] for name in ("shard-2", "shard-3")})


def test_slices_under_a_limit_that_they_share_wait_and_all_come_to_their_end(
    account: Account, sandbox: Running, tmp_path: Path
) -> None:
    hosts = shards(4, each=20)
    account.setting(rate_limit=15)
    ended = run_at_once(jobs(sandbox, cut(hosts, 4)), tmp_path)
    refused = account.refused()
    account.setting(rate_limit=0)
    assert [one.status for one in ended] == ["successful"] * 4, "\n".join(map(str, ended))
    assert sorted(account.names()) == names(hosts)
    assert account.carried_out("POST") == 80
    assert refused > 0
