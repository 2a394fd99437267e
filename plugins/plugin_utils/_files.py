# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check paths from the user before they are opened, because opening a pipe would wait. Private to this collection."""

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
    """Return the arguments with ca_path relative to the playbook, for work on the control node.

    Otherwise it would be relative to the current directory, which differs between modules and this process.

    :param loader: Ansible's, which knows where the playbook is
    """
    path = arguments.get("ca_path")
    if not (isinstance(path, str) and path):
        return dict(arguments)
    # Do not change other paths: a secret in the wrong place must be recognized when it is shown.
    expanded = os.path.expandvars(path)
    if expanded.startswith((os.sep, "~")):
        return dict(arguments)
    return {**arguments, "ca_path": f"{Path(loader.get_basedir()).absolute()}/{expanded}"}


def check_file(option: str, user_path: object, path: str | os.PathLike[str]) -> None:
    """Check a path before it is opened: opening a pipe waits for a writer, and reading a device never ends.

    A missing file is left to the code that opens it.

    :param option: the option with the path
    :param user_path: the path as the user gave it
    :param path: the full path
    :raises BadInput: it is not a regular file, or too large
    """
    try:
        status = os.stat(path)  # noqa: PTH116  # follows links
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
