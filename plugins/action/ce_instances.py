# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ..module_utils._api.throttle import Clock
from ..module_utils._engine.reconcile import RunOptions, reconcile
from ..module_utils._engine.report import warnings_of
from ..module_utils._engine.summary import Summary
from ..module_utils._model.message import Message
from ..module_utils._model.redact import Guarded
from ..module_utils._model.release import Lines
from ..module_utils._options.connection import connect, stamps
from ..module_utils._options.lists import desired_from_list, most_deleted
from ..module_utils._options.specs import FLEET
from ..plugin_utils._actions import InProcessAction, ListContext, after_timeout
from ..plugin_utils._controller_process import Cancellation
from ..plugin_utils._progress import ProgressLines

DIFFS = 50
"""Maximum number of diffs to show."""

EMPTY_LIST = "The list of instances is empty, so nothing was done."


class ActionModule(InProcessAction):
    SPEC = FLEET

    def work(self, arguments: Mapping[str, Any], context: ListContext) -> dict[str, Any]:
        desired_items, params = desired_from_list(arguments)
        with Cancellation("ce_instances") as cancellation:
            client = connect(params, context.tokens, Clock(cancelled=cancellation.ended))
            options = RunOptions(
                check_mode=self._task.check_mode,
                concurrency=params["concurrency"],
                stop_on_error=params["on_error"] == "stop",
                prune=params["owner"] if params["prune"] else None,
                max_delete=partial(most_deleted, params["max_delete"]),
                progress=ProgressLines(context.say) if params["progress"] else None,
            )
            reports = reconcile(desired_items, client, stamps(params), options)
            summary = Summary(reports, check_mode=self._task.check_mode)
            if cancellation.cancelled():
                cancellation.leave(f"{summary.counts_text}.")
        result = self._result_of(summary, return_all=params["return_all"])
        if cancellation.timed_out():
            result = after_timeout(result)
        if not result.get("failed"):
            context.say(Message("ce_instances: {summary}", summary=result["msg"]))
        warnings = warnings_of(reports, *client.warnings, *(() if desired_items else [EMPTY_LIST]))
        return {**result, **({"warnings": warnings} if warnings else {})}

    def _result_of(self, summary: Summary, *, return_all: bool) -> dict[str, Any]:
        # Most items of a large list are up to date. They need no entry in the result.
        notable = [report for report in summary.reports if return_all or report.is_notable]
        entries = [report.entry(self._task.diff, with_instance=return_all) for report in notable]
        result: dict[str, Any] = {
            "changed": any(report.item.changed for report in summary.reports),
            "summary": summary.counts,
            "msg": summary.sentence,
            "instances": [Guarded(entry, report.redactor) for entry, report in zip(entries, notable)],
        }
        if self._task.diff:
            diffs = [
                Guarded(entry.pop("diff"), report.redactor)
                for entry, report in zip(entries, notable)
                if "diff" in entry
            ]
            result["diff"] = _first(diffs)
        if summary.failed or summary.skipped:
            result.update(failed=True, code=summary.code, msg=summary.failure)
            # Ansible prints the result of a failed task in one line, where thousands of items would be unreadable.
            if not self._task.register and not self._display.verbosity:
                del result["instances"]
        return result


def _first(diffs: Sequence[Guarded]) -> list[Any]:
    """Return the first diffs, and the number of the others."""
    more = len(diffs) - DIFFS
    return [
        *diffs[:DIFFS],
        *([{"prepared": Lines([Message("and {count} more instances", count=more)])}] if more > 0 else []),
    ]
