# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the instances that use a vendor's credentials. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._model.errors import BadInput
from ..module_utils._model.message import Own
from ..module_utils._model.vendors import VENDORS


def users(listed: Mapping[str, Any], vendor: str, username: str = "") -> list[dict[str, Any]]:
    """Return the instances that use a vendor's credentials, as a list for ``ce_instances`` that changes nothing else.

    :param listed: the result of ``ce_instance_info``, with the vendor's readable configuration keys
    :param username: the user name of the login, for a vendor that has one
    :raises BadInput: the vendor is unknown, or the input is not such a result
    """
    if vendor not in VENDORS:
        raise BadInput(
            "credential_users does not know this vendor. Use one of {vendors}.", vendors=Own(", ".join(VENDORS))
        )
    if not isinstance(listed.get("instances"), (list, tuple)):
        raise BadInput("credential_users needs the result of ce_instance_info as its input.")
    hubs = {element: hub for hub, element in VENDORS[vendor].elements.items()}
    shows_login = any(field.option == "username" and not field.secret for field in VENDORS[vendor].fields)
    instances = [
        (instance, _readable(instance, vendor, hubs)) for instance in listed["instances"] if instance["element"] in hubs
    ]
    return [
        {
            "id": instance["id"],
            "name": instance["name"],
            # Without its own owner, the item would take the one next to the list.
            **({"owner": instance["owner"]} if instance["owner"] else {}),
            vendor: {**({"hub": hubs[instance["element"]]} if hubs[instance["element"]] else {}), **readable},
        }
        for instance, readable in instances
        if not shows_login or readable.get("username") == username
    ]


def _readable(instance: Mapping[str, Any], vendor: str, hubs: Mapping[str, str]) -> dict[str, str]:
    """Return the readable part of an instance's credentials, by option."""
    keys = {
        field.option: field.key.format(hub=hubs[instance["element"]])
        for field in VENDORS[vendor].fields
        if not field.secret
    }
    current = instance.get("configuration") or {}
    return {option: current[key] for option, key in keys.items() if key in current}
