"""Items of one key in their order: which of them wait for an earlier one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence

from typedpipes.engine.ports import Item
from typedpipes.engine.results import Slot
from typedpipes.flow.waiting import Waiters


class Keys:
    """Knows which keys are in hand, and holds the items that wait for one of them.

    Args:
        key: returns the key of an item.
        window: the most items that are in hand or wait, taken together.

    Attributes:
        waiting: how many items wait.
        resting: how many keys in hand have no item in progress, because of a pause.
        to_go_on: where the workers of these wait for the end of the pause.
    """

    def __init__(self, key: Callable[[Item], Hashable], window: int) -> None:
        self.key = key
        self.window = window
        self.waiting: int = 0
        self.resting: int = 0
        self.to_go_on: Waiters = Waiters()
        self._lines: dict[Hashable, deque[tuple[Item, Slot]]] = {}

    def begin(self, key: Hashable, item: Item, slot: Slot) -> bool:
        """Take a key in hand, or let the item wait if it is.

        Returns:
            Whether the item may be worked on now.
        """
        line = self._lines.get(key)
        if line is None:
            self._lines[key] = deque()
            return True
        line.append((item, slot))
        self.waiting += 1
        return False

    def next(self, key: Hashable) -> tuple[Item, Slot]:
        """Return the item that waited longest for a key."""
        self.waiting -= 1
        return self._lines[key].popleft()

    def has_waiting(self, key: Hashable) -> bool:
        """Whether items wait for a key."""
        return bool(self._lines[key])

    def end(self, key: Hashable) -> None:
        """Let go of a key that no item waits for."""
        del self._lines[key]

    def items(self) -> Sequence[Item]:
        """Return the items that wait, those of one key in their order."""
        return [item for line in self._lines.values() for item, _ in line]
