# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which of the existing instances to select."""

    DOCUMENTATION = r"""
options:
  name:
    description: Only instances with exactly this name.
    type: str
  id:
    description: Only the instance with this ID.
    type: int
  element:
    description: Only instances of the element with this key, such as V(autotaskcrm).
    type: str
  tags:
    description: Only instances that have all of these tags. They may have others too.
    type: list
    elements: str
  owner:
    description: Only instances of this owner.
    type: str
  enabled:
    description: Only enabled instances, or with V(false) only disabled ones.
    type: bool
  valid:
    description:
      - Only instances whose credentials Cloud Elements reports as valid, or with V(false) only those whose credentials
        it reports as invalid.
    type: bool
"""
