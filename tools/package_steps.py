# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps about the tarball: what it holds, that it works, and what Galaxy's importer says about it."""

import json
import re
import tarfile
from fnmatch import fnmatch
from pathlib import Path

from pipeline import Context, Step, StepFailed
from tree import COLLECTION, documented

# What users do not need, or must not get.
UNWANTED = (
    ".*",
    "*/.*",
    "*__pycache__*",
    "*.pyc",
    "*.tar.gz",
    "Makefile",
    "dist/*",
    "docs/site/*",
    "pyproject.toml",
    "tests/benchmark/*",
    "tests/controller/*",
    "tests/faults/*",
    "tests/guides/*",
    "tests/integration/integration_config.yml",
    "tests/leak/*",
    "tests/output/*",
    "tests/tools/*",
    "tools/*",
)
NEEDED = ("LICENSES/GPL-3.0-or-later.txt", "LICENSES/BSD-2-Clause.txt", "README.md", "meta/runtime.yml")


def tarball_of(work: Path) -> Path:
    """Return the one tarball that the build step left."""
    found = list((work / "dist").glob("*.tar.gz"))
    if len(found) != 1:
        raise StepFailed(f"expected one tarball, found {[path.name for path in found]}")
    return found[0]


def contents(tarball: Path) -> list[str]:
    """Return the files of the tarball, when it holds what it must and nothing it must not."""
    with tarfile.open(tarball) as archive:
        names = [member.name for member in archive.getmembers() if member.isfile()]
    if missing := [name for name in NEEDED if name not in names]:
        raise StepFailed(f"missing in the tarball: {', '.join(missing)}")
    if unwanted := [name for name in names if any(fnmatch(name, pattern) for pattern in UNWANTED)]:
        raise StepFailed(f"in the tarball and not wanted: {', '.join(unwanted)}")
    return names


def build(step: Context) -> str:
    """Build it, install it where nothing else is, and read all documentation from there."""
    dist, empty = step.work / "dist", step.root / "installed"
    for old in dist.glob("*"):
        old.unlink()
    galaxy = ("ansible-galaxy", "collection")
    step.run(step.tests, *galaxy, "build", "--output-path", dist)
    tarball = tarball_of(step.work)
    names = contents(tarball)
    only = {"ANSIBLE_COLLECTIONS_PATH": str(empty)}
    step.run(step.tests, *galaxy, "install", "--offline", "--no-deps", "-p", empty, tarball, cwd=dist, **only)
    plugins = documented(empty / COLLECTION)
    if "module" not in plugins:
        raise StepFailed("the tarball holds no module")
    for kind, fqcns in plugins.items():
        said = step.run(step.tests, "ansible-doc", "--type", kind, "--json", *fqcns, cwd=dist, **only)
        shown = json.loads(said[said.index("{") :])
        if missing := [fqcn for fqcn in fqcns if fqcn not in shown]:
            raise StepFailed(f"ansible-doc does not know {', '.join(missing)}")
    return f"{len(names)} files, {sum(map(len, plugins.values()))} plugins and roles documented"


def importer(step: Context) -> str:
    """What Galaxy would say; its exit status says little, so every line that is not information counts."""
    # The linter has a step of its own, with a stricter profile.
    options = {"GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true", "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "false"}
    command = ("python", "-m", "galaxy_importer.main", tarball_of(step.work))
    said = step.run(step.lint, *command, cwd=step.root, **options)
    if findings := re.findall("^(?:WARNING|ERROR|CRITICAL).*", said, re.MULTILINE):
        raise StepFailed("; ".join(findings))
    if "Importer processing completed successfully" not in said:
        raise StepFailed("it did not come to its end")
    return "no findings"


PACKAGE_STEPS = (Step("build", build), Step("importer", importer, after=("build",)))
