#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_element_info
short_description: Show the elements of Cloud Elements, and what they have to be configured with
version_added: 1.0.0
description:
  - Shows one element with its configuration keys, or the catalogue of all elements without them.
  - It tells what to write into the options O(cloud_elements.platform.ce_instance#module:configuration) and
    O(cloud_elements.platform.ce_instance#module:secrets) of an instance.
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
      - The key of an element. When unset, the whole catalogue is shown.
      - An element that does not exist is a failure.
    type: str
"""

EXAMPLES = r"""
- name: Show what AutoTask CRM has to be configured with
  cloud_elements.platform.ce_element_info:
    element: autotaskcrm
  register: autotask

- name: Show the catalogue
  cloud_elements.platform.ce_element_info:
  register: catalogue
"""

RETURN = r"""
code:
  description: Why the task failed, in one word such as V(bad_input), for a playbook to branch on.
  type: str
  returned: failure
  sample: bad_input
elements:
  description: The element, or all elements in the order of their keys.
  type: list
  elements: dict
  returned: success
  contains:
    key:
      description: The element key.
      type: str
      sample: autotaskcrm
    name:
      description: The name for people.
      type: str
      sample: AutoTask CRM
    hub:
      description: The hub that the element belongs to.
      type: str
      sample: crm
    authentication:
      description: How the vendor's credentials are given.
      type: str
      sample: basic
    events:
      description: Whether events can be switched on, and for what. V(null) in the catalogue, which does not tell.
      type: dict
      returned: when O(element) is given
      contains:
        supported:
          description: Whether events can be switched on.
          type: bool
          sample: true
        type:
          description: How the element learns of events, such as V(polling) or V(webhooks).
          type: str
          sample: polling
        resources:
          description: The resources that are polled by default.
          type: list
          elements: str
          sample: [accounts, contacts, tasks]
    configuration:
      description: The configuration keys. V(null) in the catalogue, which does not tell them.
      type: list
      elements: dict
      returned: when O(element) is given
      contains:
        key:
          description: The key.
          type: str
          sample: crm.autotask.username
        name:
          description: The name for people.
          type: str
          sample: Username
        type:
          description: The type, as Cloud Elements writes it.
          type: str
          sample: TEXTFIELD_128
        required:
          description: Whether an instance cannot be created without it.
          type: bool
          sample: true
        default:
          description: What a new instance starts with, or V(null). Never told of a secret.
          type: str
          sample: null
        secret:
          description:
            - Whether its value belongs into O(cloud_elements.platform.ce_instance#module:secrets) or into the
              vendor's own option, and is never shown. The type decides, and the name, such as C(clientSecret).
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
    client, key = connect(params, context.tokens), params["element"]
    found = [client.element(key)] if key else sorted(client.elements(), key=lambda element: element.key)
    views = [element_view(element, whole=bool(key)) for element in found]
    return {"elements": views, "warnings": sorted(client.warnings)}


def main() -> None:
    run_module(ELEMENT_INFO, work)


if __name__ == "__main__":
    main()
