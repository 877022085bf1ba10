"""What was stored, as the ledgers of all processes say together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from attrs import frozen


@frozen
class Stored:
    """What is in all ledgers.

    Attributes:
        numbers: each number that was stored, when it was first.
        lost: how many are missing.
        twice: how many are there for more than one item.
        out_of_order: how many came after a larger one.
        again: how many calls were made again for an item, which its id tells.
    """

    numbers: Sequence[int]
    lost: int
    twice: int
    out_of_order: int
    again: int

    @property
    def is_right(self) -> bool:
        """Whether all are there, once, in order."""
        return not (self.lost or self.twice or self.out_of_order)

    def __str__(self) -> str:
        """Return all that in a line."""
        order = "order kept" if not self.out_of_order else f"{self.out_of_order} out of order"
        return f"{self.lost} lost, {self.twice} twice, {order}"


def read(folder: Path, count: int) -> Stored:
    """Read the ledgers in a folder, of a run with so many numbers."""
    texts = [file.read_text() for file in folder.glob("*.ledger")]
    lines = [line.split() for text in texts for line in text.splitlines()]
    lines.sort(key=lambda line: int(line[0]))
    by_id: dict[str, int] = {}
    again = 0
    for _, item, square, cube in lines:
        number = int(cube) // int(square) if square != "0" else 0
        again += item in by_id
        by_id.setdefault(item, number)
    numbers = [*by_id.values()]
    there = set(numbers)
    behind = sum(later < earlier for earlier, later in pairwise(numbers))
    return Stored(numbers, len({*range(count)} - there), len(numbers) - len(there), behind, again)
