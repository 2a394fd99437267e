# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as a picture: the length of the list against seconds, both logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

from tests.benchmark.contestants import DEFAULT_CONCURRENCY
from tests.benchmark.results import Cell, Place, Results

matplotlib.use("Agg")
# Text stays text, and the same results make the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "benchmark"})

from matplotlib import pyplot  # noqa: E402  # the backend has to be chosen before

SHOWN = ("create", "unchanged")
MARKERS = "osD^vPX"


def draw(results: Results, path: Path) -> None:
    """Draw the states side by side, at the lowest latency and the default concurrency."""
    latency = min(place.latency for place in results.places())
    figure, axes = pyplot.subplots(1, len(SHOWN), figsize=(12, 5.5), sharey=True, layout="constrained")
    for state, axis in zip(SHOWN, axes):
        places = [Place(latency, state, size) for size in results.sizes()]
        rows = [row for row in results.rows(places) if row.concurrency in (None, DEFAULT_CONCURRENCY)]
        for number, row in enumerate(rows):
            cells = [(place.size, cell) for place in places if (cell := results.get(place, row))]
            _line(axis, cells, color=f"C{number}", marker=MARKERS[number % len(MARKERS)], label=str(row))
        axis.set(xscale="log", yscale="log", xlabel="instances in the list", title=f"{state}, {latency * 1000:g} ms")
        axis.set_xticks(results.sizes(), [f"{size:,}" for size in results.sizes()])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("seconds (dashed: estimated)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _line(axis: Any, cells: Sequence[tuple[int, Cell]], label: str, **style: Any) -> None:
    """Draw one line: solid where it was measured, dashed and hollow where it was estimated."""
    solid = [(size, cell.seconds) for size, cell in cells if not cell.estimated]
    dashed = [*solid[-1:], *((size, cell.seconds) for size, cell in cells if cell.estimated)]
    axis.plot(*zip(*dashed), **style, linestyle="--", markerfacecolor="white")
    axis.plot(*zip(*solid), **style, label=label)
