# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection awx.awx, out of the package of the package index that holds it: Galaxy is not reached everywhere.

Run as a program, it fetches it and prints the directory.
"""

import shutil
import zipfile
from pathlib import Path

from envs import make, requirements, run, usable, work_dir
from pythons import Python, choose

PREFIX = "ansible_collections/awx/awx/"


def awx_collections(work: Path, python: Python) -> Path:
    """Return a directory that holds ansible_collections/awx/awx, which is fetched when it is missing or out of date.

    The package holds hundreds of collections more, so nothing else of it is unpacked.
    """
    wanted = requirements("awx")
    # An environment has pip, where the interpreter itself may have none.
    folder = make(work / "env/awx", python, ["pip"]).parent
    unpacked = folder / "collections"
    if unpacked.is_dir():
        return unpacked
    fetched, unfinished = folder / "fetched", folder / "unfinished"
    for old in (fetched, unfinished):
        shutil.rmtree(old, ignore_errors=True)
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:")
    run([folder / "bin/python", "-m", "pip", "download", *options, "--dest", fetched, *wanted])
    (wheel,) = fetched.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unfinished, [name for name in archive.namelist() if name.startswith(PREFIX)])
    shutil.rmtree(fetched)
    unfinished.rename(unpacked)
    return unpacked


if __name__ == "__main__":
    print(awx_collections(work_dir(), choose(usable())[1]))
