"""The layout: where boxes are and how arrows go, ready to be drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import Factory, define, frozen

from typedpipes.show.layout.layers import Link, layers
from typedpipes.show.layout.order import ordered
from typedpipes.show.layout.spacing import spaced

_GAP = 26.0
"""The space between two boxes in a row."""
_DROP = 15.0
"""The space between two rows, where arrows go straight down."""
_SLANT = 0.07
"""How much space is added for each unit that an arrow goes sideways."""
_MOST = 46.0
_LANE = 6.0
"""The width of an arrow that passes a row."""
_PORT = 16.0
"""The distance between the ends of arrows at one box, if it is wide enough."""

Point = tuple[float, float]


@frozen
class Size:
    """The size of a box or a label."""

    width: float
    height: float


@frozen
class Route:
    """The way of an arrow.

    Attributes:
        points: from the bottom of a box through its label and the rows that it passes to
            the top of another.
        label: the centre of its label.
    """

    points: Sequence[Point]
    label: Point


@frozen
class Plan:
    """A layout; the upper left corner is at (0, 0).

    Attributes:
        size: of the whole.
        boxes: the centre of each box.
        routes: the way of each arrow.
    """

    size: Size
    boxes: Sequence[Point]
    routes: Sequence[Route]


def plan(boxes: Sequence[Size], arrows: Sequence[Link], labels: Sequence[Size]) -> Plan:
    """Lay out boxes from top to bottom.

    Args:
        boxes: numbered from upstream to downstream.
        arrows: each from a box with a smaller number to one with a larger.
        labels: of each arrow.
    """
    grid = _grid(boxes, arrows, labels)
    rows = ordered(grid.rows(), list(grid.weights))
    across = spaced(rows, grid.weights, [size.width for size in grid.sizes], _GAP)
    edges = [(x - size.width / 2, x + size.width / 2) for x, size in grid.with_sizes(across)]
    left = min((edge for edge, _ in edges), default=0.0)
    right = max((edge for _, edge in edges), default=0.0)
    heights, bottom = _down(rows, grid, across)
    centres = [(x - left, heights[level]) for x, level in zip(across, grid.levels, strict=True)]
    routes = [
        Route(points, centres[chain[1]])
        for chain, points in zip(grid.chains, _ways(grid, centres), strict=True)
    ]
    return Plan(Size(right - left, bottom), centres[: len(boxes)], routes)


@define
class _Grid:
    """What is in the rows: the boxes, then for each arrow a label and the rows it passes.

    Attributes:
        sizes: of each vertex.
        levels: the row of each vertex; those of boxes are even, between them are labels.
        chains: the vertices that each arrow connects, boxes at both ends.
        weights: of the links of all chains: long arrows and lone ones are to be straight.
    """

    sizes: list[Size]
    levels: list[int]
    chains: list[Sequence[int]] = Factory(list[Sequence[int]])
    weights: dict[Link, float] = Factory(dict[Link, float])

    def rows(self) -> list[list[int]]:
        rows: list[list[int]] = [[] for _ in range(max(self.levels, default=-1) + 1)]
        for vertex, level in enumerate(self.levels):
            rows[level].append(vertex)
        return rows

    def with_sizes(self, across: Sequence[float]) -> Iterator[tuple[float, Size]]:
        return zip(across, self.sizes, strict=True)


def _grid(boxes: Sequence[Size], arrows: Sequence[Link], labels: Sequence[Size]) -> _Grid:
    grid = _Grid([*boxes], [2 * layer for layer in layers(len(boxes), arrows)])
    starts, ends = Counter(start for start, _ in arrows), Counter(end for _, end in arrows)
    for (start, end), label in zip(arrows, labels, strict=True):
        only = starts[start] == ends[end] == 1
        passed = range(grid.levels[start] + 1, grid.levels[end])
        chain = (start, *range(len(grid.sizes), len(grid.sizes) + len(passed)), end)
        grid.sizes += [label, *[Size(_LANE, 0)] * (len(passed) - 1)]
        grid.levels += passed
        grid.chains.append(chain)
        for one, other in pairwise(chain):
            boxed = (one == start) + (other == end)
            grid.weights[one, other] = 64.0 if only else (8.0, 2.0, 1.0)[boxed]
    return grid


def _down(
    rows: Sequence[Sequence[int]], grid: _Grid, across: Sequence[float]
) -> tuple[Sequence[float], float]:
    """Return the place of each row and the total height: more where arrows go far sideways."""
    slants = [0.0] * len(rows)
    for start, end in grid.weights:
        level = grid.levels[end]
        slants[level] = max(slants[level], abs(across[start] - across[end]))
    places: list[float] = []
    bottom = 0.0
    for slant, row in zip(slants, rows, strict=True):
        height = max((grid.sizes[vertex].height for vertex in row), default=0.0)
        if places:
            bottom += min(_DROP + _SLANT * slant, _MOST)
        places.append(bottom + height / 2)
        bottom += height
    return places, bottom


def _ways(grid: _Grid, centres: Sequence[Point]) -> Iterator[Sequence[Point]]:
    """Yield the points of every arrow, from the bottom of its first box to the top of its last."""
    begins = _ports(grid, centres, [(chain[0], chain[1]) for chain in grid.chains])
    ends = _ports(grid, centres, [(chain[-1], chain[-2]) for chain in grid.chains])
    heights = [max(grid.sizes[vertex].height for vertex in row) for row in grid.rows()]
    for chain, begin, end in zip(grid.chains, begins, ends, strict=True):
        first, last = chain[0], chain[-1]
        passed = [centres[vertex] for vertex in chain[2:-1]]
        if passed:  # below the labels there: it goes far sideways at last
            passed[-1] = (passed[-1][0], passed[-1][1] + heights[grid.levels[chain[-2]]] / 2)
        yield [
            (begin, centres[first][1] + grid.sizes[first].height / 2),
            centres[chain[1]],
            *passed,
            (end, centres[last][1] - grid.sizes[last].height / 2),
        ]


def _ports(grid: _Grid, centres: Sequence[Point], ends: Sequence[Link]) -> Sequence[float]:
    """Spread the arrows that start or end at one box, in the order of where they lead."""
    ports = [0.0] * len(ends)
    at: Mapping[int, list[int]] = {box: [] for box, _ in ends}
    for number, (box, _) in enumerate(ends):
        at[box].append(number)
    for box, numbers in at.items():
        numbers.sort(key=lambda number: centres[ends[number][1]])
        step = min(_PORT, grid.sizes[box].width / (len(numbers) + 1))
        for place, number in enumerate(numbers):
            ports[number] = centres[box][0] + (place - (len(numbers) - 1) / 2) * step
    return ports
