# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of one instance, except the vendors' credentials."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - The name of the instance. The element and the name together identify the instance, although Cloud Elements
        itself allows several instances with the same name.
      - Required unless O(id) is set. If you set O(id) and another name, the instance is renamed.
    type: str
  id:
    description:
      - The ID of an existing instance, as Cloud Elements shows it.
      - If there is no instance with this ID, V(present) fails and V(absent) changes nothing.
      - To delete an instance by its ID, leave O(name) unset or set it to the name of the instance.
    type: int
  state:
    description:
      - V(present) creates the instance, or updates what differs.
      - V(absent) deletes the instance. It needs no credentials.
    type: str
    choices: [present, absent]
    default: present
  element:
    description:
      - The key of any element, such as V(servicenow).
      - Exactly one of O(element), O(autotask) and O(act365) is required, unless O(id) is set.
    type: str
  configuration:
    description:
      - The readable configuration keys of the element. They are compared one by one. Keys that you do not list are left
        as they are.
      - You can combine it with a vendor option, such as O(autotask), to set more keys.
      - Secret keys are refused. Put them in O(secrets). A key is secret because of its type or its name, such as
        C(clientSecret).
    type: dict
  secrets:
    description:
      - The secret configuration keys of the element. They are never shown. O(update_secrets) determines when they are
        sent again.
      - One stamp covers all of them. Set the same keys in every run, or all of them are sent every time.
    type: dict
  provider_data:
    description:
      - One-time data from an OAuth vendor, such as C({"code":"..."}). It is sent only when the instance is created.
    type: dict
  external_authentication:
    description:
      - V(initial) means that you already completed the first OAuth exchange. Put its refresh token in O(secrets).
      - The value is sent together with the credentials, and not compared.
    type: str
  events:
    description:
      - Which events the instance delivers, and where it sends them. Unset suboptions are left as they are.
      - Use M(cloud_elements.platform.ce_element_info) to find out whether an element supports events, and what it
        polls.
    type: dict
    suboptions:
      enabled:
        description: Whether to deliver events.
        type: bool
      callback_url:
        description: The URL to post events to.
        type: str
      refresh_interval:
        description: How long to wait between two polls, in minutes.
        type: int
      resources:
        description:
          - The resources to poll, chosen from those that the element polls by default. For example, V(accounts),
            V(contacts) and V(tasks) for AutoTask CRM, or V(incidents) for its help desk.
        type: list
        elements: str
      poller_configuration:
        description: The complete polling configuration, instead of O(events.resources).
        type: dict
      signature_key:
        description:
          - The key that signs the callbacks. Some elements return it in clear text. This collection treats it as a
            secret, like those in O(secrets).
        type: str
      basic_username:
        description: The user name for the callback.
        type: str
      basic_password:
        description: The password for the callback. It is a secret, like those in O(secrets).
        type: str
  tags:
    description:
      - The tags of the instance. If unset, the tags are left as they are.
      - An empty list removes all tags, except one that equals the name. Cloud Elements itself adds that tag to
        instances created without tags.
      - Tags that start with C(ansible:) belong to this collection. They are always kept and never shown.
    type: list
    elements: str
  purge_tags:
    description: Whether to remove tags that are not in O(tags).
    type: bool
    default: true
  enabled:
    description:
      - Whether the instance answers calls. If unset, it is left as it is.
    type: bool
  owner:
    description:
      - The owner of the instance, such as the name of a project. It consists of lower-case letters, digits and
        C(. _ / -), and is stored in a tag.
      - If the instance belongs to another owner, the task fails. If it has no owner, it gets this one.
    type: str
  update_secrets:
    description:
      - When to send the secrets of an existing instance again.
      - V(on_change) sends them if they changed, if that is unknown (because the instance was created by hand or with
        another O(stamp_key)), or if Cloud Elements reports the credentials as invalid.
      - V(always) sends them in every run.
      - V(on_create) never sends them again, and warns if they seem to differ.
      - Cloud Elements renews some tokens itself (C(oauth.user.token), C(oauth.user.refresh_token)). Unless you choose
        V(always), these are sent again only if O(secrets) changed, were rejected, or are reported as invalid.
    type: str
    choices: [on_change, always, on_create]
    default: on_change
  verify:
    description:
      - When to verify the credentials with one call to the vendor. For many elements, Cloud Elements itself does not
        check them.
      - V(on_change) verifies them after it sends the credentials or enables the instance. V(always) verifies them in
        every run.
      - A disabled instance is not verified. For an element without a suitable call, set V(never).
      - If the vendor rejects the credentials, the task fails. The next run sends and verifies them again.
    type: str
    choices: [on_change, always, never]
    default: on_change
  create_confirm_timeout:
    description:
      - How long to wait for a new instance to appear in the listing, in seconds. The listing confirms that the instance
        exists exactly once.
    type: int
    default: 120
  create_settle:
    description:
      - How long to wait after a creation, in seconds, before checking whether another job created the same instance.
      - If the listing of the server lags behind, set more than that delay.
    type: int
    default: 0
"""
