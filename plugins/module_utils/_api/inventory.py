# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The result of one listing, and reads of the fields that it left out. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from .._model.errors import Conflict, ServiceError
from .._model.instance import Actual, Desired
from .._model.stamp import is_stamp
from .client import Client

AT_ONCE = 8
"""How many instances are read at once."""


class Inventory:
    """One listing, indexed by id, name and stamp.

    :param instances: a complete listing, or the result of a search
    """

    def __init__(self, instances: Sequence[Actual]) -> None:
        self._instances = instances

    # A listing may have tens of thousands of instances, and most runs need names only: build each index on first use.

    @cached_property
    def _by_id(self) -> dict[int, Actual]:
        return {actual.id: actual for actual in self._instances}

    @cached_property
    def _by_name(self) -> dict[tuple[str | None, str | None], list[Actual]]:
        index: dict[tuple[str | None, str | None], list[Actual]] = {}
        for actual in self._instances:
            index.setdefault((actual.element, actual.name), []).append(actual)
        return index

    @cached_property
    def _by_stamp(self) -> dict[str, Actual]:
        return {tag: actual for actual in self._instances for tag in actual.tags or () if is_stamp(tag)}

    @classmethod
    def of_all(cls, client: Client, desired_items: Sequence[Desired]) -> Inventory:
        """List the whole account. If the listing lacks one of these names, prove its absence with another listing.

        :raises ServiceError: the listing could not be completed; never a part of it
        """
        names = {(desired.element, desired.name) for desired in desired_items if desired.id is None}

        def is_missing(instances: Iterable[Actual]) -> bool:
            return bool(names.difference((actual.element, actual.name) for actual in instances))

        elements = dict.fromkeys(desired.element for desired in desired_items if desired.element)
        return cls(client.instances(prove=elements, is_missing=is_missing))

    def __iter__(self) -> Iterator[Actual]:
        return iter(self._instances)

    def __contains__(self, instance_id: object) -> bool:
        return instance_id in self._by_id

    def get(self, instance_id: int) -> Actual | None:
        """Return the instance with an id."""
        return self._by_id.get(instance_id)

    def with_stamp(self, stamp: str) -> Actual | None:
        """Return the instance with a stamp, if the listing shows its tags."""
        return self._by_stamp.get(stamp)

    def with_name(self, element: str | None, name: str | None) -> list[Actual]:
        """Return the instances with an element and a name."""
        return self._by_name.get((element, name), [])

    def matches(self, desired: Desired) -> list[Actual]:
        """Return the instances that match a desired one: by its id if it has one, or else by element and name."""
        if desired.id is None:
            return self.with_name(desired.element, desired.name)
        actual = self.get(desired.id)
        return [actual] if actual else []


def complete_instances(instances: Sequence[Actual], client: Client, at_once: int = AT_ONCE) -> list[Actual]:
    """Return these instances with all fields that a listing left out, without those deleted since.

    Only the incomplete ones are read, several at once: a listing may have tens of thousands of instances, and most
    leave nothing out.
    """
    ids = [actual.id for actual in instances if actual.short]
    with ThreadPoolExecutor(at_once) as pool:
        by_id = dict(zip(ids, pool.map(client.instance, ids)))
    completed = (by_id[actual.id] if actual.short else actual for actual in instances)
    return [actual for actual in completed if actual]


def complete_match(matches: Sequence[Actual], client: Client) -> Sequence[Actual]:
    """Return the matches with all fields. Several matches are a conflict in any case, so they are not read.

    :raises Conflict: a listed instance cannot be read, so nothing may be created in its place
    """
    if len(matches) != 1 or not matches[0].short:
        return matches
    actual = client.instance(matches[0].id)
    if actual is None:
        raise Conflict(
            "Instance {id} is in the listing, but Cloud Elements reports that it does not exist. Another job may "
            "be deleting it. Run again.",
            id=matches[0].id,
        )
    return (actual,)


def read_ids(ids: Sequence[int], client: Client) -> list[Sequence[Actual] | ServiceError]:
    """Read each id that a listing lacks. Return for each the instance, nothing, or the error."""

    def read(instance_id: int) -> Sequence[Actual] | ServiceError:
        try:
            actual = client.instance(instance_id)
        except ServiceError as error:
            return error
        return [actual] if actual else []

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(read, ids))
