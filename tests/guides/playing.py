# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of this environment, as a reader of the guides runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

from tests.collection import ROOT

GUIDES = ROOT / "docs/docsite/rst"
BODY = r"\n\n((?:[ ]+[^\n]*\n|\n)+)"
"""What follows the options of a block in a page: its text."""


def file_of(guide: str, name: str) -> str:
    """Return the file of this name that a guide tells to write."""
    (found,) = re.findall(rf"^\.\. code-block:: \S+\n   :caption: {name}{BODY}", page(guide), re.MULTILINE)
    return dedent(found).strip() + "\n"


def page(guide: str) -> str:
    """Return the text of a guide."""
    return (GUIDES / f"guide_{guide}.rst").read_text(encoding="utf-8")


def run(command: Sequence[str], cwd: Path, home: Path, collections: Path, **variables: str) -> str:
    """Run a program to its end, which has to be a good one, and return what it says.

    :param collections: where Ansible looks for the collection
    """
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(collections),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        **variables,
    }
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr
