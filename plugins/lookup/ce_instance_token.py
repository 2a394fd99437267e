# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ce_instance_token
short_description: Look up the token of an element instance
version_added: 1.0.0
description:
  - Returns the token of an element instance. A call to the vendor through the instance needs it, together with the user
    secret and the organization secret.
  - The lookup reads the token each time, and stores it nowhere. A disabled instance has a token too, and so has an
    instance with invalid credentials.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
requirements:
  - requests
notes:
  - A token is a secret. Use the lookup in an option that hides its value, or in a task with C(no_log=true). You do not
    need a variable for the token.
  - A lookup runs on the control node, with the environment of the C(ansible-playbook) process. It ignores
    C(module_defaults) and the keyword C(environment).
seealso:
  - module: cloud_elements.platform.ce_instance
options:
  _terms:
    description:
      - The exact names of the instances. Give none if you set O(id).
      - For one name, the lookup searches for the instance. For several names, it lists all instances once.
    type: list
    elements: str
  element:
    description:
      - The key of the element of these instances, such as V(autotaskcrm), V(autotaskhelpdesk), V(autotaskfinance) or
        V(actessentials) (Act! 365).
      - Required unless O(id) is set.
    type: str
  id:
    description: The ID of one instance, instead of a name.
    type: int
  base_url:
    description:
      - The address of the API. If it has no path, C(/elements/api-v2) is appended.
      - An empty environment variable counts as unset, and so does an option that is an empty string.
    type: str
    default: https://api.cloud-elements.com/elements/api-v2
    env:
      - name: CLOUD_ELEMENTS_BASE_URL
  user_secret:
    description:
      - The user secret from the profile menu of your account. Required, either here or in the environment variable.
    type: str
    env:
      - name: CLOUD_ELEMENTS_USER_SECRET
  organization_secret:
    description:
      - The organization secret from the profile menu of your account. Required, either here or in the environment
        variable.
    type: str
    env:
      - name: CLOUD_ELEMENTS_ORGANIZATION_SECRET
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the server.
      - With V(false), both secrets go to any server that answers, without a warning. Use it for tests only.
    type: bool
    default: true
  ca_path:
    description:
      - A file or directory with the certificates of the authorities to trust, in PEM format.
      - A directory needs the links that C(openssl rehash) creates.
      - A relative path starts at the directory of the playbook.
    type: path
  timeout:
    description: How long to wait for a reply, in seconds.
    type: int
    default: 60
  retries:
    description: How many times to send a request again if the server is busy or cannot be reached.
    type: int
    default: 4
"""

EXAMPLES = r"""
- name: Read contacts from Act! 365, with the secrets from the environment
  ansible.builtin.uri:
    url: https://api.cloud-elements.com/elements/api-v2/hubs/crm/contacts
    headers:
      Authorization: >-
        User {{ lookup('ansible.builtin.env', 'CLOUD_ELEMENTS_USER_SECRET') }},
        Organization {{ lookup('ansible.builtin.env', 'CLOUD_ELEMENTS_ORGANIZATION_SECRET') }},
        Element {{ lookup('cloud_elements.platform.ce_instance_token', 'Acme contacts', element='actessentials') }}
    # A redirect would send the secrets to another address.
    follow_redirects: none
  no_log: true
  register: contacts

- name: Pass a token to a program that reads it from standard input
  ansible.builtin.command:
    cmd: sync-contacts --token-from-stdin
    stdin: >-
      {{ lookup('cloud_elements.platform.ce_instance_token', id=12153, user_secret=vault_user_secret,
      organization_secret=vault_organization_secret) }}
  no_log: true
  changed_when: true

- name: Write the tokens of two instances to a file
  ansible.builtin.copy:
    dest: /etc/sync-contacts/tokens
    content: |
      {% for token in query('cloud_elements.platform.ce_instance_token', 'Acme CRM', 'Umbrella CRM', element=crm) %}
      {{ token }}
      {% endfor %}
    mode: "0600"
  vars:
    crm: autotaskcrm
  no_log: true
"""

RETURN = r"""
_raw:
  description:
    - The tokens, one for each name and in the same order, or the token of the instance with O(id).
    - If an instance does not exist, or if several instances share its name and element, the lookup fails and names it.
  type: list
  elements: str
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._model.redact import Tokens, register
from ..module_utils._options.connection import connect
from ..module_utils._options.secrets import secret_words
from ..module_utils._options.tasks import desired_from_lookup
from ..module_utils._query.tokens import read_tokens
from ..plugin_utils._arguments import failure_result, plain, refuse_non_strings
from ..plugin_utils._files import with_ca_path
from ..plugin_utils._module_defaults import without_omitted


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:
        # Ansible's own option handling would show an invalid value, use an empty environment variable as a value, and
        # ignore a misspelt name.
        raw_arguments = without_omitted((variables or {}).get("omit"), kwargs)
        arguments = {name: value for name, value in plain(raw_arguments).items() if value != ""}
        try:
            refuse_non_strings(raw_arguments)
            register(secret_words(arguments))
            names = [str(term) for term in plain(terms)]
            desired_items, params = desired_from_lookup(
                list(dict.fromkeys(names)), with_ca_path(self._loader, arguments)
            )
            tokens = dict(
                zip([desired.name for desired in desired_items], read_tokens(desired_items, connect(params, Tokens())))
            )
        except Exception as error:
            raise AnsibleLookupError(failure_result(error, arguments)["msg"]) from None
        register(tokens.values())
        return [tokens[name] for name in names] or list(tokens.values())
