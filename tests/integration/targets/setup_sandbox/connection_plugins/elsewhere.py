# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This machine as if it were another host: modules are run there, and nothing is done in the process of the job."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: elsewhere
short_description: This machine under another name
version_added: 1.0.0
description:
  - Runs modules on this machine like the connection M(ansible.builtin.local), which this is not.
author:
  - Cloud Elements platform collection contributors (@cloud-elements-community)
extends_documentation_fragment:
  - connection_pipelining
"""


class Connection(LocalConnection):
    transport = "elsewhere"
