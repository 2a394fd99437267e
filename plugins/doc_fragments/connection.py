# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to reach Cloud Elements."""

    DOCUMENTATION = r"""
options:
  base_url:
    description:
      - The address of the API. If it has no path, C(/elements/api-v2) is appended. The address must not contain a user
        name, and nothing may follow that path.
      - SAP Open Connectors serves the same API, for example at C(https://api.openconnectors.us2.ext.hana.ondemand.com).
      - If unset, the environment variable E(CLOUD_ELEMENTS_BASE_URL) is used. An empty variable counts as unset, and so
        does an empty string in any option of the module.
    type: str
    default: https://api.cloud-elements.com/elements/api-v2
  user_secret:
    description:
      - The user secret from the profile menu of your account. Required, either here or in the environment variable
        E(CLOUD_ELEMENTS_USER_SECRET).
    type: str
  organization_secret:
    description:
      - The organization secret from the profile menu of your account. Required, either here or in the environment
        variable E(CLOUD_ELEMENTS_ORGANIZATION_SECRET).
    type: str
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
      - On the control node, a relative path starts at the directory of the playbook. On another host, the module reads
        a file of that host. It then needs an absolute path, which may start with C(~).
      - If unset, the environment variable C(REQUESTS_CA_BUNDLE) is used, which must contain an absolute path. If that
        is unset too, the requests library trusts its own list of authorities.
    type: path
  timeout:
    description:
      - How long to wait for a reply, in seconds.
      - Cloud Elements may need half a minute to create an instance, because it contacts the vendor.
      - A reply that keeps arriving slowly may take ten times as long in total.
    type: int
    default: 60
  retries:
    description:
      - How many times to send a request again if the server is busy or cannot be reached.
      - If the server limits requests (HTTP 429) and says when to come back, a time limit applies instead. The request
        is sent again for up to 30 seconds for each retry, however many attempts that takes.
      - The request that creates an instance is only sent again if the server certainly did not receive it.
    type: int
    default: 4
  stamp_key:
    description:
      - The key of the stamp, a tag on the instance that shows whether its secrets changed. Cloud Elements does not
        return the secrets themselves.
      - If unset, the environment variable E(CLOUD_ELEMENTS_STAMP_KEY) is used, or else O(organization_secret). Every
        API user of the organization knows that secret.
      - Use the same key everywhere for the same instances. After a change of the key, all secrets are sent again once.
    type: str
"""
