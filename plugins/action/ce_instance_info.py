# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ..module_utils._options.specs import INSTANCE_INFO
from ..modules import ce_instance_info
from ..plugin_utils._actions import CheckedModule


class ActionModule(CheckedModule):
    SPEC = INSTANCE_INFO
    WORK = ce_instance_info.work
