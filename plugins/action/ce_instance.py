# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.plugins.action.normal import ActionModule as NormalActionModule


class ActionModule(NormalActionModule):
    """Runs the module of the same name, like any module.

    It is here because some releases of ansible-core take a short name that starts with ``ce_`` for the network platform
    ``ce``, unless there is an action plugin of that very name.
    """
