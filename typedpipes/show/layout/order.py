"""The order of the vertices in each row, chosen so that few links cross."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence

from typedpipes.show.layout.layers import Link

_SWEEPS = 16
_IN_VAIN = 4
"""After how many sweeps without a better order it is left at that."""
_SWAPS = 3
"""How often a row is gone through for swaps in each sweep."""

Rows = Sequence[Sequence[int]]
Ports = Mapping[Link, float]
"""Where a link meets its lower vertex, from 0 at the left to below 1: where that matters."""
Ends = Sequence[tuple[int, float]]
"""The neighbours of a vertex in the next row or the one before, and where it meets them."""
Neighbours = Mapping[int, Ends]


def ordered(rows: Rows, links: Sequence[Link], ports: Ports | None = None) -> Rows:
    """Order every row by the barycentres of its neighbours, down and up again, and return the best.

    Args:
        rows: the vertices of each row.
        links: each from a vertex to one in the next row.
        ports: of the links that cannot choose where they meet their lower vertex.
    """
    above: dict[int, list[tuple[int, float]]] = {vertex: [] for row in rows for vertex in row}
    below: dict[int, list[tuple[int, float]]] = {vertex: [] for row in rows for vertex in row}
    for start, end in links:
        below[start].append((end, (ports or {}).get((start, end), 0.0)))
        above[end].append((start, 0.0))
    best = current = _depth_first(rows, below)
    fewest = _crossings(best, below)
    found = 0
    for sweep in range(_SWEEPS):
        if not fewest or sweep - found >= _IN_VAIN:
            break
        current = _swept(current, below, up=True) if sweep % 2 else _swept(current, above, up=False)
        current = _exchanged(current, above, below)
        now = _crossings(current, below)
        if now < fewest:
            best, fewest, found = current, now, sweep + 1
    return best


def _depth_first(rows: Rows, below: Neighbours) -> Rows:
    """Start with connected vertices next to each other."""
    seen: dict[int, None] = {}
    stack = [vertex for row in reversed(rows) for vertex in reversed(row)]
    while stack:
        vertex = stack.pop()
        if vertex not in seen:
            seen[vertex] = None
            stack += [end for end, _ in reversed(below[vertex])]
    rank = {vertex: number for number, vertex in enumerate(seen)}
    return [sorted(row, key=rank.__getitem__) for row in rows]


def _swept(rows: Rows, neighbours: Neighbours, *, up: bool) -> Rows:
    """Order each row by the mean place of the neighbours in the row before it."""
    done: list[Sequence[int]] = []
    places: _Places = {}
    for row in reversed(rows) if up else rows:
        centre = {
            vertex: _mean((places[each] + port for each, port in neighbours[vertex]), place)
            for place, vertex in enumerate(row)
        }
        done.append(sorted(row, key=centre.__getitem__))
        places = _places(done[-1])
    return done[::-1] if up else done


def _mean(numbers: Iterable[float], otherwise: int) -> float:
    several = list(numbers)
    return sum(several) / len(several) if several else otherwise


def _exchanged(rows: Rows, above: Neighbours, below: Neighbours) -> Rows:
    """Swap adjacent vertices where that saves crossings."""
    new = [list(row) for row in rows]
    for number, row in enumerate(new):
        upper = _places(new[number - 1] if number else ())
        lower = _places(new[number + 1] if number + 1 < len(new) else ())
        ends = {
            vertex: (_sorted(above[vertex], upper), _sorted(below[vertex], lower)) for vertex in row
        }
        for _ in range(_SWAPS):
            improved = False
            for place in range(len(row) - 1):
                left, right = row[place], row[place + 1]
                (up, down), (up_right, down_right) = ends[left], ends[right]
                now = _between(up, up_right) + _between(down, down_right)
                if now and _between(up_right, up) + _between(down_right, down) < now:
                    row[place], row[place + 1] = right, left
                    improved = True
            if not improved:
                break
    return new


_Places = Mapping[int, int]


def _places(row: Sequence[int]) -> _Places:
    return {vertex: place for place, vertex in enumerate(row)}


def _sorted(ends: Ends, places: _Places) -> Sequence[float]:
    return sorted(places[end] + port for end, port in ends)


def _between(left: Sequence[float], right: Sequence[float]) -> int:
    """Count how often the links of two vertices cross, by where these end, in order."""
    return sum(bisect_left(right, place) for place in left)


def crossings(rows: Rows, links: Sequence[Link]) -> int:
    """Count how often links cross."""
    ends: dict[int, list[tuple[int, float]]] = {vertex: [] for row in rows for vertex in row}
    for start, end in links:
        ends[start].append((end, 0.0))
    return _crossings(rows, ends)


def _crossings(rows: Rows, below: Neighbours) -> int:
    places = {vertex: place for row in rows for place, vertex in enumerate(row)}
    total = 0
    for row in rows:
        seen: list[float] = []
        for vertex in row:
            ends = _sorted(below[vertex], places)
            total += sum(len(seen) - bisect_right(seen, place) for place in ends)
            for place in ends:
                insort(seen, place)
    return total
