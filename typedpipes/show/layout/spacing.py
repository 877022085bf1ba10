"""The horizontal place of every vertex, so that links are straight and nothing overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf

from typedpipes.show.layout.layers import Link

_SWEEPS = 120
_LEAST = 6
_STEPS = 40_000
"""How many vertices and links all sweeps together visit, so that a large graph has fewer."""
_LOOSE = 0.01
"""The weight of staying in place."""

Weights = Mapping[Link, float]


def spaced(
    rows: Sequence[Sequence[int]], links: Weights, widths: Sequence[float], gap: float
) -> list[float]:
    """Return the centre of every vertex.

    Each row in turn is placed as close as its widths allow to the neighbours of its
    vertices: first those above, then those below, finally both.

    Args:
        rows: the vertices of each row, in order.
        links: the weight of each link: how much it matters that it is straight.
        widths: of each vertex.
        gap: the least space between two vertices.
    """
    above: dict[int, list[tuple[int, float]]] = {vertex: [] for row in rows for vertex in row}
    below: dict[int, list[tuple[int, float]]] = {vertex: [] for row in rows for vertex in row}
    for (start, end), weight in links.items():
        above[end].append((start, weight))
        below[start].append((end, weight))
    centres = [0.0] * len(widths)
    for row in rows:
        _put(row, [(0.0, 1.0)] * len(row), centres, widths, gap)
    sweeps = max(_LEAST, min(_SWEEPS, _STEPS // (len(widths) + len(links) + 1)))
    for sweep in range(sweeps):
        both = sweep >= sweeps // 3
        for row in reversed(rows) if sweep % 2 else rows:
            wishes: list[tuple[float, float]] = []
            for vertex in row:
                near = [] if both or not sweep % 2 else below[vertex]
                near = near or (above[vertex] + below[vertex] if both else above[vertex])
                near = [*near, (vertex, _LOOSE)]
                weight = sum(each for _, each in near)
                wish = sum(centres[other] * each for other, each in near) / weight
                wishes.append((wish, weight))
            _put(row, wishes, centres, widths, gap)
    return centres


def _put(
    row: Sequence[int],
    wishes: Sequence[tuple[float, float]],
    centres: list[float],
    widths: Sequence[float],
    gap: float,
) -> None:
    """Place a row where the sum of squared distances from the desired places is least.

    Without their widths, the vertices only have to keep their order. Neighbours that
    would not are merged into one block, at the weighted mean of their desired places.
    """
    blocks: list[tuple[float, float, int]] = []  # place, weight, how many vertices
    shift, shifts = 0.0, list[float]()
    for number, vertex in enumerate(row):
        if number:
            shift += (widths[row[number - 1]] + widths[vertex]) / 2 + gap
        shifts.append(shift)
        wish, weight = wishes[number]
        block = (wish - shift, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            place, heavy, count = blocks.pop()
            total = heavy + block[1]
            mean = (place * heavy + block[0] * block[1]) / total
            block = (mean, total, count + block[2])
        blocks.append(block)
    places = [place for place, _, count in blocks for _ in range(count)]
    for vertex, place, shift in zip(row, places, shifts, strict=True):
        centres[vertex] = place + shift


def straighten(
    rows: Sequence[Sequence[int]],
    threads: Iterable[Sequence[int]],
    centres: list[float],
    widths: Sequence[float],
    gap: float,
) -> None:
    """Move the vertices of each thread to one place, or to as few as their neighbours allow.

    Args:
        rows: the vertices of each row, in order.
        threads: the vertices of each, one in each row that it goes through, from above. No
            vertex is in two of them.
        centres: the centre of each vertex; changed here.
        widths: of each vertex.
        gap: the least space between two vertices.
    """
    sides: dict[int, tuple[int | None, int | None]] = {}
    for row in rows:
        for vertex, left, right in zip(row, [None, *row], [*row[1:], None], strict=False):
            sides[vertex] = left, right
    for thread in threads:
        straight: list[int] = []
        least, most = -inf, inf
        for vertex in thread:
            left, right = sides[vertex]
            low, high = -inf, inf
            if left is not None:
                low = centres[left] + (widths[left] + widths[vertex]) / 2 + gap
            if right is not None:
                high = centres[right] - (widths[right] + widths[vertex]) / 2 - gap
            if straight and max(least, low) > min(most, high):
                _align(straight, least, most, centres)
                straight, least, most = [], -inf, inf
            straight.append(vertex)
            least, most = max(least, low), min(most, high)
        _align(straight, least, most, centres)


def _align(vertices: Sequence[int], least: float, most: float, centres: list[float]) -> None:
    """Put vertices below each other, near to where they are."""
    mean = sum(centres[vertex] for vertex in vertices) / len(vertices)
    for vertex in vertices:
        centres[vertex] = min(max(mean, least), most)
