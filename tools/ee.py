# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build an execution environment with this checkout, and run the quick start in it.

Its options are environment variables: EE_BASE_IMAGE, an image with Python and pip, and EE_CERTIFICATES, a file with the
certificates of a network that has its own. The session `ee` runs it.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml
from ee_definition import Ingredients, for_checkout
from quickstart import ACCOUNT, EXAMPLE, OLD, PASSWORD_FILE, PLAYBOOK, ROOT, control

sys.path.insert(0, str(ROOT))
from tests.controller.jobs import Ended, Job, run
from tests.sandbox.process import Running, StartFailedError, running

FOLDER = "extensions/controller/execution-environment"
DEFINITION = ROOT / FOLDER / "execution-environment.yml"
TAG = "localhost/cloud_elements.platform:checkout"
PACKAGE_MANAGERS = "command -v dnf || command -v microdnf || command -v apt-get"
TASK = "Apply the list of element instances"


class EeFailed(Exception):
    """The execution environment could not be built, or the quick start failed in it. The message says why."""


def run_checked(command: list[str | Path], message: str, log: Path | None = None) -> str:
    """Run a command and return its output. Raise the given message on a failure."""
    process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if log:
        log.write_text(process.stdout, encoding="utf-8")
    if process.returncode:
        ending = "\n".join(process.stdout.splitlines()[-20:])
        raise EeFailed(f"{message}\n$ {' '.join(map(str, command))}\n{ending}")
    return process.stdout.strip()


def base_image(name: str) -> str:
    """Check that podman and the base image are available, and return the image's package manager."""
    if not shutil.which("podman"):
        raise EeFailed(f"podman is not installed. {FOLDER}/README.md says how to come by it.")
    if subprocess.run(["podman", "image", "exists", name], check=False).returncode:
        print(f"Fetching {name} ...")
        hint = f"There is no image {name} here, and it cannot be fetched. Name another one with EE_BASE_IMAGE; "
        run_checked(["podman", "pull", "--quiet", name], f"{hint}{FOLDER}/README.md says how to make one.")
    command: list[str | Path] = ["podman", "run", "--rm", "--network=host", name, "sh", "-c", PACKAGE_MANAGERS]
    return run_checked(command, f"{name} does not run, or has no package manager that is known.").splitlines()[-1]


def tarball(work: Path) -> Path:
    """Build the collection from this checkout."""
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    run_checked([galaxy, "collection", "build", "--output-path", work, ROOT], "The collection cannot be built.")
    (built,) = work.glob("*.tar.gz")
    return built


def image(work: Path, name: str, package_manager: str) -> None:
    """Build the execution environment."""
    certificates = os.environ.get("EE_CERTIFICATES")
    ingredients = Ingredients(name, package_manager, tarball(work), Path(certificates) if certificates else None)
    definition = work / "execution-environment.yml"
    users = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    # JSON is valid YAML.
    definition.write_text(json.dumps(for_checkout(users, ingredients), indent=2), encoding="utf-8")
    builder = Path(sys.executable).with_name("ansible-builder")
    options = ("--container-runtime=podman", "--extra-build-cli-args=--network=host --pull=never", f"--tag={TAG}")
    paths: tuple[str | Path, ...] = ("--file", definition, "--context", work / "context")
    log = work / "build.log"
    run_checked([builder, "build", *options, *paths], f"The image cannot be built; the whole log is {log}.", log)


def play(work: Path, title: str, server: Running, expected: list[str]) -> Ended:
    """Run the quick start's playbook in it, with the vault password typed at the prompt, and check the result."""
    job = Job(
        PLAYBOOK,
        environment=server.environment,
        passwords={r"Vault password \(example\):\s*?$": PASSWORD_FILE.read_text(encoding="utf-8").strip()},
        files={"vault.yml": (EXAMPLE / "vault.yml").read_text(encoding="utf-8")},
        arguments=("--vault-id", "example@prompt", "-e", "@vault.yml"),
        image=TAG,
    )
    began = time.monotonic()
    ended = run(job, work / title.partition(".")[0])
    did = [one["action"] for result in ended.results(TASK) for one in result["instances"]]
    print(f"{title}: {', '.join(did)} ({time.monotonic() - began:.1f} s)")
    if ended.status != "successful" or did != expected:
        raise EeFailed(f"Expected {expected}. The whole output:\n{ended}")
    return ended


def main() -> None:
    """Build it, and run the quick start in it.

    :raises EeFailed: podman or an image is missing, or a step failed
    """
    users = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    name = os.environ.get("EE_BASE_IMAGE") or users["images"]["base_image"]["name"]
    package_manager = base_image(name)
    work = ROOT / ".nox/out/ee"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    print(f"Building {TAG} from {name}, with {package_manager} ...")
    began = time.monotonic()
    image(work, name, package_manager)
    size = int(run_checked(["podman", "image", "inspect", "--format", "{{.Size}}", TAG], "There is no image."))
    print(f"Built in {time.monotonic() - began:.0f} s: {size / 1e6:.0f} MB")
    listing = run_checked(
        ["podman", "run", "--rm", "--network=host", TAG, "ansible-galaxy", "collection", "list"], "No list."
    )
    print("\n".join(line for line in listing.splitlines() if line.startswith("cloud_elements")))
    with running(work / "sandbox", "--fresh") as server:
        control(server, "PUT", ACCOUNT, {"password": OLD})
        play(work, "1. Create three instances", server, ["created"] * 3)
        play(work, "2. Run it again", server, ["none"] * 3)
    print("The quick start works inside.")


if __name__ == "__main__":
    try:
        main()
    except (EeFailed, StartFailedError) as failure:
        sys.exit(f"\nnox -s ee failed. {failure}")
