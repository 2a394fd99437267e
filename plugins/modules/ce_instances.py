#!/usr/bin/python

# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instances
short_description: Authenticate a list of element instances of Cloud Elements
version_added: 0.1.0
description:
  - Makes a whole list of element instances what it says, in one task and with one listing of what exists.
  - Each item takes the options of M(cloud_elements.platform.ce_instance). Credentials given once, beside the list,
    serve all items of that vendor.
  - An item that fails does not stop the others. The task fails at the end, and tells for each item what was done.
  - A loop over M(cloud_elements.platform.ce_instance) would print the secrets of its items at C(-v). This does not.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
requirements:
  - requests
extends_documentation_fragment:
  - cloud_elements.platform.attributes
  - cloud_elements.platform.connection
notes:
  - This is an action plugin. It runs on the control node, wherever the play's hosts are, and never writes a secret to a
    temporary file.
seealso:
  - module: cloud_elements.platform.ce_instance
options:
  instances:
    description:
      - The instances. An item is a dictionary with the options of M(cloud_elements.platform.ce_instance), without
        those for the connection.
      - An element and name, or an id, may stand in the list once.
    type: list
    elements: dict
    required: true
  owner:
    description: The owner of each item that does not name its own.
    type: str
  autotask:
    description:
      - Credentials for all items with C(autotask), which need only name the C(hub). What an item has itself, is used.
    type: dict
    suboptions:
      username:
        description:
          - The user name of the AutoTask login. When unset, the environment variable
            E(CLOUD_ELEMENTS_AUTOTASK_USERNAME) is used.
        type: str
      password:
        description:
          - The password of the AutoTask login. When unset, the environment variable
            E(CLOUD_ELEMENTS_AUTOTASK_PASSWORD) is used.
        type: str
      server_url:
        description:
          - The zone of the AutoTask login page, such as V(https://ww2.autotask.net). When unset, the environment
            variable E(CLOUD_ELEMENTS_AUTOTASK_SERVER_URL) is used.
        type: str
  act365:
    description:
      - Credentials for all items with C(act365), which may then be empty. What an item has itself, is used.
    type: dict
    suboptions:
      api_key:
        description:
          - The API key from Profile > Apps & Integrations in Act! 365. When unset, the environment variable
            E(CLOUD_ELEMENTS_ACT365_API_KEY) is used.
        type: str
      developer_key:
        description:
          - The developer key that Act! hands out on request. When unset, the environment variable
            E(CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY) is used.
        type: str
"""

EXAMPLES = r"""
- name: Authenticate AutoTask and Act! 365 for one customer
  cloud_elements.platform.ce_instances:
    autotask:
      username: "{{ vault_autotask_username }}"
      password: "{{ vault_autotask_password }}"
      server_url: https://ww2.autotask.net
    act365:
      api_key: "{{ vault_act365_api_key }}"
      developer_key: "{{ vault_act365_developer_key }}"
    owner: acme
    instances:
      - name: Acme CRM
        autotask:
          hub: crm
      - name: Acme help desk
        autotask:
          hub: helpdesk
        tags:
          - support
      - name: Acme contacts
        act365: {}

- name: Delete one instance and keep the other
  cloud_elements.platform.ce_instances:
    instances:
      - name: Acme CRM
        autotask:
          hub: crm
        state: absent
      - name: Acme tickets
        element: examplebasic
        configuration:
          username: integration
        secrets:
          password: "{{ vault_example_password }}"
"""

RETURN = r"""
summary:
  description: How many items were, or in check mode would be, created, updated, deleted, left unchanged, or failed.
  type: dict
  returned: always, unless the options are wrong
  sample:
    created: 3
    updated: 0
    deleted: 0
    unchanged: 0
    failed: 0
instances:
  description:
    - What became of each item, in the order of the list, with the values that M(cloud_elements.platform.ce_instance)
      returns.
  type: list
  elements: dict
  returned: always, unless the options are wrong
  contains:
    name:
      description: The name of the instance.
      type: str
      sample: Acme CRM
    element:
      description: The element key.
      type: str
      sample: autotaskcrm
    changed:
      description: Whether anything was, or in check mode would be, changed.
      type: bool
      sample: true
    failed:
      description: Whether the item failed.
      type: bool
      sample: false
    msg:
      description: What went wrong, when the item failed.
      type: str
      sample: ""
    action:
      description: What was done, as M(cloud_elements.platform.ce_instance) returns it.
      type: str
      sample: created
    reasons:
      description: Why it was done, as M(cloud_elements.platform.ce_instance) returns it.
      type: list
      elements: str
      sample: [not_found]
    instance:
      description: The instance, as M(cloud_elements.platform.ce_instance) returns it.
      type: dict
      sample:
        id: 12153
        name: Acme CRM
        element: autotaskcrm
"""
