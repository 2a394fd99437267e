# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting, stopping, what is kept between runs, and many at once."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.sandbox.process import COLLECTION_ROOT, READY_FILE, StartFailedError, running, start
from tests.sandbox.state import FILE_NAME, State
from tests.unit.sandbox.calling import BODY, InMemory, OverHttp, wait_for

CONNECTIONS = 200


def run(*arguments: str, python: tuple[str, ...] = (sys.executable,)) -> subprocess.CompletedProcess[str]:
    command = [*python, "-m", "tests.sandbox", *arguments]
    return subprocess.run(command, cwd=COLLECTION_ROOT, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_as_long_as_it_runs_and_to_its_owner_alone(tmp_path: Path, number: int) -> None:
    sandbox = start(tmp_path / "state")
    ready = tmp_path / "state" / READY_FILE
    facts = json.loads(ready.read_text())
    assert set(facts) == {"base_url", "control_url", "user_secret", "organization_secret", "pid"}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {"output.txt": modes["output.txt"]}
    assert (tmp_path / "state" / ".gitignore").read_text() == "*\n"
    wait_for(lambda: "Ctrl+C" in sandbox.output())
    for words in (*sandbox.environment.values(), "export CLOUD_ELEMENTS_USER_SECRET", "autotask-example-password"):
        assert words in sandbox.output()
    assert sandbox.stop(number) == 0
    assert not ready.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_instances_accounts_codes_and_secrets_are_kept_between_runs(tmp_path: Path, number: int) -> None:
    first = start(tmp_path, "--environment", "snapshot")
    client = OverHttp(first)
    made, gone = client.create("autotaskcrm", name="kept ä", tags=["a", "b"]), client.create()
    oauth = client.create("actessentialsoauth", providerData={"code": "used"})
    client.change("PATCH", made, configuration={"crm.autotask.password": "other"})
    changed = client.get(made)
    client.change("DELETE", gone)
    client.control("PUT", "/vendors/autotask/api.user@example.com", {"password": "new"})
    client.control("DELETE", "/vendors/act365/act-example-api-key")
    client.control("PUT", "/settings", {"latency": 0.01})
    first.stop(number)
    with (tmp_path / FILE_NAME).open("a") as file:
        file.write('["instances", 12001, {"cut of')
    with running(tmp_path, "--environment", "snapshot") as second:
        again = OverHttp(second)
        assert again.secrets == client.secrets
        assert (again.get(made), again.names()) == (changed, ["kept ä", "one"])
        assert again.control("GET", f"/instances/{made['id']}/stored")["crm.autotask.password"] == "other"
        assert again.change("PATCH", oauth, providerData={"code": "used"}).status == 400
        accounts = again.control("GET", "/vendors")["vendors"]
        assert [(each["vendor"], each["password"]) for each in accounts] == [
            ("autotask", "new"),
            ("examplebasic", "example-password"),
        ]
        assert again.control("GET", "/settings")["latency"] == 0
        assert again.create()["id"] > oauth["id"]
        assert changed["elementId"] == 49


def test_fresh_forgets_everything_and_so_does_a_reset_but_for_the_secrets(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        OverHttp(first).create("actessentialsoauth", providerData={"code": "used"})
        OverHttp(first).control("POST", "/reset")
    with running(tmp_path) as second:
        assert (second.user_secret, OverHttp(second).names()) == (first.user_secret, [])
        OverHttp(second).create("actessentialsoauth", providerData={"code": "used"})
    with running(tmp_path, "--fresh") as third:
        assert third.user_secret != first.user_secret
        assert third.organization_secret != first.organization_secret
        assert OverHttp(third).names() == []


def test_why_it_does_not_start_is_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        port = sandbox.control_url.rpartition(":")[2].partition("/")[0]
        taken = run("--state", str(tmp_path / "other"), "--port", port)
        shared = run("--state", str(tmp_path), "--port", "0")
        assert sandbox.process.poll() is None
    # -S leaves installed packages out.
    without_aiohttp = run("--state", str(tmp_path), python=(sys.executable, "-S"))
    elsewhere = run("--state", str(tmp_path), "--host", "nowhere.invalid")
    wanted = [(taken, f"port {port}"), (shared, str(tmp_path)), (without_aiohttp, "pip install aiohttp")]
    for answer, words in [*wanted, (elsewhere, "nowhere.invalid")]:
        assert (answer.returncode, answer.stderr.count("\n"), words in answer.stderr) == (1, 1, True)
    for old in ('["kept", "version", 999]\n', "nonsense\n", '["other", 1, 2]\n', ""):
        (tmp_path / FILE_NAME).write_text(old)
        with pytest.raises(StartFailedError, match="--fresh"):
            start(tmp_path)
    start(tmp_path, "--fresh").stop()


@pytest.mark.parametrize("port", ["70000", "-1", "none"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    answer = run("--state", str(tmp_path), f"--port={port}")
    assert (answer.returncode, "is not a port" in answer.stderr) == (2, True)


def test_the_control_api_answers_this_machine_only(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Sends nothing: it only asks which address would be used.
        probe.connect(("192.0.2.1", 9))
        address = str(probe.getsockname()[0])
    with running(tmp_path, "--host", "0.0.0.0") as sandbox:  # noqa: S104
        port = sandbox.control_url.rpartition(":")[2].partition("/")[0]
        for path, status in (("/_sandbox/vendors", 403), ("/elements/api-v2/elements", 200)):
            assert requests.get(f"http://{address}:{port}{path}", timeout=10).status_code == status
        assert requests.get(f"http://127.0.0.1:{port}/_sandbox/vendors", timeout=10).status_code == 200
        assert requests.get(f"http://127.0.0.1:{port}/instances", timeout=10).status_code == 404


def test_200_connections_are_served_at_the_same_time(client: OverHttp) -> None:
    client.control("PUT", "/settings", {"latency": 1})
    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        callers = [OverHttp(client.sandbox) for _number in range(CONNECTIONS)]
        made = list(pool.map(lambda caller: caller.api("POST", "/instances", BODY).status, callers))
    assert made == [200] * CONNECTIONS
    # One after the other they would take 200 s.
    assert time.monotonic() - began < 20


def test_listing_20000_instances_takes_time_in_proportion_to_their_number() -> None:
    small, large = seconds_to_list(2_000), seconds_to_list(20_000)
    # Ten times as many: quadratic would be a hundred times as long.
    assert large < 40 * max(small, 0.01)


def seconds_to_list(number: int) -> float:
    caller = InMemory()
    for index in range(number):
        caller.platform.create({**BODY, "name": f"n{index}"})
    began, listed, token = time.process_time(), 0, ""
    while listed < number:
        answer = caller.api("GET", "/instances", params={"searchText": "N", "nextPage": token})
        listed += len(answer.json())
        token = answer.headers.get("elements-next-page-token", "")
    assert (listed, token) == (number, "")
    return time.process_time() - began


def test_a_state_in_memory_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    caller = InMemory()
    caller.create()
    caller.platform.state.close()
    assert list(tmp_path.iterdir()) == []
    assert State().secrets != caller.platform.state.secrets
