"""The layout: where boxes are and how arrows go, ready to be drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from attrs import frozen

from typedpipes.show.layout.grid import Forks, Grid, Size, Spaces, make_grid, rank, threads
from typedpipes.show.layout.layers import Link
from typedpipes.show.layout.order import ordered
from typedpipes.show.layout.spacing import spaced, straighten

_GAP = 26.0
"""The space between two boxes in a row."""
_SLANT = 0.07
"""How much space is added for each unit that an arrow goes sideways."""
_MOST = 31.0
"""How much space is added at most."""

_USUAL = Spaces()

Point = tuple[float, float]
Route = Sequence[Point]
"""The way of an arrow, from the bottom of a box to the top of another: straight down where
two points are one below the other, sideways only between two rows."""


@frozen
class Plan:
    """A layout; the upper left corner is at (0, 0).

    Attributes:
        size: of the whole.
        boxes: the centre of each box.
        labels: the centre of each fork's label.
        routes: the way of each arrow, through the label of its fork.
    """

    size: Size
    boxes: Sequence[Point]
    labels: Sequence[Point]
    routes: Sequence[Route]


def plan(
    boxes: Sequence[Size],
    arrows: Sequence[Link],
    forks: Forks,
    ranked: Collection[int] = (),
    spaces: Spaces = _USUAL,
) -> Plan:
    """Lay out boxes from top to bottom.

    Args:
        boxes: numbered from upstream to downstream.
        arrows: each from a box with a smaller number to one with a larger.
        forks: which arrows share a label.
        ranked: the boxes at which arrows end in the given order, from left to right. At
            others they end in the order that has them cross least.
        spaces: what lines need.
    """
    grid = make_grid(boxes, arrows, forks, spaces.lane)
    links = list(grid.weights)
    rows = ordered(grid.rows(), links, rank(grid, ranked))
    widths = [size.width for size in grid.sizes]
    across = spaced(rows, grid.weights, widths, _GAP)
    straight = [*threads(grid)]
    for order in (straight, straight[::-1]):  # what has moved makes room for those before it
        straighten(rows, order, across, widths, _GAP)
    sides = [
        (x - size.width / 2, x + size.width / 2) for x, size in zip(across, grid.sizes, strict=True)
    ]
    left = min((side for side, _ in sides), default=0.0)
    right = max((side for _, side in sides), default=0.0)
    bands = _bands(rows, grid, across, spaces.drop)
    centres = [
        (x - left, sum(bands[level]) / 2) for x, level in zip(across, grid.levels, strict=True)
    ]
    return Plan(
        size=Size(right - left, bands[-1][1] if bands else 0.0),
        boxes=centres[: len(boxes)],
        labels=[centres[lane[0]] for lane in grid.lanes],
        routes=[*_ways(grid, centres, bands, ranked, spaces)],
    )


def _bands(
    rows: Sequence[Sequence[int]], grid: Grid, across: Sequence[float], drop: float
) -> Sequence[tuple[float, float]]:
    """Return where each row begins and ends: further apart where arrows go far sideways."""
    slants = [0.0] * len(rows)
    for start, end in grid.weights:
        level = grid.levels[end]
        slants[level] = max(slants[level], abs(across[start] - across[end]))
    bands: list[tuple[float, float]] = []
    bottom = 0.0
    for slant, row in zip(slants, rows, strict=True):
        top = bottom + drop + min(_SLANT * slant, _MOST) if bands else 0.0
        bottom = top + max((grid.sizes[vertex].height for vertex in row), default=0.0)
        bands.append((top, bottom))
    return bands


def _ways(
    grid: Grid,
    centres: Sequence[Point],
    bands: Sequence[tuple[float, float]],
    ranked: Collection[int],
    spaces: Spaces,
) -> Iterator[Route]:
    """Yield the points of every arrow: nothing else is in its way, as it passes rows straight."""
    begins = _ports(
        grid, centres, [*zip(grid.starts, (lane[0] for lane in grid.lanes), strict=True)], spaces
    )
    ends = _ports(grid, centres, [(chain[-1], chain[-2]) for chain in grid.chains], spaces, ranked)
    for chain, fork, end in zip(grid.chains, grid.forks, ends, strict=True):
        first, last = chain[0], chain[-1]
        way = [
            (begins[fork], centres[first][1] + grid.sizes[first].height / 2),
            (begins[fork], bands[grid.levels[first]][1]),
        ]
        for vertex in chain[1:-1]:
            way += [(centres[vertex][0], edge) for edge in bands[grid.levels[vertex]]]
        yield [
            *way,
            (end, bands[grid.levels[last]][0]),
            (end, centres[last][1] - grid.sizes[last].height / 2),
        ]


def _ports(
    grid: Grid,
    centres: Sequence[Point],
    lines: Sequence[Link],
    spaces: Spaces,
    ranked: Collection[int] = (),
) -> Sequence[float]:
    """Return where lines meet boxes: spread, in the order of where they lead if they may choose.

    Args:
        grid: what is in the rows.
        centres: of all vertices.
        lines: each with the box, and the vertex that it leads to.
        spaces: how far apart they are, if a box is wide enough.
        ranked: the boxes at which lines stay in the given order.
    """
    ports = [0.0] * len(lines)
    at: dict[int, list[int]] = {}
    for number, (box, _) in enumerate(lines):
        at.setdefault(box, []).append(number)
    for box, numbers in at.items():
        if box not in ranked:
            numbers.sort(key=lambda number: centres[lines[number][1]])
        widest = spaces.ranked_port if box in ranked else spaces.port
        step = min(widest, grid.sizes[box].width / (len(numbers) + 1))
        for place, number in enumerate(numbers):
            ports[number] = centres[box][0] + (place - (len(numbers) - 1) / 2) * step
    return ports
