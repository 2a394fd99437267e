# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canaries: one made-up value for each secret that a task can be given, as awkward as passwords get."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

SECRETS = {
    "autotask_password": ('"', "\\"),
    "autotask_old_password": ("'", '"'),
    "autotask_wrong_password": ("%", "%"),
    "autotask_item_password": ("{{ ", "'"),
    "act365_api_key": ("&", "+"),
    "act365_new_api_key": ("/", "="),
    "act365_wrong_api_key": ("\\", "€"),
    "example_password": ("ä", "}}"),
    "example_old_password": ("+", "/"),
    "example_signature_key": ("#", "&"),
    "callback_password": ("&", "#"),
    "oauth_api_key": ("?", "'"),
    "oauth_api_secret": ("'", "ä"),
    "oauth_refresh_token": ("€", '"'),
    "provider_code": ("{{ ", "\\"),
    "stamp_key": ("\\", "{{"),
    "other_stamp_key": ('"', "%"),
    "misplaced": ("'", "&"),
    "shown": ("&", "'"),
    "spaced_user_secret": ("%", ",/"),
}
"""Name to the characters that the value starts and ends with."""

HEADER_SECRETS = {"wrong_user_secret": ("'", "\\"), "wrong_organization_secret": ('"', "€")}
"""Those that travel in a header: no space and no comma."""

PLAIN_SECRETS = ("echo_token", "proxy_password")


@dataclass(frozen=True)
class Canary:
    """A secret that must not be seen again."""

    name: str
    value: str = field(repr=False)


def made_up() -> Mapping[str, Canary]:
    """Return every canary that this test makes up itself, by name."""
    values = {name: _awkward(name, *ends) for name, ends in SECRETS.items()}
    values.update(
        {name: _awkward(name, *ends).replace(" ", "").replace(",", "") for name, ends in HEADER_SECRETS.items()}
    )
    values.update({name: "".join(_marks(name)) for name in PLAIN_SECRETS})
    # One secret that holds another: whoever takes the inner one out first leaves the ends of the outer one.
    values["act365_developer_key"] = (
        f"{_awkward('head', '%', '/')}{values['act365_api_key']}{_awkward('tail', '+', '&')}"
    )
    # A key of several lines, of which a server may quote one.
    values["example_key"] = "\n".join(_lines("example_key"))
    return {name: Canary(name, value) for name, value in values.items()}


def _awkward(name: str, first: str, last: str) -> str:
    """Return a value with every character that some encoding treats in a special way, and words that are its own."""
    one, two, three, four, five = _marks(name)
    return f"{first}{one}'ä\"{two}\\€{{{{ {three}%&{four}+/\U0001f511{five}{last}"


def _lines(name: str) -> list[str]:
    """Return the lines of a key."""
    digest = hashlib.sha512(f"canary {name}".encode()).hexdigest()
    return [digest[start : start + 32] for start in range(0, 128, 32)]


def _marks(name: str) -> list[str]:
    """Return five words that appear nowhere else."""
    digest = hashlib.sha256(f"canary {name}".encode()).hexdigest()
    return [digest[start : start + 7] for start in range(0, 35, 7)]
