# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook processes against the sandbox."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.faults.world import GOOD
from tests.sandbox.process import Running

HERE = Path(__file__).resolve().parent
SECONDS = 900


def item(name: str, **more: Any) -> dict[str, Any]:
    """Return what is wanted of one instance, but for its password."""
    return {"name": name, "element": "examplebasic", "configuration": {"username": "example"}, **more}


@contextlib.contextmanager
def started(
    sandbox: Running,
    collections: Path,
    report: Path,
    wanted: list[dict[str, Any]],
    *,
    fleet: bool,
    concurrency: int = 8,
    stderr: int = subprocess.STDOUT,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a job that makes instances; it writes down what its tasks tell."""
    facts = {"fleet": fleet, "wanted": wanted, "concurrency": concurrency}
    with _process(sandbox, collections, "at_once.yml", report, facts, stderr=stderr) as process:
        try:
            yield process
        finally:
            process.kill()


def finished(sandbox: Running, collections: Path, playbook: str, report: Path, facts: Mapping[str, Any]) -> None:
    """Run a job to its end, and insist that it was a good one."""
    with _process(sandbox, collections, playbook, report, facts) as process:
        said = process.communicate(timeout=SECONDS)[0].decode()
        assert process.returncode == 0, said


def _process(
    sandbox: Running,
    collections: Path,
    playbook: str,
    report: Path,
    facts: Mapping[str, Any],
    *,
    stderr: int = subprocess.STDOUT,
) -> subprocess.Popen[bytes]:
    everything = {"ansible_python_interpreter": sys.executable, "report": str(report), **facts}
    variables = report.with_suffix(".variables.json")
    variables.write_text(json.dumps(everything), encoding="utf-8")
    program = Path(sys.executable).with_name("ansible-playbook")
    return subprocess.Popen(
        [sys.executable, str(program), "-e", f"@{variables}", str(HERE / playbook)],
        env={
            "PATH": f"{program.parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(report.with_suffix("")),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
            **sandbox.environment,
            "EXAMPLE_PASSWORD": GOOD,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def told(report: Path) -> dict[str, dict[str, Any]]:
    """Return what a job said of each instance, by name."""
    result = json.loads(report.read_text(encoding="utf-8"))
    return {one["instance"]["name"]: one for one in result.get("instances") or result["results"]}
