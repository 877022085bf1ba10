"""The order of the vertices in each row, chosen so that few links cross."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence

from typedpipes.show.layout.layers import Link

_SWEEPS = 16
_MANY = 2000
"""From this many vertices on, neighbours are not swapped: it would take too long."""

Rows = Sequence[Sequence[int]]
Neighbours = Mapping[int, Sequence[int]]


def ordered(rows: Rows, links: Sequence[Link]) -> Rows:
    """Order every row by the barycentres of its neighbours, down and up again, and return the best.

    Args:
        rows: the vertices of each row.
        links: each from a vertex to one in the next row.
    """
    above: dict[int, list[int]] = {vertex: [] for row in rows for vertex in row}
    below: dict[int, list[int]] = {vertex: [] for row in rows for vertex in row}
    for start, end in links:
        below[start].append(end)
        above[end].append(start)
    best = current = _depth_first(rows, below)
    fewest = crossings(best, links)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        current = _swept(current, below, up=True) if sweep % 2 else _swept(current, above, up=False)
        if len(above) < _MANY:
            current = _exchanged(current, above, below)
        now = crossings(current, links)
        if now < fewest:
            best, fewest = current, now
    return best


def _depth_first(rows: Rows, below: Neighbours) -> Rows:
    """Start with connected vertices next to each other."""
    seen: dict[int, None] = {}
    stack = [vertex for row in reversed(rows) for vertex in reversed(row)]
    while stack:
        vertex = stack.pop()
        if vertex not in seen:
            seen[vertex] = None
            stack += reversed(below[vertex])
    rank = {vertex: number for number, vertex in enumerate(seen)}
    return [sorted(row, key=rank.__getitem__) for row in rows]


def _swept(rows: Rows, neighbours: Neighbours, *, up: bool) -> Rows:
    """Order each row by the mean place of the neighbours in the row before it."""
    done: list[Sequence[int]] = []
    places: dict[int, int] = {}
    for row in reversed(rows) if up else rows:
        centre = {
            vertex: _mean((places[each] for each in neighbours[vertex]), place)
            for place, vertex in enumerate(row)
        }
        done.append(sorted(row, key=centre.__getitem__))
        places = {vertex: place for place, vertex in enumerate(done[-1])}
    return done[::-1] if up else done


def _mean(numbers: Iterable[int], otherwise: int) -> float:
    several = list(numbers)
    return sum(several) / len(several) if several else otherwise


def _exchanged(rows: Rows, above: Neighbours, below: Neighbours) -> Rows:
    """Swap adjacent vertices as long as that saves crossings."""
    new = [list(row) for row in rows]
    for number, row in enumerate(new):
        upper = _places(new[number - 1] if number else ())
        lower = _places(new[number + 1] if number + 1 < len(new) else ())

        def cost(left: int, right: int, upper: _Where = upper, lower: _Where = lower) -> int:
            return _between(above, upper, left, right) + _between(below, lower, left, right)

        improved = True
        while improved:
            improved = False
            for place in range(len(row) - 1):
                left, right = row[place], row[place + 1]
                if cost(right, left) < cost(left, right):
                    row[place], row[place + 1] = right, left
                    improved = True
    return new


_Where = Mapping[int, int]


def _places(row: Sequence[int]) -> _Where:
    return {vertex: place for place, vertex in enumerate(row)}


def _between(neighbours: Neighbours, places: _Where, left: int, right: int) -> int:
    """Count how often the links of two vertices cross."""
    return sum(
        places[one] > places[other] for one in neighbours[left] for other in neighbours[right]
    )


def crossings(rows: Rows, links: Sequence[Link]) -> int:
    """Count how often links cross."""
    places = {vertex: place for row in rows for place, vertex in enumerate(row)}
    ends: dict[int, list[int]] = {vertex: [] for vertex in places}
    for start, end in links:
        ends[start].append(places[end])
    total = 0
    for row in rows:
        seen: list[int] = []
        for vertex in row:
            total += sum(len(seen) - bisect_right(seen, place) for place in ends[vertex])
            for place in ends[vertex]:
                insort(seen, place)
    return total
