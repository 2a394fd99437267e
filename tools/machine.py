# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limit what nox's sessions see of the machine to its network settings and Pythons, without the user's own setup."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".nox/home"
PINS = ROOT / "tools/requirements/pins.txt"
NOT_FOR_SESSIONS = (
    "ANSIBLE_",
    "CLOUD_ELEMENTS_",
    "GALAXY_IMPORTER_",
    "GIT_",
    "MAKE",
    "MFLAGS",
    "PYTHON",
    "VIRTUAL_ENV",
)
"""Settings for the user's own work, which may include real credentials."""
OF_THE_USER = (".config/pip", ".config/uv", ".cache/pip", ".cache/uv", ".pyenv")
"""Configuration of package mirrors, and caches. The sessions have another HOME, in which these are linked."""
GET_PIP = ("23_1_2", "24_2", "25_2")
"""The versions of pip that ansible-test installs into its own environments."""
SETTINGS = {
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "ANSIBLE_NOCOLOR": "1",
    # Do not download a missing Python.
    "UV_PYTHON_DOWNLOADS": "never",
    # uv does not read pip.conf, from which pip may get its certificates. So use the machine's.
    "UV_SYSTEM_CERTS": "true",
    # Accept a pre-release that a version number or a range names, as pip does.
    "UV_PRERELEASE": "if-necessary-or-explicit",
    "UV_CONSTRAINT": str(PINS),
    "PIP_CONSTRAINT": str(PINS),
    # The checkout may belong to another user, as in containers.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


def prepare() -> None:
    """Change the environment variables of this process, which its sessions inherit, and create their home directory."""
    home = Path.home()
    for name in OF_THE_USER:
        if home != HOME and (home / name).exists():
            (HOME / name).parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                (HOME / name).symlink_to(home / name)
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if Path(folder).name != "shims"]
    # pyenv's shims for inactive versions fail when a program searches for a Python. The real ones work.
    pythons = (str(path) for path in sorted(HOME.glob(".pyenv/versions/3.*/bin")))
    # The programs next to nox: antsibull-nox calls ansible-galaxy.
    path = [str(Path(sys.executable).parent), *folders, *pythons]
    for name in [name for name in os.environ if name.startswith(NOT_FOR_SESSIONS)]:
        del os.environ[name]
    os.environ.update(SETTINGS, HOME=str(HOME), PATH=os.pathsep.join(dict.fromkeys(path)))
    cache = HOME / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP:
        # Replace it atomically, because another session may be reading it.
        new = cache / f"{os.getpid()}.py"
        shutil.copyfile(ROOT / "tools/get_pip.py", new)
        new.replace(cache / f"get_pip_{version}.py")
