# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as text for people, and as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Optional

from tests.benchmark.results import REFERENCE, Cell, Place, Results, Row
from tests.benchmark.wanted import STATES, minimum

BOTTLENECK = 0.9
"""A sandbox that computes so much of the time may be what was measured."""
LABEL, COLUMN = 34, 18

Show = Callable[[Place, Row], Optional[str]]


def text(results: Results, ceilings: Mapping[str, Mapping[str, float | None]]) -> str:
    """Return all tables."""
    parts = [_ceilings(ceilings)]
    for latency in sorted({place.latency for place in results.places()}):
        for state in STATES:
            title = f"Seconds (times {REFERENCE}): {state}, latency {latency * 1000:g} ms"
            parts.append(_table(results, title, _at(results, latency, state), _seconds(results)))
    first = min(place.latency for place in results.places())
    for state in STATES:
        places = _at(results, first, state)
        least = ("least possible", [str(minimum(state, place.size)) for place in places])
        parts.append(_table(results, f"Requests: {state}", places, _of(results, lambda cell: cell.requests), least))
    places = _at(results, first, STATES[0])
    title = f"Peak memory of the largest process, MiB: {STATES[0]}"
    parts.append(_table(results, title, places, _of(results, lambda cell: cell.peak_mib)))
    parts.append(
        "~ estimated: a straight line through the two longest lists that were run.\n"
        f"! the sandbox computed for more than {BOTTLENECK:.0%} of the time: the time may be its own."
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def data(results: Results) -> list[dict[str, Any]]:
    """Return all cells, each with what it is made of."""
    return [
        {
            "contestant": row.name,
            "concurrency": row.concurrency,
            "size": place.size,
            "latency": place.latency,
            "state": place.state,
            "seconds": _rounded(cell.seconds),
            "ratio": _rounded(results.ratio(place, row)),
            "estimated": cell.estimated,
            "requests": cell.requests,
            "least_requests": minimum(place.state, place.size),
            "peak_mib": _rounded(cell.peak_mib),
            "sandbox_busy": _rounded(cell.busy),
            "runs": [{name: _rounded(value) for name, value in asdict(run).items()} for run in cell.runs],
        }
        for (place, row), cell in results.cells.items()
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _at(results: Results, latency: float, state: str) -> list[Place]:
    return [Place(latency, state, size) for size in results.sizes()]


def _table(
    results: Results, title: str, places: Sequence[Place], show: Show, first: tuple[str, list[str]] | None = None
) -> str:
    shown = [(str(row), [show(place, row) for place in places]) for row in results.rows(places)]
    lines = [(label, [value or "-" for value in values]) for label, values in shown if any(values)]
    sizes = ("", [f"N = {place.size}" for place in places])
    under = [sizes, *([first] if first else []), *lines]
    return "\n".join([title, *(_line(label, values) for label, values in under)]) if lines else ""


def _line(label: str, values: Sequence[str]) -> str:
    return f"  {label:<{LABEL}}" + "".join(f"{value:>{COLUMN}}" for value in values)


def _seconds(results: Results) -> Show:
    def show(place: Place, row: Row) -> str | None:
        cell, ratio = results.get(place, row), results.ratio(place, row)
        if cell is None:
            return None
        marks = "~" * cell.estimated + "!" * (cell.busy is not None and cell.busy > BOTTLENECK)
        return f"{marks}{cell.seconds:.2f}" + (f" ({ratio:.2f})" if ratio else "")

    return show


def _of(results: Results, value: Callable[[Cell], float | None]) -> Show:
    def show(place: Place, row: Row) -> str | None:
        cell = results.get(place, row)
        found = value(cell) if cell else None
        return f"{found:.0f}" if found else None

    return show


def _ceilings(ceilings: Mapping[str, Mapping[str, float | None]]) -> str:
    lines = ["The sandbox's own ceiling, requests per second", _line("", ["served", "sandbox busy", "at most"])]
    for name, told in ceilings.items():
        busy, most = told["busy"], told["at_most"]
        shown = (f"{told['per_second']:.0f}", f"{busy:.0%}" if busy else "-", f"{most:.0f}" if most else "-")
        lines.append(_line(name, shown))
    return "\n".join(lines)
