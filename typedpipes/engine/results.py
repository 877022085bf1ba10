"""The results of many workers, until there is room for them: in order, or as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Protocol

from typedpipes.engine.ports import Item
from typedpipes.flow.edge import GAP
from typedpipes.flow.outputs import Outputs


class Slot:
    """The place of the results of one item.

    Attributes:
        results: what was made and not put yet.
        done: whether nothing more is made.
    """

    __slots__ = ("done", "results")

    def __init__(self) -> None:
        self.results: list[Item] = []
        self.done: bool = False


class Results(Protocol):
    """Holds results until there is room for them."""

    # Questions

    def places(self, free: int) -> int:
        """How many items may be begun, with `free` workers that have none."""
        ...

    def may_begin(self, outputs: Outputs[Item]) -> bool:
        """Whether there is a place for the first result of an item that is begun now."""
        ...

    def may_add(self, slot: Slot, outputs: Outputs[Item]) -> bool:
        """Whether there is a place for one more result of an item."""
        ...

    def is_next(self, slot: Slot, /) -> bool:
        """Whether results of this slot may be put now."""
        ...

    def ready(self) -> bool:
        """Whether there are results that may be put, and only lack room."""
        ...

    def held(self) -> Iterator[Item]:
        """Yield the results, gaps aside, in the order in which they would be put."""
        ...

    # What changes something

    def open(self, item: Item = None, /) -> Slot:
        """Return the place for the results of an item that is begun."""
        ...

    def put(self, outputs: Outputs[Item]) -> None:
        """Put what may be put, as far as there is room."""
        ...


class Line:
    """Results in the order of the items.

    Results that are ahead of their turn stay in their slot, which keeps its place in line.

    Args:
        places: how many slots there are at most.
        share: how many results one that is not at the head may hold.
    """

    __slots__ = ("_places", "_share", "_slots")

    def __init__(self, places: int, share: int) -> None:
        self._places = places
        self._share = share
        self._slots: deque[Slot] = deque()

    def places(self, free: int) -> int:
        return min(free, self._places - len(self._slots))

    def may_begin(self, outputs: Outputs[Item]) -> bool:
        return outputs.room() > 0

    def may_add(self, slot: Slot, outputs: Outputs[Item]) -> bool:
        if self._slots[0] is slot:
            return not slot.results and outputs.room() > 0
        return len(slot.results) < self._share

    def is_next(self, slot: Slot, /) -> bool:
        return self._slots[0] is slot

    def ready(self) -> bool:
        return bool(self._slots and (self._slots[0].results or self._slots[0].done))

    def held(self) -> Iterator[Item]:
        for slot in self._slots:
            for result in slot.results:
                if result is not GAP:
                    yield result

    def open(self, _: Item = None, /) -> Slot:
        slot = Slot()
        self._slots.append(slot)
        return slot

    def put(self, outputs: Outputs[Item]) -> None:
        slots = self._slots
        while slots:
            head = slots[0]
            results = head.results
            while results:
                if outputs.room() <= 0:
                    return
                outputs.append(results.pop(0))
            if not head.done:
                return
            slots.popleft()


class Bag:
    """Results as they come: all items share one slot."""

    __slots__ = ("_slot",)

    def __init__(self) -> None:
        self._slot = Slot()

    def places(self, free: int) -> int:
        return free - len(self._slot.results)

    def may_begin(self, outputs: Outputs[Item]) -> bool:
        return self.may_add(self._slot, outputs)

    def may_add(self, slot: Slot, outputs: Outputs[Item]) -> bool:
        return not slot.results and outputs.room() > 0

    def is_next(self, _: Slot, /) -> bool:
        return True

    def ready(self) -> bool:
        return bool(self._slot.results)

    def held(self) -> Iterator[Item]:
        yield from self._slot.results

    def open(self, _: Item = None, /) -> Slot:
        return self._slot

    def put(self, outputs: Outputs[Item]) -> None:
        results = self._slot.results
        while results and outputs.room() > 0:
            outputs.append(results.pop(0))
