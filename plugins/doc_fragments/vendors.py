# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/vendor_docs.py from the profiles in plugins/module_utils/_model/vendors.py.

from __future__ import annotations


class ModuleDocFragment:
    """The credentials of each vendor: for one instance, and shared by the items of a list."""

    DOCUMENTATION = r"""
options:
  autotask:
    description:
      - The credentials of an AutoTask account.
    type: dict
    suboptions:
      hub:
        description: Which AutoTask element to use.
        type: str
        choices: [crm, helpdesk, finance]
        required: true
      username:
        description:
          - The user name of the AutoTask login. If unset, the environment variable E(CLOUD_ELEMENTS_AUTOTASK_USERNAME)
            is used.
        type: str
      password:
        description:
          - The password of the AutoTask login. If unset, the environment variable E(CLOUD_ELEMENTS_AUTOTASK_PASSWORD)
            is used.
        type: str
      server_url:
        description:
          - The server URL of your AutoTask zone, the start of the address in your browser, such as
            V(https://ww2.autotask.net). If unset, the environment variable E(CLOUD_ELEMENTS_AUTOTASK_SERVER_URL) is
            used.
        type: str
  act365:
    description:
      - The credentials of an Act! 365 account. All of them are secrets.
    type: dict
    suboptions:
      api_key:
        description:
          - The API key from Profile > Apps & Integrations in Act! 365. If unset, the environment variable
            E(CLOUD_ELEMENTS_ACT365_API_KEY) is used.
        type: str
      developer_key:
        description:
          - The developer key that Act! hands out on request. If unset, the environment variable
            E(CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY) is used.
        type: str
"""

    SHARED = r"""
options:
  autotask:
    description:
      - Shared credentials for all items with C(autotask), which then only need the C(hub). A value in an item overrides
        the shared one.
    type: dict
    suboptions:
      username:
        description:
          - The user name of the AutoTask login. If unset, the environment variable E(CLOUD_ELEMENTS_AUTOTASK_USERNAME)
            is used.
        type: str
      password:
        description:
          - The password of the AutoTask login. If unset, the environment variable E(CLOUD_ELEMENTS_AUTOTASK_PASSWORD)
            is used.
        type: str
      server_url:
        description:
          - The server URL of your AutoTask zone, the start of the address in your browser, such as
            V(https://ww2.autotask.net). If unset, the environment variable E(CLOUD_ELEMENTS_AUTOTASK_SERVER_URL) is
            used.
        type: str
  act365:
    description:
      - Shared credentials for all items with C(act365), which may then be empty. A value in an item overrides the
        shared one.
    type: dict
    suboptions:
      api_key:
        description:
          - The API key from Profile > Apps & Integrations in Act! 365. If unset, the environment variable
            E(CLOUD_ELEMENTS_ACT365_API_KEY) is used.
        type: str
      developer_key:
        description:
          - The developer key that Act! hands out on request. If unset, the environment variable
            E(CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY) is used.
        type: str
"""
