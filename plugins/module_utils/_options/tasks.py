# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Build the desired instance or the filter from the arguments of a task or lookup. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._model.errors import BadInput
from .._model.instance import Desired
from .._model.message import Message, Own
from .._model.selection import Selection
from .argspec import Checker
from .desired import check_configuration, read_desired
from .specs import SELECTION, TOKEN


def selection(params: Mapping[str, Any]) -> Selection:
    """Return the filter options. An empty string is unset."""
    return Selection(**{option: None if params[option] == "" else params[option] for option in SELECTION})


def desired_from_task(params: Mapping[str, Any]) -> list[Desired]:
    """Return the desired instance of a task, as a list of one.

    :raises BadInput: an option is wrong; the message names the instance
    """
    try:
        return [read_desired(params)]
    except BadInput as error:
        raise BadInput("{label}: {error}", label=_named("instance", params), error=error) from None


def refuse_shown_secrets(params: Mapping[str, Any]) -> None:
    """Refuse a task with a secret in an argument that is shown, before anything prints it.

    :raises BadInput: an argument shows a secret; the message names the instance
    """
    try:
        check_configuration(params)
    except BadInput as error:
        raise BadInput("{label}: {error}", label=_named("instance", params), error=error) from None


def desired_from_lookup(names: Sequence[str], arguments: Mapping[str, Any]) -> tuple[list[Desired], Mapping[str, Any]]:
    """Return the instances of a lookup, and its checked options.

    :param names: names of instances of one element; empty if an id is set
    :raises BadInput: an option is missing or wrong
    """
    params = Checker(TOKEN)(arguments)
    if params["id"] is not None:
        if names:
            raise BadInput("A name and id are mutually exclusive. Use one of them.")
        return [Desired(params["element"] or None, id=params["id"])], params
    if not names or not params["element"]:
        missing_option = "element" if names else "The name"
        raise BadInput(
            "{missing_option} is missing. An instance is identified by element and name, or by id.",
            missing_option=Own(missing_option),
        )
    return [Desired(params["element"], name) for name in names], params


def _named(kind: str, params: Mapping[str, Any]) -> Message:
    name = params.get("name")
    # A name that is not a string may contain a secret, and is refused later.
    return Message('{kind} "{name}"', kind=Own(kind), name=name) if name and isinstance(name, str) else Message(kind)
