# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which names, tags and owners the platform stores unchanged. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import BadInput
from .instance import RESERVED
from .message import Own

# Lower case only: if the server changed the case of a tag, the instance would seem to belong to another owner.
_OWNER = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}")


# The platform strips HTML from names and tags (asserted by its own test suite).
_CHANGED_BY_SERVER = re.compile(r"[<>\x00-\x1f\x7f\ud800-\udfff]")


def check_tags(tags: Iterable[str], owner: str | None) -> None:
    """Refuse tags and an owner that the platform would not store unchanged.

    :raises BadInput: one of them is refused
    """
    if owner is not None and not _OWNER.fullmatch(owner):
        raise BadInput(
            "owner must consist of at most 64 lower-case letters, digits and the characters . _ / -, and start with a "
            "letter or a digit."
        )
    for tag in tags:
        check_text("a tag in tags", tag)
        if tag.startswith(RESERVED):
            raise BadInput(
                'Tags with the prefix "{reserved}" belong to this collection. Remove them from tags.',
                reserved=Own(RESERVED),
            )


def check_text(option: str, text: str) -> None:
    """Refuse a text that the platform would store in another form, because every run would then see a difference.

    :raises BadInput: it is refused
    """
    if not text or text != text.strip():
        raise BadInput("{option} must not be empty, or start or end with a space.", option=Own(option))
    if _CHANGED_BY_SERVER.search(text):
        raise BadInput(
            "{option} must not contain <, > or control characters: Cloud Elements removes them.",
            option=Own(option),
        )
