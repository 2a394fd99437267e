# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of a running sandbox. They live in memory: every start begins with the defaults."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import problems

ENVIRONMENTS = ("production", "snapshot")
MAX_LATENCY = 300.0


@dataclass(frozen=True)
class Settings:
    """`latency`: seconds that every platform and hub call waits. `strict_masks`: a mask sent back is stored literally.

    `environment`: whose element ids are served, one of ENVIRONMENTS.
    """

    latency: float = 0.0
    strict_masks: bool = False
    environment: str = "production"


def changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """The settings with the given ones replaced; raises a 400 for an unknown name or a wrong value."""
    checks = {"latency": _is_latency, "strict_masks": _is_bool, "environment": _is_environment}
    for name, value in given.items():
        if name not in checks:
            raise problems.bad_request(f"Unknown setting {name}; known: {', '.join(checks)}")
        if not checks[name](value):
            raise problems.bad_request(f"Wrong value for setting {name}")
    return dataclasses.replace(settings, **given)


def _is_latency(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MAX_LATENCY


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_environment(value: Any) -> bool:
    return value in ENVIRONMENTS
