# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Run the work of a module. Every error is caught and every secret is hidden here. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from .._api.sessions import Sessions
from .._api.throttle import Clock
from .._model.errors import failure
from .._model.redact import Redactor, Tokens, register
from .._model.release import release
from .argspec import Spec
from .secrets import secrets_in


@dataclass(frozen=True)
class Context:
    """The task, as the work of a module needs it.

    :param check_mode: nothing may be written
    :param diff: the result contains the diff
    :param hide: hides strings in everything that Ansible prints about the task, its arguments included
    :param tokens: collects the tokens that the work reads; they are hidden in its result
    :param clock: the clock; its `cancelled` returns whether nothing new may be begun
    :param sessions: the connections and element descriptions of earlier items of the same loop
    """

    check_mode: bool
    diff: bool
    hide: Callable[[Sequence[str]], None]
    tokens: Tokens = field(default_factory=Tokens)
    clock: Clock = field(default_factory=Clock)
    sessions: Sessions | None = None


Work = Callable[[Mapping[str, Any], Context], dict[str, Any]]
"""Returns a result for checked options. It may be a failure, may contain warnings, and is redacted later."""


def result_of(work: Callable[[], Any], redactor: Redactor, rename: Callable[[str], str] = str) -> dict[str, Any]:
    """Do the work, and return its result or its failure, redacted.

    :param redactor: hides the secrets of the task
    :param rename: replaces option names with the names that the user knows, in messages
    """
    released: dict[str, Any] = release(attempt(work), redactor, rename)
    return released


def attempt(work: Callable[[], Any]) -> Any:
    """Do the work and return its result, or that of its failure, before anything in it is redacted."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001  # a secret must not escape in a traceback
        return failure(error)


def run_module(spec: Spec, work: Work) -> None:
    """Do the work with the options from Ansible, print its result, and end the process."""
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)

    def hide(words: Sequence[str]) -> None:
        module.no_log_values.update(words)
        register(words)

    context = Context(module.check_mode, module._diff, hide)
    redactor = Redactor(secrets_in(module.params), context.tokens)
    result = result_of(lambda: work(module.params, context), redactor)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
