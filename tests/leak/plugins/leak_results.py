# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down every task result as callbacks see it, one JSON document in a line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: leak_results
type: aggregate
short_description: Writes down every task result
description:
  - Appends every result that a callback gets to the file in the environment variable C(LEAK_RESULTS).
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core carries no types
    """Sees what any other callback sees."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "leak_results"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, event: str, result: Any) -> None:
        # What follows is where ansible-core has it since 2.19, or where it had it before.
        seen = result.result if hasattr(type(result), "result") else result._result
        task = result.task if hasattr(type(result), "task") else result._task
        # The tasks of a role have the names that the role gives them: who includes it names the scenario.
        scenario = task.get_vars().get("scenario", result.task_name)
        line = {"event": event, "task": result.task_name, "scenario": scenario, "result": seen}
        with Path(os.environ["LEAK_RESULTS"]).open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(json.dumps(line, default=repr, ensure_ascii=False) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        self._write("failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._write("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write("unreachable", result)

    def v2_runner_retry(self, result: Any) -> None:
        self._write("retry", result)

    def v2_runner_on_async_poll(self, result: Any) -> None:
        self._write("poll", result)

    def v2_runner_on_async_ok(self, result: Any) -> None:
        self._write("async ok", result)

    def v2_runner_on_async_failed(self, result: Any) -> None:
        self._write("async failed", result)

    def v2_on_file_diff(self, result: Any) -> None:
        self._write("diff", result)
