# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Choose the variable for each exported secret. Secrets of different logins must never share one. Private."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from .._model.vendors import VENDORS
from .export_logins import Login

WORD_LENGTH = 60
"""Characters. YAML limits the length of a key, and names on the platform may be longer."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a secret belongs: in which option, and suboption or configuration key, of an item.

    :param login: the login that the secret is part of; None if other instances cannot be shown to use the same one
    """

    id: int
    item: dict[str, Any]
    option: str
    name: str
    key: str
    login: Login | None = None


def variables_of(places: Sequence[Place]) -> list[str]:
    """Return the variable of each place. The places of one login share theirs.

    The names depend on the exported instances only, not on the order of the places.
    """
    first: dict[Hashable, Place] = {}
    for place in sorted(places, key=lambda place: (place.id, place.key)):
        first.setdefault(_secret(place), place)
    names = dict(zip(first, _choose_names([_candidates(place) for place in first.values()])))
    return [names[_secret(place)] for place in places]


def _secret(place: Place) -> Hashable:
    """Return a key that is equal for all places of one secret."""
    return (place.login, place.name) if place.login else place


def _candidates(place: Place) -> list[str]:
    """Return the names that a variable may have, the shortest first: after its login, or else after its instance."""
    name = _word(place.item.get("name", "")) or "instance"
    if place.option not in VENDORS:
        base_name = _join_words(name, _word(place.name))
        # Anybody may call an instance like a login. Its variable must not look like the one of the login.
        return [*([] if name.startswith(tuple(VENDORS)) else [base_name]), f"{base_name}_{place.id}"]
    login = place.item[place.option]
    readable = [vendor_field for vendor_field in VENDORS[place.option].fields if not vendor_field.secret]
    users = [
        word
        for word in (_word(login[vendor_field.option]) for vendor_field in readable if not vendor_field.url)
        if word
    ] or [name]
    hosts = [_word(login[vendor_field.option].partition("://")[2]) for vendor_field in readable if vendor_field.url]
    base_name = _join_words(place.option, *users, _word(place.name))
    return [base_name, _join_words(place.option, *users, *hosts, _word(place.name)), f"{base_name}_{place.id}"]


def _choose_names(candidates: Sequence[Sequence[str]]) -> list[str]:
    """Return a name for each secret: its first unique candidate, or its last one with a number."""
    indexes = [0] * len(candidates)
    while True:
        names_in_use = [names[index] for names, index in zip(candidates, indexes)]
        uses = Counter(names_in_use)
        clashes = [
            place
            for place, (name, index) in enumerate(zip(names_in_use, indexes))
            if uses[name] > 1 and index + 1 < len(candidates[place])
        ]
        if not clashes:
            return _add_numbers(names_in_use)
        for place in clashes:
            indexes[place] += 1


def _add_numbers(names: Sequence[str]) -> list[str]:
    unique_names: dict[str, None] = {}
    for name in names:
        variable, number = name, 1
        while variable in unique_names:
            number += 1
            variable = f"{name}_{number}"
        unique_names[variable] = None
    return list(unique_names)


def _join_words(*words: str) -> str:
    return "_".join(["vault", *filter(None, words)])


def _word(text: str) -> str:
    """Return a text as a part of a variable's name, without accents."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "_", letters).strip("_")[:WORD_LENGTH].rstrip("_")
