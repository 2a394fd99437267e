# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: credential_users
short_description: List the instances that use a vendor login
version_added: 1.0.0
description:
  - Returns a list for M(cloud_elements.platform.ce_instances) with the instances that use a login of a vendor.
  - Each item has the C(id) of an instance and what is readable of its credentials. Put the new secrets next to the
    list, and the module sends them to these instances and changes nothing else.
  - The list contains no secret.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
positional: vendor
options:
  _input:
    description:
      - The result of M(cloud_elements.platform.ce_instance_info). List the keys of the vendor's user name and server
        URL in its option O(cloud_elements.platform.ce_instance_info#module:configuration).
    type: dict
    required: true
  vendor:
    description: The option of the vendor, such as V(autotask).
    type: str
    required: true
  username:
    description:
      - The user name of the login, for a vendor with a readable user name, such as AutoTask.
      - For a vendor without one, such as Act! 365, the filter ignores it and returns all instances of the vendor.
    type: str
    default: ""
seealso:
  - module: cloud_elements.platform.ce_instance_info
  - module: cloud_elements.platform.ce_instances
"""

EXAMPLES = r"""
- name: List the instances and their user names
  cloud_elements.platform.ce_instance_info:
    configuration:
      - crm.autotask.username
      - crm.autotask.server.url
  register: listed

- name: Send the new password to the instances that use the login
  ansible.builtin.include_role:
    name: cloud_elements.platform.instances
  vars:
    instances_autotask:
      password: "{{ vault_new_password }}"
    instances_list: >-
      {{ listed | cloud_elements.platform.credential_users('autotask', username='api.user@example.com') }}
"""

RETURN = r"""
_value:
  description: The instances, each with the readable part of its credentials.
  type: list
  elements: dict
  sample:
    - id: 12153
      name: Acme CRM
      autotask:
        hub: crm
        username: api.user@example.com
        server_url: https://ww2.autotask.net
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._model.errors import BadInput
from ..plugin_utils._arguments import plain
from ..plugin_utils._credential_users import users


def credential_users(listed: Mapping[str, Any], vendor: str, username: str = "") -> Any:
    try:
        # Names come from the platform. None of them may become a template.
        return wrap_var(users(plain(listed), str(vendor), str(username)))
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"credential_users": credential_users}
