#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_element_info
short_description: Look up elements and their configuration keys
version_added: 1.0.0
description:
  - Returns one element with its configuration keys, or the catalogue of all elements without them.
  - The keys show what to set in O(cloud_elements.platform.ce_instance#module:configuration) and
    O(cloud_elements.platform.ce_instance#module:secrets) for an instance of the element.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
requirements:
  - requests
extends_documentation_fragment:
  - cloud_elements.platform.attributes
  - cloud_elements.platform.attributes.reads
  - cloud_elements.platform.attributes.action_group_all
  - cloud_elements.platform.connection
seealso:
  - module: cloud_elements.platform.ce_instance
  - module: cloud_elements.platform.ce_instance_info
options:
  element:
    description:
      - The key of the element to return. If unset, the module returns the whole catalogue.
      - The task fails if there is no such element.
    type: str
"""

EXAMPLES = r"""
- name: Look up the configuration keys of AutoTask CRM
  cloud_elements.platform.ce_element_info:
    element: autotaskcrm
  register: autotask

- name: List the catalogue
  cloud_elements.platform.ce_element_info:
  register: catalogue
"""

RETURN = r"""
code:
  description: A code for the cause of the failure, such as V(bad_input), for use in conditions.
  type: str
  returned: failure
  sample: bad_input
elements:
  description: The element, or all elements ordered by key.
  type: list
  elements: dict
  returned: success
  contains:
    key:
      description: The key of the element.
      type: str
      sample: autotaskcrm
    name:
      description: The display name.
      type: str
      sample: AutoTask CRM
    hub:
      description: The hub of the element.
      type: str
      sample: crm
    authentication:
      description: How the element authenticates with the vendor.
      type: str
      sample: basic
    events:
      description: The element's support for events. V(null) in the catalogue, which does not include it.
      type: dict
      returned: if O(element) is set
      contains:
        supported:
          description: Whether you can enable events.
          type: bool
          sample: true
        type:
          description: How the element detects events, such as V(polling) or V(webhooks).
          type: str
          sample: polling
        resources:
          description: The resources that the element polls by default.
          type: list
          elements: str
          sample: [accounts, contacts, tasks]
    configuration:
      description: The configuration keys. V(null) in the catalogue, which does not include them.
      type: list
      elements: dict
      returned: if O(element) is set
      contains:
        key:
          description: The configuration key.
          type: str
          sample: crm.autotask.username
        name:
          description: The display name.
          type: str
          sample: Username
        type:
          description: The type, as Cloud Elements returns it.
          type: str
          sample: TEXTFIELD_128
        required:
          description: Whether Cloud Elements marks the key as required.
          type: bool
          sample: true
        default:
          description: The default value for a new instance, or V(null) if there is none. Always V(null) for a secret.
          type: str
          sample: null
        secret:
          description:
            - Whether the value is a secret, because of the type of the key or its name, such as C(clientSecret). Set a
              secret in O(cloud_elements.platform.ce_instance#module:secrets) or in the vendor's own option. It is never
              shown.
          type: bool
          sample: false
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._model.element import element_view
from ..module_utils._options.connection import connect
from ..module_utils._options.run import Context, run_module
from ..module_utils._options.specs import ELEMENT_INFO


def work(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    client, key = connect(params, context.tokens, context.clock, context.sessions), params["element"]
    elements = [client.element(key)] if key else sorted(client.elements(), key=lambda element: element.key)
    views = [element_view(element, with_keys=bool(key)) for element in elements]
    return {"elements": views, "warnings": sorted(client.warnings)}


def main() -> None:
    run_module(ELEMENT_INFO, work)


if __name__ == "__main__":
    main()
