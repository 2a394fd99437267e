# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices that run at the same time, on a platform that refuses what is too much."""

from __future__ import annotations

from pathlib import Path

from tests.controller.account import Account
from tests.controller.slices import cut, jobs, names, run_at_once, shards
from tests.sandbox.process import Running


def test_slices_under_a_limit_that_they_share_wait_and_all_come_to_their_end(sandbox: Running, tmp_path: Path) -> None:
    account = Account(sandbox)
    hosts = shards(4, each=20)
    account.setting(rate_limit=15)
    ended = run_at_once(jobs(sandbox, cut(hosts, 4)), tmp_path)
    refused = account.refused()
    account.setting(rate_limit=0)
    assert [one.status for one in ended] == ["successful"] * 4, "\n".join(map(str, ended))
    assert sorted(account.names()) == names(hosts)
    assert account.carried_out("POST") == 80
    assert refused > 0
