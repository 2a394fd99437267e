# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which of the instances that exist are asked about."""

    DOCUMENTATION = r"""
options:
  name:
    description: Only instances with exactly this name.
    type: str
  id:
    description: Only the instance with this number.
    type: int
  element:
    description: Only instances of the element with this key, such as V(autotaskcrm).
    type: str
  tags:
    description: Only instances that have all of these tags, perhaps among others.
    type: list
    elements: str
  owner:
    description: Only instances of this owner.
    type: str
  enabled:
    description: Only instances that answer calls, or with V(false) only those that do not.
    type: bool
  valid:
    description: Only instances in whose credentials Cloud Elements believes, or with V(false) only the others.
    type: bool
"""
