# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the collection at the path where Ansible's tools want it, so that a run never sees another one's traces.

Run as a program, it makes a copy and prints its directory.
"""

import os
import shutil
import subprocess
from pathlib import Path

from envs import REPOSITORY, work_dir

FQCN = "cloud_elements.platform"
COLLECTION = Path("ansible_collections/cloud_elements/platform")

# Directories of plugins that have no documentation of their own.
UNDOCUMENTED = {"action", "doc_fragments", "module_utils", "plugin_utils"}


# A user's settings may sign commits and run hooks, and have no name yet: none of that matters for a copy. A checkout
# may belong to somebody else, as in containers.
GIT_SETTINGS = {
    "commit.gpgSign": "false",
    "core.hooksPath": os.devnull,
    "safe.directory": "*",
    "user.email": "copy@localhost",
    "user.name": "copy",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it says."""
    settings = [word for name, value in GIT_SETTINGS.items() for word in ("-c", f"{name}={value}")]
    # Inside a git hook, variables name the repository to work on, and that is never the copy.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *settings, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, check=True
    ).stdout


def files(repository: Path) -> list[Path]:
    """Return what is, or could be, under version control."""
    listed = git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = [Path(name) for name in listed.split("\0") if name]
    # A file that is deleted and not yet staged is still listed.
    return [name for name in names if (repository / name).is_file()]


def copy(repository: Path, root: Path) -> Path:
    """Put a fresh copy of the collection below root and return its directory."""
    shutil.rmtree(root, ignore_errors=True)
    target = root / COLLECTION
    for name in files(repository):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repository / name, target / name)
    # ansible-test and ansible-lint ask git which files there are.
    git(target, "init", "--quiet")
    git(target, "add", "--all", "--force")
    git(target, "commit", "--quiet", "--message=Copy")
    return target


def documented(collection: Path) -> dict[str, list[str]]:
    """Return the names of all plugins and roles that must have documentation, by ansible-doc's type."""
    found = {
        folder.name.removesuffix("s"): [f"{FQCN}.{path.stem}" for path in folder.glob("*.py") if path.stem[0] != "_"]
        for folder in sorted((collection / "plugins").iterdir())
        if folder.name not in UNDOCUMENTED
    }
    found["role"] = [f"{FQCN}.{path.parent.parent.name}" for path in collection.glob("roles/*/meta/argument_specs.yml")]
    return {kind: names for kind, names in found.items() if names}


if __name__ == "__main__":
    print(copy(REPOSITORY, work_dir() / "copies/one"))
