# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The views of an instance in results: one function per audience, each an allow-list. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .element import Element
from .instance import RESERVED, Actual
from .values import is_mask


def instance_view(actual: Actual, keys: Iterable[str]) -> dict[str, Any]:
    """Return the view of an instance for a result.

    :param keys: the configuration keys that the user set as readable ones
    """
    configuration = actual.configuration or {}
    return {
        "id": actual.id,
        "name": actual.name,
        "element": actual.element,
        "tags": sorted(tag for tag in actual.tags or () if not tag.startswith(RESERVED)),
        "owner": min(actual.owners, default=None),
        "enabled": actual.enabled,
        "valid": actual.valid,
        "events_enabled": actual.events_enabled,
        "configuration": {key: configuration[key] for key in sorted(keys) if key in configuration},
        "created_date": actual.created_date,
        "updated_date": actual.updated_date,
    }


def safe_instance_view(actual: Actual, keys: Iterable[str], element: Element | None) -> dict[str, Any]:
    """Return the view of an instance for a user who may not know which keys are secret.

    :param keys: configuration keys; secret and missing ones are left out
    :param element: the description of its element; if None, any key may be secret, so none is shown
    """
    current = actual.configuration or {}
    return instance_view(
        actual, [key for key in keys if element and not element.hides(key) and not is_mask(current.get(key) or "")]
    )
