# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: exported_list
short_description: Format an export as a list for the role
version_added: 1.0.0
description:
  - Returns the text of a YAML file that sets C(instances_list) for the role
    P(cloud_elements.platform.instances#role).
  - In place of each secret is a template that names a variable. To get a file with these variables, use
    P(cloud_elements.platform.exported_vault#filter). The comments call that file C(vault.yml).
  - Every other string comes from the platform, where many people may write. The filter marks it with C(!unsafe) or
    quotes it, so that Ansible does not evaluate it as a template.
  - Comments at the top give the number of secrets, the variables that several instances share, and what was not
    exported.
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
- name: Export all instances
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
    # The templates in the text are for the play that reads the file, not for this one.
    return wrap_var(list_text(exported))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"exported_list": exported_list}
