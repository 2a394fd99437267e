# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the quick start: install the collection next to a sandbox, run the shipped playbook, and show the results.

It fails when anything else happens than it says. Given a tarball, it installs that instead of one that it builds. With
KEEP=1 in the environment the sandbox stays for playbooks of your own, until you press Enter.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.sandbox.process import Running, StartFailedError, running

WORK = ROOT / ".nox/out/quickstart"
BIN = Path(sys.executable).parent
PLAYBOOK = "cloud_elements.platform.quickstart"
EXAMPLE = ROOT / "playbooks/quickstart_example"
PASSWORD_FILE = EXAMPLE / "example_vault_password.txt"
ACCOUNT = "/vendors/autotask/help.desk@example.com"
OLD, NEW = "help-desk-example-password", "a-new-help-desk-password"
COLOURS = {"created": 32, "updated": 33, "none": 2, "-": 31, "+": 32, "$": 36}
"""The first word or character of a line to the number of its terminal colour."""


class QuickstartFailed(Exception):
    """The quick start did not do what it promises."""


def show(line: str) -> None:
    """Print a line, coloured on a terminal."""
    number = COLOURS.get(line.split(" ", 1)[0]) or COLOURS.get(line[:1])
    coloured = number and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(f"  \033[{number}m{line}\033[0m" if coloured else f"  {line}".rstrip())


def control(server: Running, method: str, path: str, body: object = None) -> dict[str, int]:
    """Call the sandbox's control API, which makes changes without Ansible, and return its answer."""
    request = urllib.request.Request(  # noqa: S310  # the address is the sandbox's own
        server.control_url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        decoded: dict[str, int] = json.loads(answer.read() or b"{}")
    return decoded


def settings(server: Running) -> dict[str, str]:
    """Return Ansible's environment variables: the collection and the sandbox, without the user's own settings."""
    return {
        "ANSIBLE_CONFIG": str(WORK / "empty.cfg"),
        "ANSIBLE_HOME": str(WORK / "home"),
        "ANSIBLE_COLLECTIONS_PATH": str(WORK / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        **server.environment,
    }


def run(command: list[str], environment: dict[str, str], text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program of this environment."""
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]], env=environment, input=text, text=True, capture_output=True, check=False
    )


def run_checked(command: list[str], environment: dict[str, str], text: str = "") -> str:
    """Run a program that has to succeed, and return its standard output."""
    process = run(command, environment, text)
    if process.returncode:
        raise QuickstartFailed(f"{shlex.join(command)}\n{process.stdout}{process.stderr}")
    return process.stdout


def install(environment: dict[str, str], tarball: Path | None) -> None:
    """Install the collection, as its users do, from a tarball."""
    galaxy = ["ansible-galaxy", "collection"]
    if not tarball:
        run_checked([*galaxy, "build", "--force", "--output-path", str(WORK / "dist"), str(ROOT)], environment)
        (tarball,) = (WORK / "dist").glob("*.tar.gz")
    options = ["--offline", "--no-deps", "--force", "-p", str(WORK / "collections")]
    run_checked([*galaxy, "install", *options, str(tarball)], environment)


class Show:
    """Runs the playbook, and shows the relevant part of its output."""

    def __init__(self, environment: dict[str, str], server: Running) -> None:
        self.output = ""
        self._environment = {**environment, "ANSIBLE_NOCOLOR": "True"}
        self._server = server

    def play(self, title: str, actions: list[str], writes: int, *options: str) -> None:
        """Run the playbook.

        :param actions: the expected actions on the three instances
        :param writes: the expected number of writing requests at the sandbox
        """
        password_file = str(PASSWORD_FILE.relative_to(ROOT))
        command = ["ansible-playbook", PLAYBOOK, "--vault-password-file", password_file, *options]
        print(f"\n{title}")
        show(f"$ {shlex.join(command)}")
        control(self._server, "DELETE", "/requests")
        process = run(command, self._environment)
        self.output += process.stdout + process.stderr
        lines = re.findall(r"^    msg: '?(.*?)'?$", process.stdout, re.MULTILINE)
        for line in [*_difference(process.stdout), *lines]:
            show(line)
        counted = control(self._server, "GET", "/counters")
        recap = re.search(r"^localhost +: (.*)$", process.stdout, re.MULTILINE)
        requests = f"{counted['reads']} to read, {counted['writes']} to write, {counted['hub']} to vendors"
        show(f"{' '.join(recap.group(1).split()[:4]) if recap else 'no recap'}   (requests: {requests})")
        did = [line.split()[0] for line in lines]
        if process.returncode or did != actions or counted["writes"] != writes:
            raise QuickstartFailed(
                f"Expected {actions} and {writes} writes. The whole output:\n{process.stdout}{process.stderr}"
            )


def _difference(output: str) -> list[str]:
    """Return Ansible's diff, with the lines around the changes."""
    found = re.search(r"^--- before.*?(?=^\s*$)", output, re.MULTILINE | re.DOTALL)
    return [line for line in found.group().splitlines() if not line.startswith("@@")] if found else []


def rotated(environment: dict[str, str]) -> tuple[Path, set[str]]:
    """Return a copy of the example's vault file with another help desk password, and the secrets of both.

    They are in the clear in memory only.
    """
    vault = ["--vault-id", f"example@{PASSWORD_FILE}"]
    clear = run_checked(["ansible-vault", "decrypt", *vault, "--output", "-", str(EXAMPLE / "vault.yml")], environment)
    secrets = set(re.findall(r"^vault_\w+(?:password|key): (.*)$", clear, re.MULTILINE))
    changed = re.sub(r"(?m)^(vault_helpdesk_password): .*$", rf"\1: {NEW}", clear)
    file = WORK / "rotated_vault.yml"
    run_checked(["ansible-vault", "encrypt", *vault, "--output", str(file), "-"], environment, changed)
    return file, {*secrets, NEW}


def play_all(show_: Show, server: Running, new_vault_file: Path) -> None:
    """Create, run again, rotate, preview."""
    old = ("-e", f"@{(EXAMPLE / 'vault.yml').relative_to(ROOT)}")
    new = ("-e", f"@{new_vault_file.relative_to(ROOT)}")
    show_.play("1. Create three instances, with credentials from an encrypted file", ["created"] * 3, 3, *old)
    show_.play("2. Run it again: nothing changes", ["none"] * 3, 0, *old)
    control(server, "PUT", ACCOUNT, {"password": NEW})
    title = "3. The help desk's password changes at AutoTask, and in the file: exactly one instance gets it"
    show_.play(title, ["none", "updated", "none"], 1, *new)
    preview = (*new, "--check", "--diff", "-e", '{"quickstart_tags": ["customer-acme", "gold"]}')
    title = "4. Preview another tag in check mode, with the difference: nothing is written"
    show_.play(title, ["updated", "none", "none"], 0, *preview)


def keep(server: Running, variables: dict[str, str]) -> None:
    """Leave the sandbox running for playbooks of the user's own."""
    file = WORK / "try.sh"
    file.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    file.write_text("\n".join([f"export PATH={shlex.quote(str(BIN))}:$PATH", *lines, ""]), encoding="utf-8")
    print(
        f"\nThe sandbox stays at {server.base_url}. Try your own playbook, or the commands above, in another terminal:"
    )
    show(f"$ cd {shlex.quote(str(ROOT))} && . {file.relative_to(ROOT)}")
    show("$ ansible-playbook my_playbook.yml")
    with contextlib.suppress(EOFError):
        input("Press Enter to stop the sandbox. ")


def quickstart(tarball: Path | None = None) -> None:
    """Show the main job, step by step.

    :param tarball: the collection to install; None for this checkout
    :raises QuickstartFailed: a step did not do what it promises
    """
    started = time.monotonic()
    os.chdir(ROOT)
    print(f"ansible-core {version('ansible-core')}, Python {sys.version.split()[0]}. Installing the collection ...")
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    (WORK / "empty.cfg").touch()
    with running(WORK / "sandbox", "--fresh") as server:
        control(server, "PUT", ACCOUNT, {"password": OLD})
        variables = settings(server)
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUD_ELEMENTS"))
        }
        environment = {**kept, **variables, "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}"}
        install(environment, tarball)
        new_vault_file, secrets = rotated(environment)
        secrets |= {server.user_secret, server.organization_secret}
        print(f"Cloud Elements is played by the sandbox at {server.base_url}")
        shown = Show(environment, server)
        play_all(shown, server, new_vault_file)
        if leaked := sum(secret in shown.output for secret in secrets):
            raise QuickstartFailed(f"{leaked} secrets appear in the output.")
        print(
            f"\nNone of the {len(secrets)} secrets appears in the {len(shown.output):,} characters of Ansible's output."
        )
        print(f"Done in {time.monotonic() - started:.0f} s.")
        if os.environ.get("KEEP"):
            keep(server, variables)
    print("The sandbox is stopped. To play with it yourself: make quickstart KEEP=1")
    print("What next: README.md says how to use it with an account of your own.")


if __name__ == "__main__":
    try:
        quickstart(*map(Path, sys.argv[1:]))
    except (QuickstartFailed, StartFailedError) as failure:
        sys.exit(f"\nThe quick start failed. {failure}")
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
