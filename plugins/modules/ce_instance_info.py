#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instance_info
short_description: Look up element instances
version_added: 1.0.0
description:
  - Lists the existing element instances, or those that match all the options you set.
  - The listing is complete, or the task fails. If no instance matches, the list is empty.
  - The module never returns a token or a secret.
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
      - Only the instance with this ID. The module reads it alone, so RV(duplicates) is always empty then.
    type: int
  configuration:
    description:
      - The configuration keys to return. Keys that an instance does not have, and keys that contain a secret, are left
        out.
      - A key is secret because of its type or its name, such as C(clientSecret) or C(sfdc.security.token). Cloud
        Elements itself returns many of these secrets in clear text.
      - If you set this, the module also reads the element of each instance. If an element no longer exists, no keys of
        its instances are returned.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: List the instances of one customer
  cloud_elements.platform.ce_instance_info:
    tags:
      - customer-acme

- name: Find AutoTask accounts with broken credentials
  cloud_elements.platform.ce_instance_info:
    element: autotaskcrm
    valid: false
    configuration:
      - crm.autotask.username
      - crm.autotask.server.url

- name: Look up one instance
  cloud_elements.platform.ce_instance_info:
    name: Acme contacts
    element: actessentials
"""

RETURN = r"""
code:
  description: A code for the cause of the failure, such as V(refused), for use in conditions.
  type: str
  returned: failure
  sample: refused
instances:
  description: The instances, ordered by element, name and ID.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The ID of the instance.
      type: int
      sample: 12153
    name:
      description: The name of the instance.
      type: str
      sample: Acme help desk
    element:
      description: The key of the element.
      type: str
      sample: autotaskhelpdesk
    tags:
      description: The tags, except those that start with C(ansible:).
      type: list
      elements: str
      sample: [customer-acme]
    owner:
      description: The owner, or V(null) if the instance has none.
      type: str
      sample: acme
    enabled:
      description: Whether the instance answers calls.
      type: bool
      sample: true
    valid:
      description: Whether Cloud Elements reports the credentials as valid.
      type: bool
      sample: true
    events_enabled:
      description: Whether the instance delivers events.
      type: bool
      sample: false
    configuration:
      description: The values of the keys in O(configuration).
      type: dict
      sample:
        helpdesk.autotask.username: api.user@example.com
    created_date:
      description: When the instance was created, in the format of Cloud Elements.
      type: str
      sample: "2026-11-11T07:30:43Z"
    updated_date:
      description: When the instance was last updated, in the format of Cloud Elements.
      type: str
      sample: "2026-11-11T07:30:43Z"
duplicates:
  description:
    - Those of the instances above that share their element and name with other instances. You can manage such an
      instance only by its O(cloud_elements.platform.ce_instance#module:id).
  type: list
  elements: dict
  returned: success
  contains:
    element:
      description: The key of the element.
      type: str
      sample: autotaskcrm
    name:
      description: The name that they share.
      type: str
      sample: Acme
    ids:
      description: The IDs of all instances with this element and name.
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
    client, keys = connect(params, context.tokens, context.clock, context.sessions), params["configuration"]
    instances, duplicates = select_instances(selection(params), client)
    elements = elements_of(instances, client) if keys else {}
    views = [safe_instance_view(actual, keys, elements.get(actual.element)) for actual in instances]
    names = {actual.element: actual.element_name for actual in instances if actual.element_name}
    result = {"instances": views, "duplicates": duplicates, "base_url": client.base_url, "element_names": names}
    return {**result, "warnings": sorted(client.warnings)}


def main() -> None:
    run_module(INSTANCE_INFO, work)


if __name__ == "__main__":
    main()
