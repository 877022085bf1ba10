"""Legs: the edges that cross the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from typedpipes.network.composed import Carried, Failed, marked
from typedpipes.network.record import Items, Lost, Progress, Record
from typedpipes.network.wire import Reach

Takes: TypeAlias = Literal["results", "failures", "outcomes"]
"""What a leg takes of a record; of outcomes, both in their order."""


@frozen
class Leg:
    """An edge that crosses the wire.

    Attributes:
        name: unique in the run.
        start: the name of the stop that gives.
        number: which of its inputs it is.
        takes: what it takes.
        way: which way of a split it is.
        form: what it carries.
        in_hand: the most slices that all processes together have taken and not done.
        skips_gaps: whether only items count where it is zipped with others, not their places.
        hint_every: as for `Reach`.
    """

    name: str
    start: str
    number: int
    takes: Takes
    way: int
    form: Carried
    in_hand: int
    skips_gaps: bool = False
    hint_every: int = 1

    @property
    def reach(self) -> Reach:
        """The leg, as the wire sees it."""
        return Reach(self.name, self.start, self.in_hand, self.hint_every)

    def raws(self, record: Record) -> Items:
        """Return what this leg takes from a record, as it travels, by places.

        Failures by themselves are in step with nothing else, and have places of their own.
        """
        if self.takes == "failures":
            return {place: Failed.encode(lost) for place, lost in enumerate(_ordered(record))}
        if self.takes == "outcomes":
            results = {place: marked(0, raw) for place, raw in record.items.items()}
            failures = {
                place: marked(1, Failed.encode(lost)) for place, lost in record.failures.items()
            }
            return dict(sorted({**results, **failures}.items()))
        return {
            place: raw
            for place, raw in record.items.items()
            if record.ways.get(place, 0) == self.way
        }

    def length(self, record: Record) -> int:
        """Return how many places there are."""
        return len(record.failures) if self.takes == "failures" else record.length

    def rows(self, record: Record) -> list[bytes | None]:
        """Return the same for a zip: place by place, `None` where there is nothing."""
        raws = self.raws(record)
        if self.skips_gaps:
            return [*raws.values()]
        return [raws.get(place) for place in range(self.length(record))]

    def items(self, record: Record) -> Mapping[int, object]:
        """Return what this leg takes from a record, by places.

        Raises:
            ValueError: it cannot be decoded.
        """
        return {place: self.form.decode(raw) for place, raw in self.raws(record).items()}

    def left(self, record: Record, progress: Progress) -> Mapping[int, object]:
        """Return the same without what is done, as the progress says."""
        if progress.has(record.position):
            return {}
        done = progress.part(record.position).places
        items = self.items(record)
        first = [*items][done:] if self.skips_gaps else [each for each in items if each >= done]
        return {place: items[place] for place in first}

    def __str__(self) -> str:
        """Return the edge and what it carries, as messages name it."""
        return f"{self.name}: {self.form.type}"


def _ordered(record: Record) -> Iterable[Lost]:
    return (record.failures[place] for place in sorted(record.failures))
