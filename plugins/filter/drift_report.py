# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_report
short_description: Tell how far the platform is from a list of instances
version_added: 1.0.0
description:
  - Compares what M(cloud_elements.platform.ce_instances) would do with what M(cloud_elements.platform.ce_instance_info)
    shows, and tells what is missing, different, invalid, disabled, duplicated, unmanaged, or could not be checked.
  - The playbook C(cloud_elements.platform.drift) does it all, and writes a page.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
positional: listed
options:
  _input:
    description:
      - The result of M(cloud_elements.platform.ce_instances) in check mode, with
        O(cloud_elements.platform.ce_instances#module:return_all=true).
    type: dict
    required: true
  listed:
    description: The result of M(cloud_elements.platform.ce_instance_info), of all instances.
    type: dict
    required: true
  owner:
    description: Only what belongs to this owner counts as unmanaged. When unset or empty, everything does.
    type: str
seealso:
  - module: cloud_elements.platform.ce_instances
  - module: cloud_elements.platform.ce_instance_info
"""

EXAMPLES = r"""
- name: See what would be done
  cloud_elements.platform.ce_instances:
    instances_file: instances.yml
    owner: acme
    return_all: true
  check_mode: true
  register: checked

- name: See what is there
  cloud_elements.platform.ce_instance_info:
  register: listed

- name: Show the difference
  ansible.builtin.debug:
    msg: "{{ (checked | cloud_elements.platform.drift_report(listed, owner='acme')).lines }}"
"""

RETURN = r"""
_value:
  description: The report. Nothing in it is a secret.
  type: dict
  contains:
    drift:
      description: Whether anything was found.
      type: bool
      sample: true
    sentence:
      description: What was found, in one sentence with numbers.
      type: str
      sample: "The platform is not as the list says: 1 missing, 2 different."
    checked:
      description: How many instances the list has.
      type: int
      sample: 12
    as_described:
      description: How many of them are as the list says.
      type: int
      sample: 9
    counts:
      description: How many of each kind were found.
      type: dict
      sample: {missing: 1, differs: 2, invalid: 0, disabled: 0, duplicated: 0, unmanaged: 0, failed: 0}
    missing:
      description: What is in the list and not there, with C(element), C(name) and C(id).
      type: list
      elements: dict
    differs:
      description:
        - What is there and not as the list says, with the C(reasons) of M(cloud_elements.platform.ce_instances), and as
          C(why) what they mean.
      type: list
      elements: dict
    invalid:
      description: What is in the list and has credentials in which Cloud Elements does not believe.
      type: list
      elements: dict
    disabled:
      description: What is disabled, though the list does not say C(enabled=false).
      type: list
      elements: dict
    duplicated:
      description:
        - The instances that share their C(element) and C(name), with their C(ids), unless the list names each id.
      type: list
      elements: dict
    unmanaged:
      description: What is there and not in the list, with its C(owner).
      type: list
      elements: dict
    failed:
      description: What could not be checked, with the sentence that tells why in C(msg).
      type: list
      elements: dict
    sections:
      description:
        - The kinds of which something was found, each with a C(title) and C(rows) of texts, which are C(element),
          C(name), C(id) and C(more).
      type: list
      elements: dict
    lines:
      description: The report as lines for people.
      type: list
      elements: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._model.errors import BadInput
from ..plugin_utils._arguments import plain
from ..plugin_utils._drift import drift


def drift_report(checked: Mapping[str, Any], listed: Mapping[str, Any], owner: str | None = None) -> Any:
    try:
        # Names come from the platform: none of them is a template.
        return wrap_var(drift(plain(checked), plain(listed), owner))
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"drift_report": drift_report}
