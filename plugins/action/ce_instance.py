# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action.normal import ActionModule as NormalActionModule

from ..module_utils._errors import BadInput
from ..module_utils._options import INSTANCE
from ..module_utils._secrets import register
from ..module_utils._spec import Checker
from ..plugin_utils._arguments import failed, plain


class ActionModule(NormalActionModule):
    """Runs the module of the same name, like any module, once the arguments are known to fit.

    A module with wrong arguments prints them all, and finds no secret in what has another type than it expects.

    Besides, some releases of ansible-core take a short name that starts with ``ce_`` for the network platform ``ce``,
    unless there is an action plugin of that very name.
    """

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        # A task that is tried again has Ansible's own arguments from the time before.
        given = {name: value for name, value in self._task.args.items() if not name.startswith("_ansible_")}
        arguments = plain(given)
        try:
            return_token = Checker(INSTANCE)(arguments)["return_token"]
            if return_token and self._task.async_val:
                _refuse_async(arguments)
        except Exception as error:
            return failed(error, arguments)
        result: dict[str, Any] = self._unseen(tmp, task_vars) if return_token else super().run(tmp, task_vars)
        return result

    def _unseen(self, tmp: Any, task_vars: Any) -> dict[str, Any]:
        """Run the module, and hide its result where that holds a token; a registered variable has it all the same."""
        before = self._play_context.no_log
        # At -vvv, the connection ssh shows what a module answers.
        self._play_context.no_log = True
        try:
            result: dict[str, Any] = super().run(tmp, task_vars)
        finally:
            self._play_context.no_log = before
        if result.get("token") is None:
            return result
        register(result["token"])
        # Up to ansible-core 2.18 only the task's own word hides the result of a loop, and hiding drops warnings.
        self._task.no_log = True
        told = [warning for warning in result.get("warnings", ()) if isinstance(warning, str)]
        for warning in told:
            self._display.warning(warning)
        warnings = [warning for warning in result.pop("warnings", ()) if warning not in told]
        return {**result, "_ansible_no_log": True, **({"warnings": warnings} if warnings else {})}

    def _update_module_args(self, module_name: str, module_args: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super()._update_module_args(module_name, module_args, *args, **kwargs)
        # With a null, Ansible would replace the option's default.
        for name in [name for name, value in module_args.items() if value is None]:
            del module_args[name]
        # Keeps the module from logging its invocation, as the setting no_target_syslog does: the log shows dictionaries
        # as Python writes them, and Ansible does not recognise a secret with a quote or a backslash in that.
        module_args["_ansible_no_log"] = True


def _refuse_async(arguments: Mapping[str, Any]) -> None:
    named = arguments.get("name") or f"id {arguments.get('id')}"
    raise BadInput(
        f'instance "{named}": return_token and async exclude each other, for the file with the result would hold the '
        "token: leave one of them out, or read the token with the lookup cloud_elements.platform.ce_instance_token."
    )
