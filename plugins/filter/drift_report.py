# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_report
short_description: Report how instances on the platform differ from a list
version_added: 1.0.0
description:
  - Compares what M(cloud_elements.platform.ce_instances) would do with what M(cloud_elements.platform.ce_instance_info)
    lists. Reports which instances are missing, different, invalid, disabled, duplicated or not in the list, which items
    could not be checked, and what to do next.
  - The playbook C(cloud_elements.platform.drift) does all of this, and writes a page.
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
    description: Report only instances of this owner as not in the list. When unset or empty, report all of them.
    type: str
  instance_id:
    # An argument called instance has another meaning for ansible-core's own caller of filters.
    description: The ID of the only instance to report about. When unset or empty, report about all of them.
    type: int
    version_added: 1.1.0
seealso:
  - module: cloud_elements.platform.ce_instances
  - module: cloud_elements.platform.ce_instance_info
"""

EXAMPLES = r"""
- name: Compare the instances with the list
  cloud_elements.platform.ce_instances:
    instances_file: instances.yml
    owner: acme
    return_all: true
  check_mode: true
  changed_when: false
  register: checked

- name: List the instances
  cloud_elements.platform.ce_instance_info:
  register: listed

- name: Show the drift report
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
    title:
      description: What was compared, as a heading.
      type: str
      sample: "Drift: acme on api.cloud-elements.com"
    platform:
      description: The host of the platform, as RV(cloud_elements.platform.ce_instance_info#module:base_url) names it.
      type: str
      sample: api.cloud-elements.com
    owner:
      description: The owner that was given; V(null) for all owners.
      type: str
      sample: acme
    sentence:
      description: What was found, in one sentence with numbers.
      type: str
      sample: "Drift found: 1 missing, 2 different."
    match:
      description: How many instances of the list match, as a sentence.
      type: str
      sample: 9 of 12 listed instances match.
    checked:
      description: How many instances the list has.
      type: int
      sample: 12
    as_described:
      description: How many of them match. A run would not change them, and nothing else was found about them.
      type: int
      sample: 9
    counts:
      description: How many findings there are of each kind. An instance may be in several.
      type: dict
      sample: {missing: 1, differs: 2, invalid: 0, disabled: 0, duplicated: 0, unmanaged: 0, failed: 0}
    totals:
      description:
        - The same numbers for a chart, without those that are 0. Begins with the instances that match, whose C(kind) is
          V(matching). Each has a C(kind), a C(count) and a C(text).
      type: list
      elements: dict
      sample: [{kind: matching, count: 9, text: 9 match}, {kind: missing, count: 1, text: 1 missing}]
    missing:
      description: Items of the list that are not on the platform, with C(element), C(name) and C(id).
      type: list
      elements: dict
    differs:
      description:
        - Instances that are not as listed, with the C(reasons) of M(cloud_elements.platform.ce_instances), and their
          meanings as C(why).
      type: list
      elements: dict
    invalid:
      description:
        - Instances of the list, and duplicates, whose credentials Cloud Elements reports as invalid.
      type: list
      elements: dict
    disabled:
      description:
        - Instances of the list, and duplicates, that are disabled although the list does not set C(enabled).
      type: list
      elements: dict
    duplicated:
      description:
        - Each C(element) and C(name) that several instances share, with their C(ids), unless the list names each id.
      type: list
      elements: dict
    unmanaged:
      description: Instances that are not in the list, with their C(owner).
      type: list
      elements: dict
    failed:
      description:
        - Items that could not be checked, with the message as C(msg). C(cause) is the same without the instance at its
          start.
      type: list
      elements: dict
    sections:
      description:
        - The kinds of which something was found, for people. Each has its C(kind), C(title), C(heading) and C(meaning),
          and as C(rows) the texts of each finding.
        - The C(steps) of a section say what to do C(next). Each has C(groups) of findings that differ only in name and
          id, the largest group first. A group has its C(element) and C(element_name), what was found as C(more), and
          its C(instances).
      type: list
      elements: dict
    lines:
      description: The report as lines for people.
      type: list
      elements: str
    diff:
      description:
        - The diffs of M(cloud_elements.platform.ce_instances), as lines. Empty without C(--diff). Ansible itself shows
          diffs only of tasks that report a change.
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


def drift_report(
    checked: Mapping[str, Any],
    listed: Mapping[str, Any],
    owner: str | None = None,
    instance_id: int | str | None = None,
) -> Any:
    # Before ansible-core 2.19, a template makes a string of a number.
    number = None if instance_id in ("", None) else int(instance_id)
    try:
        # Names come from the platform. None of them may become a template.
        return wrap_var(drift(plain(checked), plain(listed), owner, number))
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"drift_report": drift_report}
