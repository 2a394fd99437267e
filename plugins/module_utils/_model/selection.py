# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which instances are asked about. Private to this collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .instance import Actual


@dataclass(frozen=True)
class Selection:
    """What is asked about: all that holds for each setting that is not None.

    :param tags: all of these, among others
    """

    id: int | None = None
    name: str | None = None
    element: str | None = None
    tags: Sequence[str] | None = None
    owner: str | None = None
    enabled: bool | None = None
    valid: bool | None = None

    def takes(self, actual: Actual) -> bool:
        """Return whether an instance is one of those."""
        criteria = (self.id, self.name, self.element, self.enabled, self.valid)
        values = (actual.id, actual.name, actual.element, actual.enabled, actual.valid)
        return (
            all(criterion in (None, value) for criterion, value in zip(criteria, values))
            and (self.owner is None or self.owner in actual.owners)
            and set(self.tags or ()).issubset(actual.tags or ())
        )
