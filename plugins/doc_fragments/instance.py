# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What one instance shall be, but for the vendors' credentials."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - The name of the instance. Together with the element it is what the instance is known by; Cloud Elements itself
        allows several instances of one name.
      - Required unless O(id) is given. With O(id) and another name, the instance is renamed.
    type: str
  id:
    description:
      - The number of an instance that exists.
      - When there is none with this number, V(present) fails and V(absent) changes nothing.
      - To delete an instance, O(name) must be its name or unset.
    type: int
  state:
    description:
      - V(present) creates the instance, or updates what differs.
      - V(absent) deletes it. No credentials are needed for that.
    type: str
    choices: [present, absent]
    default: present
  element:
    description:
      - The key of any element, such as V(servicenow).
      - Exactly one of O(element), O(autotask) and O(act365) is needed, unless O(id) is given.
    type: str
  configuration:
    description:
      - Configuration keys of the element that may be shown. They are compared one by one, and a key that is not here is
        left as it is.
      - They are added to those of a vendor option.
      - A key that is a secret by its type, or whose name says so, such as C(clientSecret), is refused. It belongs into
        O(secrets).
    type: dict
  secrets:
    description:
      - Configuration keys of the element whose values are secret. They are never shown, and sent when they changed.
      - The stamp covers all of them together. Give the same keys each time, or they are sent each time.
    type: dict
  provider_data:
    description:
      - What an OAuth vendor handed out for one use, such as C({"code":"..."}). It is sent when the instance is
        created, and never later.
    type: dict
  external_authentication:
    description:
      - V(initial) tells that the first OAuth exchange was done elsewhere, and its refresh token is among O(secrets).
      - It is sent with the credentials, and not compared.
    type: str
  events:
    description:
      - Which events the instance delivers, and where to. What is unset is left as it is.
      - M(cloud_elements.platform.ce_element_info) tells whether an element has events, and what it polls.
    type: dict
    suboptions:
      enabled:
        description: Whether events are delivered.
        type: bool
      callback_url:
        description: The address that events are posted to.
        type: str
      refresh_interval:
        description: How long to wait between two polls, in minutes.
        type: int
      resources:
        description:
          - What to poll, chosen from what the element polls by default, such as V(accounts), V(contacts) and V(tasks)
            for AutoTask CRM, or V(incidents) for its help desk.
        type: list
        elements: str
      poller_configuration:
        description: What to poll and how, written out, in place of O(events.resources).
        type: dict
      signature_key:
        description:
          - The key with which callbacks are signed. Some elements answer it in clear; here it is a secret like those in
            O(secrets).
        type: str
      basic_username:
        description: The user name for the callback.
        type: str
      basic_password:
        description: The password for the callback, a secret like those in O(secrets).
        type: str
  tags:
    description:
      - The tags of the instance. When unset, they are left as they are. An empty list takes all tags off, but for one
        that equals the name, which Cloud Elements itself gives to instances that were made without tags.
      - Tags that start with C(ansible:) belong to this collection. They are always kept and never shown.
    type: list
    elements: str
  purge_tags:
    description: Whether to take off tags that are not in O(tags).
    type: bool
    default: true
  enabled:
    description:
      - Whether the instance answers calls. When unset, it is left as it is.
    type: bool
  owner:
    description:
      - Who the instance belongs to, such as the name of a project, in lower-case letters, digits and C(. _ / -). It is
        kept in a tag.
      - An instance with the tag of another owner is refused. One without such a tag gets it.
    type: str
  update_secrets:
    description:
      - When to send the secrets of an instance that exists.
      - V(on_change) sends them when they changed, when it is not known whether they did (the instance was made by
        hand, or with another O(stamp_key)), and when Cloud Elements reports the credentials as invalid.
      - V(always) sends them on each run.
      - V(on_create) never sends them again, and warns when they seem to differ.
      - Tokens that Cloud Elements itself renews (C(oauth.user.token), C(oauth.user.refresh_token)) are only sent again
        when O(secrets) changed, were refused, or are reported as invalid.
    type: str
    choices: [on_change, always, on_create]
    default: on_change
  verify:
    description:
      - When to make one call to the vendor, to prove that it accepts the credentials. Cloud Elements itself does not
        check those of many elements.
      - V(on_change) verifies after the credentials were sent or the instance was enabled, V(always) on each run.
      - A disabled instance is not verified. An element without a call to verify with needs V(never).
      - When the vendor refuses the credentials, the task fails, and the next run sends and verifies them again.
    type: str
    choices: [on_change, always, never]
    default: on_change
  create_confirm_timeout:
    description:
      - How long to look for a new instance in the listing, in seconds, to make sure that it exists once.
    type: int
    default: 120
  create_settle:
    description:
      - How long to wait after a creation before looking whether another job created the same instance, in seconds.
      - Give more than the time that the server's listing lags behind, if it does.
    type: int
    default: 0
"""
