"""The grid: boxes in rows, and between them a place in each row that a line passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import Factory, define, frozen

from typedpipes.show.layout.layers import Link, layers


@frozen
class Size:
    """The size of a box or a label."""

    width: float
    height: float


@frozen
class Spaces:
    """The spaces that lines need.

    Attributes:
        drop: between two rows, where lines go straight down.
        port: between the ends of lines at one box, if it is wide enough.
        ranked_port: the same where their order matters, and each has a number beside it.
        lane: the width of a line that passes a row.
    """

    drop: float = 15.0
    port: float = 16.0
    ranked_port: float = 22.0
    lane: float = 6.0


@frozen
class Forks:
    """Which arrows leave their box as one line, with one label, and part where they have to.

    Attributes:
        of: the fork of each arrow; all arrows of a fork start at the same box.
        labels: the size of each fork's label.
    """

    of: Sequence[int]
    labels: Sequence[Size]


@define
class Grid:
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

    def rows(self) -> Sequence[Sequence[int]]:
        """Return the vertices of each row, in no particular order."""
        rows: list[list[int]] = [[] for _ in range(max(self.levels, default=-1) + 1)]
        for vertex, level in enumerate(self.levels):
            rows[level].append(vertex)
        return rows


def make_grid(
    boxes: Sequence[Size], arrows: Sequence[Link], forks: Forks, lane: float = Spaces().lane
) -> Grid:
    """Assign each box its row, and each fork a label and a lane through the rows that it passes."""
    grid = Grid([*boxes], [2 * layer for layer in layers(len(boxes), arrows)], forks.of)
    members: list[list[Link]] = [[] for _ in forks.labels]
    for arrow, fork in zip(arrows, forks.of, strict=True):
        members[fork].append(arrow)
    for label, links in zip(forks.labels, members, strict=True):
        start = links[0][0]
        passed = range(grid.levels[start] + 1, max(grid.levels[end] for _, end in links))
        grid.starts.append(start)
        grid.lanes.append(range(len(grid.sizes), len(grid.sizes) + len(passed)))
        grid.sizes += [label, *[Size(lane, 0)] * (len(passed) - 1)]
        grid.levels += passed
    starts, ends = Counter(start for start, _ in arrows), Counter(end for _, end in arrows)
    for (start, end), fork in zip(arrows, forks.of, strict=True):
        lone = starts[start] == ends[end] == 1
        part = grid.lanes[fork][: grid.levels[end] - grid.levels[start] - 1]
        grid.chains.append((start, *part, end))
        grid.weights[start, part[0]] = grid.weights[part[-1], end] = 64.0 if lone else 2.0
        grid.weights |= dict.fromkeys(pairwise(part), 64.0 if lone else 8.0)
    return grid


def rank(grid: Grid, ranked: Collection[int]) -> Mapping[Link, float]:
    """Return where arrows meet the boxes that do not let them choose."""
    arrows: dict[int, list[Link]] = {}
    for *_, last, end in grid.chains:
        if end in ranked:
            arrows.setdefault(end, []).append((last, end))
    return {
        link: place / len(links) for links in arrows.values() for place, link in enumerate(links)
    }


def threads(grid: Grid) -> Iterator[Sequence[int]]:
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
