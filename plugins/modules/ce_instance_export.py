#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instance_export
short_description: Export existing element instances as a list
version_added: 1.0.0
description:
  - Returns the existing element instances of an account, such as those that people created in the UI, as a list for
    M(cloud_elements.platform.ce_instances) or the role P(cloud_elements.platform.instances#role).
  - The list has a variable in place of each secret, even if Cloud Elements returns that secret in clear text. A
    configuration key is secret because of its type or its name.
  - Instances that use the same vendor login share a variable. RV(secrets) describes how the module compares logins.
  - When you first apply the list with the right secrets, each secret is sent once, and each instance gets a stamp.
    Nothing else changes.
  - To write the list and a vault file on the control node, run the playbook C(cloud_elements.platform.export).
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
requirements:
  - requests
extends_documentation_fragment:
  - cloud_elements.platform.attributes
  - cloud_elements.platform.attributes.reads
  - cloud_elements.platform.attributes.action_group_all
  - cloud_elements.platform.connection
  - cloud_elements.platform.selection
options:
  logins:
    description:
      - Where the logins of vendors with their own option, such as AutoTask, come from when you apply the list.
      - V(variables) puts each login into the list, with a variable in place of each secret.
      - V(environment) leaves out the login that the vendor's environment variables contain, because the credential of a
        controller's job sets them. If they are not set, it leaves out the login that all instances of the vendor use.
      - With V(environment), instances with another login keep it, with variables. So do instances whose keys Cloud
        Elements masks.
    type: str
    choices: [variables, environment]
    default: variables
    version_added: 1.1.0
  show:
    description:
      - Print the list as YAML, so that you can copy it from the screen or from the output of a controller's job.
      - If the task sets C(no_log), nothing is printed, nor with a stdout callback whose output a program reads, such as
        C(ansible.posix.json).
    type: bool
    default: false
    version_added: 1.1.0
seealso:
  - module: cloud_elements.platform.ce_instances
  - module: cloud_elements.platform.ce_instance_info
"""

EXAMPLES = r"""
- name: Export all instances
  cloud_elements.platform.ce_instance_export:
  register: exported

- name: Export the AutoTask CRM instances of one customer
  cloud_elements.platform.ce_instance_export:
    element: autotaskcrm
    tags:
      - customer-acme
  register: exported

- name: Print a list without the logins that a controller's credentials provide
  cloud_elements.platform.ce_instance_export:
    logins: environment
    show: true
"""

RETURN = r"""
code:
  description: A code for the cause of the failure, such as V(refused), for use in conditions.
  type: str
  returned: failure
  sample: refused
instances:
  description:
    - The options of each instance, ordered by element, name and ID.
    - An instance has the option of its vendor, such as C(autotask), if all of the vendor's credentials are set. Any
      other instance has C(element). C(configuration) contains only values that differ from the element's defaults.
    - An instance has an C(id) if another one has the same element and name, or if the collection refuses its name.
      You cannot use such an item to create the instance in another account.
  type: list
  elements: dict
  returned: success
  sample:
    - name: Acme CRM
      autotask:
        hub: crm
        username: api.user@example.com
        server_url: https://ww2.autotask.net
        password: "{{ vault_autotask_api_user_example_com_password }}"
      tags: [customer-acme]
secrets:
  description:
    - The secrets in RV(instances), with one entry for each instance and secret. Several entries may have the same
      variable.
    - Instances share a variable if they have the same vendor option, and Cloud Elements shows the same login for them.
      For AutoTask, they need the same user name and server URL. The hub does not matter. For Act! 365, they need the
      same API key, and Cloud Elements must return it in clear text.
    - Any other secret has its own variable, because nothing proves that two instances have the same one.
    - Cloud Elements masks most secrets, so the module cannot compare these. Check which instances share a variable
      before you fill it in. To split one, write another variable into an item of the list.
  type: list
  elements: dict
  returned: success
  contains:
    variable:
      description:
        - The name of the variable. It depends on the exported instances, but not on their order.
        - For a vendor login, it contains the vendor and the user name. For a login without a readable user name, it
          contains the name of the instance with the lowest ID. For any other secret, it contains the name of the
          instance.
      type: str
      sample: vault_autotask_api_user_example_com_password
    key:
      description: The configuration key of the secret.
      type: str
      sample: crm.autotask.password
    id:
      description: The ID of the instance.
      type: int
      sample: 12153
    name:
      description: The name of the instance.
      type: str
      sample: Acme CRM
    element:
      description: The element key of the instance.
      type: str
      sample: autotaskcrm
logins:
  description: The logins that are left to the environment, with O(logins=environment).
  type: list
  elements: dict
  returned: success
  contains:
    option:
      description: The vendor option of the login.
      type: str
      sample: autotask
    login:
      description: The readable part of the login, with the names of the suboptions.
      type: dict
      sample:
        username: api.user@example.com
        server_url: https://ww2.autotask.net
left_out:
  description: What RV(instances) does not contain, and why.
  type: list
  elements: dict
  returned: success
  contains:
    what:
      description: A configuration key, V(name), V(tags), V(owner), or V(instance) for a whole instance.
      type: str
      sample: oauth.user.token
    why:
      description: Why it was not exported, and what you can do.
      type: str
      sample: Cloud Elements renews this token itself.
    id:
      description: The ID of the instance.
      type: int
      sample: 12160
    name:
      description: The name of the instance.
      type: str
      sample: Acme contacts (OAuth)
    element:
      description: The element key of the instance.
      type: str
      sample: actessentialsoauth
"""

import os
from collections.abc import Mapping
from typing import Any

from ..module_utils._options.connection import connect
from ..module_utils._options.run import Context, run_module
from ..module_utils._options.specs import INSTANCE_EXPORT
from ..module_utils._options.tasks import selection
from ..module_utils._query.export import export_instances
from ..module_utils._query.export_logins import environment_users
from ..module_utils._query.select import elements_of, select_instances


def work(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    client = connect(params, context.tokens, context.clock, context.sessions)
    instances, duplicates = select_instances(selection(params), client, list_all=True)
    environment_ids = environment_users(instances, os.environ) if params["logins"] == "environment" else ()
    result = export_instances(instances, duplicates, elements_of(instances, client), environment_ids)
    return {**result, "warnings": sorted(client.warnings)}


def main() -> None:
    run_module(INSTANCE_EXPORT, work)


if __name__ == "__main__":
    main()
