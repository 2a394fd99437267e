# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""So many requests in a second, whoever sends them."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS = 1
"""The length of a window, and what `Retry-After` says: a header of whole seconds cannot say less."""


@dataclass
class Window:
    """A fixed window: the first requests in it pass, the others are refused. It begins with the first of them."""

    began: float = float("-inf")
    passed: int = 0

    def passes(self, limit: int, now: float) -> bool:
        """Count a request in and tell whether it passes; 0 is no limit."""
        if not limit:
            return True
        if now >= self.began + SECONDS:
            self.began, self.passed = now, 0
        self.passed += 1
        return self.passed <= limit
