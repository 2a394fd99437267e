# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replace option names in messages with the role's variables, which its users know. Private."""

from __future__ import annotations

import re
from typing import Callable

from ansible.plugins.action import ActionBase

from ..module_utils._options.specs import CONNECTION, FLEET, ITEM

ROLE = "cloud_elements.platform.instances"
PREFIX = "instances_"

# An item has its own owner and login, so these names may refer to the options of an item.
_VARIABLES = {
    **{option: PREFIX + option for option in {*CONNECTION, *FLEET}.difference(ITEM)},
    "instances": "instances_list",
    "instances_file": "instances_file",
    "vault_id": "instances_token_vault_id",
}
_ANYWHERE = "|".join(name for name in _VARIABLES if "_" in name)
_AT_START = "|".join(_VARIABLES)
# The other names are also English words. At the start of a sentence, a lower-case word can only be a name.
_OPTION = re.compile(rf"(?<![\w{{.])(?:{_ANYWHERE})(?![\w}}])|^(?:{_AT_START})(?![\w}}])")


def user_names(action: ActionBase) -> Callable[[str], str]:
    """Return a function that replaces options with the role's variables if the task is part of the role."""
    role = action._task._role
    return _rename_options if role is not None and role.get_name() == ROLE else str


def _rename_options(words: str) -> str:
    return _OPTION.sub(lambda match: _VARIABLES[match[0]], words)
