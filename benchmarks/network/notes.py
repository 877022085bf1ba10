"""Notes of when slices were begun with, and what processor time that took."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic, process_time

from attrs import field, frozen


@frozen
class Notes:
    """Of each slice, when it was begun with.

    Attributes:
        at: seconds, on a clock that all processes of the machine have in common.
        spent: seconds of the processor, up to then.
    """

    at: list[float] = field(factory=list[float])  # lists: msgspec decodes into them
    spent: list[float] = field(factory=list[float])

    def add(self) -> None:
        """Note that a slice is begun with now."""
        self.at.append(monotonic())
        self.spent.append(process_time())

    @property
    def cost(self) -> float:
        """Seconds of the processor for each slice."""
        return (self.spent[-1] - self.spent[0]) / (len(self.spent) - 1)


def rate(notes: Sequence[Notes], *, skip: float = 0.0) -> float:
    """Return how many slices a second were begun with, while all were at work.

    Args:
        notes: of each process.
        skip: which share of the time is left out at the begin.
    """
    begin, end = max(each.at[0] for each in notes), min(each.at[-1] for each in notes)
    begin += (end - begin) * skip
    count = sum(begin <= moment < end for each in notes for moment in each.at)
    return count / (end - begin)
