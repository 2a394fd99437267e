# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create the virtual environments that `make` needs first, and again if their contents change.

Run as a program, it makes the named environment and prints its bin directory. What is missing on the machine is said
first, with the package that brings it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.13", "3.12", "3.11", "3.10", "3.14")
"""In order of preference. The project is not tested on the last one, which is newer."""
MODULES = ("ensurepip", "ssl", "venv")
"""Modules that Linux distributions often leave out of Python."""
PROGRAMS = {"nox": {"git": "git", "ssh-keygen": "openssh-client"}}
"""Environment to the commands that its users call, with their packages in Debian and Ubuntu."""
TOO_OLD = "Python 3.10 or newer is needed, and {} is {}. Name a newer one, such as `make PYTHON=python3.12 ...`."


def answer(python: Path | str, code: str) -> str | None:
    """Return the output of a Python, or None if it does not work, like a version manager's shim for another version."""
    try:
        process = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return process.stdout.strip()


def missing_modules_of(python: Path | str) -> list[str]:
    """Return the modules that a Python lacks."""
    return [name for name in MODULES if answer(python, f"import {name}") is None]


def best_python() -> Path:
    """Return the machine's Python that runs the newest ansible-core, or else the one that runs this program."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for version in VERSIONS:
        candidates = [folder / f"python{version}" for folder in folders]
        candidates += Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")
        for path in candidates:
            if os.access(path, os.X_OK) and not missing_modules_of(path):
                return path
    return Path(sys.executable)


def chosen_python() -> Path:
    """Return the Python in PYTHON, which make passes on only if the user set it, or else the best one."""
    return Path(sys.executable) if os.environ.get("PYTHON") else best_python()


def problem(name: str, python: Path) -> str:
    """Return what the user must do before the environment can be created or used, or '' if nothing is missing."""
    version = answer(python, "import sys; print('%d.%d' % sys.version_info[:2])") or "0.0"
    if tuple(map(int, version.split("."))) < (3, 10):
        return TOO_OLD.format(python, version)
    programs = {program: package for program, package in PROGRAMS.get(name, {}).items() if not shutil.which(program)}
    missing_modules = missing_modules_of(python)
    packages = [*programs.values(), *([f"python{version}-venv"] if {"ensurepip", "venv"} & {*missing_modules} else [])]
    if "ssl" in missing_modules:
        return f"{python} has no ssl. Name another Python, such as `make PYTHON=python3.12 ...`."
    if not packages:
        return ""
    needs = " and ".join([*programs, *(f"the module {module} of {python}" for module in missing_modules)])
    return f"Missing: {needs}. On Debian and Ubuntu: apt install {' '.join(packages)}"


def contents(file: Path) -> str:
    """Return a requirements file and those that it includes."""
    text = file.read_text(encoding="utf-8")
    included = [file.parent / line.split()[1] for line in text.splitlines() if line.startswith(("-r ", "-c "))]
    return text + "".join(map(contents, included))


def make_environment(name: str) -> Path:
    """Create the environment if it is missing or out of date, and return its bin directory.

    :raises SystemExit: something is missing, or the packages cannot be installed
    """
    python = chosen_python()
    if missing := problem(name, python):
        sys.exit(missing)
    folder, requirements = ROOT / ".nox/env" / name, ROOT / f"tools/requirements/{name}.txt"
    content = f"{answer(python, 'import sys; print(sys.version)')} {python} {contents(requirements)}"
    stamp, digest = folder / "stamp", hashlib.sha256(content.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return folder / "bin"
    version = answer(python, "import platform; print(platform.python_version())")
    print(f"Making a virtual environment with Python {version} in {folder.relative_to(ROOT)} ...", file=sys.stderr)
    pip = [f"{folder}/bin/python", "-m", "pip", "install", "--disable-pip-version-check"]
    for command in ([f"{python}", "-m", "venv", "--clear", f"{folder}"], [*pip, "-r", f"{requirements}"]):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            output = [show_progress(line) for line in process.stdout or ()]
        if process.returncode:
            sys.exit("".join(output) + f"It failed: {' '.join(command)}")
    stamp.write_text(digest, encoding="utf-8")
    return folder / "bin"


def show_progress(line: str) -> str:
    """Show pip's progress if the line has any, and return the line."""
    if line.startswith(("Collecting ", "Installing ")):
        print(f"  {line.strip().partition(' (from')[0][:110]}", file=sys.stderr)
    return line


if __name__ == "__main__":
    print(make_environment(sys.argv[1]))
