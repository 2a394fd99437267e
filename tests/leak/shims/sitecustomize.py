# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python runs this file first. Replace `syslog`, also where it is built into Python, as on Debian.

A file named `syslog.py` would be found only where the module is a file itself: built-in modules come first.
"""

from __future__ import annotations

import sys

import log_to_file

sys.modules["syslog"] = log_to_file
