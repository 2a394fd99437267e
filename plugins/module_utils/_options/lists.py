# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Build the desired instances from the arguments of a task with a list. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, TypeVar

from .._model.errors import BadInput
from .._model.instance import Desired
from .argspec import Checker
from .desired import read_desired
from .specs import FLEET, ITEM, TOKEN_FILE
from .tasks import _named

T = TypeVar("T")


def desired_from_list(arguments: Mapping[str, Any]) -> tuple[list[Desired], Mapping[str, Any]]:
    """Return the desired instances of a list, and the checked options beside it.

    :param arguments: the raw arguments; options next to the list replace those that an item lacks
    :raises BadInput: an option is wrong; the message names the item by its place and name
    """
    params = Checker(FLEET)(arguments)
    items = _items(params)
    if params["prune"]:
        _check_prune(params)
    most_deleted(params["max_delete"], 0)
    check_item = Checker(ITEM)
    return [
        _item(number, item, lambda item: read_desired(check_item(item), params)) for number, item in enumerate(items)
    ], params


def identities_from_list(arguments: Mapping[str, Any]) -> tuple[list[Desired], Mapping[str, Any]]:
    """Return the identities of the instances that a list wants present, and the options next to it.

    :param arguments: the raw arguments; items need no credentials
    :raises BadInput: an option is wrong; the message names the item by its place and name
    """
    params = Checker(TOKEN_FILE)(arguments)
    check_item = Checker(ITEM)

    def identity(item: Mapping[str, Any]) -> Desired | None:
        options = check_item(item)
        # An absent instance needs no credentials.
        desired = read_desired({**options, "state": "absent"})
        if options["state"] == "absent":
            return None
        return Desired(desired.element, desired.name, desired.id, unneeded_secrets=desired.unneeded_secrets)

    identities = [_item(number, item, identity) for number, item in enumerate(_items(params))]
    return [desired for desired in identities if desired], params


def _items(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if params["instances"] is None:
        raise BadInput("instances is missing. Set it, or set instances_file.")
    items: list[Mapping[str, Any]] = params["instances"]
    return items


def _check_prune(params: Mapping[str, Any]) -> None:
    if not params["owner"]:
        raise BadInput("prune needs owner, because it only deletes instances with the owner's tag. Set owner.")
    if not params["instances"]:
        raise BadInput(
            "prune with an empty list would delete all instances of the owner: list the instances to keep, or turn "
            "prune off."
        )
    for number, item in enumerate(params["instances"]):
        if item.get("owner") not in (None, "", params["owner"]):
            raise BadInput(
                "{label} has another owner than the list, but prune works for one owner only. Move the item to "
                "another list, or turn prune off.",
                label=_named(f"instances[{number}]", item),
            )


def most_deleted(text: str, total: int) -> int:
    """Return how many instances may be pruned. A percentage above 0 always allows at least one.

    :param text: ``max_delete``: a number, or a percentage such as ``10%``
    :param total: the number of the owner's instances
    :raises BadInput: it is neither
    """
    number, percent, suffix = text.strip().partition("%")
    if not number.isascii() or not number.isdecimal() or suffix:
        raise BadInput("max_delete is {given}, but must be a number, or a percentage such as 10%.", given=text)
    share = int(number)
    return max(share * total // 100, min(share, 1)) if percent else share


def _item(number: int, item: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> T:
    try:
        return read(item)
    except BadInput as error:
        raise BadInput("{label}: {error}", label=_named(f"instances[{number}]", item), error=error) from None
