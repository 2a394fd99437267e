#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_token_file
short_description: Keep the tokens of element instances of Cloud Elements in an encrypted file
version_added: 1.0.0
description:
  - Writes the tokens of a list of element instances into a file that Ansible Vault encrypts. The tokens are read with
    one listing, however many they are.
  - The file defines the variable C(cloud_elements_tokens), in which a token stands under the key of its element and the
    name of its instance. It is for C(vars_files) and C(include_vars), and C(ansible-vault view) shows it.
  - Where a playbook uses a token by itself, the lookup P(cloud_elements.platform.ce_instance_token#lookup) is simpler,
    and leaves no file.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
requirements:
  - requests
extends_documentation_fragment:
  - cloud_elements.platform.attributes
  - cloud_elements.platform.attributes.writes
  - cloud_elements.platform.attributes.action_group_all
  - cloud_elements.platform.connection
notes:
  - This is an action plugin. It runs on the control node, wherever the play's hosts are, and the file is there. In an
    automation controller, the file has to be in a place that outlives the job.
  - The tokens are encrypted in memory. Neither they nor the vault password are ever written in the clear.
  - A file that is there and holds something else, or that no vault password of the run decrypts, is never overwritten.
attributes:
  check_mode:
    details:
      - An instance that is not there counts as one that will be made. Without check mode, it is a failure.
  diff_mode:
    details:
      - It tells the instances whose tokens are in the file, and never a token.
  idempotent:
    details:
      - A file that holds the same tokens, with the same vault password and the mode C(0600), is not written again.
seealso:
  - module: cloud_elements.platform.ce_instances
  - plugin: cloud_elements.platform.ce_instance_token
    plugin_type: lookup
options:
  path:
    description:
      - The file on the control node. Its directory must exist, and a relative path starts at the playbook.
      - It gets the mode C(0600), and holds the tokens of the list and nothing else.
    type: path
    required: true
  vault_id:
    description:
      - The label of the vault password to encrypt with, one of those that the run was given, as in C(--vault-id
        label@source). A password without a label has the label V(default).
      - Required when the run has several.
    type: str
  instances:
    description:
      - The instances whose tokens shall be in the file, as the list of M(cloud_elements.platform.ce_instances).
      - Of an item, what matters is the O(cloud_elements.platform.ce_instance#module:name) with C(element),
        C(autotask) or C(act365), or the C(id); no credentials are needed. An item with C(state=absent) is left out.
      - Either this or O(instances_file) is needed.
    type: list
    elements: dict
  instances_file:
    description:
      - A file on the control node that holds the list, in YAML or JSON, instead of O(instances).
      - It may be encrypted with Ansible Vault, or hold values that are. A relative path starts at the playbook.
      - It may also set the single variable C(instances_list), as the file of an export does.
      - Nothing in it is evaluated, and a template in it is refused.
    type: path
"""

EXAMPLES = r"""
- name: Keep the tokens of two instances
  cloud_elements.platform.ce_token_file:
    path: tokens.yml
    instances:
      - name: Acme help desk
        autotask:
          hub: helpdesk
      - name: Acme contacts
        act365: {}

- name: Keep the tokens of a whole list, encrypted with the vault password that has the label prod
  cloud_elements.platform.ce_token_file:
    path: /srv/acme/tokens.yml
    vault_id: prod
    instances_file: instances.yml
    user_secret: "{{ vault_cloud_elements_user_secret }}"
    organization_secret: "{{ vault_cloud_elements_organization_secret }}"
"""

RETURN = r"""
code:
  description: Why the task failed, in one word such as V(conflict), for a playbook to branch on.
  type: str
  returned: failure
  sample: conflict
path:
  description: The file, with its whole path.
  type: str
  returned: always, unless the options are wrong
  sample: /srv/acme/tokens.yml
instances:
  description: The instances whose tokens are, or in check mode would be, in the file.
  type: list
  elements: dict
  returned: always, unless the task fails
  contains:
    name:
      description: The name of the instance, under which its token stands.
      type: str
      sample: Acme help desk
    element:
      description: The element key, under which the name stands.
      type: str
      sample: autotaskhelpdesk
    id:
      description: The id of the instance.
      type: int
      sample: 12153
missing:
  description:
    - The instances of the list that are not there. Outside of check mode there are none, or the task fails.
  type: list
  elements: str
  returned: always, unless the task fails
  sample: ['actessentials "Acme contacts"']
"""
