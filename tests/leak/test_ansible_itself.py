# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Ansible shows secrets whatever a collection does: the guide's list, and what it names instead."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.release import __version__ as release

from tests.collection import collections_in
from tests.leak.evidence import ELSEWHERE

CANARY = "canary-of-ansible-4471"
RELEASE = tuple(map(int, release.split(".")[:2]))
SINCE_2_19 = RELEASE >= (2, 19)
BEFORE_2_22 = RELEASE < (2, 22)
"""From then on, Ansible itself hides the secrets that a plugin has named to it."""
NAMES = {"CLOUD_ELEMENTS_ACT365_API_KEY": "first", "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY": "{{ canary }}"}
ACT = {"api_key": "first", "developer_key": "{{ canary }}"}
HERE = {"cloud_elements.platform.ce_instance": {"name": "A", "act365": ACT}}
ONE = {**HERE, "vars": {"ansible_connection": "elsewhere"}}
"""The same where a module is run."""
MANY = {"cloud_elements.platform.ce_instances": {"instances": [{"name": "A", "act365": ACT}], "progress": False}}
ROLE = {"ansible.builtin.include_role": {"name": "cloud_elements.platform.instances"}}
LIST_AND_KEYS = {"instances_list": [{"name": "A", "act365": {}}], "instances_progress": False}
UNDEFINED = {"name": "B", "act365": {"api_key": "second", "developer_key": "{{ not_there }}"}}


def looped(**changes: Any) -> dict[str, Any]:
    """Return a task that runs the role for each customer."""
    return {**ROLE, "vars": {**LIST_AND_KEYS, "instances_act365": "{{ item }}"}, "loop": ["{{ keys }}"], **changes}


BY_NUMBER = {"instances_act365": "{{ [keys][item] }}"}
HIDING = {"loop_control": {"label": "one"}}
DEBUG = {"ANSIBLE_DEBUG": "1"}
KEEP = {"ANSIBLE_KEEP_REMOTE_FILES": "1"}
PIPELINING = {"ANSIBLE_PIPELINING": "1"}
CASES: dict[str, tuple[dict[str, Any], Mapping[str, str], tuple[str, ...], bool]] = {
    "environment": ({**ONE, "environment": NAMES}, {}, ("-vvv",), BEFORE_2_22),
    "environment, no_log": ({**ONE, "environment": NAMES, "no_log": True}, {}, ("-vvv",), BEFORE_2_22),
    "environment, -vv": ({**ONE, "environment": NAMES}, {}, ("-vv",), False),
    "environment, here": ({**HERE, "environment": NAMES}, {}, ("-vvvv",), False),
    "environment, many": ({**MANY, "environment": NAMES}, {}, ("-vvvv",), False),
    "loop of a role": (looped(), {}, (), SINCE_2_19),
    "loop of a role, label": (looped(**HIDING), {}, ("-vvv",), False),
    "loop of a role, number": (looped(vars={**LIST_AND_KEYS, **BY_NUMBER}, loop=[0]), {}, ("-vvv",), False),
    "loop of a file": ({"ansible.builtin.include_tasks": "some.yml", "loop": ["{{ keys }}"]}, {}, (), True),
    "debugging, one": (ONE, DEBUG, (), BEFORE_2_22),
    "debugging, one, no_log": ({**ONE, "no_log": True}, DEBUG, (), BEFORE_2_22),
    "debugging, here": (HERE, DEBUG, (), False),
    "debugging, many": (MANY, DEBUG, (), False),
    "kept files, one": (ONE, KEEP, (), True),
    "kept files, one, pipelining": (ONE, {**KEEP, **PIPELINING}, (), True),
    "kept files, here": (HERE, KEEP, (), False),
    "kept files, many": (MANY, KEEP, (), False),
    "no kept files": (ONE, {}, ("-vvv",), False),
}


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collections_in(tmp_path_factory.mktemp("itself"))


def command(folder: Path, collections: Path, task: Mapping[str, Any], more: Mapping[str, str]) -> dict[str, Any]:
    """Return how to run a play with one task, which reaches no platform, and writes into one folder only."""
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "ignore_errors": True,
        "vars": {"ansible_python_interpreter": sys.executable},
        "module_defaults": {"group/cloud_elements.platform.all": {"retries": 0}},
        "tasks": [task],
    }
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "some.yml").write_text("[]", encoding="utf-8")
    keys = {**ACT, "developer_key": CANARY}
    (folder / "variables").write_text(json.dumps({"canary": CANARY, "keys": keys}), encoding="utf-8")
    folders = {f"ANSIBLE_{name}_TEMP": str(folder / name) for name in ("LOCAL", "REMOTE")}
    own = {"CLOUD_ELEMENTS_BASE_URL": "http://127.0.0.1:9", "ANSIBLE_NOCOLOR": "1", "HOME": str(folder)}
    own["ANSIBLE_CONNECTION_PLUGINS"] = str(ELSEWHERE)
    secrets = dict.fromkeys(
        ("CLOUD_ELEMENTS_USER_SECRET", "CLOUD_ELEMENTS_ORGANIZATION_SECRET"), "secret-of-an-account"
    )
    return {
        "args": [sys.executable, "-m", "ansible.cli.playbook", "-i", "localhost,", "-e", "@variables", "play.yml"],
        "cwd": folder,
        "env": {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections), **folders, **own, **secrets, **more},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
    }


def left_in(folder: Path) -> list[Path]:
    """Return the files with the canary, but for the one where it comes from."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "variables"]
    return [path for path in files if CANARY.encode() in path.read_bytes()]


@pytest.mark.parametrize("case", CASES)
def test_the_guide_says_where_ansible_shows_secrets(tmp_path: Path, collections: Path, case: str) -> None:
    task, environment, arguments, expected = CASES[case]
    how = command(tmp_path, collections, task, environment)
    how["args"] += arguments
    shown = subprocess.run(**how, check=False, timeout=120).stdout.decode()

    assert (CANARY in shown or bool(left_in(tmp_path))) is expected, shown
    # The play came to its task, and to its end.
    assert "PLAY RECAP" in shown


@pytest.mark.parametrize(("developer_key", "expected"), [(CANARY, not SINCE_2_19), ("{{ canary }}", False)])
def test_an_undefined_variable_shows_the_literal_secrets_of_other_items(
    tmp_path: Path, collections: Path, developer_key: str, expected: bool
) -> None:
    items = [{"name": "A", "act365": {"api_key": "first", "developer_key": developer_key}}, UNDEFINED]
    (tmp_path / "list").write_text(json.dumps({"instances_list": items}), encoding="utf-8")
    how = command(tmp_path, collections, ROLE, {})
    how["args"] += ("-e", "@list")
    shown = subprocess.run(**how, check=False, timeout=120).stdout.decode()

    assert (CANARY in shown) is expected, shown
    assert "not_there" in shown


@pytest.mark.parametrize(
    ("task", "environment", "left"),
    [(ONE, {}, ["AnsiballZ_ce_instance.py"]), (ONE, PIPELINING, []), (HERE, {}, []), (MANY, {}, [])],
    ids=["one", "one, pipelining", "one, here", "many"],
)
def test_a_killed_run_leaves_the_file_of_a_module(
    tmp_path: Path, collections: Path, task: dict[str, Any], environment: dict[str, str], left: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        how = command(tmp_path, collections, task, {"CLOUD_ELEMENTS_BASE_URL": url, **environment})
        # It works once it asks for something, which it waits for.
        with subprocess.Popen(**how, start_new_session=True) as run, listener.accept()[0]:
            os.killpg(run.pid, signal.SIGKILL)

    assert [path.name for path in left_in(tmp_path)] == left
