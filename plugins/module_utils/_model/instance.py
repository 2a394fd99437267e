# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Desired and Actual, the two values that the collection compares. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .message import Message, Own, Shortened, names_of
from .redact import iter_scalars
from .values import expect_optional, expect_type, parse_json, read_date, to_stored_text
from .vendors import PROFILED

RESERVED = "ansible:"
"""The prefix of this collection's own tags."""


_OWNER = RESERVED + "owner:"
DUPLICATES_SHOWN = 20
"""How many instances with the same element and name a sentence describes."""
DUPLICATES_ROOM = 1000
"""Characters for these descriptions."""
LABEL_MAX = 300
"""Characters of a short label. Escapes and hidden secrets make a name longer than the platform allows."""


@dataclass(frozen=True)
class Desired:
    """One instance as the user wants it. All configuration values are strings, see :func:`to_stored_text`."""

    element: str | None
    name: str | None = None
    id: int | None = None
    state: str = "present"
    configuration: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    event_resources: tuple[str, ...] | None = None
    """The resources to poll for events. The element defines how."""
    credential_keys: frozenset[str] = frozenset()
    """Readable keys that the vendor checks together with the secrets. A new value needs a new authentication."""
    unneeded_secrets: tuple[str, ...] = field(default=(), repr=False)
    """Secrets in the input that are not needed, for example for a deletion. They must stay hidden."""
    provider_data: Mapping[str, Any] | None = field(default=None, repr=False)
    external_authentication: str | None = None
    tags: tuple[str, ...] | None = None
    purge_tags: bool = True
    enabled: bool | None = None
    owner: str | None = None
    update_secrets: str = "on_change"
    verify: str = "on_change"
    create_confirm_timeout: float = 120.0
    create_settle: float = 0.0

    @property
    def label(self) -> Message:
        """Return the name of the instance for messages, for example ``autotaskcrm "Acme"``."""
        is_own_word = self.element is None or self.element in PROFILED
        parts: list[Any] = [Own(self.element or "instance") if is_own_word else self.element]
        if self.name is not None:
            parts.append(Message('"{name}"', name=self.name))
        if self.id is not None:
            parts.append(Message("(id {id})", id=self.id))
        return Message.joined(parts)

    @property
    def short_label(self) -> Message:
        """Name the instance in a sentence that must stay short."""
        return Shortened(self.label, LABEL_MAX)

    @cached_property
    def secret_texts(self) -> list[str]:
        """Return every string that must never be shown, including those inside JSON."""
        texts = list(self.secrets.values())
        return [
            *texts,
            *iter_scalars([parse_json(text) for text in texts]),
            *iter_scalars(self.provider_data),
            *self.unneeded_secrets,
        ]

    def names(self, actual: Actual) -> bool:
        """Return whether the actual instance has this element and exactly this name."""
        return (actual.element, actual.name) == (self.element, self.name)


@dataclass(frozen=True)
class Actual:
    """One instance as the platform returns it, read by allow-list."""

    id: int
    name: str
    element: str
    tags: tuple[str, ...] | None
    """None if a listing left them out."""
    enabled: bool
    valid: bool
    events_enabled: bool
    configuration: Mapping[str, str | None] | None = field(repr=False)
    """None if a listing left it out. It must not be shown as a whole, because it may contain vendor keys in clear."""
    created_date: str | None = None
    updated_date: str | None = None
    token: str | None = field(default=None, repr=False)
    element_name: str = field(default="", compare=False)
    """The platform's display name of the element; '' if the answer does not contain it."""
    short: bool = False
    """Whether the answer left out fields. These are unknown; they do not have their defaults."""

    @classmethod
    def read(cls, body: Any) -> Actual:
        """Read an instance from a decoded JSON answer.

        :raises ValueError: the answer is not an instance
        """
        try:
            tags, configuration = (
                expect_optional(list, body.get("tags")),
                expect_optional(dict, body.get("configuration")),
            )
            disabled, valid = expect_optional(bool, body.get("disabled")), expect_optional(bool, body.get("valid"))
            return cls(
                id=int(body["id"] if isinstance(body["id"], str) else expect_type(int, body["id"])),
                name=expect_optional(str, body["name"]) or "",
                element=expect_type(str, body["element"]["key"]),
                # In 2014 the platform returned tags as objects with a name.
                tags=None
                if tags is None
                else tuple(expect_type(str, t["name"] if isinstance(t, dict) else t) for t in tags),
                enabled=not disabled,
                valid=valid is not False,
                events_enabled=bool(expect_optional(bool, body.get("eventsEnabled"))),
                configuration=None
                if configuration is None
                # Almost all values are strings, and a large account has very many: skip the conversion for them.
                else {
                    key: v if isinstance(v, str) or v is None else to_stored_text(v) for key, v in configuration.items()
                },
                created_date=read_date(body.get("createdDate")),
                updated_date=read_date(body.get("updatedDate")),
                token=expect_optional(str, body.get("token")),
                element_name=str(body["element"].get("name") or ""),
                # In many recorded answers, an empty configuration means that it was left out.
                short=None in (tags, disabled, valid) or not configuration,
            )
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError("something that is not an element instance") from error

    @property
    def owners(self) -> frozenset[str]:
        """Return the owners from the owner tags. There is at most one, unless somebody copied tags."""
        return frozenset(tag[len(_OWNER) :] for tag in self.tags or () if tag.startswith(_OWNER))


def describe_duplicates(matches: Iterable[Actual]) -> Message:
    """Return the sentence about instances with the same element and name."""
    instances = sorted(matches, key=lambda actual: actual.id)
    descriptions = [
        Message("id {id}, created {date}", id=actual.id, date=actual.created_date)
        for actual in instances[:DUPLICATES_SHOWN]
    ]
    return Message(
        "{count} instances have this element and name ({instances}). Choose one with id, or delete the others.",
        count=len(instances),
        instances=names_of(descriptions, len(instances), DUPLICATES_ROOM, "; "),
    )


def owner_tag(owner: str) -> str:
    """Return the tag that marks an instance as this owner's."""
    return _OWNER + owner
