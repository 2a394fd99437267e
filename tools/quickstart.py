# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick start: installs the collection beside a sandbox, runs the shipped playbook, and shows what it did.

It fails when anything else happens than it says. Given a tarball, it installs that instead of one that it builds.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from envs import REPOSITORY, quickstart_env, run, usable, work_dir
from pythons import choose

sys.path.insert(0, str(REPOSITORY))
from tests.sandbox.process import Running, StartFailedError, running

PLAYBOOK = "cloud_elements.platform.quickstart"
EXAMPLE = REPOSITORY / "playbooks/quickstart_example"
PASSWORD_FILE = EXAMPLE / "example_vault_password.txt"
ROTATED = "a-new-help-desk-password"


class QuickstartFailed(Exception):
    """Something else happened than the quick start promises."""


def control(server: Running, method: str, path: str, body: object = None) -> dict[str, int]:
    """Call the sandbox's control API, as another hand, and return its answer."""
    request = urllib.request.Request(  # noqa: S310  # the address is the sandbox's own
        server.control_url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        decoded: dict[str, int] = json.loads(answer.read() or b"{}")
    return decoded


def ansible_environment(work: Path, bin_dir: Path, server: Running) -> dict[str, str]:
    """Return an environment in which nothing of the user's own Ansible counts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUD_ELEMENTS_"))}
    return {
        **kept,
        "PATH": f"{bin_dir}{os.pathsep}{kept.get('PATH', '')}",
        "ANSIBLE_CONFIG": str(work / "empty.cfg"),
        "ANSIBLE_HOME": str(work / "home"),
        "ANSIBLE_COLLECTIONS_PATH": str(work / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_NOCOLOR": "True",
        **server.environment,
    }


def install(work: Path, bin_dir: Path, archive: Path | None) -> None:
    """Install the collection, as its users do, from a tarball."""
    galaxy = bin_dir / "ansible-galaxy"
    environment = {**os.environ, "ANSIBLE_HOME": str(work / "home")}
    if not archive:
        run([galaxy, "collection", "build", "--force", "--output-path", work / "dist", REPOSITORY], environment)
        (archive,) = (work / "dist").glob("*.tar.gz")
    target = work / "collections"
    run([galaxy, "collection", "install", "--offline", "--no-deps", "--force", "-p", target, archive], environment)


class Show:
    """Runs the playbook, and shows the part of its output that matters."""

    def __init__(self, work: Path, environment: dict[str, str], server: Running, secrets: set[str]) -> None:
        self.output = ""
        self._work = work
        self._environment = environment
        self._server = server
        self._secrets = secrets

    def play(self, title: str, actions: list[str], writes: int, *options: str) -> None:
        """Run the playbook.

        :param actions: what must become of the three instances
        :param writes: how many writing requests the sandbox must see
        """
        shown = " ".join([PLAYBOOK, "--vault-password-file ...", *options])
        for folder in (self._work, EXAMPLE):
            shown = shown.replace(f"{folder}/", "")
        print(f"\n{title}\n  $ ansible-playbook {shown}")
        control(self._server, "DELETE", "/requests")
        command = ["ansible-playbook", PLAYBOOK, "--vault-password-file", str(PASSWORD_FILE), *options]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        self.output += done.stdout + done.stderr
        lines = re.findall(r"^    msg: '?(.*?)'?$", done.stdout, re.MULTILINE)
        for line in [*_difference(done.stdout), *lines]:
            print(f"  {line}".rstrip())
        counted = control(self._server, "GET", "/counters")
        recap = re.search(r"^localhost +: (.*)$", done.stdout, re.MULTILINE)
        print(f"  {' '.join(recap.group(1).split()[:4]) if recap else 'no recap'}", end="")
        print(f"   (requests: {counted['reads']} to read, {counted['writes']} to write, {counted['hub']} to vendors)")
        did = [line.split()[0] for line in lines]
        if done.returncode or did != actions or counted["writes"] != writes:
            raise QuickstartFailed(
                f"Expected {actions} and {writes} writes. The whole output:\n{done.stdout}{done.stderr}"
            )

    def leaks(self) -> int:
        """Return how many of the secrets stand in the output of all runs."""
        return sum(secret in self.output for secret in self._secrets)


def _difference(output: str) -> list[str]:
    """Return the changed lines of Ansible's diff."""
    return [line for line in re.findall(r"^([-+@][-+@ ].*)$", output, re.MULTILINE) if not line.startswith("@@")]


def vault(environment: dict[str, str], command: str, *arguments: str | Path, text: str = "") -> str:
    """Run ansible-vault, and return what it writes to standard output."""
    vault_id = f"example@{PASSWORD_FILE}"
    done = subprocess.run(
        ["ansible-vault", command, "--vault-id", vault_id, *arguments],
        env=environment,
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise QuickstartFailed(f"ansible-vault {command}: {done.stderr}")
    return done.stdout


def rotate(work: Path, environment: dict[str, str], secrets: set[str]) -> Path:
    """Return a copy of the example's vault file with another help desk password; it is in the clear in memory only."""
    clear = vault(environment, "decrypt", "--output", "-", EXAMPLE / "vault.yml")
    secrets.update(re.findall(r"^vault_\w+(?:password|key): (.*)$", clear, re.MULTILINE))
    changed = re.sub(r"(?m)^(vault_helpdesk_password): .*$", rf"\1: {ROTATED}", clear)
    vault(environment, "encrypt", "--output", work / "rotated_vault.yml", "-", text=changed)
    return work / "rotated_vault.yml"


def quickstart(work: Path, archive: Path | None = None) -> None:
    """Show the main job, step by step.

    :param archive: what to install; what is here when there is none
    :raises QuickstartFailed: a step did something else
    """
    started = time.monotonic()
    core, python = choose(usable())
    print(f"Making a virtual environment with ansible-core {core.name}, Python {python} and the collection in it ...")
    bin_dir = quickstart_env(work_dir(), python)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (work / "empty.cfg").touch()
    install(work, bin_dir, archive)
    with running(work / "sandbox", "--fresh", python=bin_dir / "python") as server:
        control(server, "PUT", "/vendors/autotask/help.desk@example.com", {"password": "help-desk-example-password"})
        environment = ansible_environment(work, bin_dir, server)
        print(f"Cloud Elements is played by the sandbox at {server.base_url}")
        secrets = {server.user_secret, server.organization_secret, ROTATED}
        rotated = rotate(work, environment, secrets)
        show = Show(work, environment, server, secrets)
        vault_file, new_vault_file = ("-e", f"@{EXAMPLE / 'vault.yml'}"), ("-e", f"@{rotated}")
        show.play("1. Create three instances, with credentials from an encrypted file", ["created"] * 3, 3, *vault_file)
        show.play("2. Run it again: nothing changes", ["none"] * 3, 0, *vault_file)
        control(server, "PUT", "/vendors/autotask/help.desk@example.com", {"password": ROTATED})
        title = "3. The help desk's password changes at AutoTask, and in the file: exactly one instance gets it"
        show.play(title, ["none", "updated", "none"], 1, *new_vault_file)
        preview = (*new_vault_file, "--check", "--diff", "-e", '{"quickstart_tags": ["customer-acme", "gold"]}')
        title = "4. Preview another tag in check mode, with the difference: nothing is written"
        show.play(title, ["updated", "none", "none"], 0, *preview)
    if show.leaks():
        raise QuickstartFailed(f"{show.leaks()} secrets stand in the output.")
    print(f"\nNone of the {len(secrets)} secrets stands in the {len(show.output):,} characters that Ansible printed.")
    print(f"Done in {time.monotonic() - started:.0f} s; the sandbox is stopped.")
    print("What next: README.md says how to use it with an account of your own.")


if __name__ == "__main__":
    try:
        quickstart(work_dir() / "quickstart", *map(Path, sys.argv[1:]))
    except LookupError as failure:
        sys.exit(str(failure))
    except (QuickstartFailed, StartFailedError, RuntimeError) as failure:
        sys.exit(f"\nThe quick start failed. {failure}")
