# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task in the process of the job, and how it fails. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._errors import failure
from ..module_utils._options import secret_words
from ..module_utils._secrets import Scrubber


def plain(value: Any) -> Any:
    """Return the value without Ansible's own types, such as the encrypted text that older releases do not convert."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def failed(error: Exception, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a failed task, without any secret of its arguments.

    :param arguments: the raw arguments; Ansible does not censor what an action plugin returns
    """
    told = failure(error)
    return {"failed": True, **told, "msg": Scrubber(secret_words(arguments)).text(told["msg"])}
