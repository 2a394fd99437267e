# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one command and writes down how long it took and how much memory its largest process had.

A program of its own, of the standard library and small: on Linux a new process begins with the memory of the one that
started it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path


def main(report: str, *command: str) -> int:
    """Run the command to its end."""
    # Without a time-out: Python would look for the end only every 50 ms.
    began = time.perf_counter()
    status = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # macOS counts bytes, Linux KiB.
    mib = peak / 2**20 if sys.platform == "darwin" else peak / 2**10
    Path(report).write_text(json.dumps({"seconds": seconds, "peak_mib": mib}), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
