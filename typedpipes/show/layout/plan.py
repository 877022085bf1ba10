"""The layout: where boxes are and how arrows go, ready to be drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import Factory, define, frozen

from typedpipes.show.layout.layers import Link, layers
from typedpipes.show.layout.order import ordered
from typedpipes.show.layout.spacing import spaced, straighten

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
_RANKED_PORT = 22.0
"""The same where their order matters, and each has a number beside it."""

Point = tuple[float, float]
Route = Sequence[Point]
"""The way of an arrow, from the bottom of a box to the top of another: straight down where
two points are one below the other, sideways only between two rows."""


@frozen
class Size:
    """The size of a box or a label."""

    width: float
    height: float


@frozen
class Forks:
    """Which arrows leave their box as one line, with one label, and part where they have to.

    Attributes:
        of: the fork of each arrow; all arrows of a fork start at the same box.
        labels: the size of each fork's label.
    """

    of: Sequence[int]
    labels: Sequence[Size]


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
    boxes: Sequence[Size], arrows: Sequence[Link], forks: Forks, ranked: Collection[int] = ()
) -> Plan:
    """Lay out boxes from top to bottom.

    Args:
        boxes: numbered from upstream to downstream.
        arrows: each from a box with a smaller number to one with a larger.
        forks: which arrows share a label.
        ranked: the boxes at which arrows end in the given order, from left to right. At
            others they end in the order that has them cross least.
    """
    grid = _grid(boxes, arrows, forks)
    links = list(grid.weights)
    rows = ordered(grid.rows(), links, _rank(grid, ranked))
    widths = [size.width for size in grid.sizes]
    across = spaced(rows, grid.weights, widths, _GAP)
    threads = [*_threads(grid)]
    for order in (threads, threads[::-1]):  # what has moved makes room for those before it
        straighten(rows, order, across, widths, _GAP)
    sides = [(x - size.width / 2, x + size.width / 2) for x, size in grid.with_sizes(across)]
    left = min((side for side, _ in sides), default=0.0)
    right = max((side for _, side in sides), default=0.0)
    bands = _bands(rows, grid, across)
    centres = [
        (x - left, sum(bands[level]) / 2) for x, level in zip(across, grid.levels, strict=True)
    ]
    return Plan(
        size=Size(right - left, bands[-1][1] if bands else 0.0),
        boxes=centres[: len(boxes)],
        labels=[centres[lane[0]] for lane in grid.lanes],
        routes=[*_ways(grid, centres, bands, ranked)],
    )


@define
class _Grid:
    """What is in the rows: the boxes, then for each fork its label and the rows it passes.

    Attributes:
        sizes: of each vertex.
        levels: the row of each vertex; those of boxes are even, between them are labels.
        starts: the box that each fork starts at.
        lanes: the label of each fork, and a vertex for each row that it passes.
        forks: the fork of each arrow.
        chains: the vertices that each arrow connects: a box, a part of a lane, a box.
        weights: of the links of all chains: long arrows and lone ones are to be straight.
    """

    sizes: list[Size]
    levels: list[int]
    forks: Sequence[int]
    starts: list[int] = Factory(list[int])
    lanes: list[Sequence[int]] = Factory(list[Sequence[int]])
    chains: list[Sequence[int]] = Factory(list[Sequence[int]])
    weights: dict[Link, float] = Factory(dict[Link, float])

    def rows(self) -> list[list[int]]:
        rows: list[list[int]] = [[] for _ in range(max(self.levels, default=-1) + 1)]
        for vertex, level in enumerate(self.levels):
            rows[level].append(vertex)
        return rows

    def with_sizes(self, across: Sequence[float]) -> Iterator[tuple[float, Size]]:
        return zip(across, self.sizes, strict=True)


def _grid(boxes: Sequence[Size], arrows: Sequence[Link], forks: Forks) -> _Grid:
    grid = _Grid([*boxes], [2 * layer for layer in layers(len(boxes), arrows)], forks.of)
    members: list[list[Link]] = [[] for _ in forks.labels]
    for arrow, fork in zip(arrows, forks.of, strict=True):
        members[fork].append(arrow)
    for label, links in zip(forks.labels, members, strict=True):
        start = links[0][0]
        passed = range(grid.levels[start] + 1, max(grid.levels[end] for _, end in links))
        grid.starts.append(start)
        grid.lanes.append(range(len(grid.sizes), len(grid.sizes) + len(passed)))
        grid.sizes += [label, *[Size(_LANE, 0)] * (len(passed) - 1)]
        grid.levels += passed
    starts, ends = Counter(start for start, _ in arrows), Counter(end for _, end in arrows)
    for (start, end), fork in zip(arrows, forks.of, strict=True):
        lone = starts[start] == ends[end] == 1
        part = grid.lanes[fork][: grid.levels[end] - grid.levels[start] - 1]
        grid.chains.append((start, *part, end))
        grid.weights[start, part[0]] = grid.weights[part[-1], end] = 64.0 if lone else 2.0
        grid.weights |= dict.fromkeys(pairwise(part), 64.0 if lone else 8.0)
    return grid


def _rank(grid: _Grid, ranked: Collection[int]) -> Mapping[Link, float]:
    """Return where arrows meet the boxes that do not let them choose."""
    arrows: dict[int, list[Link]] = {}
    for *_, last, end in grid.chains:
        if end in ranked:
            arrows.setdefault(end, []).append((last, end))
    return {
        link: place / len(links) for links in arrows.values() for place, link in enumerate(links)
    }


def _threads(grid: _Grid) -> Iterator[Sequence[int]]:
    """Yield what is to be straight: lanes, and ways without a choice, through boxes as well."""
    forks, heads = Counter(grid.starts), Counter(chain[-1] for chain in grid.chains)
    arrows = Counter(grid.forks)
    after: dict[int, int] = {}
    for chain, fork in zip(grid.chains, grid.forks, strict=True):
        start, *lane, end = chain
        if forks[start] == 1:
            after[start] = lane[0]
        after |= pairwise(lane if arrows[fork] == 1 else lane[1:])
        if heads[end] == 1 and (arrows[fork] == 1 or len(lane) == len(grid.lanes[fork]) > 1):
            after.setdefault(lane[-1], end)
    followers = {*after.values()}
    for vertex in after:
        if vertex in followers:
            continue
        thread = [vertex]
        while thread[-1] in after:
            thread.append(after[thread[-1]])
        yield thread


def _bands(
    rows: Sequence[Sequence[int]], grid: _Grid, across: Sequence[float]
) -> Sequence[tuple[float, float]]:
    """Return where each row begins and ends: further apart where arrows go far sideways."""
    slants = [0.0] * len(rows)
    for start, end in grid.weights:
        level = grid.levels[end]
        slants[level] = max(slants[level], abs(across[start] - across[end]))
    bands: list[tuple[float, float]] = []
    bottom = 0.0
    for slant, row in zip(slants, rows, strict=True):
        top = bottom + min(_DROP + _SLANT * slant, _MOST) if bands else 0.0
        bottom = top + max((grid.sizes[vertex].height for vertex in row), default=0.0)
        bands.append((top, bottom))
    return bands


def _ways(
    grid: _Grid,
    centres: Sequence[Point],
    bands: Sequence[tuple[float, float]],
    ranked: Collection[int],
) -> Iterator[Route]:
    """Yield the points of every arrow: nothing else is in its way, as it passes rows straight."""
    begins = _ports(
        grid, centres, [*zip(grid.starts, (lane[0] for lane in grid.lanes), strict=True)]
    )
    ends = _ports(grid, centres, [(chain[-1], chain[-2]) for chain in grid.chains], ranked)
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
    grid: _Grid, centres: Sequence[Point], lines: Sequence[Link], ranked: Collection[int] = ()
) -> Sequence[float]:
    """Return where lines meet boxes: spread, in the order of where they lead if they may choose.

    Args:
        grid: what is in the rows.
        centres: of all vertices.
        lines: each with the box, and the vertex that it leads to.
        ranked: the boxes at which lines stay in the given order.
    """
    ports = [0.0] * len(lines)
    at: dict[int, list[int]] = {}
    for number, (box, _) in enumerate(lines):
        at.setdefault(box, []).append(number)
    for box, numbers in at.items():
        if box not in ranked:
            numbers.sort(key=lambda number: centres[lines[number][1]])
        widest = _RANKED_PORT if box in ranked else _PORT
        step = min(widest, grid.sizes[box].width / (len(numbers) + 1))
        for place, number in enumerate(numbers):
            ports[number] = centres[box][0] + (place - (len(numbers) - 1) / 2) * step
    return ports
