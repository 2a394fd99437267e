# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two kinds of action plugins: checks before a module, and work in the process of the job. Private."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalActionModule

from ..module_utils._model.errors import failure
from ..module_utils._model.redact import Guarded, Redactor, Tokens, register
from ..module_utils._options.argspec import Checker, Spec
from ..module_utils._options.connection import api_address
from ..module_utils._options.run import result_of
from ..module_utils._options.secrets import secret_words
from ._arguments import plain, refuse_non_strings
from ._controller_process import frozen_heap, task_environment
from ._files import with_ca_path
from ._list_file import with_list
from ._module_defaults import set_arguments
from ._role_names import user_names
from ._screen import Say, screen_of


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
        raw_arguments = {name: value for name, value in self._task.args.items() if not name.startswith("_ansible_")}
        arguments = plain(raw_arguments)
        params: dict[str, Any] = {}

        def check() -> dict[str, Any]:
            params.update(self._check_arguments(raw_arguments, arguments))
            return {}

        refusal = result_of(check, Redactor(secret_words(arguments)), user_names(self))
        return refusal or self.carry_out(params, tmp, task_vars)

    def _check_arguments(self, raw_arguments: Mapping[str, Any], arguments: dict[str, Any]) -> Mapping[str, Any]:
        """Return the checked options, after putting what the module gets into the task.

        :raises BadInput: they do not fit
        """
        refuse_non_strings(raw_arguments)
        register(secret_words(arguments))
        checker = Checker(self.SPEC)
        params = checker(arguments)
        # A module shows its arguments: not this one with a password in it.
        if "base_url" in arguments:
            api_address(params["base_url"])
        self.refuse(params)
        # A module shows its arguments: it finds the secrets in a dictionary, and not in a text that holds one. What was
        # not given stays so, because its defaults may come from the environment of the machine where it runs.
        self._task.args = checker.as_given(arguments)
        # On another host, the path is that host's.
        if self._connection.transport == "local":
            self._task.args = with_ca_path(self._loader, self._task.args)
        return params

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


@dataclass(frozen=True)
class Context:
    """What the work in the process of the job gets besides its arguments.

    :param tokens: collects the tokens that the work comes across
    :param say: shows a message to a person
    """

    tokens: Tokens
    say: Say


class InProcessAction(ActionBase):
    """Works on a list of instances, with the task's environment."""

    SPEC: ClassVar[Spec]

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Do what the task says."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._task.args = set_arguments(self, self.SPEC, task_vars)
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        raw_arguments, tokens = self._take_arguments(), Tokens()
        with task_environment(environment), frozen_heap():
            options = plain({name: value for name, value in raw_arguments.items() if name != "instances"})
            # Each item brings its own redactor: one of tens of thousands of secrets would be too slow.
            redactor, rename = Redactor(secret_words(options), tokens), user_names(self)
            context = Context(tokens, screen_of(self._task, redactor, rename))
            return {**result, **result_of(lambda: self._result(raw_arguments, context), redactor, rename)}

    def _result(self, raw_arguments: Mapping[str, Any], context: Context) -> Any:
        """Return the result of the work; that of a failure may quote any item."""
        arguments = plain(raw_arguments)
        try:
            refuse_non_strings(raw_arguments)
            arguments = with_ca_path(self._loader, with_list(self._loader, arguments))
            register(secret_words(arguments))
            return self.work(arguments, context)
        except Exception as error:  # noqa: BLE001  # a secret must not escape in a traceback
            return Guarded(failure(error), Redactor(secret_words(arguments), context.tokens))

    @abstractmethod
    def work(self, arguments: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Do what the raw arguments say, whose list is read, and return the result, which need not be redacted."""

    def _take_arguments(self) -> dict[str, Any]:
        """Return the task's arguments; its list goes no further than here, unless it is needed for another attempt.

        With the result, Ansible sends the arguments to the main process, which for tens of thousands of items takes
        longer than the work, and shows their secrets to callback plugins.
        """
        raw_arguments: dict[str, Any] = self._task.args
        if not (self._task.until or self._task.retries):
            self._task.args = {name: value for name, value in raw_arguments.items() if name != "instances"}
        return raw_arguments
