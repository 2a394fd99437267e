#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instance_export
short_description: Describe the element instances that exist, as options that would make them
version_added: 1.0.0
description:
  - Writes down the element instances of an account, such as those that people made by hand, as a list for
    M(cloud_elements.platform.ce_instances) or the role P(cloud_elements.platform.instances#role).
  - In the place of each secret is the name of a variable to fill in, also where Cloud Elements shows the secret. A
    configuration key is a secret by its type, or when its name says so.
  - A run with the list and the right secrets changes nothing at the instances but their stamps.
  - The playbook C(cloud_elements.platform.export) writes the list, and a vault file to fill in, to the control node.
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
      - Where the logins of vendors with an option of their own, such as AutoTask, come from when the list is applied.
      - V(variables) puts each login into its item, with a variable in the place of each secret.
      - V(environment) leaves out the login that the environment variables of the vendor hold, as a credential of a
        controller sets them, or where they are not set, the one login that all instances of the vendor use. Instances
        with another login, or with keys that cannot be seen, keep it, with variables.
    type: str
    choices: [variables, environment]
    default: variables
    version_added: 1.1.0
  show:
    description:
      - Print the list as YAML, so that it can be copied from the screen or from the output of a controller's job.
      - Nothing is printed when the task has C(no_log).
    type: bool
    default: false
    version_added: 1.1.0
seealso:
  - module: cloud_elements.platform.ce_instances
  - module: cloud_elements.platform.ce_instance_info
"""

EXAMPLES = r"""
- name: Describe all instances
  cloud_elements.platform.ce_instance_export:
  register: exported

- name: Describe the AutoTask CRM accounts of one customer
  cloud_elements.platform.ce_instance_export:
    element: autotaskcrm
    tags:
      - customer-acme
  register: exported

- name: Print a list for the project of a controller, whose credentials hold the logins
  cloud_elements.platform.ce_instance_export:
    logins: environment
    show: true
"""

RETURN = r"""
code:
  description: Why the task failed, in one word such as V(refused), for a playbook to branch on.
  type: str
  returned: failure
  sample: refused
instances:
  description:
    - The options of each instance, in the order of element, name and id.
    - An instance has the option of its vendor, such as C(autotask), if all of its credentials are there. Any other
      instance has C(element), with those keys of C(configuration) that differ from what the element starts with.
    - Instances that share their element and name, and those with a name that the collection refuses, have an C(id).
      They cannot be created elsewhere from this list.
  type: list
  elements: dict
  returned: success
  sample:
    - name: Acme CRM
      autotask:
        hub: crm
        username: api.user@example.com
        server_url: https://ww2.autotask.net
        password: "{{ vault_acme_crm_password }}"
      tags: [customer-acme]
secrets:
  description: The variables that stand for secrets in RV(instances).
  type: list
  elements: dict
  returned: success
  contains:
    variable:
      description: The name of the variable.
      type: str
      sample: vault_acme_crm_password
    key:
      description: The configuration key that it is for.
      type: str
      sample: crm.autotask.password
    id:
      description: The number of the instance.
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
      description: The vendor option that the login belongs to.
      type: str
      sample: autotask
    login:
      description: What can be read of the login, with the names of the option's own options.
      type: dict
      sample:
        username: api.user@example.com
        server_url: https://ww2.autotask.net
left_out:
  description: What is not in RV(instances), and why.
  type: list
  elements: dict
  returned: success
  contains:
    what:
      description: A configuration key, V(name), V(tags), V(owner), or V(instance) for the whole of it.
      type: str
      sample: oauth.user.token
    why:
      description: Why it could not be exported, and what to do.
      type: str
      sample: Cloud Elements renews this token itself.
    id:
      description: The number of the instance.
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
from ..module_utils._query.export_logins import served_by
from ..module_utils._query.select import elements_of, select_instances


def work(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    client = connect(params, context.tokens)
    found, duplicates = select_instances(selection(params), client, list_all=True)
    served = served_by(found, os.environ) if params["logins"] == "environment" else ()
    exported = export_instances(found, duplicates, elements_of(found, client), served)
    return {**exported, "warnings": sorted(client.warnings)}


def main() -> None:
    run_module(INSTANCE_EXPORT, work)


if __name__ == "__main__":
    main()
