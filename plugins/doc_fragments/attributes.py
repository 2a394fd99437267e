# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The attributes of this collection's modules, in parts that a module puts together."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: The operating systems that the module runs on.
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
      - The prediction is exact. It needs reading requests only.
  diff_mode:
    description: Returns what changes in diff mode. Secrets are shown as constant marks.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
    details:
      - With C(update_secrets=always) the secrets are sent, and a change is reported, on each run.
"""

    READS = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details:
      - It only reads.
  diff_mode:
    description: Returns what changes in diff mode.
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
"""

    ACTION_GROUP_ALL = r"""
options: {}
attributes:
  action_group:
    description: The action group for C(module_defaults) that the module is in.
    support: full
    membership: [cloud_elements.platform.all]
"""
