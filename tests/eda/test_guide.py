# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide "React to events": its commands, one after another, and what it shows.

Three things differ from a reader's terminal: the programs are installed already, the ports are free ones, and a minute
of the sandbox lasts a second.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

import pytest
import requests
import yaml

from tests.collection import ROOT
from tests.eda.receiver import STARTS_IN, free_port
from tests.guides.playing import BODY, file_of, page
from tests.sandbox.process import Running, running

GUIDE = "react"
SHELL = re.compile(rf"^\.\. code-block:: shell{BODY}", re.MULTILINE)
INSTALLED = re.compile(
    r"^(?:sudo apt|git clone|cd cloud_elements|make sandbox|python3 -m venv|pip install) ?.*\n", re.MULTILINE
)


class Terminal:
    """A shell of the reader, which keeps its directory and its variables."""

    def __init__(self, home: Path, directory: Path, variables: dict[str, str]) -> None:
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1",
            **{name: os.environ[name] for name in ("JAVA_HOME",) if name in os.environ},
            **variables,
        }
        self._file = home / f"terminal-{time.monotonic_ns()}.txt"
        with self._file.open("wb") as output:
            self._shell = subprocess.Popen(
                ("bash", "-e"),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env=environment,
                start_new_session=True,
            )

    def paste(self, commands: str) -> None:
        """Enter commands, without waiting for their end."""
        assert self._shell.stdin
        self._shell.stdin.write(f"{commands}\n".encode())
        self._shell.stdin.flush()

    def enter(self, commands: str) -> None:
        """Enter commands, and wait for their end."""
        marker = f"ended {time.monotonic_ns()}"
        self.paste(f"{commands}\necho {marker}")
        self.wait_for(marker)

    def wait_for(self, text: str, seconds: float = STARTS_IN) -> str:
        """Wait until the terminal shows a text, and return all that it shows."""
        end = time.monotonic() + seconds
        while text not in (said := self._file.read_text(encoding="utf-8", errors="replace")):
            assert self._shell.poll() is None, said
            assert time.monotonic() < end, f"{text} not in:\n{said}"
            time.sleep(0.1)
        return said

    def close(self) -> None:
        """End the shell, and all that it started."""
        if self._shell.poll() is None:
            os.killpg(self._shell.pid, signal.SIGKILL)
        self._shell.wait()
        assert self._shell.stdin
        self._shell.stdin.close()


class Reader:
    """Somebody who follows the guide in a directory, next to a clone of the repository."""

    def __init__(self, home: Path, sandbox: Running) -> None:
        self._home = home
        self._sandbox = sandbox
        self._terminals: list[Terminal] = []
        self.port = free_port()
        self.events = home / "events"
        (home / "cloud_elements.platform").symlink_to(ROOT)

    def own(self, text: str) -> str:
        """Return a text of the guide with the ports of this test, and without what is installed."""
        here = self._sandbox.control_url.removesuffix("/_sandbox")
        return INSTALLED.sub("", text.replace("http://127.0.0.1:8765", here).replace(":5000/", f":{self.port}/"))

    def open_terminal(self, directory: Path, **variables: str) -> Terminal:
        terminal = Terminal(self._home, directory, variables)
        self._terminals.append(terminal)
        return terminal

    def control(self, method: str, path: str, **body: object) -> None:
        """Call the sandbox."""
        requests.request(method, f"{self._sandbox.control_url}{path}", json=body, timeout=30).raise_for_status()

    def close(self) -> None:
        for terminal in self._terminals:
            terminal.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path / "sandbox", "--fresh") as started:
        yield started


@pytest.fixture
def reader(tmp_path: Path, sandbox: Running) -> Iterator[Reader]:
    found = Reader(tmp_path, sandbox)
    try:
        yield found
    finally:
        found.close()


def block_after(text: str) -> str:
    """Return the first block after a text of the guide."""
    (found,) = re.findall(rf"{re.escape(text)}\n\n\.\. code-block:: [^\n]+{BODY}", page(GUIDE))
    return dedent(found).strip() + "\n"


def test_the_commands_lead_to_a_playbook_for_each_changed_contact(reader: Reader, sandbox: Running) -> None:
    commands = [reader.own(dedent(found).strip() + "\n") for found in SHELL.findall(page(GUIDE))]
    _packages, clone, install, key, start, connect, change, look, copy, start_copy, create = commands
    assert clone == ""
    reader.control("PUT", "/settings", event_minute=1)

    second = reader.open_terminal(reader.events.parent)
    (reader.events / ".venv/bin").mkdir(parents=True)
    (reader.events / ".venv/bin/activate").write_text("", encoding="utf-8")
    second.enter(install.replace("mkdir events", "mkdir -p events") + key)
    encrypted = (reader.events / "vars.yml").read_text(encoding="utf-8")
    assert "$ANSIBLE_VAULT" in encrypted
    assert (reader.events / "vars.yml").stat().st_mode & 0o077 == 0
    (reader.events / "vars.yml").write_text(
        f"{encrypted}\ncloud_elements_webhook_port: {reader.port}\n", encoding="utf-8"
    )
    second.paste(start)

    third = reader.open_terminal(reader.events, **sandbox.environment)
    (reader.events / "connect.yml").write_text(reader.own(file_of(GUIDE, "connect.yml")), encoding="utf-8")
    third.enter(connect)
    third.enter(change)
    shown = block_after("Within that time, the terminal of the rulebook shows the playbook's run:")
    said = second.wait_for('"msg": "UPDATED: contact 201')
    undated = re.compile(r"at \d{4}-\d\d-\d\dT[\d:.]+Z")
    assert undated.sub("at", shown).strip() in undated.sub("at", said)
    third.enter(look)
    third.wait_for('"state": "delivered"')

    # Their own rule, before the shipped ones.
    second.close()
    second = reader.open_terminal(reader.events)
    second.enter(copy)
    rules = yaml.safe_load((reader.events / "my-events.yml").read_text(encoding="utf-8"))
    assert len(rules[0]["rules"]) == 3
    text = (reader.events / "my-events.yml").read_text(encoding="utf-8")
    rule = indent(block_after("so put yours first in ``rules``:"), "  ")
    (reader.events / "my-events.yml").write_text(text.replace("  rules:\n", f"{rule}\n"), encoding="utf-8")
    (reader.events / "welcome.yml").write_text(file_of(GUIDE, "welcome.yml"), encoding="utf-8")
    second.paste(f"export EDA_VAULT_PASSWORD_FILE=vault-password\n{start_copy}")
    third.enter(create)
    second.wait_for('"msg": "Contact 204 is new"')
    reader.control("PUT", "/vendors/autotask/api.user@example.com", contacts=5)
    # Only the first rule that matches runs.
    assert "React to a changed contact" not in second.wait_for('"msg": "Contact 205 is new"')
