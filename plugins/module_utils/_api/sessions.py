# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What several clients in one process share: connections and element descriptions, never what they hide. Private.

The items of a loop run one after the other in one process. Without this, each would open a connection of its own and
read the description of the same element again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .._model.element import Element
from .transport import Settings, new_session

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True)
class Shared:
    """What the clients with the same settings share.

    :param session: its open connections
    :param elements: the descriptions that were read, by element key
    """

    session: requests.Session
    elements: dict[str, Element] = field(default_factory=dict)


class Sessions:
    """Keeps what is shared apart for each login, address and environment, because each item may have its own."""

    def __init__(self) -> None:
        self._shared: dict[tuple[Settings, frozenset[tuple[str, str]]], Shared] = {}

    def get(self, settings: Settings, environment: Mapping[str, str]) -> Shared:
        """Return what the clients with these settings share.

        :param environment: all variables: those for proxies and certificates decide where a connection leads
        """
        key = (settings, frozenset(environment.items()))
        if key not in self._shared:
            self._shared[key] = Shared(new_session(settings.concurrency))
        return self._shared[key]
