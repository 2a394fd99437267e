# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured: medians, estimates where nothing was run, and ratios. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmark.contestants import BARE, CONTESTANTS, DEFAULT_CONCURRENCY, FLEET, FLOOR
from tests.benchmark.runner import Run

LEAST = f"{FLOOR.name} + {BARE.name}"
"""About the least that a play can take: Ansible's own time, and that of the requests."""
ORDER = (*(contestant.name for contestant in CONTESTANTS), FLOOR.name, LEAST)


@dataclass(frozen=True)
class Place:
    """Where a result belongs: the columns and headings of the tables."""

    latency: float
    state: str
    size: int


@dataclass(frozen=True)
class Row:
    """Whose result it is."""

    name: str
    concurrency: int | None

    def __str__(self) -> str:
        return self.name if self.concurrency is None else f"{self.name}, {self.concurrency}"


REFERENCE = Row(FLEET.name, DEFAULT_CONCURRENCY)
"""All ratios are to this one."""


@dataclass(frozen=True)
class Cell:
    """One result. `runs` is empty for what was not run but derived from others; `estimated`: from shorter lists."""

    seconds: float
    runs: tuple[Run, ...] = ()
    estimated: bool = False

    @property
    def peak_mib(self) -> float | None:
        """The most memory of all runs."""
        return max((run.peak_mib for run in self.runs), default=None)

    @property
    def requests(self) -> int | None:
        """The most requests of all runs."""
        return max((run.requests for run in self.runs), default=None)

    @property
    def busy(self) -> float | None:
        """How busy the sandbox was, the median of all runs; None where nobody tells."""
        told = [run.busy for run in self.runs if run.busy is not None]
        return median(told) if told else None


class Results:
    """All cells."""

    def __init__(self) -> None:
        self.cells: dict[tuple[Place, Row], Cell] = {}

    def add(self, place: Place, row: Row, runs: Sequence[Run]) -> None:
        """Put in what was measured."""
        self.cells[place, row] = Cell(median(run.seconds for run in runs), tuple(runs))

    def get(self, place: Place, row: Row) -> Cell | None:
        """Return a result, None where there is none."""
        return self.cells.get((place, row))

    def ratio(self, place: Place, row: Row) -> float | None:
        """Return how many times as long as the reference it took."""
        cell, reference = self.get(place, row), self.get(place, REFERENCE)
        return cell.seconds / reference.seconds if cell and reference else None

    def places(self) -> list[Place]:
        """Return all places, in the order in which they were measured."""
        return list(dict.fromkeys(place for place, _row in self.cells))

    def sizes(self) -> list[int]:
        """Return the lengths of all lists."""
        return sorted({place.size for place, _row in self.cells})

    def rows(self, places: Iterable[Place]) -> list[Row]:
        """Return all who have a result at one of these places, in the order of the tables."""
        wanted = set(places)
        rows = {row for place, row in self.cells if place in wanted}
        return sorted(rows, key=lambda row: (ORDER.index(row.name), row.concurrency or 0))

    def complete(self, floor: Sequence[Run]) -> None:
        """Add what follows from what was measured: the estimates, the floor everywhere, and the least."""
        for place in self.places():
            for row in self.rows(self.places()):
                self._estimate(place, row)
        base = Cell(median(run.seconds for run in floor), tuple(floor))
        for place in self.places():
            self.cells[place, Row(FLOOR.name, None)] = base
            for row in self.rows([place]):
                if row.name == BARE.name:
                    least = Cell(base.seconds + self.cells[place, row].seconds)
                    self.cells[place, Row(LEAST, row.concurrency)] = least

    def _estimate(self, place: Place, row: Row) -> None:
        """Go on in a straight line from the two longest lists that were run, where both are shorter."""
        known = sorted(
            (there.size, cell.seconds)
            for (there, whose), cell in self.cells.items()
            if whose == row and (there.latency, there.state) == (place.latency, place.state) and cell.runs
        )
        if (place, row) in self.cells or len(known) < 2 or place.size < known[-1][0]:
            return
        (shorter, less), (longer, more) = known[-2:]
        slope = max(0.0, (more - less) / (longer - shorter))
        self.cells[place, row] = Cell(more + slope * (place.size - longer), estimated=True)
