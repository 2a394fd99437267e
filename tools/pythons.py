# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python interpreters this machine really has, and which ansible-core each of them runs.

Every tool imports this room first, directly or not, so the sentence for too old a Python stands here.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.version_info < (3, 10):  # noqa: UP036  an older one can read this file this far
    sys.exit(
        "The tools of this project need Python 3.10 or newer and this is Python "
        + sys.version.split()[0]
        + ": name a newer one, such as `make PYTHON=python3.12 ...`."
    )

Version = tuple[int, int]

# What the pipeline and the sandbox need, and what Linux distributions like to leave out.
NEEDED = ("ensurepip", "sqlite3", "ssl", "venv")

# A version manager's shims may exist for interpreters that do not: only running one proves it.
PROBE = f"""
import sys, {", ".join(NEEDED)}
print(sys.version_info[0], sys.version_info[1], getattr(sys, "_base_executable", None) or sys.executable)
"""


@dataclass(frozen=True)
class Python:
    """An interpreter that has been run."""

    version: Version
    path: Path

    def __str__(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"


@dataclass(frozen=True)
class Core:
    """A release line of ansible-core and the Pythons its controller runs on."""

    name: str
    oldest: Version
    newest: Version
    # The pip that its ansible-test puts into new environments (see get_pip.py).
    pip: str
    # What the package index is asked for.
    wanted: str = ""

    @property
    def requirement(self) -> str:
        """Return what an installer is asked for."""
        return self.wanted or f"ansible-core=={self.name}.*"

    @property
    def pythons(self) -> str:
        """Return which Pythons run it, for people."""
        return f"{self.oldest[0]}.{self.oldest[1]} to {self.newest[0]}.{self.newest[1]}"

    @property
    def version(self) -> Version:
        """Return the name as numbers."""
        major, minor = self.name.split(".")
        return int(major), int(minor)


CORES = (
    Core("2.21", (3, 12), (3, 14), "25.2"),
    Core("2.20", (3, 12), (3, 14), "25.2"),
    Core("2.19", (3, 11), (3, 13), "24.2"),
    Core("2.18", (3, 11), (3, 13), "24.2"),
    Core("2.17", (3, 10), (3, 12), "23.1.2"),
    Core("2.16", (3, 10), (3, 12), "23.1.2"),
)
NEXT = Core("2.22", (3, 13), (3, 15), "25.2", wanted="ansible-core>=2.22.0b1,<2.23")
"""What is not released yet."""

# In order of preference. The last is for machines that have no other: it is newer than what this project is tested on.
VERSIONS: tuple[Version, ...] = ((3, 13), (3, 12), (3, 11), (3, 10), (3, 14))

TARGETS: tuple[Version, ...] = ((3, 9), (3, 10), (3, 11), (3, 12), (3, 13))
"""Where modules run: the Pythons of the hosts that a playbook reaches."""


def candidates(search_path: str, home: Path, versions: tuple[Version, ...]) -> list[Path]:
    """Return every file that may be an interpreter of a wanted version: first the one that runs this, then PATH's."""
    names = [f"python{major}.{minor}" for major, minor in versions]
    folders = [Path(folder) for folder in search_path.split(os.pathsep) if folder]
    found = [folder / name for folder in folders for name in [*names, "python3"]]
    found += sorted(path for name in names for path in home.glob(f".pyenv/versions/*/bin/{name}"))
    return [path for path in [Path(sys.executable), *found] if os.access(path, os.X_OK)]


def probe(path: Path) -> Python | None:
    """Run an interpreter and return what it says it is; None when it does not work."""
    try:
        answer = subprocess.run(
            [path, "-c", PROBE], capture_output=True, text=True, check=True, timeout=20
        ).stdout.split(maxsplit=2)
    except (OSError, subprocess.SubprocessError):
        return None
    return Python((int(answer[0]), int(answer[1])), Path(answer[2].strip()))


def find_pythons(search_path: str, home: Path, versions: tuple[Version, ...] = VERSIONS) -> dict[Version, Python]:
    """Return one working interpreter per wanted version, in order of preference."""
    found: dict[Version, Python] = {}
    for path in candidates(search_path, home, versions):
        if any(path.name == f"python{python}" for python in found.values()):
            continue
        python = probe(path)
        if python:
            found.setdefault(python.version, python)
    return {version: found[version] for version in versions if version in found}


def fitting(core: Core, pythons: Mapping[Version, Python]) -> list[Python]:
    """Return the Pythons that run an ansible-core, the best first."""
    return [python for version, python in pythons.items() if core.oldest <= version <= core.newest]


def lacking(modules: Iterable[str] = NEEDED) -> list[str]:
    """Return which modules the Python that runs this does not have."""

    def missing(name: str) -> bool:
        try:
            importlib.import_module(name)
        except ImportError:
            return True
        return False

    return [name for name in modules if missing(name)]


def cure(version: Version, path: str, missing: Sequence[str]) -> str:
    """Return what to do where the only Python lacks modules."""
    name = f"python{version[0]}.{version[1]}"
    if set(missing) <= {"ensurepip", "venv"}:
        return f"Install {name}-venv, such as with `apt install {name}-venv`: {path} has no {' and no '.join(missing)}."
    return f"Name another Python, such as `make PYTHON=python3.12 ...`: {path} has no {' and no '.join(missing)}."


def choose(pythons: Mapping[Version, Python], core_name: str | None = None) -> tuple[Core, Python]:
    """Return the named ansible-core, else the newest that can run here, with the newest Python for it."""
    cores = [core for core in CORES if core_name in (None, core.name)]
    for core in cores:
        if found := fitting(core, pythons):
            return core, found[0]
    if not pythons and (missing := lacking()):
        raise LookupError(cure(sys.version_info[:2], sys.executable, missing))
    have = " or ".join(map(str, pythons.values())) or sys.version.split()[0]
    needs = ", ".join(f"ansible-core {core.name} needs {core.pythons}" for core in cores)
    raise LookupError(f"Name another Python than {have}, such as `make PYTHON=python3.12 ...`: {needs}.")
