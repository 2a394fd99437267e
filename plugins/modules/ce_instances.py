#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instances
short_description: Manage many element instances
version_added: 1.0.0
description:
  - Creates, updates, enables, disables and deletes element instances so that they match a list, all in one task.
  - Each item of the list takes the options of M(cloud_elements.platform.ce_instance). Put shared values, such as
    credentials and the owner, next to the list. A value in an item overrides the shared one.
  - The task compares the list with a single listing of the existing instances, and changes several of them in parallel.
  - An item that fails does not stop the others. The task fails at the end, and its message gives each cause once.
  - Prefer it to a loop over M(cloud_elements.platform.ce_instance), which prints the secrets of its items at C(-v).
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
  - This is an action plugin. It always runs on the control node, whatever the hosts of the play, and never writes a
    secret to a temporary file.
seealso:
  - module: cloud_elements.platform.ce_instance
options:
  instances:
    description:
      - The instances, as a list of dictionaries. An item takes the options of M(cloud_elements.platform.ce_instance),
        except those for the connection and O(cloud_elements.platform.ce_instance#module:return_token).
      - No two items may have the same element and name, or the same ID.
      - Either this or O(instances_file) is required. An empty list changes nothing and causes a warning.
    type: list
    elements: dict
  instances_file:
    description:
      - A YAML or JSON file on the control node that contains the list, instead of O(instances). For very large lists it
        is much faster, because Ansible neither templates nor copies the list.
      - The file may be encrypted with Ansible Vault, or contain encrypted values. A relative path starts at the
        directory of the playbook.
      - Instead of the list itself, the file may set the single variable C(instances_list), as the file of an export
        does.
      - Nothing in the file is evaluated. A template is refused. Mark a string that only looks like a template with
        C(!unsafe).
    type: path
  owner:
    description: The owner of each item that does not set its own.
    type: str
  prune:
    description:
      - Whether to delete instances that belong to O(owner) but are no longer in the list. Instances of other owners, or
        of no owner, are left alone.
      - Requires O(owner) and a list that is not empty. No item may set another owner.
      - Deletions come last, and only if no item of the list failed.
    type: bool
    default: false
  max_delete:
    description:
      - How many instances O(prune) may delete, as a number or as a percentage of the owner's instances. Any percentage
        except V(0%) allows at least one deletion.
      - If there are more, the task fails before it writes anything, and names them.
    type: str
    default: 10%
  concurrency:
    description:
      - How many instances to work on in parallel. When Cloud Elements asks for a pause (HTTP 429), all requests wait,
        concurrency is halved, and it rises again as requests succeed.
    type: int
    default: 8
  on_error:
    description:
      - What to do with the other items when one fails. V(continue) works on all of them.
      - V(stop) starts no further item, but finishes those in progress. If an item turns out to be invalid before the
        first write, nothing is written at all.
    type: str
    choices: [continue, stop]
    default: continue
  return_all:
    description: Whether to return the unchanged items too, and for each item the instance.
    type: bool
    default: false
  progress:
    description:
      - Whether to report progress every few seconds. A task that takes less than three seconds reports none.
      - The summary at the end does not depend on this option.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Connect the AutoTask and Act! 365 accounts of one customer
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

- name: Apply a large list from a file, and delete up to 5 instances that are no longer in it
  cloud_elements.platform.ce_instances:
    instances_file: instances.yml
    owner: acme
    prune: true
    max_delete: 5
    concurrency: 16
    on_error: stop

- name: Delete one instance and keep another
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
    - The code that all failed items share, or V(several) if their codes differ. The
      R(guide to many instances,ansible_collections.cloud_elements.platform.docsite.guide_fleet) explains the codes.
  type: str
  returned: failure
  sample: credentials_rejected
msg:
  description:
    - The result in one sentence, or in check mode the prediction. It names up to 10 created and 10 updated instances,
      and up to 20 deleted ones.
    - If items failed, the message says why. Equal failures are grouped.
  type: str
  returned: always
  sample: '1 created (autotaskcrm "Acme CRM" (id 12153)), 2 unchanged.'
summary:
  description:
    - How many items the task created, updated, deleted, left unchanged, or failed on. In check mode, how many it would.
      An instance that was created before its item failed counts as created and as failed.
    - C(not_attempted) counts the items that the task did not start, because of O(on_error=stop), because the job was
      cancelled, or because O(prune) deletes nothing after a failure.
  type: dict
  returned: always, unless an option is invalid
  sample:
    created: 3
    updated: 0
    deleted: 0
    unchanged: 0
    failed: 0
    not_attempted: 0
instances:
  description:
    - The result of each item that changed or failed, in the order of the list, followed by the pruned instances.
    - With O(return_all=true), the results of all items.
    - Ansible prints the whole result of a task that fails. Such a task returns this only with C(register), or at C(-v).
  type: list
  elements: dict
  returned: always, unless an option is invalid or the output would become too long
  contains:
    name:
      description: The name of the instance.
      type: str
      sample: Acme CRM
    element:
      description: The key of the element.
      type: str
      sample: autotaskcrm
    changed:
      description: Whether the task changed anything, or would in check mode.
      type: bool
      sample: true
    failed:
      description: Whether the item failed.
      type: bool
      sample: false
    msg:
      description: What went wrong, if the item failed.
      type: str
      sample: ""
    code:
      description: A code for the cause of the failure, such as V(credentials_rejected), for use in conditions.
      type: str
      sample: ""
    action:
      description: What the task did to the instance, as M(cloud_elements.platform.ce_instance) returns it.
      type: str
      sample: created
    reasons:
      description:
        - The reasons for the action, as M(cloud_elements.platform.ce_instance) returns them. An instance that O(prune)
          deletes has the reason V(pruned).
      type: list
      elements: str
      sample: [not_found]
    id:
      description: The ID of the instance. If there is no instance, the ID that the item sets.
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
        - The value of C(enabled) in the item, or V(null) if it is unset. With O(return_all=true) only.
      type: bool
      sample: null
"""
