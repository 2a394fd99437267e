# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a task's arguments in the job's process, and build the result of a failed task. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..module_utils._model.errors import BadInput, failure
from ..module_utils._model.message import Own
from ..module_utils._model.redact import Redactor
from ..module_utils._model.release import release
from ..module_utils._options.argspec import is_showable_name, plain
from ..module_utils._options.secrets import SECRET_OPTIONS, secret_words

__all__ = ["failure_result", "plain", "refuse_non_strings"]


def refuse_non_strings(arguments: Mapping[Any, Any]) -> None:
    """Refuse dates in the place of a secret, and bytes anywhere.

    :param arguments: the raw arguments. A module would get a string instead of a date, and could not detect it
    :raises BadInput: there is such a value; the message does not show it
    """
    path = _path_to_non_string(arguments, secret=False)
    if path is not None:
        raise BadInput(
            "{path} contains a date or bytes instead of a string. Put the value in quotes.",
            path=path.lstrip(".") or Own("arguments"),
        )


def _path_to_non_string(value: Any, *, secret: bool) -> str | None:
    """Return the path of the first such value, without names that may be secrets, or None. A large list has none."""
    if isinstance(value, str):
        return None
    if isinstance(value, bytes) or (secret and isinstance(value, date)):
        return ""
    if isinstance(value, (dict, Mapping)):
        paths = (_path_in(name, item, secret=secret) for name, item in value.items())
        return next((path for path in paths if path is not None), None)
    if isinstance(value, (list, tuple, set, frozenset)):
        for number, item in enumerate(value):
            path = _path_to_non_string(item, secret=secret)
            if path is not None:
                return f"[{number}]{path}"
    return None


def _path_in(name: Any, item: Any, *, secret: bool) -> str | None:
    path = _path_to_non_string(item, secret=secret or name in SECRET_OPTIONS)
    # Inside an option with secrets, show the path of the option only: a key in it may be any text.
    return f".{name}{path}" if path is not None and is_showable_name(name) and not secret else path


def failure_result(error: Exception, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a failed task, without the secrets in its arguments.

    :param arguments: the raw arguments; Ansible does not censor what an action plugin returns
    """
    result: dict[str, Any] = release(failure(error), Redactor(secret_words(arguments)))
    return result
