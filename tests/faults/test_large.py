# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A very large list, end to end: created, left alone, changed in one place, pruned."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.collection import collections_in
from tests.faults.playbooks import finished, item
from tests.faults.world import GOOD, World
from tests.sandbox.process import Running

COUNT = 20_000 if os.environ.get("FAULTS_PROFILE") == "deep" else 500
PAGE = 200


def test_a_very_large_list(world: World, sandbox: Running, tmp_path: Path) -> None:
    collections, file = collections_in(tmp_path), tmp_path / "list.json"
    items = [item(f"Item {number}", secrets={"password": GOOD}, verify="never") for number in range(COUNT)]

    def run(wanted: list[dict[str, Any]]) -> tuple[dict[str, Any], int]:
        file.write_text(json.dumps(wanted), encoding="utf-8")
        world.control("DELETE", "/requests")
        report = tmp_path / "report.json"
        finished(sandbox, collections, "large.yml", report, {"file": str(file)})
        counters = world.control("GET", "/counters")
        told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        summary = {word: number for word, number in told["summary"].items() if number}
        return {**summary, "told": told["told"]}, counters["reads"] + counters["writes"]

    pages = -(-COUNT // PAGE)
    # The first listing is empty; the element proves it and is read anyway.
    assert run(items) == ({"created": COUNT, "told": COUNT}, 2 + COUNT + pages)
    assert run(items) == ({"unchanged": COUNT, "told": 0}, pages)
    items[7]["tags"] = ["changed"]
    assert run(items[:-1]) == ({"updated": 1, "deleted": 1, "unchanged": COUNT - 2, "told": 2}, pages + 2 * 2)
    assert len(world.there()) == COUNT - 1
