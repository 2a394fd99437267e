# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Runs a module: reads its arguments, catches every error in one place, and ends with its result. Private."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from .._model.errors import failure
from .._model.redact import register
from .argspec import Spec


@dataclass(frozen=True)
class Context:
    """What the work of a module knows of its task.

    :param check_mode: nothing may be written
    :param diff: the result holds the difference
    :param hide: keeps words out of all that Ansible prints of the task, its arguments included
    """

    check_mode: bool
    diff: bool
    hide: Callable[[Sequence[str]], None]


Work = Callable[[Mapping[str, Any], Context], dict[str, Any]]
"""From checked options to a result, which may be that of a failure and may hold warnings."""


def run_module(spec: Spec, work: Work) -> None:
    """Do the work with the options that Ansible gave, print its result, and end the process."""
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)

    def hide(words: Sequence[str]) -> None:
        module.no_log_values.update(words)
        register(words)

    try:
        result = work(module.params, Context(module.check_mode, module._diff, hide))
    except Exception as error:  # noqa: BLE001  # a secret must not escape in a traceback
        result = {"failed": True, **failure(error)}
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
