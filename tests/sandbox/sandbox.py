# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running sandbox as one value: its state, its switches, its log. What the handlers work on."""

from __future__ import annotations

import bisect
import sqlite3
import time
from dataclasses import dataclass, field

from .catalogue import Catalogue
from .database import Secrets, kept_secrets
from .faults import Faults
from .rate_limit import Window
from .request_log import RequestLog
from .settings import ENVIRONMENTS, Settings
from .store import Store
from .vendors import VendorDirectory


@dataclass
class Sandbox:
    """The parts of a sandbox. `defaults` are the settings that a reset returns to.

    `failed_refreshes`: id of an instance to how often in a row the vendor did not renew its tokens.
    """

    secrets: Secrets
    store: Store
    directory: VendorDirectory
    defaults: Settings
    settings: Settings
    log: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    window: Window = field(default_factory=Window)
    failed_refreshes: dict[int, int] = field(default_factory=dict)
    _births: list[tuple[float, int]] = field(default_factory=list)
    _catalogues: dict[str, Catalogue] = field(default_factory=lambda: {name: Catalogue(name) for name in ENVIRONMENTS})

    @property
    def catalogue(self) -> Catalogue:
        """The elements of the environment that is set."""
        return self._catalogues[self.settings.environment]

    def born(self, instance_id: int) -> None:
        """Remember when an instance was made."""
        self._births.append((time.monotonic(), instance_id))

    def newest_listed(self) -> int | None:
        """The id after which instances are too new for the lists; None when none is."""
        lag = self.settings.listing_lag
        at = bisect.bisect_right(self._births, (time.monotonic() - lag, 0)) if lag else len(self._births)
        return self._births[at][1] - 1 if at < len(self._births) else None

    def reset(self) -> None:
        """As on the first start, but with the same secrets."""
        self.faults.clear()
        self.window = Window()
        self.failed_refreshes.clear()
        self._births.clear()
        self.store.clear()
        self.store.forget_codes()
        self.directory.back_to_seeds()
        self.settings = self.defaults
        self.log.clear()


def open_sandbox(connection: sqlite3.Connection, defaults: Settings) -> Sandbox:
    """A sandbox on the state behind `connection`; a new state gets its secrets and the example vendor accounts."""
    new = connection.execute("SELECT COUNT(*) FROM kept").fetchone()[0] == 0
    sandbox = Sandbox(kept_secrets(connection), Store(connection), VendorDirectory(connection), defaults, defaults)
    if new:
        sandbox.directory.back_to_seeds()
    return sandbox
