# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sessions of nox see of the machine: its network settings and Pythons, nothing of the user's own setup."""

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
"""Settings of the user's own work, real credentials among them."""
OF_THE_USER = (".config/pip", ".config/uv", ".cache/pip", ".cache/uv", ".pyenv")
"""Where a user names a package mirror, and what was fetched already. HOME moves, and these go with it."""
GET_PIP = ("23_1_2", "24_2", "25_2")
"""The versions of pip that ansible-test puts into environments that it makes."""
SETTINGS = {
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "ANSIBLE_NOCOLOR": "1",
    # A Python that is not there is not fetched from the internet.
    "UV_PYTHON_DOWNLOADS": "never",
    # uv reads no pip.conf: the machine's certificates are what pip has from there.
    "UV_SYSTEM_CERTS": "true",
    # A pre-release that is asked for by its number is taken, as pip does it, also where a range is what names it.
    "UV_PRERELEASE": "if-necessary-or-explicit",
    "UV_CONSTRAINT": str(PINS),
    "PIP_CONSTRAINT": str(PINS),
    # A checkout may belong to somebody else, as in containers.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


def prepare() -> None:
    """Change the environment variables of this process, which its sessions inherit, and make them a home."""
    home = Path.home()
    for name in OF_THE_USER:
        if home != HOME and (home / name).exists():
            (HOME / name).parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                (HOME / name).symlink_to(home / name)
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if Path(folder).name != "shims"]
    # pyenv's shims for versions that are not active break whoever looks for a Python; its real ones do not.
    own = (str(path) for path in sorted(HOME.glob(".pyenv/versions/3.*/bin")))
    # The programs beside nox: antsibull-nox calls ansible-galaxy.
    path = [str(Path(sys.executable).parent), *folders, *own]
    for name in [name for name in os.environ if name.startswith(NOT_FOR_SESSIONS)]:
        del os.environ[name]
    os.environ.update(SETTINGS, HOME=str(HOME), PATH=os.pathsep.join(dict.fromkeys(path)))
    cache = HOME / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP:
        # Replaced at once: another session may read it now.
        new = cache / f"{os.getpid()}.py"
        shutil.copyfile(ROOT / "tools/get_pip.py", new)
        new.replace(cache / f"get_pip_{version}.py")
