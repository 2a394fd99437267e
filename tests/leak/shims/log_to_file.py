# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for Python's own `syslog`: what would go to the system's log goes to the file in LEAK_SYSLOG."""

from __future__ import annotations

import os

LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG = range(8)
LOG_PID, LOG_CONS, LOG_NDELAY = 1, 2, 8
LOG_USER, LOG_DAEMON = 8, 24


def openlog(*_arguments: object) -> None:
    """Do nothing: there is one log."""


def closelog() -> None:
    """Do nothing: the file is never open for long."""


def syslog(*arguments: object) -> None:
    """Write down the message, which comes last."""
    # Each start of Python would pay for an import of pathlib.
    with open(os.environ["LEAK_SYSLOG"], "a", encoding="utf-8", errors="surrogateescape") as log:  # noqa: PTH123
        log.write(f"{arguments[-1]}\n")
