# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: exported_list
short_description: Write what an export describes as a file of variables
version_added: 1.0.0
description:
  - Makes the text of a YAML file with the variable C(instances_list) for the role
    P(cloud_elements.platform.instances#role).
  - Secrets are templates for the variables that P(cloud_elements.platform.exported_vault#filter) names. Every other
    string is marked with C(!unsafe), so that Ansible does not evaluate it, whatever somebody wrote into the platform.
  - What could not be exported stands in comments.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
options:
  _input:
    description: The result of M(cloud_elements.platform.ce_instance_export).
    type: dict
    required: true
seealso:
  - module: cloud_elements.platform.ce_instance_export
  - plugin: cloud_elements.platform.exported_vault
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Describe all instances
  cloud_elements.platform.ce_instance_export:
  register: exported

- name: Write the list
  ansible.builtin.copy:
    dest: instances.yml
    content: "{{ exported | cloud_elements.platform.exported_list }}"
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.utils.unsafe_proxy import wrap_var

from ..plugin_utils._exported import list_text


def exported_list(exported: Mapping[str, Any]) -> Any:
    # Its templates are for whoever reads the file.
    return wrap_var(list_text(exported))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"exported_list": exported_list}
