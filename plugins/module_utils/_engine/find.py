# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find the existing instances that match the desired ones. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .._api.client import Client
from .._api.inventory import Inventory, complete_match, read_ids
from .._model.errors import BadInput, Conflict, PlanOutdated, ServiceError
from .._model.instance import Actual, Desired
from .._model.message import Message

CONTENTION_MESSAGE = "Other jobs keep changing the same instance. Let only one job manage it."


def find_one(desired: Desired, client: Client, inventory: Inventory | None = None) -> Sequence[Actual]:
    """Find one instance by its id, or with a search before a complete listing.

    :param inventory: a complete listing of this run, which shows the names in use
    :raises Conflict: the new name is taken
    """
    if desired.id is not None:
        actual = client.instance(desired.id)
        if actual and is_renamed(desired, actual):
            _refuse_taken_name(desired, actual, inventory or Inventory(client.instances()))
        return (actual,) if actual else ()

    def is_missing(instances: Iterable[Actual]) -> bool:
        # Before a creation, the search has already found nothing.
        return desired.state == "absent" and not any(map(desired.names, instances))

    # A search may miss an instance. If it finds nothing, list everything. A deletion needs the listing in any case.
    matches = [] if desired.state == "absent" else Inventory(client.instances(desired.name)).matches(desired)
    if not matches:
        matches = Inventory(client.instances(prove=[desired.element or ""], is_missing=is_missing)).matches(desired)
    return complete_match(matches, client)


def find_again(desired: Desired, actual: Actual, client: Client) -> Sequence[Actual]:
    """Read an instance again, directly before a change: during a long run, the listing gets old.

    :raises PlanOutdated: the instance with this name has to be found again
    """
    current = client.instance(actual.id)
    if desired.id is None and not (current and desired.names(current)):
        raise PlanOutdated(CONTENTION_MESSAGE)
    return (current,) if current else ()


def find_all(
    desired_items: Sequence[Desired], client: Client
) -> tuple[list[Sequence[Actual] | ServiceError], Inventory]:
    """Return the matches of each desired instance, from one complete listing. An id that it lacks is read separately.

    :return: the matches of each, or the error of its read; and the inventory
    :raises BadInput: two of them are the same instance, now or after this run
    :raises ServiceError: the instances could not be listed
    """
    inventory = Inventory.of_all(client, desired_items)
    all_matches: list[Sequence[Actual] | ServiceError] = [inventory.matches(desired) for desired in desired_items]
    unlisted_ids = {
        number: desired.id
        for number, desired in enumerate(desired_items)
        if desired.id is not None and not all_matches[number]
    }
    for number, matches in zip(unlisted_ids, read_ids(list(unlisted_ids.values()), client)):
        all_matches[number] = matches
    _refuse_same_instance(
        desired_items, [() if isinstance(matches, ServiceError) else matches for matches in all_matches]
    )
    return all_matches, inventory


def _refuse_same_instance(desired_items: Sequence[Desired], all_matches: Sequence[Sequence[Actual]]) -> None:
    """Refuse two items for the same instance, now or after this run.

    :raises BadInput: two are
    """
    numbers: dict[object, int] = {}
    id_only_items: set[int] = set()
    for number, (desired, matches) in enumerate(zip(desired_items, all_matches)):
        # Instances that already share their name are identified by their ids.
        is_id_only = desired.id is not None and not any(is_renamed(desired, actual) for actual in matches)
        for identity in _identities(desired, matches):
            first = numbers.setdefault(identity, number)
            is_distinct = is_id_only and first in id_only_items and not isinstance(identity, int)
            if first != number and not is_distinct:
                raise BadInput(_duplicate_message(first, number, _describe_identity(identity)))
        if is_id_only:
            id_only_items.add(number)


def _identities(desired: Desired, matches: Sequence[Actual]) -> Iterator[int | tuple[str, str]]:
    """Yield the ids of an item's instances, and the element and name that they have after this run."""
    for actual in matches:
        yield actual.id
        yield actual.element, desired.name or actual.name
    if not matches and desired.element and desired.name:
        yield desired.element, desired.name


def _describe_identity(identity: int | tuple[str, str]) -> Message:
    return Message("id {id}", id=identity) if isinstance(identity, int) else Desired(*identity).label


def is_renamed(desired: Desired, actual: Actual) -> bool:
    """Return whether an instance gets another name. The item then identifies it by its id."""
    return desired.state == "present" and desired.name not in (None, actual.name)


def refuse_taken_name(desired: Desired, matches: Sequence[Actual], inventory: Inventory) -> None:
    """Refuse a new name that another instance of the element has.

    :raises Conflict: the name is taken
    """
    if desired.id is not None and matches and is_renamed(desired, matches[0]):
        _refuse_taken_name(desired, matches[0], inventory)


def _refuse_taken_name(desired: Desired, actual: Actual, inventory: Inventory) -> None:
    for other in inventory.with_name(actual.element, desired.name):
        if other.id != actual.id:
            raise Conflict(
                'Instance {id} cannot be renamed to "{name}", because instance {other} has this name. Choose '
                "another name, or delete the other instance.",
                id=actual.id,
                name=desired.name,
                other=other.id,
            )


def refuse_duplicates(desired_items: Sequence[Desired]) -> None:
    """Refuse two items for the same instance, as far as the list itself shows it.

    :raises BadInput: two of them are the same instance
    """
    numbers: dict[tuple[Any, ...], int] = {}
    for number, desired in enumerate(desired_items):
        names = [("name", desired.element, desired.name)] if desired.element and desired.name else []
        for identity in [*names, *([("id", desired.id)] if desired.id is not None else [])]:
            first = numbers.setdefault(identity, number)
            # Two ids may share a name if the instances already do, which the list does not show.
            by_ids = identity[0] == "name" and None not in (desired.id, desired_items[first].id)
            if first != number and not by_ids:
                raise BadInput(_duplicate_message(first, number, desired.label))


def _duplicate_message(first: int, second: int, label: Message) -> Message:
    return Message(
        "instances[{first}] and instances[{second}] are the same instance ({label}). An element and name, or an id, "
        "may appear in the list only once.",
        first=first,
        second=second,
        label=label,
    )
