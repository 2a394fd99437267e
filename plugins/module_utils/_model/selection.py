# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The filter options of the modules that read instances. Private to this collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .instance import Actual


@dataclass(frozen=True)
class Selection:
    """Selects the instances that match every setting that is not None.

    :param tags: the instance has all of these, and may have others
    """

    id: int | None = None
    name: str | None = None
    element: str | None = None
    tags: Sequence[str] | None = None
    owner: str | None = None
    enabled: bool | None = None
    valid: bool | None = None

    def takes(self, actual: Actual) -> bool:
        """Return whether an instance matches."""
        criteria = (self.id, self.name, self.element, self.enabled, self.valid)
        values = (actual.id, actual.name, actual.element, actual.enabled, actual.valid)
        return (
            all(criterion in (None, value) for criterion, value in zip(criteria, values))
            and (self.owner is None or self.owner in actual.owners)
            and set(self.tags or ()).issubset(actual.tags or ())
        )
