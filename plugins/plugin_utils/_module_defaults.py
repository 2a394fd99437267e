# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drop unset arguments of a task, and use ``module_defaults`` instead. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.executor import module_common
from ansible.plugins.action import ActionBase

from ..module_utils._options.argspec import Spec, without_unset


def set_arguments(action: ActionBase, spec: Spec, task_vars: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the task's arguments, with the play's defaults instead of unset arguments.

    Ansible has merged the defaults already. But it treats an option that a role passes as '' as set, so '' wins.

    :param action: the action plugin; its task keeps its own arguments
    :raises AnsibleUndefinedVariable: a default that now applies has an undefined variable
    """
    omitted = (task_vars or {}).get("omit")
    arguments = action._task.args
    # Up to ansible-core 2.18, the placeholder of omit stays in lists.
    present_arguments = without_unset(
        spec, without_omitted(omitted, arguments) if isinstance(omitted, str) else arguments
    )
    if present_arguments.keys() == arguments.keys() or not action._task.module_defaults:
        return present_arguments
    return without_unset(spec, _with_defaults(action, present_arguments, omitted))


def _with_defaults(action: ActionBase, arguments: dict[str, Any], omitted: Any) -> dict[str, Any]:
    """Return the arguments with the play's defaults, in the way of ansible-core's own action plugins."""
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
    """Return the value without the placeholder of ``omit``, which is a string up to ansible-core 2.18."""
    if isinstance(value, Mapping):
        return {key: without_omitted(omitted, inner) for key, inner in value.items() if inner != omitted}
    if isinstance(value, list):
        return [without_omitted(omitted, inner) for inner in value if inner != omitted]
    return value
