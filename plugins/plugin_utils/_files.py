# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that a user names, which may be anything. Nothing here waits for a writer. Private to this collection."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..module_utils._model.errors import BadInput
from ..module_utils._model.message import Own

LARGEST = 256 * 2**20
"""Bytes. A list of 100,000 instances takes about a quarter of that."""


def with_ca_path(loader: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of work on the control node, with a ca_path that starts at the playbook.

    Otherwise it would start in the current directory, which differs between modules and what runs in this process.

    :param loader: Ansible's, which knows where the playbook is
    """
    path = arguments.get("ca_path")
    if not (isinstance(path, str) and path):
        return dict(arguments)
    # The path stays as it is where it can: a secret in the wrong place must be recognised when it is shown.
    expanded = os.path.expandvars(path)
    if expanded.startswith((os.sep, "~")):
        return dict(arguments)
    return {**arguments, "ca_path": f"{Path(loader.get_basedir()).absolute()}/{expanded}"}


def check_file(option: str, user_path: object, path: str | os.PathLike[str]) -> None:
    """Check what is at a path before it is opened: opening a pipe waits for a writer, and reading a device has no end.

    A missing file is left to the code that opens it.

    :param option: the option that names it
    :param user_path: the path as the user gave it
    :param path: where it is
    :raises BadInput: it is no file, or too large
    """
    try:
        status = os.stat(path)  # noqa: PTH116  # what a link leads to counts
    except OSError:
        return
    reason = ""
    if stat.S_ISDIR(status.st_mode):
        reason = os.strerror(errno.EISDIR)
    elif not stat.S_ISREG(status.st_mode):
        reason = "not a regular file"
    elif status.st_size > LARGEST:
        reason = f"larger than {LARGEST // 2**20} MiB"
    if reason:
        raise BadInput(
            "{option} {user_path} cannot be read ({reason}). Use the path of a file.",
            option=Own(option),
            user_path=user_path,
            reason=reason,
        )
