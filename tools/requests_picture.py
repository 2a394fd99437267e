# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the number of requests of a run by the number of instances, for the guide about scale.

The numbers are sums, not measurements. A test compares them with the tables of that guide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/images/requests.svg"
PAGE = 200
"""The number of instances on a page of a listing."""
SIZES = (100, 10_000, 100_000)
"""The numbers of instances in the guide. Each line has a point there."""
LEFT, RIGHT, TOP, BOTTOM = 66, 338, 144, 464
"""The axes, in the picture's own units."""
STYLE = """\
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
.head { font-size: 15px; font-weight: bold; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.card { fill: #f6f8fa; stroke: #d0d7de; }
.grid { stroke: #d0d7de; }
.line { fill: none; stroke-width: 2.5; }
.loop { stroke: #bc4c00; }
.changed { stroke: #8250df; }
.unchanged { stroke: #0969da; }
text.loop, circle.loop { fill: #bc4c00; stroke: none; }
text.changed, circle.changed { fill: #8250df; stroke: none; }
text.unchanged, circle.unchanged { fill: #0969da; stroke: none; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.card { fill: #161b22; stroke: #3d444d; }
.grid { stroke: #3d444d; }
.loop { stroke: #ffa657; }
.changed { stroke: #d2a8ff; }
.unchanged { stroke: #79c0ff; }
text.loop, circle.loop { fill: #ffa657; }
text.changed, circle.changed { fill: #d2a8ff; }
text.unchanged, circle.unchanged { fill: #79c0ff; }
}
"""


def pages(instances: int) -> int:
    """Return the requests of a run that changes nothing: the listing, which has at least one page."""
    return max(1, math.ceil(instances / PAGE))


def with_new_credentials(instances: int) -> int:
    """Return the requests if 1 % have new credentials: for each of these a read, a write and a call to the vendor."""
    return pages(instances) + 3 * (instances // 100)


def one_by_one(instances: int) -> int:
    """Return the requests of a loop that changes nothing: a search for each instance."""
    return instances


@dataclass(frozen=True)
class Line:
    """A line of the picture.

    :param kind: its class in the style
    :param name: its label
    :param requests: from the number of instances to that of requests
    """

    kind: str
    name: str
    requests: Callable[[int], int]


LINES = (
    Line("loop", "ce_instance in a loop, nothing to do", one_by_one),
    Line("changed", "ce_instances, 1 % new credentials", with_new_credentials),
    Line("unchanged", "ce_instances, nothing to do", pages),
)


def across(instances: int) -> float:
    """Return the x of a number of instances, on a logarithmic axis from 100 to 100,000."""
    return LEFT + (RIGHT - LEFT) * (math.log10(instances) - 2) / 3


def up(requests: int) -> float:
    """Return the y of a number of requests, on a logarithmic axis from 1 to 100,000."""
    return BOTTOM - (BOTTOM - TOP) * math.log10(requests) / 5


def grid() -> Iterator[str]:
    """Yield the axes' lines and numbers."""
    for power in range(6):
        y = up(10**power)
        yield f'<path class="grid" d="M{LEFT} {y:g}H{RIGHT}"/>'
        yield f'<text class="end" x="{LEFT - 6}" y="{y + 4:g}">{10**power:,}</text>'
    for power in range(2, 6):
        x = across(10**power)
        yield f'<path class="grid" d="M{x:g} {TOP}V{BOTTOM}"/>'
        anchor, place = ("end", x + 8) if power == 5 else ("middle", x)
        yield f'<text class="{anchor}" x="{place:g}" y="{BOTTOM + 20}">{10**power:,}</text>'


def drawn(line: Line) -> Iterator[str]:
    """Yield a line and its points, with their numbers where an axis does not show them."""
    # From one full page on, the number grows with the list: a straight line.
    points = " ".join(f"{across(size):.1f},{up(line.requests(size)):.1f}" for size in (SIZES[0], PAGE, SIZES[-1]))
    yield f'<polyline class="line {line.kind}" points="{points}"/>'
    for size in SIZES:
        x, y = across(size), up(line.requests(size))
        yield f'<circle class="{line.kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        if size > SIZES[0]:
            yield f'<text class="end {line.kind}" x="{x - 6:.1f}" y="{y - 7:.1f}">{line.requests(size):,}</text>'


def legend() -> Iterator[str]:
    """Yield the label of each line."""
    for number, line in enumerate(LINES):
        y = 56 + 22 * number
        yield f'<path class="line {line.kind}" d="M16 {y}h22"/><circle class="{line.kind}" cx="27" cy="{y}" r="4"/>'
        yield f'<text x="46" y="{y + 5}">{line.name}</text>'


def picture() -> str:
    """Return the picture."""
    title = "Requests of a run, against the number of instances"
    numbers = {line.name: " / ".join(f"{line.requests(size):,}" for size in SIZES) for line in LINES}
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="440" viewBox="0 0 360 524"',
        'role="img" aria-labelledby="title desc">',
        "<!-- Made by the command nox -s pictures: do not edit it. -->",
        f'<title id="title">{title}</title>',
        f'<desc id="desc">With {" / ".join(f"{size:,}" for size in SIZES)} instances:',
        *(f"{name}: {number}." for name, number in numbers.items()),
        "</desc>",
        f"<style>\n{STYLE}</style>",
        '<rect class="card" x="0.5" y="0.5" width="359" height="523" rx="8"/>',
        '<text class="head" x="16" y="30">Requests of one run</text>',
        *legend(),
        *grid(),
        f'<text class="middle" x="{(LEFT + RIGHT) / 2:g}" y="{BOTTOM + 42}">instances in the list</text>',
        *(part for line in LINES for part in drawn(line)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"Written: {PICTURE.relative_to(ROOT)}")
