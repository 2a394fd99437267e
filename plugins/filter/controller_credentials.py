# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: controller_credentials
short_description: Find credentials of an automation controller by type and name
version_added: 1.1.0
description:
  - Returns the IDs of the credentials that you name, followed by the IDs of the attached credentials that they do not
    replace.
  - A named credential replaces an attached one of the same type. A credential of the type V(Vault) replaces only one
    with the same vault ID.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
positional: named
options:
  _input:
    description:
      - The credentials of the controller, as its API returns them.
    type: list
    elements: dict
    required: true
  named:
    description:
      - A dictionary from the name of each credential type to the name of a credential, or to a list of names.
      - You can give the ID of a credential instead of its name.
    type: dict
    required: true
  organization:
    description:
      - The ID of an organization. If several credentials share a name, the one of this organization is used, or else
        one without an organization.
    type: int
  attached:
    description:
      - The IDs of the credentials that are attached to the job template.
    type: list
    elements: int
    default: []
"""

EXAMPLES = r"""
- name: Show the IDs of two credentials
  ansible.builtin.debug:
    msg: >-
      {{ query('awx.awx.controller_api', 'credentials', return_all=true)
         | cloud_elements.platform.controller_credentials({'AutoTask': 'Acme AutoTask', 'Vault': ['Acme vault']}) }}
"""

RETURN = r"""
_value:
  description: The IDs, starting with those of the named credentials in their order.
  type: list
  elements: int
  sample: [17, 21]
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._model.errors import BadInput
from ..plugin_utils._arguments import plain
from ..plugin_utils._controller_credentials import credentials


def controller_credentials(
    listed: Sequence[Any],
    named: Mapping[str, Any],
    organization: int | str | None = None,
    attached: Sequence[int | str] = (),
) -> list[int]:
    # Before ansible-core 2.19, a template makes a string of a number.
    owner = None if organization in ("", None) else int(organization)
    try:
        return credentials(plain(listed), plain(named), owner, [int(number) for number in attached])
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"controller_credentials": controller_credentials}
