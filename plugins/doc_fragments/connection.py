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
      - The address of the API. When it has no path, C(/elements/api-v2) is appended. It has no user name, and nothing
        follows that path.
      - SAP Open Connectors serves the same API, for example at C(https://api.openconnectors.us2.ext.hana.ondemand.com).
      - When unset, the environment variable E(CLOUD_ELEMENTS_BASE_URL) is used. A variable that is empty counts as
        unset, and so does every option of the module that is an empty string.
    type: str
    default: https://api.cloud-elements.com/elements/api-v2
  user_secret:
    description:
      - The user secret from the account's settings. Required, here or in the environment variable
        E(CLOUD_ELEMENTS_USER_SECRET).
    type: str
  organization_secret:
    description:
      - The organization secret from the account's settings. Required, here or in the environment variable
        E(CLOUD_ELEMENTS_ORGANIZATION_SECRET).
    type: str
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the server.
      - With V(false), both secrets go to whoever answers, without a warning. Use it for tests only.
    type: bool
    default: true
  ca_path:
    description:
      - A file or directory with the certificates of the authorities to trust, in PEM format.
      - A directory needs the links that C(openssl rehash) makes.
      - On the control node, a relative path starts at the playbook. A module that runs on another host reads a file of
        that host, and needs an absolute path, which may begin with C(~).
      - When unset, the variable C(REQUESTS_CA_BUNDLE) of the requests library counts, with an absolute path. Otherwise
        the authorities that this library knows are trusted.
    type: path
  timeout:
    description:
      - How long to wait for an answer, in seconds.
      - Cloud Elements may take half a minute to create an instance, because it asks the vendor.
      - An answer that keeps coming, however slowly, may take ten times as long as a whole.
    type: int
    default: 60
  retries:
    description:
      - How many times to send a request again when the server is busy or not reached.
      - Where the server says when to come back, as one does that limits how many requests come, a request is sent again
        for half a minute for each retry, however often that is.
      - The request that creates an instance is only sent again when it surely was not received.
    type: int
    default: 4
  stamp_key:
    description:
      - The key of the stamp, a tag on the instance that tells whether its secrets changed. Cloud Elements never shows
        them.
      - When unset, the environment variable E(CLOUD_ELEMENTS_STAMP_KEY) is used, and else O(organization_secret).
      - All that manage the same instances must use the same key. With another key all secrets are sent again, once.
    type: str
"""
