# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tokens of instances that exist. Private to this collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from .._api.client import Client
from .._api.inventory import Inventory
from .._engine.find import find_all, find_one
from .._model.errors import Conflict, ServiceError
from .._model.instance import Actual, Desired, describe_duplicates


def read_tokens(desired_items: Sequence[Desired], client: Client) -> list[str]:
    """Return the token of each instance; one is searched for, for several all are listed once.

    :raises Conflict: one of them is not there, or it is not clear which is meant; it is named
    :raises ServiceError: what exists could not be listed
    """
    if len(desired_items) == 1:
        return [_token_of(desired_items[0], find_one(desired_items[0], client), client)]
    return [
        _token_of(desired, matches, client)
        for desired, matches in zip(desired_items, find_all(desired_items, client)[0])
    ]


def _token_of(desired: Desired, matches: Sequence[Actual] | ServiceError, client: Client) -> str:
    if isinstance(matches, ServiceError):
        raise matches
    return read_token(only_match(desired, matches) or _refuse_missing(desired, client), client)


def match_all(desired_items: Sequence[Desired], client: Client) -> list[Actual | None]:
    """Return what one complete listing says of each instance, however many; None where it may be created.

    :raises Conflict: it is not clear which is meant, or one with an id is not there; it is named
    :raises ServiceError: what exists could not be listed
    """
    elements = dict.fromkeys(desired.element for desired in desired_items if desired.element)
    inventory = Inventory(client.instances(prove=elements))
    matches = [only_match(desired, inventory.matches(desired)) for desired in desired_items]
    for desired, actual in zip(desired_items, matches):
        if actual is None and desired.id is not None:
            _refuse_missing(desired, client)
    return matches


def only_match(desired: Desired, matches: Sequence[Actual]) -> Actual | None:
    """Return the one instance that is meant, or None where there is none.

    :param matches: every instance that has the id, or the element and name
    :raises Conflict: there are several, or it is of another element
    """
    if len(matches) > 1:
        raise Conflict("{label}: {why}", label=desired.label, why=describe_duplicates(matches))
    if matches and desired.element not in (None, matches[0].element):
        raise Conflict(
            "{label}: The instance with this id belongs to the element {element}. Correct id.",
            label=desired.label,
            element=matches[0].element,
        )
    return matches[0] if matches else None


def read_token(actual: Actual, client: Client) -> str:
    """Return the token; a disabled instance has one, and so has one with invalid credentials.

    :raises Conflict: Cloud Elements does not return it
    """
    current = actual if actual.token else client.instance(actual.id)
    if current is None or not current.token:
        raise Conflict(
            "Cloud Elements returned no token for instance {id}. Check that this user may see it.",
            id=actual.id,
        )
    return current.token


def _refuse_missing(desired: Desired, client: Client) -> NoReturn:
    """Say that there is no such instance, and first whether there is such an element."""
    if desired.element:
        client.element(desired.element)
    raise Conflict(
        "{label}: There is no such instance. Correct its element, name or id, or create it first.", label=desired.label
    )
