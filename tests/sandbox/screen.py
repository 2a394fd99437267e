# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sandbox says when it is ready. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from .vendors import Account

_LABELS = {
    "autotask": "AutoTask user {0.username}, password {0.password}{1}",
    "act365": "Act! 365 API key {0.username}, developer key {0.password}",
    "examplebasic": "Example user {0.username}, password {0.password}",
}


def screen(facts: Mapping[str, str | int], accounts: Sequence[Account]) -> str:
    """The address, the secrets, the vendor accounts that are right, and the lines that tell them to a shell."""
    exports = {
        "CLOUD_ELEMENTS_BASE_URL": facts["base_url"],
        "CLOUD_ELEMENTS_USER_SECRET": facts["user_secret"],
        "CLOUD_ELEMENTS_ORGANIZATION_SECRET": facts["organization_secret"],
    }
    lines = [
        f"Cloud Elements sandbox at {facts['base_url']}",
        f"  user secret          {facts['user_secret']}",
        f"  organization secret  {facts['organization_secret']}",
        "",
        "Vendor accounts that are right:",
        *(f"  {_account(account)}" for account in accounts),
        "",
        *(f"export {name}={shlex.quote(str(value))}" for name, value in exports.items()),
        "",
        "Stop it with Ctrl+C.",
    ]
    return "\n".join(lines)


def _account(account: Account) -> str:
    server = f", server URL {account.server_url}" if account.server_url else ""
    return _LABELS[account.vendor].format(account, server)
