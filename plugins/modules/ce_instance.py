#!/usr/bin/python

# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ce_instance
short_description: Authenticate an element instance of Cloud Elements
version_added: 1.0.0
description:
  - Creates, updates, enables, disables or deletes one element instance of Cloud Elements or SAP Open Connectors.
  - An element instance is a vendor's account made available through an element, such as AutoTask or Act! 365.
  - A run is safe to repeat. It finds the instance by its element and name, writes only what differs, and never creates
    a second one.
  - Secrets cannot be read back. A tag on the instance, the stamp, tells whether they changed.
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
      - Whether the result holds the token of the instance, for calls to the vendor through it. A registered variable
        then has the token, and the output of the task is hidden.
      - Whoever shows the variable shows the token. The lookup P(cloud_elements.platform.ce_instance_token#lookup) keeps
        it out of all variables.
      - Not together with C(async), for the file with the result would hold the token.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Authenticate an AutoTask help desk
  cloud_elements.platform.ce_instance:
    name: Acme help desk
    autotask:
      hub: helpdesk
      username: "{{ vault_autotask_username }}"
      password: "{{ vault_autotask_password }}"
      server_url: https://ww2.autotask.net
    tags:
      - customer-acme

- name: Authenticate Act! 365, with keys from CLOUD_ELEMENTS_ACT365_API_KEY and CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY
  cloud_elements.platform.ce_instance:
    name: Acme contacts
    act365: {}

- name: Authenticate any other element, and show which of its keys may be seen
  cloud_elements.platform.ce_instance:
    name: Acme tickets
    element: examplebasic
    configuration:
      username: integration
      feature.enabled: true
    secrets:
      password: "{{ vault_example_password }}"
    owner: acme

- name: Get events of an AutoTask CRM, signed
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

- name: Authenticate an OAuth element with the code of a finished consent
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

- name: Authenticate an OAuth element with a refresh token from elsewhere
  cloud_elements.platform.ce_instance:
    name: Acme contacts (refresh token)
    element: actessentialsoauth
    external_authentication: initial
    secrets:
      oauth.api.key: "{{ vault_oauth_client_id }}"
      oauth.api.secret: "{{ vault_oauth_client_secret }}"
      oauth.user.refresh_token: "{{ vault_oauth_refresh_token }}"

- name: Rename and disable an instance that is known by its number
  cloud_elements.platform.ce_instance:
    id: "{{ acme_instance_id }}"
    name: Acme contacts (closed)
    enabled: false

- name: Authenticate an instance, and keep its token for the tasks that follow; the output is hidden
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
  description: Why the task failed, in one word such as V(credentials_rejected), for a playbook to branch on.
  type: str
  returned: failure
  sample: credentials_rejected
action:
  description: What was done, or in check mode would be done.
  type: str
  returned: always, unless the options are wrong
  sample: updated
reasons:
  description:
    - Why it was done. V(not_found) creates, and V(found) deletes.
    - The secrets are sent because of V(secrets_changed), V(not_stamped) (made by hand), V(stamp_key_changed),
      V(stamp_unreadable), V(not_verified) (the vendor refused them last time), V(credentials) (a user name, server URL
      or readable key differs), V(invalid) (Cloud Elements says so) or V(always).
    - V(name), V(configuration), V(tags), V(owner) and V(enabled) name what differs.
    - V(recovered) tells that the answer to a creation was lost, and that the instance was found by its stamp.
  type: list
  elements: str
  returned: always, unless the options are wrong
  sample: [secrets_changed, tags]
instance:
  description:
    - The instance as it is, in check mode as it would be, and as it was when it is deleted; V(null) when there is none.
    - It never holds a token or a secret.
  type: dict
  returned: always, unless the options are wrong
  contains:
    id:
      description: The number of the instance; V(null) when check mode would create it.
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
      description: The readable configuration, for the keys in the task's options.
      type: dict
      sample:
        helpdesk.autotask.username: api.user@example.com
        helpdesk.autotask.server.url: https://ww2.autotask.net
    created_date:
      description: When it was created, as Cloud Elements writes it.
      type: str
      sample: "2026-11-11T07:30:43Z"
    updated_date:
      description: When it was last updated, as Cloud Elements writes it.
      type: str
      sample: "2026-11-11T07:30:43Z"
token:
  description:
    - The token of the instance, also when it is disabled or its credentials are invalid.
    - V(null) when there is no instance, after it was deleted, or when check mode would create it.
  type: str
  returned: with O(return_token=true), unless the task fails
  sample: null
token_fingerprint:
  description:
    - A keyed digest of the token, which is another one when the token or the stamp key is. It may be shown, because
      nobody without the stamp key learns anything of the token from it.
    - V(null) when RV(token) is.
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
    client, keys = connect(params, context.tokens), stamps(params)
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
