# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ..module_utils._errors import BadInput, failure
from ..module_utils._options import FLEET, connect, fleet, stamps
from ..module_utils._reconcile import Report, reconcile


class ActionModule(ActionBase):
    """Makes a list of instances what it says, in the process of the job."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._apply_environment()
        try:
            checked = ArgumentSpecValidator(FLEET).validate(self._task.args)
            if checked.error_messages:
                raise BadInput("; ".join(checked.error_messages))
            params = checked.validated_parameters
            wanted, client = fleet(params), connect(params)
            reports = reconcile(wanted, client, stamps(params), self._task.check_mode)
        except Exception as error:
            return {**result, "failed": True, **failure(error)}
        warnings = sorted(client.warnings.union(*(report.outcome.warnings for report in reports)))
        return {**result, **_summary(reports, self._task.diff), **({"warnings": warnings} if warnings else {})}

    def _apply_environment(self) -> None:
        """Take over the task's ``environment``, which Ansible hands to modules only. This process serves one task."""
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        os.environ.update({name: str(value) for name, value in environment.items()})


def _summary(reports: list[Report], diff: bool) -> dict[str, Any]:
    results = [report.result(diff) for report in reports]
    for report, item in zip(reports, results):
        item.update(name=report.plan.desired.name, element=report.plan.desired.element)
    counts = Counter("failed" if item.get("failed") else item["action"] for item in results)
    failed = [item["msg"] for item in results if item.get("failed")]
    summary = {name: counts[name] for name in ("created", "updated", "deleted")}
    result: dict[str, Any] = {
        "changed": any(item["changed"] for item in results),
        "summary": {**summary, "unchanged": counts["none"], "failed": len(failed)},
        "diff": [item.pop("diff") for item in results if "diff" in item],
        "instances": results,
    }
    if failed:
        result.update(failed=True, msg=f"{len(failed)} of {len(results)} instances failed. " + " | ".join(failed))
    return result
