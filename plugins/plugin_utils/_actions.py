# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base classes of the action plugins: check the arguments of a module, or work in the job's process. Private."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalActionModule

from ..module_utils._api.connection import REQUESTS_IMPORT_ERROR
from ..module_utils._api.sessions import Sessions
from ..module_utils._api.throttle import Clock
from ..module_utils._model.errors import failure
from ..module_utils._model.message import Message, Own
from ..module_utils._model.redact import Guarded, Redactor, Tokens, register
from ..module_utils._model.words import Action, Code
from ..module_utils._options.argspec import Checker, Spec
from ..module_utils._options.connection import api_address
from ..module_utils._options.run import Context, Work, attempt, result_of
from ..module_utils._options.secrets import secret_words
from ._arguments import plain, refuse_non_strings
from ._controller_process import Cancellation, frozen_heap, task_environment
from ._files import with_ca_path
from ._list_file import with_list
from ._module_defaults import set_arguments
from ._role_names import user_names
from ._screen import Say, screen_of

SESSIONS = Sessions()
"""Of this process. The items of a loop and the attempts of ``until`` share it, and the next task has another one."""


class CheckedModule(NormalActionModule):
    """Checks the arguments, then does the work of a module in the process of the job, or runs the module.

    On the local connection, a module would start a Python for each item of a loop, and Ansible would put its arguments,
    secrets included, into a temporary file. A module with wrong arguments would print them all, and would not recognize
    secrets in values of an unexpected type.

    In addition, some releases of ansible-core treat a short name that starts with ``ce_`` as the network platform
    ``ce``, unless there is an action plugin with that name.
    """

    SPEC: ClassVar[Spec]
    WORK: ClassVar[Work]

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Do the work, or return an error without doing it."""
        self._task.args = set_arguments(self, self.SPEC, task_vars)
        # A retried task still has Ansible's internal arguments from the previous attempt.
        raw_arguments = {name: value for name, value in self._task.args.items() if not name.startswith("_ansible_")}
        arguments = plain(raw_arguments)
        params: dict[str, Any] = {}

        def check() -> dict[str, Any]:
            params.update(self._check_arguments(raw_arguments, arguments))
            return {}

        refusal = result_of(check, Redactor(secret_words(arguments)), user_names(self))
        return refusal or self.carry_out(params, tmp, task_vars)

    @cached_property
    def _checker(self) -> Checker:
        """The checker of the options. Making one costs more than using it, and work in this process checks twice."""
        return Checker(self.SPEC)

    def _check_arguments(self, raw_arguments: Mapping[str, Any], arguments: dict[str, Any]) -> Mapping[str, Any]:
        """Check the options and return them. The task then has the arguments for the module.

        :raises BadInput: they do not fit
        """
        refuse_non_strings(raw_arguments)
        register(secret_words(arguments))
        params = self._checker(arguments)
        # A module shows its arguments, so refuse a base_url with a password in it.
        if "base_url" in arguments:
            api_address(params["base_url"])
        self.refuse(params)
        # A module shows its arguments. It recognizes secrets in a dictionary, but not in a string that contains one.
        # Unset options stay unset, because their defaults may come from the environment of the machine where it runs.
        self._task.args = self._checker.as_given(arguments)
        # On another host, ca_path is a path on that host.
        if self._connection.transport == "local":
            self._task.args = with_ca_path(self._loader, self._task.args)
        return params

    def refuse(self, params: Mapping[str, Any]) -> None:
        """Refuse arguments that conflict with the task.

        :raises BadInput: they conflict
        """

    def carry_out(self, params: Mapping[str, Any], tmp: Any, task_vars: Any) -> dict[str, Any]:  # noqa: ARG002
        """Do the work where it can be done."""
        result: dict[str, Any] = self._work_here() if self._can_work_here() else super().run(tmp, task_vars)
        return result

    def _can_work_here(self) -> bool:
        """Return whether a module would run in the same place, as the same user, and end before the next task.

        The task's own words do not say so: whether it becomes another user may be a variable of the host.
        """
        return (
            REQUESTS_IMPORT_ERROR is None
            and self._connection.transport == "local"
            and not (self._connection.become or self._play_context.become)
            and not self._task.async_val
        )

    def _work_here(self) -> dict[str, Any]:
        """Do the work in this process, with the environment that a module would have."""
        tokens = Tokens()
        with (
            task_environment(_environment_of(self)),
            Cancellation(self._task.action.rpartition(".")[2]) as cancellation,
        ):
            # The environment of the task may hold options, so they are checked again.
            params = self._checker(self._task.args)
            context = Context(
                check_mode=self._task.check_mode,
                diff=self._task.diff,
                hide=register,
                tokens=tokens,
                clock=Clock(cancelled=cancellation.ended),
                sessions=SESSIONS,
            )
            redactor = Redactor(secret_words(params), tokens)

            def work() -> dict[str, Any]:
                result = attempt(lambda: type(self).WORK(params, context))
                return after_timeout(result) if cancellation.timed_out() else result

            result = result_of(work, redactor, user_names(self))
            if cancellation.cancelled():
                cancellation.leave(result.get("msg") or f"{result.get('action', 'none')}.")
        if not result.get("warnings"):
            result.pop("warnings", None)
        return {"changed": False, **result}

    def _update_module_args(self, module_name: str, module_args: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super()._update_module_args(module_name, module_args, *args, **kwargs)
        # Keep the module from logging its invocation, as the setting no_target_syslog does. The log shows dictionaries
        # as Python writes them, and Ansible does not recognize a secret with a quote or a backslash there.
        module_args["_ansible_no_log"] = True


def _environment_of(action: ActionBase) -> dict[str, Any]:
    """Return the variables of the keyword ``environment``, from the task and all that it is in."""
    variables: dict[str, Any] = {}
    action._compute_environment_string(variables)
    return variables


def after_timeout(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a task that its timeout has ended: a failure that says what was done before.

    :param result: not yet redacted
    """
    action = result.get("action", Action.NONE)
    done = (
        Message("The instance was {action}.", action=Own(action.value))
        if result.get("changed")
        else Message("Nothing was changed.")
    )
    msg = Message("The timeout of the task ended it, so nothing new was begun. {done}", done=result.get("msg") or done)
    return {**result, "failed": True, "code": Code.TIMED_OUT, "msg": msg}


@dataclass(frozen=True)
class ListContext:
    """What the work on a list gets besides its arguments.

    :param tokens: collects the tokens that the work reads
    :param say: shows a message to the user
    """

    tokens: Tokens
    say: Say


class InProcessAction(ActionBase):
    """Works on a list of instances, with the task's environment."""

    SPEC: ClassVar[Spec]

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Do the work of the task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._task.args = set_arguments(self, self.SPEC, task_vars)
        raw_arguments, tokens = self._take_arguments(), Tokens()
        with task_environment(_environment_of(self)), frozen_heap():
            options = plain({name: value for name, value in raw_arguments.items() if name != "instances"})
            # Each item has its own redactor: a single one with tens of thousands of secrets would be too slow.
            redactor, rename = Redactor(secret_words(options), tokens), user_names(self)
            context = ListContext(tokens, screen_of(self._task, redactor, rename))
            return {**result, **result_of(lambda: self._result(raw_arguments, context), redactor, rename)}

    def _result(self, raw_arguments: Mapping[str, Any], context: ListContext) -> Any:
        """Return the result of the work. An error may quote any item, so the secrets of all items are hidden in it."""
        arguments = plain(raw_arguments)
        try:
            refuse_non_strings(raw_arguments)
            arguments = with_ca_path(self._loader, with_list(self._loader, arguments))
            register(secret_words(arguments))
            return self.work(arguments, context)
        except Exception as error:  # noqa: BLE001  # a secret must not escape in a traceback
            return Guarded(failure(error), Redactor(secret_words(arguments), context.tokens))

    @abstractmethod
    def work(self, arguments: Mapping[str, Any], context: ListContext) -> dict[str, Any]:
        """Do the work for the raw arguments, which contain the list, and return the result, which is redacted later."""

    def _take_arguments(self) -> dict[str, Any]:
        """Return the task's arguments, and remove the list from the task unless a retry needs it.

        Ansible sends the arguments to the main process with the result. For tens of thousands of items, that takes
        longer than the work, and it shows their secrets to callback plugins.
        """
        raw_arguments: dict[str, Any] = self._task.args
        if not (self._task.until or self._task.retries):
            self._task.args = {name: value for name, value in raw_arguments.items() if name != "instances"}
        return raw_arguments
