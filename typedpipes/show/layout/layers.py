"""The row of every box: below everything that it takes from, and close to it."""

from __future__ import annotations

from collections.abc import Sequence

Link = tuple[int, int]
"""From one vertex to another, by number."""

_ROUNDS = 4


def layers(count: int, links: Sequence[Link]) -> list[int]:
    """Return the row of every vertex.

    A vertex goes below its lowest giver. Then those with more takers than givers, such as
    a source that is needed only far below, go down to where they shorten their links.

    Args:
        count: how many vertices there are, numbered from upstream to downstream.
        links: each from a smaller to a larger number.
    """
    givers: list[list[int]] = [[] for _ in range(count)]
    takers: list[list[int]] = [[] for _ in range(count)]
    for start, end in links:
        givers[end].append(start)
        takers[start].append(end)
    rows = [0] * count
    for vertex in range(count):
        rows[vertex] = max((rows[giver] + 1 for giver in givers[vertex]), default=0)
    for _ in range(_ROUNDS):
        for vertex in reversed(range(count)):
            if len(takers[vertex]) > len(givers[vertex]):
                rows[vertex] = min(rows[taker] for taker in takers[vertex]) - 1
    return rows
