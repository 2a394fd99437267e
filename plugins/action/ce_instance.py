# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._model.errors import BadInput
from ..module_utils._model.redact import register
from ..module_utils._options.specs import INSTANCE
from ..module_utils._options.tasks import refuse_shown_secrets
from ..modules import ce_instance
from ..plugin_utils._actions import CheckedModule


class ActionModule(CheckedModule):
    SPEC = INSTANCE
    WORK = ce_instance.work

    def refuse(self, params: Mapping[str, Any]) -> None:
        # A module shows its arguments in any case.
        refuse_shown_secrets(params)
        if params["return_token"] and self._task.async_val:
            label = params["name"] or f"id {params['id']}"
            raise BadInput(
                'instance "{label}": return_token and async are mutually exclusive, because the file with the '
                "result would contain the token. Remove one of them, or read the token with the lookup "
                "cloud_elements.platform.ce_instance_token.",
                label=label,
            )

    def carry_out(self, params: Mapping[str, Any], tmp: Any, task_vars: Any) -> dict[str, Any]:
        """Hide a result that contains a token. A registered variable still contains it."""
        if not params["return_token"]:
            return super().carry_out(params, tmp, task_vars)
        # At -vvv, the connection ssh shows the module's answer, unless no_log is set in the connection's own context.
        context = self._connection._play_context
        old_no_log, context.no_log = context.no_log, True
        try:
            result = super().carry_out(params, tmp, task_vars)
        finally:
            context.no_log = old_no_log
        return result if result.get("token") is None else self._unseen(result)

    def _unseen(self, result: dict[str, Any]) -> dict[str, Any]:
        register([result["token"]])
        # Up to ansible-core 2.18, only the task's own no_log hides the result of a loop, and hiding drops warnings.
        self._task.no_log = True
        texts = [warning for warning in result.get("warnings", ()) if isinstance(warning, str)]
        for warning in texts:
            self._display.warning(warning)
        warnings = [warning for warning in result.pop("warnings", ()) if warning not in texts]
        return {**result, "_ansible_no_log": True, **({"warnings": warnings} if warnings else {})}
