# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools are programs, which find each other in their own directory."""

from __future__ import annotations

import sys

from tests.collection import ROOT

sys.path.insert(0, str(ROOT / "tools"))
