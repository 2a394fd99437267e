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


def read_tokens(wanted: Sequence[Desired], client: Client) -> list[str]:
    """Return the token of each instance; one is searched for, for several all are listed once.

    :raises Conflict: one of them is not there, or it is not clear which is meant; it is named
    :raises ServiceError: what exists could not be listed
    """
    if len(wanted) == 1:
        return [_token_of(wanted[0], find_one(wanted[0], client), client)]
    return [_token_of(desired, matches, client) for desired, matches in zip(wanted, find_all(wanted, client)[0])]


def _token_of(desired: Desired, found: Sequence[Actual] | ServiceError, client: Client) -> str:
    if isinstance(found, ServiceError):
        raise found
    return read_token(only_match(desired, found) or _missing(desired, client), client)


def match_all(wanted: Sequence[Desired], client: Client) -> list[Actual | None]:
    """Return what one complete listing says of each instance, however many; None where it may be created.

    :raises Conflict: it is not clear which is meant, or one with an id is not there; it is named
    :raises ServiceError: what exists could not be listed
    """
    elements = dict.fromkeys(desired.element for desired in wanted if desired.element)
    inventory = Inventory(client.instances(prove=elements))
    found = [only_match(desired, inventory.matches(desired)) for desired in wanted]
    for desired, one in zip(wanted, found):
        if one is None and desired.id is not None:
            _missing(desired, client)
    return found


def only_match(desired: Desired, found: Sequence[Actual]) -> Actual | None:
    """Return the one instance that is meant, or None where there is none.

    :param found: every instance that has the id, or the element and name
    :raises Conflict: there are several, or it is of another element
    """
    if len(found) > 1:
        raise Conflict("{label}: {why}", label=desired.label, why=describe_duplicates(found))
    if found and desired.element not in (None, found[0].element):
        raise Conflict(
            "{label}: The instance with this id belongs to the element {element}. Correct id.",
            label=desired.label,
            element=found[0].element,
        )
    return found[0] if found else None


def read_token(actual: Actual, client: Client) -> str:
    """Return the token; a disabled instance has one, and so has one with invalid credentials.

    :raises Conflict: Cloud Elements does not tell it
    """
    whole = actual if actual.token else client.instance(actual.id)
    if whole is None or not whole.token:
        raise Conflict(
            "Cloud Elements returned no token for instance {id}. Check that this user may see it.",
            id=actual.id,
        )
    return whole.token


def _missing(desired: Desired, client: Client) -> NoReturn:
    """Say that there is no such instance, and first whether there is such an element."""
    if desired.element:
        client.element(desired.element)
    raise Conflict(
        "{label}: There is no such instance. Correct its element, name or id, or create it first.", label=desired.label
    )
