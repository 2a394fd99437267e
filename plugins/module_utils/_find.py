# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What exists of what is desired. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ._client import Client
from ._errors import BadInput, Conflict, ServiceError, StartAgain
from ._instance import Actual, Desired
from ._message import Message
from ._stamp import is_stamp

RESTLESS = "Other jobs keep changing the same instance: let one of them run alone."
AT_ONCE = 8
"""How many instances are read at once, where a listing leaves something out."""


@dataclass
class Listing:
    """What one look at the account showed, by all that it is asked for."""

    by_id: dict[int, Actual] = field(default_factory=dict)
    by_stamp: dict[str, Actual] = field(default_factory=dict)
    by_name: dict[tuple[str | None, str | None], list[Actual]] = field(default_factory=dict)

    @classmethod
    def of(cls, listed: Sequence[Actual]) -> Listing:
        """Return the listing of these instances."""
        made = cls()
        for actual in listed:
            made.by_id[actual.id] = actual
            made.by_name.setdefault((actual.element, actual.name), []).append(actual)
            made.by_stamp.update((tag, actual) for tag in actual.tags or () if is_stamp(tag))
        return made

    def named(self, element: str | None, name: str | None) -> list[Actual]:
        """Return the instances of an element that have a name."""
        return self.by_name.get((element, name), [])

    def matches(self, desired: Desired) -> list[Actual]:
        """Return the instances that are meant: by the id where there is one, else by element and name."""
        if desired.id is None:
            return self.named(desired.element, desired.name)
        return [self.by_id[desired.id]] if desired.id in self.by_id else []


def find_one(desired: Desired, client: Client, listing: Listing | None = None) -> Sequence[Actual]:
    """Look for one instance: by id, or with a search before a complete listing.

    :param listing: a complete one of this run, which shows the names that are taken
    :raises Conflict: the new name is taken
    """
    if desired.id is not None:
        actual = client.instance(desired.id)
        if actual and is_renamed(desired, actual):
            _refuse_taken_name(desired, actual, listing or Listing.of(client.instances()))
        return (actual,) if actual else ()

    def missing(listed: Iterable[Actual]) -> bool:
        # Before a creation, the search has looked too.
        return desired.state == "absent" and not any(map(desired.names, listed))

    # A search may miss what is there. That is noticed when it finds nothing, and must not matter before a deletion.
    found = [] if desired.state == "absent" else [a for a in client.instances(desired.name) if desired.names(a)]
    if not found:
        listed = client.instances(prove=[desired.element or ""], missing=missing)
        found = [actual for actual in listed if desired.names(actual)]
    return complete(found, client)


def find_again(desired: Desired, actual: Actual, client: Client) -> Sequence[Actual]:
    """Look once more, directly before a change: a listing of many is as old as the work on those before.

    :raises StartAgain: what has the name now has to be looked for
    """
    now = client.instance(actual.id)
    if desired.id is None and not (now and desired.names(now)):
        raise StartAgain(RESTLESS)
    return (now,) if now else ()


def find_all(wanted: Sequence[Desired], client: Client) -> tuple[list[Sequence[Actual] | ServiceError], Listing]:
    """Return what exists of each desired instance, from one complete listing; an id that it lacks is read by itself.

    :return: or why it could not be read; and the listing
    :raises BadInput: two of them are the same instance, now or after this run
    :raises ServiceError: what exists could not be listed
    """
    names = {(desired.element, desired.name) for desired in wanted if desired.id is None}

    def missing(listed: Iterable[Actual]) -> bool:
        return bool(names.difference((actual.element, actual.name) for actual in listed))

    elements = dict.fromkeys(desired.element for desired in wanted if desired.element)
    listing = Listing.of(client.instances(prove=elements, missing=missing))

    def unlisted(desired: Desired) -> Sequence[Actual] | ServiceError:
        try:
            actual = client.instance(desired.id or 0)
        except ServiceError as error:
            return error
        return [actual] if actual else []

    found: list[Sequence[Actual] | ServiceError] = [listing.matches(desired) for desired in wanted]
    lacking = [number for number, matches in enumerate(found) if not matches and wanted[number].id is not None]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, matches in zip(lacking, pool.map(unlisted, [wanted[number] for number in lacking])):
            found[number] = matches
    _refuse_same_instance(wanted, [() if isinstance(matches, ServiceError) else matches for matches in found])
    return found, listing


def _refuse_same_instance(wanted: Sequence[Desired], found: Sequence[Sequence[Actual]]) -> None:
    """Refuse two items that are about one instance, or would be after this run.

    :raises BadInput: two are
    """
    users: dict[object, int] = {}
    as_named: set[int] = set()
    for number, (desired, matches) in enumerate(zip(wanted, found)):
        # Those that share their name already are told apart by their ids.
        by_id_alone = desired.id is not None and not any(is_renamed(desired, actual) for actual in matches)
        for identity in _identities(desired, matches):
            first = users.setdefault(identity, number)
            apart = by_id_alone and first in as_named and not isinstance(identity, int)
            if first != number and not apart:
                raise BadInput(_twice(first, number, _identified(identity)))
        if by_id_alone:
            as_named.add(number)


def _identities(desired: Desired, matches: Sequence[Actual]) -> Iterator[int | tuple[str, str]]:
    """Yield the ids that an item is about, and the element and name that it has after this run."""
    for actual in matches:
        yield actual.id
        yield actual.element, desired.name or actual.name
    if not matches and desired.element and desired.name:
        yield desired.element, desired.name


def _identified(identity: int | tuple[str, str]) -> Message:
    return Message("id {id}", id=identity) if isinstance(identity, int) else Desired(*identity).label


def is_renamed(desired: Desired, actual: Actual) -> bool:
    """Return whether an instance that is known by its id gets another name."""
    return desired.state == "present" and desired.name not in (None, actual.name)


def refuse_taken_name(desired: Desired, found: Sequence[Actual], listing: Listing) -> None:
    """Refuse a new name that another instance of the element has.

    :raises Conflict: the name is taken
    """
    if desired.id is not None and found and is_renamed(desired, found[0]):
        _refuse_taken_name(desired, found[0], listing)


def _refuse_taken_name(desired: Desired, actual: Actual, listing: Listing) -> None:
    for other in listing.named(actual.element, desired.name):
        if other.id != actual.id:
            raise Conflict(
                'The instance with id {id} cannot take the name "{name}": the instance with id '
                "{other} has it. Choose another name, or delete that one.",
                id=actual.id,
                name=desired.name,
                other=other.id,
            )


def complete(found: Sequence[Actual], client: Client) -> Sequence[Actual]:
    """Read what a listing left out. Several matches are a conflict whatever they hold, so they are not read.

    :raises Conflict: what is listed is not there: nothing may be created in its place
    """
    if len(found) != 1 or not found[0].short:
        return found
    whole = client.instance(found[0].id)
    if whole is None:
        raise Conflict(
            "The instance with id {id} is listed, and Cloud Elements says that it is not there: another job "
            "may be deleting it. Run again.",
            id=found[0].id,
        )
    return (whole,)


def refuse_duplicates(wanted: Sequence[Desired]) -> None:
    """Refuse what stands in the list twice, as far as the list itself tells.

    :raises BadInput: two of them are the same instance
    """
    seen: dict[tuple[Any, ...], int] = {}
    for number, desired in enumerate(wanted):
        names = [("name", desired.element, desired.name)] if desired.element and desired.name else []
        for identity in [*names, *([("id", desired.id)] if desired.id is not None else [])]:
            first = seen.setdefault(identity, number)
            # Whether two ids may have one name depends on the names that they have now.
            by_ids = identity[0] == "name" and None not in (desired.id, wanted[first].id)
            if first != number and not by_ids:
                raise BadInput(_twice(first, number, desired.label))


def _twice(first: int, second: int, what: Message) -> Message:
    return Message(
        "instances[{first}] and instances[{second}] are the same instance ({what}): an element and name, or an id, may "
        "stand in the list once.",
        first=first,
        second=second,
        what=what,
    )
