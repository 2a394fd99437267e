# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugins share that do their work in the process of the job. Private to this collection."""

from __future__ import annotations

import gc
import os
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ..module_utils._model.redact import register
from ..module_utils._options.argspec import Spec
from ..module_utils._options.secrets import secret_words
from ._arguments import failed, plain, refuse_no_texts
from ._files import with_ca_path
from ._list_file import with_list
from ._module_defaults import set_arguments


class InProcessAction(ActionBase):
    """Works on a list of instances, with the task's environment, and fails without telling a secret."""

    SPEC: ClassVar[Spec]

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Do what the task says."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._task.args = set_arguments(self, self.SPEC, task_vars)
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        given = self._given()
        before, arguments = dict(os.environ), plain(given)
        # Ansible hands a task's environment to modules only. One process may run this for several items of a loop.
        os.environ.update({name: str(value) for name, value in environment.items()})
        gc.freeze()
        try:
            refuse_no_texts(given)
            arguments = with_ca_path(self._loader, with_list(self._loader, arguments))
            register(secret_words(arguments))
            return {**result, **self.work(arguments)}
        except Exception as error:  # noqa: BLE001  # a secret must not escape in a traceback
            return {**result, **failed(error, arguments)}
        finally:
            gc.unfreeze()
            os.environ.clear()
            os.environ.update(before)

    @abstractmethod
    def work(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Do what the raw arguments say, whose list is read, and return the result."""

    def _given(self) -> dict[str, Any]:
        """Return the task's arguments; its list goes no further than here, unless it is needed for another attempt.

        With the result, Ansible sends the arguments to the main process, which for tens of thousands of items takes
        longer than the work, and shows their secrets to callback plugins.
        """
        given: dict[str, Any] = self._task.args
        if not (self._task.until or self._task.retries):
            self._task.args = {name: value for name, value in given.items() if name != "instances"}
        return given
