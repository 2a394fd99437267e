# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The attributes of this collection's modules, in parts that each module combines."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: all
"""

    WRITES = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details:
      - The prediction shows exactly what a real run would do. It sends read requests only.
  diff_mode:
    description: Returns what changes in diff mode. Fixed placeholders replace the secrets.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
    details:
      - With C(update_secrets=always), every run sends the secrets and reports a change.
"""

    READS = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details:
      - The module only reads.
  diff_mode:
    description: Returns what changes in diff mode.
    support: N/A
    details:
      - The module changes nothing.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
"""

    ACTION_GROUP_ALL = r"""
options: {}
attributes:
  action_group:
    description: The action group for C(module_defaults) that contains the module.
    support: full
    membership: [cloud_elements.platform.all]
"""
