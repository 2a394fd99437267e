# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The changes of a plan, as values. `_api/writes` defines how each is sent. Private to this collection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .element import ROTATED_BY_SERVER
from .instance import Actual
from .values import MASK, values_equal


@dataclass(frozen=True)
class Change(ABC):
    """One write to one instance.

    :param name: the name to store; None if it is not sent
    :param tags: all tags to store, the stamp included; None if they are not sent
    :param configuration: configuration key to the value to store. It may contain secrets, so it is never shown
    """

    name: str | None = None
    tags: tuple[str, ...] | None = None
    configuration: Mapping[str, str] = field(default_factory=dict, repr=False)

    what: ClassVar[str]
    """What messages call it."""

    @abstractmethod
    def took_effect(self, actual: Actual | None) -> bool:
        """Return whether a later read of the instance proves that the platform carried the change out.

        :param actual: the instance, or None if it does not exist
        """


@dataclass(frozen=True)
class _Content(Change):
    """A change of stored values, which prove the change themselves."""

    def took_effect(self, actual: Actual | None) -> bool:
        """Compare everything that can be read. Secrets cannot, and the platform replaces some tokens itself."""
        if actual is None:
            return False
        current = actual.configuration or {}
        return (
            self.name in (None, actual.name)
            and (self.tags is None or set(self.tags) == set(actual.tags or ()))
            and all(
                current.get(key, MASK) == MASK or key in ROTATED_BY_SERVER or values_equal(value, current[key])
                for key, value in self.configuration.items()
            )
        )


@dataclass(frozen=True)
class Create(_Content):
    """A new instance.

    :param element: the key of its element
    :param external_authentication: the option of this name
    :param provider_data: the data from an OAuth vendor; secret
    """

    element: str = ""
    external_authentication: str | None = None
    provider_data: Mapping[str, Any] | None = field(default=None, repr=False)

    what: ClassVar[str] = "creation"


@dataclass(frozen=True)
class Reauthenticate(_Content):
    """The documented way to send credentials again. The platform needs the complete payload."""

    element: str = ""
    external_authentication: str | None = None

    what: ClassVar[str] = "re-authentication"


@dataclass(frozen=True)
class Patch(_Content):
    """The differing values, and nothing else."""

    what: ClassVar[str] = "update"


@dataclass(frozen=True)
class Enable(Change):
    """Enable the instance."""

    what: ClassVar[str] = "enabling"

    def took_effect(self, actual: Actual | None) -> bool:
        """Look at the switch."""
        return actual is not None and actual.enabled


@dataclass(frozen=True)
class Disable(Change):
    """Disable the instance."""

    what: ClassVar[str] = "disabling"

    def took_effect(self, actual: Actual | None) -> bool:
        """Look at the switch."""
        return actual is not None and not actual.enabled


@dataclass(frozen=True)
class Delete(Change):
    """Delete the instance and its token."""

    what: ClassVar[str] = "deletion"

    def took_effect(self, actual: Actual | None) -> bool:
        """Return whether the instance is absent."""
        return actual is None
