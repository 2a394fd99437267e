# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A list of instances that stands in a file on the control node. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._errors import BadInput
from ._arguments import plain, refuse_no_texts
from ._files import check_file
from ._marked_yaml import load

_ANSIBLE_VALUES = re.compile(rb"__ansible_(?!unsafe\b)|!(?!unsafe\b)[A-Za-z]")
"""Values that only Ansible's own, slow readers understand: encrypted ones."""


def with_list(loader: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the list that stands in a file, where they name one.

    :raises BadInput: there is no such list, or there are two
    """
    path = arguments.get("instances_file")
    if not path:
        return arguments
    # An empty list beside a file is what a role or an inventory has where there is none.
    if arguments.get("instances") not in (None, []):
        raise BadInput("instances and instances_file exclude each other: give one of them.")
    return {**arguments, "instances": _read_list(loader, str(path))}


def _read_list(loader: Any, path: str) -> list[dict[str, Any]]:
    """Return the list; nothing in it is a template.

    :param loader: Ansible's, with the vault passwords of the run
    :raises BadInput: there is no such list; of the file's content nothing is told
    """
    try:
        where = loader.path_dwim(path)
        check_file("instances_file", path, where)
        found = _read(loader, where)
        refuse_no_texts({"instances": found})
        found = plain(found)
    except (AnsibleError, ValueError, RecursionError) as error:
        raise BadInput(
            f"instances_file {path} cannot be read ({type(error).__name__}): it has to be there, in YAML or JSON, "
            "plain or encrypted with a vault password of this run."
        ) from None
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise BadInput(f"instances_file {path} holds no list of instances.")
    return found


def _read(loader: Any, path: str) -> Any:
    content, _plain = loader._get_file_contents(path)
    if not _ANSIBLE_VALUES.search(content):
        with suppress(Exception):  # the other one reads more, and its error is told
            return load(content)
    return loader.load(content.decode(), file_name=path, show_content=False)
