# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible.utils.display import Display

from ..module_utils._api.throttle import Clock
from ..module_utils._engine.reconcile import RunOptions, reconcile
from ..module_utils._engine.report import Report, warnings_of
from ..module_utils._model.message import some_of
from ..module_utils._model.words import Code
from ..module_utils._options.connection import connect, stamps
from ..module_utils._options.lists import desired_from_list, most_deleted
from ..module_utils._options.specs import FLEET
from ..plugin_utils._cancel import Cancellation
from ..plugin_utils._in_process import InProcessAction
from ..plugin_utils._progress import ProgressLines

SHOWN = 50
"""How many differences, and how many sentences, are shown."""

EMPTY_LIST = "The list of instances is empty: nothing was looked at."


class ActionModule(InProcessAction):
    SPEC = FLEET

    def work(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        wanted, params = desired_from_list(arguments)
        progress = ProgressLines(Display().display) if params["progress"] else None
        with Cancellation() as cancellation:
            client = connect(params, Clock(cancelled=cancellation.asked))
            policy = RunOptions(
                check_mode=self._task.check_mode,
                concurrency=params["concurrency"],
                stop_on_error=params["on_error"] == "stop",
                prune=params["owner"] if params["prune"] else None,
                max_delete=partial(most_deleted, params["max_delete"]),
                progress=progress,
            )
            reports = reconcile(wanted, client, stamps(params), policy)
            result = _summary(reports, self._task.diff, return_all=params["return_all"])
            if cancellation.asked():
                done = ", ".join(f"{number} {word}" for word, number in result["summary"].items() if number)
                cancellation.leave(f"{done.replace('_', ' ')}.")
        warnings = warnings_of(reports, *client.warnings, *(() if wanted else [EMPTY_LIST]))
        return {**result, **({"warnings": warnings} if warnings else {})}


def _summary(reports: list[Report], diff: bool, *, return_all: bool) -> dict[str, Any]:
    counts = Counter(report.status for report in reports)
    # Most of a large list is up to date and needs no line of its own.
    told_of = [report for report in reports if return_all or report.is_notable]
    results = [report.entry(diff, whole=return_all) for report in told_of]
    words = ("created", "updated", "deleted", "unchanged", "failed", "not_attempted")
    result: dict[str, Any] = {
        "changed": any(report.item.changed for report in reports),
        "summary": {word: counts[word] for word in words},
        "instances": results,
    }
    if diff:
        result["diff"] = _diffs([item.pop("diff") for item in results if "diff" in item])
    sentences = [item["msg"] for item in results if item.get("failed")]
    told = [f"{len(sentences)} of {len(reports)} instances failed"] if sentences else []
    told += [f"{counts['not_attempted']} were not attempted"] if counts["not_attempted"] else []
    held = sum(report.item.pruned and report.status == "not_attempted" for report in reports)
    told += [f"of which prune would have deleted {held}"] if held else []
    if told:
        said = some_of(sentences, SHOWN, separator=" | ")
        codes = {item["code"] for item in results if item.get("failed")}
        code = codes.pop() if len(codes) == 1 else Code.SEVERAL.value
        result.update(failed=True, code=code, msg=f"{', '.join(told)}. {said}".strip())
    return result


def _diffs(diffs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first differences, and how many there are besides."""
    more = len(diffs) - SHOWN
    return [*diffs[:SHOWN], *([{"prepared": f"and {more} more instances\n"}] if more > 0 else [])]
