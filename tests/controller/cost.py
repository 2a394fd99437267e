# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs cost: how many requests, and how long these take. Pure; the guide says the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

PAGE_SIZE = 200


@dataclass(frozen=True)
class Run:
    """What all slices of a run do together.

    :param there: how many instances the account has before, whoever they belong to
    :param created: how many are created, all of one element
    :param changed: how many get other credentials
    :param hosts: how many hosts have a list; each lists the whole account
    """

    there: int
    created: int = 0
    changed: int = 0
    hosts: int = 1

    def requests(self, page_size: int = PAGE_SIZE) -> int:
        """Return how many requests it sends."""
        return self.listed(page_size) + 2 * self.created + 3 * self.changed

    def listed(self, page_size: int = PAGE_SIZE) -> int:
        """Return how many of them look: pages, and for creations the element and the pages of a confirming listing."""
        confirming = 1 + pages(self.there + self.created, page_size) if self.created else 0
        there = pages(self.there, page_size)
        # What several pages do not show is created only when a second look does not show it either.
        looks = 2 if self.created and there > 1 else 1
        return self.hosts * (looks * there + confirming)

    def seconds(self, latency: float, concurrency: int = 8, limit: float = float("inf")) -> float:
        """Return how long it takes with a slice for each host.

        :param latency: of an answer
        :param limit: requests in a second, of all together
        """
        # Pages come one after the other.
        looking = self.listed() / min(self.hosts / latency, limit)
        working = (2 * self.created + 3 * self.changed) / min(self.hosts * concurrency / latency, limit)
        return looking + working


def pages(number: int, page_size: int = PAGE_SIZE) -> int:
    """Return how many pages a listing has; that of an empty account is one too."""
    return max(1, ceil(number / page_size))


def drift(there: int, hosts: int = 1, page_size: int = PAGE_SIZE) -> int:
    """Return how many requests the playbook `drift` sends: it looks twice, as a run and as a person."""
    return 2 * hosts * pages(there, page_size)


def human(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


SIZES = (100, 10_000, 100_000)
LATENCY, LIMIT = 0.5, 10


def requests_table() -> list[Sequence[str]]:
    """Return how many requests each kind of run sends."""
    head = ("Instances", "First run", "Nothing to do", "1 % new credentials", "Drift")
    rows = [(n, Run(0, n).requests(), Run(n).requests(), Run(n, changed=n // 100).requests(), drift(n)) for n in SIZES]
    return [head, *[[f"{number:,}" for number in row] for row in rows]]


def hosts_table() -> list[Sequence[str]]:
    """Return what a run with nothing to do sends, by the number of hosts that share the account."""
    hosts = (1, 4, 100, 1000)
    head = ("Instances", *(f"{number:,} host{'s' * (number > 1)}" for number in hosts))
    return [head, *[[f"{n:,}", *(f"{Run(n, hosts=number).requests():,}" for number in hosts)] for n in SIZES[1:]]]


def seconds_table() -> list[Sequence[str]]:
    """Return how long the first run takes."""
    head = ("Instances", "1 slice", "4 slices", "10 slices", f"4 slices, {LIMIT} requests/s for all")
    rows: list[Sequence[str]] = [head]
    for n in SIZES:
        free = [human(Run(0, n, hosts=slices).seconds(LATENCY)) for slices in (1, 4, 10)]
        rows.append([f"{n:,}", *free, human(Run(0, n, hosts=4).seconds(LATENCY, limit=LIMIT))])
    return rows


def list_table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table as reStructuredText."""
    lines = [line for row in rows for line in (f"   * - {row[0]}", *(f"     - {cell}" for cell in row[1:]))]
    return "\n".join([".. list-table::", "   :header-rows: 1", "", *lines]) + "\n"


if __name__ == "__main__":
    for shown in (requests_table(), hosts_table(), seconds_table()):
        print(list_table(shown))  # noqa: T201  # to be copied into the guide
