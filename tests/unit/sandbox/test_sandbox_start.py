# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting, stopping, and what is kept between runs."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.sandbox.process import COLLECTION_ROOT, READY_FILE, Running, StartFailedError, running, start
from tests.unit.sandbox.calling import EXAMPLE, Caller


def test_the_ready_file_says_where_the_sandbox_is_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        ready = tmp_path / READY_FILE
        facts = json.loads(ready.read_text())
        assert set(facts) == {"base_url", "control_url", "user_secret", "organization_secret", "pid"}
        assert facts["pid"] == sandbox.process.pid
        assert facts["base_url"].startswith("http://127.0.0.1:")
        assert facts["base_url"].endswith("/elements/api-v2")
        assert facts["control_url"].endswith("/_sandbox")
        assert stat.S_IMODE(ready.stat().st_mode) == 0o600
        assert requests.get(facts["control_url"] + "/counters", timeout=10).status_code == 200


def test_nothing_in_the_state_directory_can_be_read_by_others_or_committed_by_accident(tmp_path: Path) -> None:
    with running(tmp_path / "state"):
        made = [path for path in (tmp_path / "state").iterdir() if path.name != "output.txt"]
        assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in made} == {0}
        assert (tmp_path / "state" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_clean_stop_removes_the_ready_file_and_ends_with_0(tmp_path: Path, number: int) -> None:
    sandbox = start(tmp_path)
    assert sandbox.stop(number) == 0
    assert not (tmp_path / READY_FILE).exists()


def test_a_ready_file_that_a_killed_sandbox_left_behind_is_replaced(tmp_path: Path) -> None:
    killed = start(tmp_path)
    killed.stop(signal.SIGKILL)
    assert (tmp_path / READY_FILE).exists()
    with running(tmp_path) as sandbox:
        assert sandbox.pid != killed.pid


def test_the_screen_names_address_secrets_accounts_and_exports(tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        screen = _printed(sandbox, "Ctrl+C")
        assert f"Cloud Elements sandbox at {sandbox.base_url}" in screen
        assert f"export CLOUD_ELEMENTS_BASE_URL={sandbox.base_url}" in screen
        assert f"export CLOUD_ELEMENTS_USER_SECRET={sandbox.user_secret}" in screen
        assert f"export CLOUD_ELEMENTS_ORGANIZATION_SECRET={sandbox.organization_secret}" in screen
        for words in ("api.user@example.com", "autotask-example-password", "act-example-api-key", "example-password"):
            assert words in screen


def test_a_busy_port_is_refused_in_one_sentence_and_leaves_the_first_sandbox_alone(tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        port = sandbox.control_url.rpartition(":")[2].partition("/")[0]
        for state in (tmp_path, tmp_path / "other"):
            answer = _run("--state", str(state), "--port", port)
            assert answer.returncode == 1
            assert answer.stderr.count("\n") == 1
            assert f"port {port}" in answer.stderr
        assert (tmp_path / READY_FILE).exists()
        assert Caller(sandbox).api("GET", "/elements/keys").status_code == 200


def test_a_state_in_use_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path):
        answer = _run("--state", str(tmp_path), "--port", "0")
        assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
        assert str(tmp_path) in answer.stderr


def test_a_state_of_another_version_is_refused_in_one_sentence_until_started_fresh(tmp_path: Path) -> None:
    start(tmp_path).stop()
    with sqlite3.connect(tmp_path / "sandbox.sqlite") as connection:
        connection.execute("PRAGMA user_version=999")
    connection.close()
    with pytest.raises(StartFailedError, match="--fresh"):
        start(tmp_path)
    start(tmp_path, "--fresh").stop()


@pytest.mark.parametrize("port", ["70000", "-1", "none"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    answer = _run("--state", str(tmp_path), f"--port={port}")
    assert answer.returncode == 2
    assert "is not a port" in answer.stderr


def test_without_aiohttp_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    # -S leaves installed packages out; -I would leave the collection out too.
    answer = subprocess.run(
        [sys.executable, "-S", "-m", "tests.sandbox", "--state", str(tmp_path), "--port", "0"],
        cwd=COLLECTION_ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert "pip install aiohttp" in answer.stderr


def test_instances_vendors_and_secrets_are_kept_between_runs(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        caller = Caller(first)
        made = caller.create(name="kept", tags=["a", "b"])
        caller.rotate("examplebasic", "example", password="new")
        caller.control("PUT", "/settings", {"latency": 0.01})
    with running(tmp_path) as second:
        caller = Caller(second)
        assert second.user_secret == first.user_secret
        assert second.organization_secret == first.organization_secret
        assert caller.get(made) == made
        assert caller.stored(made)["password"] == EXAMPLE["password"]
        assert caller.hub("/ping", made).status_code == 401
        assert caller.control("GET", "/settings")["latency"] == 0
        assert caller.control("GET", "/counters")["writes"] == 0


def test_a_killed_sandbox_loses_no_instance(tmp_path: Path) -> None:
    first = start(tmp_path)
    made = Caller(first).create()
    first.stop(signal.SIGKILL)
    with running(tmp_path) as second:
        assert Caller(second).get(made) == made


def test_fresh_forgets_everything_and_makes_new_secrets(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        Caller(first).create()
    with running(tmp_path, "--fresh") as second:
        assert second.user_secret != first.user_secret
        assert second.organization_secret != first.organization_secret
        assert Caller(second).names() == []


def test_the_environment_decides_the_element_ids(tmp_path: Path) -> None:
    with running(tmp_path, "--environment", "snapshot") as sandbox:
        assert Caller(sandbox).create("autotaskcrm")["elementId"] == 49


def test_the_control_api_answers_this_machine_only(tmp_path: Path) -> None:
    address = _other_address()
    if address is None:
        pytest.skip("this machine has no address but loopback")
    with running(tmp_path, "--host", "0.0.0.0") as sandbox:  # noqa: S104
        port = sandbox.control_url.rpartition(":")[2].partition("/")[0]
        assert requests.get(f"http://{address}:{port}/_sandbox/vendors", timeout=10).status_code == 403
        assert requests.get(f"http://{address}:{port}/elements/api-v2/elements", timeout=10).status_code == 200
        assert requests.get(f"http://127.0.0.1:{port}/_sandbox/vendors", timeout=10).status_code == 200


def _other_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: it only asks which address would be used.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


def _printed(sandbox: Running, words: str) -> str:
    """The output once `words` are in it: the ready file is there a moment before the screen."""
    for _attempt in range(200):
        if words in sandbox.output():
            break
        time.sleep(0.05)
    return sandbox.output()


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.sandbox", *arguments],
        cwd=COLLECTION_ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
