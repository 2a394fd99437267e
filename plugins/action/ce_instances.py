# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._options import connect, fleet, stamps
from ..module_utils._reconcile import Report, reconcile
from ..plugin_utils._arguments import failed, plain


class ActionModule(ActionBase):
    """Makes a list of instances what it says, in the process of the job."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        before, arguments = dict(os.environ), plain(self._task.args)
        # Ansible hands a task's environment to modules only. One process may run this for several items of a loop.
        os.environ.update({name: str(value) for name, value in environment.items()})
        try:
            wanted, params = fleet(arguments)
            client = connect(params)
            reports = reconcile(wanted, client, stamps(params), self._task.check_mode)
        except Exception as error:
            return {**result, **failed(error, arguments)}
        finally:
            os.environ.clear()
            os.environ.update(before)
        warnings = sorted(client.warnings.union(*(report.outcome.warnings for report in reports)))
        return {**result, **_summary(reports, self._task.diff), **({"warnings": warnings} if warnings else {})}


def _summary(reports: list[Report], diff: bool) -> dict[str, Any]:
    results = [{**report.identity(), **report.result(diff)} for report in reports]
    counts = Counter("failed" if item.get("failed") else item["action"] for item in results)
    failed = [item["msg"] for item in results if item.get("failed")]
    summary = {name: counts[name] for name in ("created", "updated", "deleted")}
    result: dict[str, Any] = {
        "changed": any(item["changed"] for item in results),
        "summary": {**summary, "unchanged": counts["none"], "failed": len(failed)},
        "instances": results,
    }
    if diff:
        result["diff"] = [item.pop("diff") for item in results if "diff" in item]
    if failed:
        result.update(failed=True, msg=f"{len(failed)} of {len(results)} instances failed. " + " | ".join(failed))
    return result
