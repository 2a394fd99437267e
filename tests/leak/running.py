# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running ansible-playbook with every place where it writes in one directory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.leak.processes import CommandLines

HERE = Path(__file__).resolve().parent
SECONDS = 600
"""After which a run is taken for stuck."""
FOLDERS = ("home", "tmp", "local", "remote", "facts", "cwd", "retry", "junit", "tree", "async")
ENCRYPTED = re.compile(rb"\A(\$ANSIBLE_VAULT;[^\n]*\n)(?:[0-9a-f]{1,80}\n)+\Z")
"""A file that holds nothing but what Ansible Vault encrypted, and its first line."""
STREAMS = ("stdout", "stderr", "results", "syslog", "log")


@dataclass(frozen=True)
class Run:
    """One process: a playbook and what is special about its surroundings. `environment` may hold canaries."""

    name: str
    playbook: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    arguments: tuple[str, ...] = ("-vvvv", "--diff")
    shims: tuple[str, ...] = ("shims",)


@dataclass(frozen=True)
class Inputs:
    """What is outside of the searched directories, because it holds the canaries by design."""

    collections: Path
    variables: Path
    vault_password: Path
    facts: Mapping[str, Any] = field(repr=False)
    """Extra variables that are no secrets."""


@dataclass(frozen=True)
class Finished:
    """A run that has ended, with all that it left."""

    run: Run
    status: int
    directory: Path
    command_lines: tuple[str, ...] = field(repr=False)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every task result, as a callback saw it."""
        text = self.stream("results").decode("utf-8", "surrogateescape")
        return [json.loads(line) for line in text.splitlines()]

    def stream(self, name: str) -> bytes:
        """What was written to one of STREAMS."""
        path = self.directory / name
        return path.read_bytes() if path.exists() else b""

    def left_behind(self) -> list[str]:
        """The files that are there, but for the streams, by their relative paths."""
        paths = (path.relative_to(self.directory) for path in sorted(self.directory.rglob("*")) if path.is_file())
        return [str(path) for path in paths if str(path) not in STREAMS]

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Yield all that can be searched: where it was, and its bytes."""
        yield f"{self.run.name}/process list", "\n".join(self.command_lines).encode()
        names = [str(path.relative_to(self.directory)) for path in sorted(self.directory.rglob("*"))]
        yield f"{self.run.name}/file names", "\n".join(names).encode()
        for name in (*STREAMS, *self.left_behind()):
            # Among so many digits, some are by chance those of a canary.
            yield f"{self.run.name}/{name}", ENCRYPTED.sub(rb"\1", self.stream(name))


def environment(run: Run, directory: Path, inputs: Inputs) -> dict[str, str]:
    """Return the whole environment of a run; nothing of the caller's own comes in."""
    places = {name: str(directory / name) for name in FOLDERS}
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(str(HERE / shim) for shim in run.shims),
        "HOME": places["home"],
        "TMPDIR": places["tmp"],
        "LEAK_RESULTS": str(directory / "results"),
        "LEAK_SYSLOG": str(directory / "syslog"),
        "ANSIBLE_ASYNC_DIR": places["async"],
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": places["facts"],
        "ANSIBLE_CALLBACKS_ENABLED": "leak_results,ansible.builtin.junit,ansible.builtin.tree",
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins"),
        "ANSIBLE_CALLBACK_TREE_DIR": places["tree"],
        "ANSIBLE_COLLECTIONS_PATH": str(inputs.collections),
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_LOCAL_TEMP": places["local"],
        "ANSIBLE_LOG_PATH": str(directory / "log"),
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_REMOTE_TMP": places["remote"],
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": places["retry"],
        "ANSIBLE_VAULT_PASSWORD_FILE": str(inputs.vault_password),
        "JUNIT_OUTPUT_DIR": places["junit"],
        **run.environment,
    }


def execute(run: Run, directory: Path, inputs: Inputs) -> Finished:
    """Run the playbook to its end, whatever that is."""
    for name in FOLDERS:
        (directory / name).mkdir(parents=True)
    command = [
        *(sys.executable, str(Path(sys.executable).with_name("ansible-playbook")), *run.arguments),
        *("-e", f"@{inputs.variables}", "-e", json.dumps(inputs.facts)),
        str(HERE / "scenarios" / run.playbook),
    ]
    with (directory / "stdout").open("wb") as stdout, (directory / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            command,
            cwd=directory / "cwd",
            env=environment(run, directory, inputs),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
        with CommandLines(process.pid) as lines:
            try:
                status = process.wait(SECONDS)
            finally:
                process.kill()
                process.wait()
    return Finished(run, status, directory, tuple(sorted(lines.seen)))
