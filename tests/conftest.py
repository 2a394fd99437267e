# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test that is skipped proves nothing, so a run with one has failed."""

from __future__ import annotations

import pytest

LEFT_OUT = ("skipped", "xfailed", "xpassed")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which tests were left out; a worker of pytest-xdist has no terminal, the main process sees all."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal and any(terminal.stats.get(word) for word in LEFT_OUT) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print why the run failed."""
    if left_out := [word for word in LEFT_OUT if terminalreporter.stats.get(word)]:
        terminalreporter.write_line(f"Tests were left out ({', '.join(left_out)}): what they prove is not proven.")
