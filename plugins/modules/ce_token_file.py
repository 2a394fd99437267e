#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_token_file
short_description: Store the tokens of element instances in an encrypted file
version_added: 1.0.0
description:
  - Writes the tokens of the listed element instances to a file that Ansible Vault encrypts. One listing is enough to
    read the tokens, however many there are.
  - The file sets the variable C(cloud_elements_tokens), a dictionary of element keys. Each maps the names of its
    instances to their tokens. Load the file with C(vars_files) or C(include_vars), or show it with C(ansible-vault
    view).
  - If only a playbook needs the token, use the lookup P(cloud_elements.platform.ce_instance_token#lookup) instead. It
    is simpler and leaves no file.
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
  - This is an action plugin. It always runs on the control node, whatever the hosts of the play, and writes the file
    there. In an automation controller, choose a path that is kept after the job.
  - The tokens are encrypted in memory. Neither the tokens nor the vault password are ever written in clear text.
  - The module never overwrites a file with other content, or one that no vault password of the run can decrypt.
attributes:
  check_mode:
    details:
      - If an instance does not exist yet, check mode assumes that it will be created. Otherwise, the task fails.
  diff_mode:
    details:
      - The diff shows which instances have their tokens in the file. It never shows a token.
  idempotent:
    details:
      - The file is not written again if it contains the same tokens, is encrypted with the same vault password, and has
        the mode C(0600).
seealso:
  - module: cloud_elements.platform.ce_instances
  - plugin: cloud_elements.platform.ce_instance_token
    plugin_type: lookup
options:
  path:
    description:
      - The file on the control node. Its directory must exist. A relative path starts at the directory of the playbook.
      - The file has the mode C(0600). It contains the tokens of the list and nothing else.
    type: path
    required: true
  vault_id:
    description:
      - The label of the vault password to encrypt the file with. It must be one of the labels that you give to the run,
        as in C(--vault-id label@source). A password without a label has the label V(default).
      - Required if the run has several vault passwords.
    type: str
  instances:
    description:
      - The instances whose tokens to store, in the same format as the list of M(cloud_elements.platform.ce_instances).
      - The module uses the O(cloud_elements.platform.ce_instance#module:name) of each item together with C(element),
        C(autotask) or C(act365), or its C(id). It needs no credentials. Items with C(state=absent) are left out.
      - Either this or O(instances_file) is required.
    type: list
    elements: dict
  instances_file:
    description:
      - A YAML or JSON file on the control node that contains the list, instead of O(instances).
      - The file may be encrypted with Ansible Vault, or contain encrypted values. A relative path starts at the
        directory of the playbook.
      - Instead of the list itself, the file may set the single variable C(instances_list), as the file of an export
        does.
      - Nothing in the file is evaluated. A template is refused.
    type: path
"""

EXAMPLES = r"""
- name: Store the tokens of two instances
  cloud_elements.platform.ce_token_file:
    path: tokens.yml
    instances:
      - name: Acme help desk
        autotask:
          hub: helpdesk
      - name: Acme contacts
        act365: {}

- name: Store the tokens of a whole list, encrypted with the vault password labelled prod
  cloud_elements.platform.ce_token_file:
    path: /srv/acme/tokens.yml
    vault_id: prod
    instances_file: instances.yml
    user_secret: "{{ vault_cloud_elements_user_secret }}"
    organization_secret: "{{ vault_cloud_elements_organization_secret }}"
"""

RETURN = r"""
code:
  description: A code for the cause of the failure, such as V(conflict), for use in conditions.
  type: str
  returned: failure
  sample: conflict
path:
  description: The absolute path of the file.
  type: str
  returned: always, unless the task fails
  sample: /srv/acme/tokens.yml
instances:
  description: The instances whose tokens are in the file, or would be in check mode.
  type: list
  elements: dict
  returned: always, unless the task fails
  contains:
    name:
      description: The name of the instance, which is the key of its token in the file.
      type: str
      sample: Acme help desk
    element:
      description: The key of the element, which the names in the file are grouped by.
      type: str
      sample: autotaskhelpdesk
    id:
      description: The ID of the instance.
      type: int
      sample: 12153
missing:
  description:
    - The listed instances that do not exist. Outside check mode, the list is empty, because the task fails if one is
      missing.
  type: list
  elements: str
  returned: always, unless the task fails
  sample: ['actessentials "Acme contacts"']
"""
