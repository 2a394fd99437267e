# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands before each module of this collection. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.plugins.action.normal import ActionModule as NormalActionModule

from ..module_utils._model.redact import register
from ..module_utils._options.argspec import Checker, Spec
from ..module_utils._options.connection import api_address
from ..module_utils._options.secrets import secret_words
from ._arguments import failed, plain, refuse_no_texts
from ._files import with_ca_path
from ._module_defaults import set_arguments


class CheckedModule(NormalActionModule):
    """Runs the module of the same name, like any module, once the arguments are known to fit.

    A module with wrong arguments prints them all, and finds no secret in what has another type than it expects.

    Besides, some releases of ansible-core take a short name that starts with ``ce_`` for the network platform ``ce``,
    unless there is an action plugin of that very name.
    """

    SPEC: ClassVar[Spec]

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the module, or return why it is not run."""
        self._task.args = set_arguments(self, self.SPEC, task_vars)
        # A task that is tried again has Ansible's own arguments from the time before.
        given = {name: value for name, value in self._task.args.items() if not name.startswith("_ansible_")}
        arguments = plain(given)
        try:
            refuse_no_texts(given)
            register(secret_words(arguments))
            checker = Checker(self.SPEC)
            params = checker(arguments)
            # A module shows its arguments: not this one with a password in it.
            if "base_url" in arguments:
                api_address(params["base_url"])
            self.refuse(params)
            # A module shows its arguments: it finds the secrets in a dictionary, and not in a text that holds one. What
            # was not given stays so, because its defaults may come from the environment of the machine where it runs.
            self._task.args = checker.as_given(arguments)
            # On another host, the path is that host's.
            if self._connection.transport == "local":
                self._task.args = with_ca_path(self._loader, self._task.args)
        except Exception as error:  # noqa: BLE001  # a secret must not escape in a traceback
            return failed(error, arguments)
        return self.carry_out(params, tmp, task_vars)

    def refuse(self, params: Mapping[str, Any]) -> None:
        """Refuse arguments that do not go together with the task.

        :raises BadInput: these do not
        """

    def carry_out(self, params: Mapping[str, Any], tmp: Any, task_vars: Any) -> dict[str, Any]:  # noqa: ARG002
        """Run the module."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        return result

    def _update_module_args(self, module_name: str, module_args: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super()._update_module_args(module_name, module_args, *args, **kwargs)
        # Keeps the module from logging its invocation, as the setting no_target_syslog does: the log shows dictionaries
        # as Python writes them, and Ansible does not recognise a secret with a quote or a backslash in that.
        module_args["_ansible_no_log"] = True
