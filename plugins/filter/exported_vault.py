# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: exported_vault
short_description: Write the secrets that an export asks for as a file to fill in
version_added: 1.0.0
description:
  - Makes the text of a YAML file that names each secret, without a value, and says in a comment what it is for.
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
- name: Describe all instances
  cloud_elements.platform.ce_instance_export:
  register: exported

- name: Write the file to fill in, unless it is there
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
    # Its comments hold names from the platform: none of them is a template.
    return wrap_var(vault_text(exported))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"exported_vault": exported_vault}
