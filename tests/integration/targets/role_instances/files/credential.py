# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for awx.awx.credential: takes the same options, and writes them down where the environment says so."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: credential
short_description: Stands in for the module of that name
description:
  - Writes its options down.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
"""

SPEC = {
    "name": {"required": True},
    "description": {},
    "organization": {},
    "credential_type": {},
    "inputs": {"type": "dict", "no_log": True},
    "update_secrets": {"type": "bool", "default": True, "no_log": False},
}


def main() -> None:
    module = AnsibleModule(SPEC, supports_check_mode=True)
    if "CREDENTIALS" in os.environ and not module.check_mode:
        with Path(os.environ["CREDENTIALS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(module.params) + "\n")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
