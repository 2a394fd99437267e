#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instance_info
short_description: Show element instances of Cloud Elements
version_added: 1.0.0
description:
  - Shows the element instances that exist, all or some of them.
  - The listing is complete or the task fails. When nothing fits, the list is empty.
  - No token and no secret is ever shown.
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
seealso:
  - module: cloud_elements.platform.ce_instance
  - module: cloud_elements.platform.ce_element_info
options:
  id:
    description:
      - Only the instance with this number. It is read by itself, so RV(duplicates) is empty then.
    type: int
  configuration:
    description:
      - The configuration keys to show. A key that an instance does not have, and one that holds a secret, is left out.
      - A key is a secret by its type, or when its name says so, such as C(clientSecret) or C(sfdc.security.token). The
        platform answers many of them in clear.
      - When this is given, the element of each instance is read. If an element no longer exists, no key of its
        instances is shown.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show all instances of one customer
  cloud_elements.platform.ce_instance_info:
    tags:
      - customer-acme

- name: Show which AutoTask accounts have broken credentials
  cloud_elements.platform.ce_instance_info:
    element: autotaskcrm
    valid: false
    configuration:
      - crm.autotask.username
      - crm.autotask.server.url

- name: Show one instance
  cloud_elements.platform.ce_instance_info:
    name: Acme contacts
    element: actessentials
"""

RETURN = r"""
code:
  description: Why the task failed, in one word such as V(refused), for a playbook to branch on.
  type: str
  returned: failure
  sample: refused
instances:
  description: The instances, in the order of element, name and id.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The number of the instance.
      type: int
      sample: 12153
    name:
      description: The name.
      type: str
      sample: Acme help desk
    element:
      description: The element key.
      type: str
      sample: autotaskhelpdesk
    tags:
      description: The tags, without those that start with C(ansible:).
      type: list
      elements: str
      sample: [customer-acme]
    owner:
      description: The owner from the owner's tag, or V(null).
      type: str
      sample: acme
    enabled:
      description: Whether it answers calls.
      type: bool
      sample: true
    valid:
      description: Whether Cloud Elements believes in its credentials.
      type: bool
      sample: true
    events_enabled:
      description: Whether it delivers events.
      type: bool
      sample: false
    configuration:
      description: The configuration, for the keys in the task's options.
      type: dict
      sample:
        helpdesk.autotask.username: api.user@example.com
    created_date:
      description: When it was created, as Cloud Elements writes it.
      type: str
      sample: "2026-11-11T07:30:43Z"
    updated_date:
      description: When it was last updated, as Cloud Elements writes it.
      type: str
      sample: "2026-11-11T07:30:43Z"
duplicates:
  description:
    - Of the instances above, those that share their element and name with others. They can only be managed by
      O(cloud_elements.platform.ce_instance#module:id).
  type: list
  elements: dict
  returned: success
  contains:
    element:
      description: The element key.
      type: str
      sample: autotaskcrm
    name:
      description: The name.
      type: str
      sample: Acme
    ids:
      description: The numbers of all instances with this element and name.
      type: list
      elements: int
      sample: [12153, 12160]
base_url:
  description: The address of the API that was asked.
  type: str
  returned: success
  sample: https://api.cloud-elements.com/elements/api-v2
element_names:
  description: What Cloud Elements calls the elements of the instances above, by element key.
  type: dict
  returned: success
  sample:
    autotaskhelpdesk: Autotask Helpdesk
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._model.views import safe_instance_view
from ..module_utils._options.connection import connect
from ..module_utils._options.run import Context, run_module
from ..module_utils._options.specs import INSTANCE_INFO
from ..module_utils._options.tasks import selection
from ..module_utils._query.select import elements_of, select_instances


def work(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    client, keys = connect(params, context.tokens), params["configuration"]
    found, duplicates = select_instances(selection(params), client)
    elements = elements_of(found, client) if keys else {}
    views = [safe_instance_view(actual, keys, elements.get(actual.element)) for actual in found]
    names = {actual.element: actual.element_name for actual in found if actual.element_name}
    shown = {"instances": views, "duplicates": duplicates, "base_url": client.base_url, "element_names": names}
    return {**shown, "warnings": sorted(client.warnings)}


def main() -> None:
    run_module(INSTANCE_INFO, work)


if __name__ == "__main__":
    main()
