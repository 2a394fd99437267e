# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: printable
short_description: Turn any string into one printable line
version_added: 1.1.0
description:
  - Names and tags of instances may come from other people. Printed as they are, they can move the cursor of a terminal,
    reverse the direction of the writing, or look like several lines.
  - The filter replaces such characters with escapes, for example C(\x1b), C(\n) or C(\u202e). All other characters
    stay as they are.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
options:
  _input:
    description: The string. Any other value is converted to a string first.
    type: raw
    required: true
seealso:
  - module: cloud_elements.platform.ce_instance_info
"""

EXAMPLES = r"""
- name: Show what the role cloud_elements.platform.instances changed
  ansible.builtin.debug:
    msg: "{{ item['name'] | cloud_elements.platform.printable }} was {{ item.action }}"
  loop: "{{ instances_result.instances }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
_value:
  description: The string in one line.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._model.redact import one_line
from ..plugin_utils._arguments import plain


def printable(value: Any) -> Any:
    # The text comes from outside. It must not become a template.
    return wrap_var(one_line(str(plain(value))))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"printable": printable}
