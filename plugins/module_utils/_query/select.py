# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which of the instances that exist are asked about. Private to this collection."""

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
    """Return the instances that are asked about, whole and in the order of their names.

    :param list_all: look for the others of an instance that is asked about by its id too
    :return: and all that share their element and name with another: ``element``, ``name``, and ``ids``. The others of
        an instance that is asked about by its id are not looked for
    :raises ServiceError: what exists could not be listed; never a part of it
    """
    if selection.id is not None and not list_all:
        instances = list(filter(None, [client.instance(selection.id)]))
    else:
        instances = client.instances(prove=[selection.element] if selection.element else [])
    # What a short item leaves out is no default: it is looked at when the item has been read by id.
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
    """Return what the platform says of the elements of these instances, but for those that it has no more.

    :raises ServiceError: one could not be read
    """
    elements = {}
    for key in dict.fromkeys(actual.element for actual in instances):
        with suppress(BadInput):
            elements[key] = client.element(key)
    return elements
