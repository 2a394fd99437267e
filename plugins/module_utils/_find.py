# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What exists of what is desired. Private to this collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ._client import Client
from ._errors import BadInput, Conflict
from ._instance import Actual, Desired


def find_one(desired: Desired, client: Client) -> Sequence[Actual]:
    """Look for one instance: by id, or with a search before a complete listing."""
    if desired.id is not None:
        actual = client.instance(desired.id)
        if actual and desired.state == "present" and desired.name not in (None, actual.name):
            _refuse_taken_name(desired, actual, client.instances())
        return (actual,) if actual else ()
    # A search may miss what is there. That is noticed when it finds nothing, and must not matter before a deletion.
    found = [] if desired.state == "absent" else [a for a in client.instances(desired.name) if desired.names(a)]
    if not found:
        found = [a for a in client.instances(prove=[desired.element or ""]) if desired.names(a)]
    return complete(found, client)


def find_again(desired: Desired, actual: Actual | None, client: Client) -> Sequence[Actual]:
    """Look once more before a change: the listing of a fleet is as old as the work on the instances before."""
    now = client.instance(actual.id) if actual else None
    return (now,) if now and desired.names(now) else find_one(desired, client)


def find_all(wanted: Sequence[Desired], client: Client) -> tuple[list[Sequence[Actual] | None], list[Actual]]:
    """Return what one complete listing says of each desired instance; None where it must be looked for by itself.

    :return: and the listed instances that nobody desires
    :raises BadInput: two of them are the same instance
    :raises ServiceError: what exists could not be listed
    """
    listed = client.instances(prove=dict.fromkeys(desired.element for desired in wanted if desired.element))
    undesired = {actual.id: actual for actual in listed}
    by_name: dict[tuple[str | None, str | None], list[Actual]] = {}
    for actual in listed:
        by_name.setdefault((actual.element, actual.name), []).append(actual)
    by_id = {actual.id: [actual] for actual in listed}
    found: list[Sequence[Actual] | None] = []
    users: dict[object, int] = {}
    keeping: set[int] = set()
    for number, desired in enumerate(wanted):
        matches = by_name.get((desired.element, desired.name), []) if desired.id is None else by_id.get(desired.id, [])
        by_itself = desired.id is not None and [actual.name for actual in matches] != [desired.name]
        found.append(None if by_itself else matches)
        for actual in matches:
            undesired.pop(actual.id, None)
            # Those that share their name already are told apart by their ids.
            as_it_is = desired.id is not None and desired.name in (None, actual.name)
            for identity in (actual.id, (actual.element, desired.name or actual.name)):
                first = users.setdefault(identity, number)
                if first != number and not (identity != actual.id and as_it_is and first in keeping):
                    raise BadInput(_twice(first, number, f"id {actual.id}"))
            if as_it_is:
                keeping.add(number)
    return found, list(undesired.values())


def _refuse_taken_name(desired: Desired, actual: Actual, listed: Sequence[Actual]) -> None:
    renamed = replace(desired, element=actual.element)
    for other in listed:
        if renamed.names(other) and other.id != actual.id:
            raise Conflict(
                f'The instance with id {actual.id} cannot take the name "{desired.name}": the instance with id '
                f"{other.id} has it. Choose another name, or delete that one."
            )


def complete(found: Sequence[Actual], client: Client) -> Sequence[Actual]:
    """Read what a listing left out. Several matches are a conflict whatever they hold, so they are not read.

    :raises Conflict: what is listed is not there: nothing may be created in its place
    """
    if len(found) != 1 or found[0].complete:
        return found
    whole = client.instance(found[0].id)
    if whole is None:
        raise Conflict(
            f"The instance with id {found[0].id} is listed, and Cloud Elements says that it is not there: another job "
            "may be deleting it. Run again."
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


def _twice(first: int, second: int, what: str) -> str:
    return (
        f"instances[{first}] and instances[{second}] are the same instance ({what}): an element and name, or an id, "
        "may stand in the list once."
    )
