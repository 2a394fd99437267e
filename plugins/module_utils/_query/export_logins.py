# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which exported instances one login of the environment serves. It compares logins and returns none. Private."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Optional

from .._model.instance import Actual
from .._model.values import is_mask
from .._model.vendors import VENDORS, Vendor

Login = tuple[Optional[str], ...]
"""The values of a vendor's fields, as far as the platform shows them."""


def served_by(found: Iterable[Actual], environment: Mapping[str, str]) -> frozenset[int]:
    """Return the ids of the instances whose vendor login may be left to the environment.

    These are the instances that use the login in the environment. Where it has none, they are all of a vendor that use
    the same login: one credential of a controller can serve them. An instance with another login is never among them,
    because the environment's password would be sent in its place.
    """
    instances = list(found)
    return frozenset(
        number for vendor in VENDORS.values() for number in _served(vendor, _by_login(vendor, instances), environment)
    )


def _by_login(vendor: Vendor, found: Iterable[Actual]) -> dict[Login, list[int]]:
    """Return the ids of a vendor's instances by their login; one of which nothing is shown is by itself."""
    hubs = {key: hub for hub, key in vendor.elements.items()}
    groups: dict[Login, list[int]] = {}
    for actual in found:
        if actual.element in hubs:
            held = actual.configuration or {}
            texts = [held.get(field.key.format(hub=hubs[actual.element])) for field in vendor.fields]
            login: Login = tuple(None if not text or is_mask(text) else text.rstrip("/") for text in texts)
            groups.setdefault(login if any(login) else (str(actual.id),), []).append(actual.id)
    return groups


def _served(vendor: Vendor, groups: Mapping[Login, list[int]], environment: Mapping[str, str]) -> list[int]:
    given = [environment.get(field.environment, "").rstrip("/") for field in vendor.fields]
    if len(groups) == 1 and not any(given):
        return [number for group in groups.values() for number in group]
    return [number for login, group in groups.items() if _is(login, given) for number in group]


def _is(login: Login, given: list[str]) -> bool:
    """Return whether a login is the given one, as far as the platform shows it."""
    return len(login) == len(given) and all(text in (None, own) for text, own in zip(login, given))
