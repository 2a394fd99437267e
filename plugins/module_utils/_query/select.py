# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Select existing instances by the filter options. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from .._api.client import Client
from .._api.inventory import Inventory, complete_instances
from .._model.element import Element
from .._model.errors import BadInput
from .._model.instance import Actual
from .._model.selection import Selection


def select_instances(
    selection: Selection, client: Client, *, list_all: bool = False
) -> tuple[list[Actual], list[dict[str, Any]]]:
    """Return the selected instances with all fields, in the order of their names.

    :param list_all: find duplicates of an instance that is selected by its id, too
    :return: the instances, and the duplicates of their elements and names: ``element``, ``name``, and ``ids``. Without
        `list_all`, duplicates of an instance that is selected by its id are not searched for
    :raises ServiceError: the instances could not be listed; a part of them is never returned
    """
    if selection.id is not None and not list_all:
        instances = list(filter(None, [client.instance(selection.id)]))
    else:
        instances = client.instances(prove=[selection.element] if selection.element else [])
    # A field that a listing left out is unknown: it is compared after the instance was read by its id.
    short_selection = replace(selection, tags=None, owner=None, enabled=None, valid=None)
    candidates = [actual for actual in instances if (short_selection if actual.short else selection).takes(actual)]
    matches = [actual for actual in complete_instances(candidates, client) if selection.takes(actual)]
    matches.sort(key=lambda actual: (actual.element, actual.name, actual.id))
    inventory = Inventory(instances)
    duplicates = [
        {"element": element, "name": name, "ids": sorted(actual.id for actual in same_name)}
        for element, name in dict.fromkeys((actual.element, actual.name) for actual in matches)
        if len(same_name := inventory.with_name(element, name)) > 1
    ]
    return matches, duplicates


def elements_of(instances: Iterable[Actual], client: Client) -> dict[str, Element]:
    """Return the descriptions of the instances' elements, except for elements that no longer exist.

    :raises ServiceError: one could not be read
    """
    elements = {}
    for key in dict.fromkeys(actual.element for actual in instances):
        with suppress(BadInput):
            elements[key] = client.element(key)
    return elements
