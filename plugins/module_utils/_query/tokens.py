# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the tokens of existing instances. Private to this collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from .._api.client import Client
from .._api.inventory import Inventory
from .._engine.find import find_all, find_one
from .._model.errors import Conflict, ServiceError
from .._model.instance import Actual, Desired, describe_duplicates


def read_tokens(desired_items: Sequence[Desired], client: Client) -> list[str]:
    """Return the token of each instance. A single one is searched for; several need one complete listing.

    :raises Conflict: one of them does not exist or is ambiguous; the message names it
    :raises ServiceError: the instances could not be listed
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
    """Return the match of each instance in one complete listing; None for one that may be created.

    :raises Conflict: one is ambiguous, or one with an id does not exist; the message names it
    :raises ServiceError: the instances could not be listed
    """
    elements = dict.fromkeys(desired.element for desired in desired_items if desired.element)
    inventory = Inventory(client.instances(prove=elements))
    matches = [only_match(desired, inventory.matches(desired)) for desired in desired_items]
    for desired, actual in zip(desired_items, matches):
        if actual is None and desired.id is not None:
            _refuse_missing(desired, client)
    return matches


def only_match(desired: Desired, matches: Sequence[Actual]) -> Actual | None:
    """Return the only match, or None if there is none.

    :param matches: every instance with the id, or with the element and name
    :raises Conflict: there are several, or it belongs to another element
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
    """Return the token. Disabled instances, and those with invalid credentials, have one as well.

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
    """Raise an error: the element does not exist, or else the instance does not."""
    if desired.element:
        client.element(desired.element)
    raise Conflict(
        "{label}: There is no such instance. Correct its element, name or id, or create it first.", label=desired.label
    )
