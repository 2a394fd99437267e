# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the tarball that is published: its contents, and that its version is the same everywhere."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import yaml

NAME = "cloud_elements.platform"
FOLDER = Path("ansible_collections/cloud_elements/platform")
SHIPPED = {
    *("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "README.md", "REUSE.toml", "SECURITY.md"),
    *("FILES.json", "LICENSE", "LICENSES", "MANIFEST.json"),
    *("changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles", "tests"),
}
"""A new entry must be added here, or to the build_ignore of galaxy.yml."""
KINDS = {".j2", ".json", ".md", ".py", ".rst", ".txt", ".yaml", ".yml"}
OTHERS = {"FILES.json", "LICENSE", "MANIFEST.json", "REUSE.toml", "aliases"}
"""Files of other kinds, which the build creates or other tools read by these names."""
ONLY_DEVELOPERS = tuple(
    f"tests/{name}/" for name in ("benchmark", "controller", "eda", "faults", "guides", "leak", "output", "tools")
)
NEEDED = {"LICENSE", "LICENSES/GPL-3.0-or-later.txt", "LICENSES/BSD-2-Clause.txt", "README.md", "meta/runtime.yml"}
UNDOCUMENTED = {"action", "doc_fragments", "module_utils", "plugin_utils"}
"""Directories of plugins that have no documentation of their own."""


class PackageError(Exception):
    """The tarball is wrong. The message says in which way."""


def tarball(folder: Path) -> Path:
    """Return the one tarball of a folder."""
    tarballs = list(folder.glob("*.tar.gz"))
    if len(tarballs) != 1:
        raise PackageError(f"expected one tarball in {folder}, found {[path.name for path in tarballs]}")
    return tarballs[0]


def version(root: Path) -> str:
    """Return the version that galaxy.yml states."""
    return str(_yaml(root / "galaxy.yml")["version"])


def checked(file: Path, root: Path) -> str:
    """Check the contents of the tarball, and that its version is the same everywhere. Return a summary.

    :raises PackageError: the contents or the version are wrong
    """
    with tarfile.open(file) as archive:
        names = {member.name for member in archive.getmembers() if member.isfile()}
    versioned = {*files(root), "FILES.json", "MANIFEST.json"}
    strange = {name for name in names - versioned if not name.startswith("changelogs/")} | {
        name
        for name in names
        if name.partition("/")[0] not in SHIPPED
        or name.startswith((*ONLY_DEVELOPERS, "docs/site/"))
        or not (Path(name).suffix in KINDS or Path(name).name in OTHERS)
    }
    if strange or NEEDED - names:
        raise PackageError(f"not expected in the tarball: {sorted(strange)}; missing: {sorted(NEEDED - names)}")
    number = version(root)
    releases = _yaml(root / "changelogs/changelog.yaml")["releases"]
    newest = max(releases, key=lambda one: [int(part) for part in one.split(".")])
    if newest != number or f'<a id="v{number.replace(".", "-")}"></a>' not in (root / "CHANGELOG.md").read_text(
        "utf-8"
    ):
        raise PackageError(f"galaxy.yml says {number}, changelog.yaml {newest}; CHANGELOG.md needs a section for it")
    tags = [tag for tag in _git(root, "tag", "--points-at", "HEAD").split() if re.match(r"v?\d", tag)]
    if tags and (tags != [f"v{number}"] or any(root.glob("changelogs/fragments/*.yml"))):
        raise PackageError(f"the commit is tagged {tags}: v{number} is expected, and no changelog fragment")
    return f"{number}, {len(names)} files, {tags[0] if tags else 'not tagged yet'}"


def files(root: Path) -> list[str]:
    """Return the files that are, or could be, under version control. git still lists unstaged deletions."""
    names = _git(root, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    return [name for name in names if (root / name).is_file()]


def documented(collection: Path) -> dict[str, list[str]]:
    """Return the names of all plugins and roles that must have documentation, by ansible-doc's type."""
    names = {
        folder.name.removesuffix("s"): [f"{NAME}.{path.stem}" for path in folder.glob("*.py") if path.stem[0] != "_"]
        for folder in sorted((collection / "plugins").iterdir())
        if folder.name not in UNDOCUMENTED
    }
    names["role"] = [f"{NAME}.{path.parent.parent.name}" for path in collection.glob("roles/*/meta/argument_specs.yml")]
    if not names.get("module"):
        raise PackageError("the tarball holds no module")
    return {kind: found for kind, found in names.items() if found}


def check_shown(kind: str, names: list[str], output: str) -> None:
    """Check that ansible-doc shows all of these."""
    shown = json.loads(output[output.index("{") :])
    if missing := set(names).difference(shown):
        raise PackageError(f"ansible-doc does not know the {kind} {sorted(missing)}")


def listed(bill: Path) -> list[str]:
    """Return the packages of a bill of materials, in CycloneDX's form."""
    read = json.loads(bill.read_text(encoding="utf-8"))
    names = [part["name"] for part in read["components"]]
    if read["metadata"]["component"]["name"] != NAME or {"ansible-core", "requests"}.difference(names):
        raise PackageError(f"ansible-core, requests or the collection is missing in {bill}")
    return names


def is_shell_script(file: Path) -> bool:
    """Return whether a file is a shell script, by its content."""
    with file.open("rb") as opened:
        return bool(re.match(rb"#!.*\b(ba)?sh\b", opened.readline(100)))


def _yaml(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout
