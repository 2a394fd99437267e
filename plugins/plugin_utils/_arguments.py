# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task in the process of the job, and how it fails. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..module_utils._model.errors import BadInput, failure
from ..module_utils._model.message import Own
from ..module_utils._model.redact import Redactor
from ..module_utils._model.release import release
from ..module_utils._options.argspec import may_be_said, plain
from ..module_utils._options.secrets import SECRET_OPTIONS, secret_words

__all__ = ["failed", "plain", "refuse_no_texts"]


def refuse_no_texts(arguments: Mapping[Any, Any]) -> None:
    """Refuse what YAML did not read as a text, in the place of a secret, and bytes anywhere.

    :param arguments: the raw arguments: a module gets another text in the place of a date, and cannot see that
    :raises BadInput: there is such a value; it is not told
    """
    _refuse_no_texts(arguments, "", secret=False)


def _refuse_no_texts(value: Any, where: str, *, secret: bool) -> None:
    if isinstance(value, bytes) or (secret and isinstance(value, date)):
        raise BadInput(
            "{where} contains a date or bytes instead of a string. Put the value in quotes.",
            where=where or Own("arguments"),
        )
    if isinstance(value, Mapping):
        for name, item in value.items():
            # What is inside of an option that holds secrets is called by the option: a key may be anything.
            known = may_be_said(name) and not secret
            path = f"{where}.{name}".lstrip(".") if known else where
            _refuse_no_texts(item, path, secret=secret or name in SECRET_OPTIONS)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for number, item in enumerate(value):
            _refuse_no_texts(item, f"{where}[{number}]", secret=secret)


def failed(error: Exception, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a failed task, without any secret of its arguments.

    :param arguments: the raw arguments; Ansible does not censor what an action plugin returns
    """
    result: dict[str, Any] = release(failure(error), Redactor(secret_words(arguments)))
    return result
