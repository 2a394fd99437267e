#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instances
short_description: Authenticate a list of element instances of Cloud Elements
version_added: 1.0.0
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
  - cloud_elements.platform.attributes.writes
  - cloud_elements.platform.attributes.action_group_all
  - cloud_elements.platform.connection
  - cloud_elements.platform.vendors.shared
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
      - Either this or O(instances_file) is needed. An empty list changes nothing, and a warning says so.
    type: list
    elements: dict
  instances_file:
    description:
      - A file on the control node that holds the list, in YAML or JSON, instead of O(instances). For very large lists
        it is much faster, as Ansible neither templates nor copies it.
      - It may be encrypted with Ansible Vault, or hold values that are. A relative path starts at the playbook.
      - It may also set the single variable C(instances_list), as the file of an export does.
      - Nothing in it is evaluated. A template is refused; mark a text that only looks like one with C(!unsafe).
    type: path
  owner:
    description: The owner of each item that does not name its own.
    type: str
  prune:
    description:
      - Also delete what carries the tag of O(owner) and is not in the list. What somebody else has made is left alone.
      - Needs O(owner), and a list that is not empty.
      - Deletions come last, and only when no item of the list has failed.
    type: bool
    default: false
  max_delete:
    description:
      - How many instances O(prune) may delete, as a number or as a percentage of the owner's instances, which allows at
        least one unless it is V(0%).
      - When there are more, the task fails before anything is written, and names them.
    type: str
    default: 10%
  concurrency:
    description:
      - How many instances are worked on at once. When Cloud Elements is busy, fewer are, and all of them wait as long
        as it asks for.
    type: int
    default: 8
  on_error:
    description:
      - With V(stop), nothing new is begun after an item has failed; what is under way is finished. An item that is
        found wrong before the first write stops all of them.
    type: str
    choices: [continue, stop]
    default: continue
  return_all:
    description: Return also the items that did not change, and each with the instance as it is.
    type: bool
    default: false
  progress:
    description:
      - Say every few seconds how far the work has come. A task that takes less than three seconds says nothing.
    type: bool
    default: true
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

- name: Make a large list exactly what the owner has, and see in the output how far it has come
  cloud_elements.platform.ce_instances:
    instances_file: instances.yml
    owner: acme
    prune: true
    max_delete: 5
    concurrency: 16
    on_error: stop

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
code:
  description:
    - The code that all failed items share, or V(several). The guide to lists explains the codes.
  type: str
  returned: failure
  sample: credentials_rejected
summary:
  description:
    - How many items were, or in check mode would be, created, updated, deleted, left unchanged, or failed.
    - Not attempted is what was not begun, after O(on_error=stop), because the job was cancelled, or because O(prune)
      deletes nothing after a failure.
  type: dict
  returned: always, unless the options are wrong
  sample:
    created: 3
    updated: 0
    deleted: 0
    unchanged: 0
    failed: 0
    not_attempted: 0
instances:
  description:
    - What became of each item that changed or failed, in the order of the list; then what was pruned.
    - With O(return_all=true), of every item.
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
    code:
      description: Why the item failed, in one word such as V(credentials_rejected), for a playbook to branch on.
      type: str
      sample: ""
    action:
      description: What was done, as M(cloud_elements.platform.ce_instance) returns it.
      type: str
      sample: created
    reasons:
      description:
        - Why it was done, as M(cloud_elements.platform.ce_instance) returns it; V(pruned) for what O(prune) deleted.
      type: list
      elements: str
      sample: [not_found]
    id:
      description: The id of the instance, when there is one, or else the one that the item asks for.
      type: int
      sample: 12153
    instance:
      description: The instance, as M(cloud_elements.platform.ce_instance) returns it. With O(return_all=true) only.
      type: dict
      sample:
        id: 12153
        name: Acme CRM
        element: autotaskcrm
    desired_enabled:
      description:
        - What the item says of C(enabled); V(null) when it says nothing. With O(return_all=true) only.
      type: bool
      sample: null
"""
