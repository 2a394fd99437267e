# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.utils.display import Display

from ..module_utils._options.specs import INSTANCE_EXPORT
from ..modules import ce_instance_export
from ..plugin_utils._actions import CheckedModule
from ..plugin_utils._exported import list_text, on_screen
from ..plugin_utils._screen import has_reader


class ActionModule(CheckedModule):
    SPEC = INSTANCE_EXPORT
    WORK = ce_instance_export.work

    def carry_out(self, params: Mapping[str, Any], tmp: Any, task_vars: Any) -> dict[str, Any]:
        result = super().carry_out(params, tmp, task_vars)
        if params["show"] and "instances" in result and has_reader(self._task):
            # Callbacks print a result as JSON, with quotes around each line of the list. Nobody could copy that.
            Display().display(on_screen(list_text(result)))
        return result
