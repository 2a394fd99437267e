# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: exported_vault
short_description: Format the secrets of an export as a vault file to fill in
version_added: 1.0.0
description:
  - Returns the text of a YAML file with an empty value for each variable in the list of
    P(cloud_elements.platform.exported_list#filter).
  - A comment above each variable names the instances that use it, and the configuration key. If more than 20 instances
    share a variable, the comment names 20 and counts the others.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
options:
  _input:
    description: The result of M(cloud_elements.platform.ce_instance_export).
    type: dict
    required: true
seealso:
  - module: cloud_elements.platform.ce_instance_export
  - plugin: cloud_elements.platform.exported_list
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Export all instances
  cloud_elements.platform.ce_instance_export:
  register: exported

- name: Write the vault file, unless it exists
  ansible.builtin.copy:
    dest: vault.yml
    content: "{{ exported | cloud_elements.platform.exported_vault }}"
    mode: "0600"
    force: false
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.utils.unsafe_proxy import wrap_var

from ..plugin_utils._exported import vault_text


def exported_vault(exported: Mapping[str, Any]) -> Any:
    # The comments contain names from the platform. None of them may become a template.
    return wrap_var(vault_text(exported))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"exported_vault": exported_vault}
