# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which of the instances that exist are asked about. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ._client import Client
from ._elements import Element
from ._errors import BadInput
from ._find import AT_ONCE
from ._instance import Actual


@dataclass(frozen=True)
class Selection:
    """What is asked about: all that holds for each setting that is not None.

    :param tags: all of these, among others
    """

    id: int | None = None
    name: str | None = None
    element: str | None = None
    tags: Sequence[str] | None = None
    owner: str | None = None
    enabled: bool | None = None
    valid: bool | None = None

    def takes(self, actual: Actual) -> bool:
        """Tell whether an instance is one of those."""
        wanted = (self.id, self.name, self.element, self.enabled, self.valid)
        there = (actual.id, actual.name, actual.element, actual.enabled, actual.valid)
        return (
            all(want in (None, value) for want, value in zip(wanted, there))
            and (self.owner is None or self.owner in actual.owners)
            and set(self.tags or ()).issubset(actual.tags or ())
        )


def select(
    selection: Selection, client: Client, *, list_all: bool = False
) -> tuple[list[Actual], list[dict[str, Any]]]:
    """Return the instances that are asked about, whole and in the order of their names.

    :param list_all: look for the others of an instance that is asked about by its id too
    :return: and all that share their element and name with another: ``element``, ``name``, and ``ids``. The others of
        an instance that is asked about by its id are not looked for
    :raises ServiceError: what exists could not be listed; never a part of it
    """
    if selection.id is not None and not list_all:
        listed = list(filter(None, [client.instance(selection.id)]))
    else:
        listed = client.instances(prove=[selection.element] if selection.element else [])
    # What a short item leaves out is no default: it is looked at when the item has been read by id.
    of_short = replace(selection, tags=None, owner=None, enabled=None, valid=None)
    candidates = [actual for actual in listed if (of_short if actual.short else selection).takes(actual)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # Read again one by one, some may be gone.
        whole = pool.map(lambda actual: client.instance(actual.id) if actual.short else actual, candidates)
        found = [actual for actual in whole if actual and selection.takes(actual)]
    found.sort(key=lambda actual: (actual.element, actual.name, actual.id))
    by_name: dict[tuple[str, str], list[int]] = {(actual.element, actual.name): [] for actual in found}
    for actual in listed:
        by_name.get((actual.element, actual.name), []).append(actual.id)
    duplicates = [
        {"element": element, "name": name, "ids": sorted(ids)}
        for (element, name), ids in by_name.items()
        if len(ids) > 1
    ]
    return found, duplicates


def elements_of(found: Iterable[Actual], client: Client) -> dict[str, Element]:
    """Return what the platform says of the elements of these instances, but for those that it has no more.

    :raises ServiceError: one could not be read
    """
    elements = {}
    for key in dict.fromkeys(actual.element for actual in found):
        with suppress(BadInput):
            elements[key] = client.element(key)
    return elements
