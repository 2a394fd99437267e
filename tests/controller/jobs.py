# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as a controller runs them: ansible-runner, in a directory of its own that afterwards holds all there is."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.collection import collections_in

SECONDS = 600
"""After which a job is taken for stuck."""
IDENT = "job"
ISOLATED = (
    "--process-isolation",
    "--process-isolation-executable=podman",
    "--container-option=--network=host",
    # The files of the job belong to whoever started it, and that is root inside where podman runs without root.
    "--container-option=--user=root",
)
"""The options of ansible-runner for a container that reaches a server on this machine."""


@dataclass(frozen=True)
class Job:
    """What a job is given. Its variables, environment and passwords may hold secrets.

    :param playbook: the name of a playbook of this collection, or the text of one
    :param passwords: pattern of a prompt to its answer, such as that for the vault password
    :param files: more files of the project, by their names
    :param inventory: text of an inventory
    """

    playbook: str
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    inventory: str = "localhost ansible_connection=local\n"
    arguments: Sequence[str] = ()
    awx: bool = False
    """Whether the collection awx.awx is installed."""
    collections: Sequence[Path] = ()
    """More places with collections."""
    image: str = ""
    """The execution environment to run in, with the collections that are in there; by default, none."""


@dataclass(frozen=True)
class Ended:
    """A job that has ended, as its directory tells."""

    directory: Path
    said: str
    """What ansible-runner printed: the job's output, as a controller shows it."""

    @property
    def artifacts(self) -> Path:
        """The directory that a controller reads."""
        return self.directory / "artifacts" / IDENT

    @property
    def status(self) -> str:
        """Such as `successful` or `failed`."""
        return (self.artifacts / "status").read_text(encoding="utf-8")

    @property
    def events(self) -> list[dict[str, Any]]:
        """All job events, in their order."""
        files = self.artifacts.glob("job_events/*-*.json")
        found: list[dict[str, Any]] = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return sorted(found, key=lambda event: int(event["counter"]))

    def results(self, task: str) -> list[dict[str, Any]]:
        """The results of the tasks of a name, as events tell them."""
        told = [event.get("event_data", {}) for event in self.events]
        return [data["res"] for data in told if data.get("task") == task and "res" in data]

    def __str__(self) -> str:
        """Return what is worth reading where it did something else than it should."""
        return f"{self.status} {self.directory}\n{self.said}"


def _written(job: Job, directory: Path) -> str:
    """Write a job's directory, and return the name of its playbook."""
    for folder in ("env", "inventory", "project", "home"):
        (directory / folder).mkdir(parents=True)
    # A controller hands all of it over as JSON; JSON is YAML.
    for name, value in (("extravars", job.variables), ("envvars", job.environment), ("passwords", job.passwords)):
        if value:
            (directory / "env" / name).write_text(json.dumps(value), encoding="utf-8")
    (directory / "inventory/hosts").write_text(job.inventory, encoding="utf-8")
    by_name = "\n" not in job.playbook
    if not by_name:
        (directory / "project/site.yml").write_text(job.playbook, encoding="utf-8")
    for name, text in job.files.items():
        file = directory / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return job.playbook if by_name else "site.yml"


@contextlib.contextmanager
def _temporary(directory: Path) -> Iterator[Path]:
    """Make a directory for temporary files; what is left in it comes to the others of the job.

    Ansible makes a socket there, whose path must not be longer than a hundred characters.
    """
    with tempfile.TemporaryDirectory(prefix="job-") as short:
        try:
            yield Path(short)
        finally:
            for left in Path(short).rglob("*"):
                if left.is_file():
                    kept = directory / "tmp" / left.relative_to(short)
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(left, kept)


def _environment(job: Job, directory: Path, bin_dir: Path, temporary: Path) -> dict[str, str]:
    """Return an environment in which nothing of the user's own Ansible counts."""
    collections = [str(collections_in(directory / "installed"))]
    if job.awx:
        collections.append(os.environ["AWX_COLLECTIONS"])
    collections += map(str, job.collections)
    (directory / "empty.cfg").touch()
    return {
        "PATH": f"{bin_dir}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(directory / "home"),
        "TMPDIR": str(temporary),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(directory / "empty.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(collections),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }


@contextlib.contextmanager
def started(job: Job, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a job in a new directory; on the way out it is ended."""
    playbook = _written(job, directory)
    bin_dir = Path(sys.executable).parent
    command = [sys.executable, str(bin_dir / "ansible-runner"), "run", str(directory), "-p", playbook, "--ident", IDENT]
    if job.arguments:
        # One word: what begins with a dash would be taken for an option of ansible-runner's own.
        command.append(f"--cmdline={' '.join(job.arguments)}")
    if job.image:
        command += [*ISOLATED, f"--container-image={job.image}"]
    with _temporary(directory) as temporary, (directory / "said").open("wb") as output:
        # podman finds its images and settings in the user's own environment; nothing of that gets into the container.
        environment = {**os.environ} if job.image else _environment(job, directory, bin_dir, temporary)
        process = subprocess.Popen(
            command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def ended(directory: Path) -> Ended:
    """Return the job of a directory, which has ended."""
    return Ended(directory, (directory / "said").read_text(encoding="utf-8"))


def run(job: Job, directory: Path) -> Ended:
    """Run a job to its end, whatever that is."""
    with started(job, directory) as process:
        process.wait(SECONDS)
    return ended(directory)
