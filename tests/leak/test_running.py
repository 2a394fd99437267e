# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The surroundings of a run: nothing that is searched is written elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.leak.running import Inputs, Run, environment

LOG = """
import sys
assert "syslog" in sys.modules, "an import would find the one that is built in"
import syslog
syslog.openlog("ansible-test", 0, syslog.LOG_USER)
syslog.syslog(syslog.LOG_INFO, "Invoked with ä")
syslog.syslog("only a message")
"""


@pytest.mark.parametrize("shims", [Run("one", "one.yml").shims, ("faults", "shims")], ids=["shims", "faults, shims"])
def test_the_system_log_is_a_file_of_the_run(tmp_path: Path, shims: tuple[str, ...]) -> None:
    inputs = Inputs(tmp_path, tmp_path, tmp_path, {})
    surroundings = environment(Run("one", "one.yml", shims=shims), tmp_path, inputs)

    subprocess.run([sys.executable, "-c", LOG], env=surroundings, check=True)

    assert (tmp_path / "syslog").read_text(encoding="utf-8") == "Invoked with ä\nonly a message\n"
