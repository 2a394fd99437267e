#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instance
short_description: Manage an element instance
version_added: 1.0.0
description:
  - Creates, updates, enables, disables or deletes one element instance in Cloud Elements or SAP Open Connectors.
  - An element instance connects one account at a vendor, such as AutoTask or Act! 365, through an element. Cloud
    Elements calls creating one "authenticating".
  - You can run it as often as you like. The module finds the instance by its element and name, sends only what differs,
    and never creates a second instance.
  - Cloud Elements does not return secrets. The module detects a changed secret from a tag on the instance, the stamp.
  - On the local connection, without C(become) and C(async), it runs inside Ansible's own process, which writes none of
    its arguments to a file. The items of a loop then share a connection.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
requirements:
  - requests
extends_documentation_fragment:
  - cloud_elements.platform.attributes
  - cloud_elements.platform.attributes.writes
  - cloud_elements.platform.attributes.action_group_all
  - cloud_elements.platform.connection
  - cloud_elements.platform.instance
  - cloud_elements.platform.vendors
seealso:
  - module: cloud_elements.platform.ce_instances
  - plugin: cloud_elements.platform.ce_instance_token
    plugin_type: lookup
options:
  return_token:
    description:
      - Whether to return the token of the instance, which calls to the vendor need. The output of the task is then
        hidden.
      - Anything that prints the registered variable prints the token. To keep the token out of variables, use the
        lookup P(cloud_elements.platform.ce_instance_token#lookup) instead.
      - Cannot be combined with C(async), because the file with the result would contain the token.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Connect an AutoTask help desk
  cloud_elements.platform.ce_instance:
    name: Acme help desk
    autotask:
      hub: helpdesk
      username: "{{ vault_autotask_username }}"
      password: "{{ vault_autotask_password }}"
      server_url: https://ww2.autotask.net
    tags:
      - customer-acme

- name: Connect Act! 365 with keys from CLOUD_ELEMENTS_ACT365_API_KEY and CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY
  cloud_elements.platform.ce_instance:
    name: Acme contacts
    act365: {}

- name: Connect an account through any other element, here one with the key examplebasic
  cloud_elements.platform.ce_instance:
    name: Acme tickets
    element: examplebasic
    configuration:
      username: integration
      feature.enabled: true
    secrets:
      password: "{{ vault_example_password }}"
    owner: acme

- name: Poll an AutoTask CRM every 15 minutes, and deliver signed events
  cloud_elements.platform.ce_instance:
    name: Acme CRM
    autotask:
      hub: crm
      username: "{{ vault_autotask_username }}"
      password: "{{ vault_autotask_password }}"
      server_url: https://ww2.autotask.net
    events:
      enabled: true
      callback_url: https://events.example.com/acme
      refresh_interval: 15
      resources:
        - accounts
        - contacts
      signature_key: "{{ vault_acme_signature_key }}"

- name: Connect an OAuth element with the code that the vendor returned after the user's consent
  cloud_elements.platform.ce_instance:
    name: Acme contacts (OAuth)
    element: actessentialsoauth
    configuration:
      oauth.callback.url: https://acme.example.com/callback
    secrets:
      oauth.api.key: "{{ vault_oauth_client_id }}"
      oauth.api.secret: "{{ vault_oauth_client_secret }}"
    provider_data:
      code: "{{ vault_oauth_code }}"

- name: Connect an OAuth element with a refresh token that you already have
  cloud_elements.platform.ce_instance:
    name: Acme contacts (refresh token)
    element: actessentialsoauth
    external_authentication: initial
    secrets:
      oauth.api.key: "{{ vault_oauth_client_id }}"
      oauth.api.secret: "{{ vault_oauth_client_secret }}"
      oauth.user.refresh_token: "{{ vault_oauth_refresh_token }}"

- name: Rename and disable an instance, found by its ID
  cloud_elements.platform.ce_instance:
    id: "{{ acme_instance_id }}"
    name: Acme contacts (closed)
    enabled: false

- name: Connect Act! 365 and register the token for later tasks (the output is hidden)
  cloud_elements.platform.ce_instance:
    name: Acme contacts
    act365:
      api_key: "{{ vault_act365_api_key }}"
      developer_key: "{{ vault_act365_developer_key }}"
    return_token: true
  register: acme_contacts

- name: Delete an instance
  cloud_elements.platform.ce_instance:
    name: Acme help desk
    autotask:
      hub: helpdesk
    state: absent
"""

RETURN = r"""
code:
  description: A code for the cause of the failure, such as V(credentials_rejected), for use in conditions.
  type: str
  returned: failure
  sample: credentials_rejected
action:
  description: What the module did to the instance, or would do in check mode.
  type: str
  returned: always, unless an option is invalid
  sample: updated
reasons:
  description:
    - The reasons for the action. V(not_found) creates the instance, and V(found) deletes it.
    - The secrets are sent again because they changed (V(secrets_changed)), or because the stamp is missing, for example
      on an instance created by hand (V(not_stamped)), unreadable (V(stamp_unreadable)), or made with another key
      (V(stamp_key_changed)).
    - They are also sent again because they could not be verified last time, for example because the vendor rejected
      them (V(not_verified)), because a user name, server URL or readable secret differs (V(credentials)), because Cloud
      Elements reports the credentials as invalid (V(invalid)), or because of O(update_secrets=always) (V(always)).
    - V(name), V(configuration), V(tags), V(owner) and V(enabled) say what else differs.
    - V(recovered) means that the reply to the create request was lost, and that the module found the new instance by
      its stamp.
  type: list
  elements: str
  returned: always, unless an option is invalid
  sample: [secrets_changed, tags]
instance:
  description:
    - The instance after the task, or in check mode the predicted instance. If the task deletes it, the instance as it
      was before. V(null) if there is none.
    - It never contains a token or a secret.
  type: dict
  returned: always, unless an option is invalid
  contains:
    id:
      description: The ID of the instance, or V(null) if check mode would create it.
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
      description: The values of the readable configuration keys that the task sets.
      type: dict
      sample:
        helpdesk.autotask.username: api.user@example.com
        helpdesk.autotask.server.url: https://ww2.autotask.net
    created_date:
      description: When the instance was created, in the format of Cloud Elements.
      type: str
      sample: "2026-11-11T07:30:43Z"
    updated_date:
      description: When the instance was last updated, in the format of Cloud Elements.
      type: str
      sample: "2026-11-11T07:30:43Z"
token:
  description:
    - The token of the instance. A disabled instance has one too, and so has an instance with invalid credentials.
    - V(null) if there is no instance, if the task deleted it, or if check mode would create it.
  type: str
  returned: with O(return_token=true), unless the task fails
  sample: null
token_fingerprint:
  description:
    - A keyed digest of the token. It changes when the token, the stamp key or the ID of the instance changes.
    - You may show it. Without the stamp key, it reveals nothing about the token.
    - V(null) if RV(token) is V(null).
  type: str
  returned: with O(return_token=true), unless the task fails
  version_added: 1.1.0
  sample: 4hqk2v6xw3n5jz7mbd2rta5eci
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._engine.reconcile import RunOptions, reconcile
from ..module_utils._engine.report import warnings_of
from ..module_utils._model.errors import ReadableSecret
from ..module_utils._model.redact import iter_scalars
from ..module_utils._options.connection import connect, stamps
from ..module_utils._options.run import Context, run_module
from ..module_utils._options.specs import INSTANCE
from ..module_utils._options.tasks import desired_from_task


def work(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    client, keys = connect(params, context.tokens, context.clock, context.sessions), stamps(params)
    (report,) = reconcile(desired_from_task(params), client, keys, RunOptions(context.check_mode))
    result = report.result(context.diff)
    if isinstance(report.item.error, ReadableSecret):
        # A secret in the wrong place: Ansible must not print it with the arguments.
        context.hide(iter_scalars((params["configuration"] or {}).get(report.item.error.key)))
    if params["return_token"] and not result.get("failed"):
        result.update(report.with_token(keys))
    return {**result, "warnings": warnings_of([report], *client.warnings)}


def main() -> None:
    run_module(INSTANCE, work)


if __name__ == "__main__":
    main()
