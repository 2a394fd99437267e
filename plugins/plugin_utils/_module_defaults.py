# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task that are set, and ``module_defaults`` for the others. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.executor import module_common
from ansible.plugins.action import ActionBase

from ..module_utils._options.argspec import Spec, without_unset


def set_arguments(action: ActionBase, spec: Spec, task_vars: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the task's arguments without what is unset, and with the defaults of the play in its place.

    Ansible has merged the defaults before: for Ansible, an option that a role gives as '' is set, and wins.

    :param action: the action plugin; its task keeps its own arguments
    :raises AnsibleUndefinedVariable: a default that counts now is broken
    """
    omitted = (task_vars or {}).get("omit")
    arguments = action._task.args
    # Up to ansible-core 2.18, it stays in lists.
    present_arguments = without_unset(
        spec, without_omitted(omitted, arguments) if isinstance(omitted, str) else arguments
    )
    if present_arguments.keys() == arguments.keys() or not action._task.module_defaults:
        return present_arguments
    return without_unset(spec, _with_defaults(action, present_arguments, omitted))


def _with_defaults(action: ActionBase, arguments: dict[str, Any], omitted: Any) -> dict[str, Any]:
    """Return the arguments with the play's defaults, as ansible-core's own action plugins ask for them."""
    task, name = action._task, action._task.resolved_action
    # Since ansible-core 2.19.
    if apply_defaults := getattr(module_common, "_apply_action_arg_defaults", None):
        all_arguments: dict[str, Any] = apply_defaults(name, task, arguments, action._templar)
        return all_arguments
    all_arguments = module_common.get_action_args_with_defaults(
        name, arguments, task.module_defaults, action._templar, action_groups=task._parent._play._action_groups
    )
    defaults = {option: value for option, value in all_arguments.items() if option not in arguments}
    return {**without_omitted(omitted, defaults), **arguments}


def without_omitted(omitted: Any, value: Any) -> Any:
    """Return the value without what ``omit`` stands for, which is a text up to ansible-core 2.18."""
    if isinstance(value, Mapping):
        return {key: without_omitted(omitted, inner) for key, inner in value.items() if inner != omitted}
    if isinstance(value, list):
        return [without_omitted(omitted, inner) for inner in value if inner != omitted]
    return value
