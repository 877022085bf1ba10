"""What the workers of a node wait for, and how long."""

from __future__ import annotations

from enum import Enum


class Wait(Enum):
    """What a worker waits for that has nothing to do."""

    ITEMS = "items"
    ROOM = "room"
    RESUME = "the end of a pause"


FOR_ITEMS, FOR_ROOM, FOR_RESUME = Wait  # CPython 3.11 takes long to look a member up


class Lulls:
    """How long the workers of a node waited, by what for. Waiting for items is the rest.

    Kept only where a node waited for something else than items. It is brought up to date when
    what the node waits for changes: not when it comes to rest, or goes on.

    Args:
        began: when the run began, by the monotonic clock.

    Attributes:
        for_room: the seconds that a worker waited for room, on average.
        paused: the seconds that a worker was kept from working by a pause, on average.
    """

    __slots__ = ("_since", "_worked", "for_room", "paused")

    def __init__(self, began: float) -> None:
        self.for_room: float = 0.0
        self.paused: float = 0.0
        self._since = began
        self._worked = 0.0

    def add(self, wait: Wait, now: float, worked: float) -> None:
        """Add the time since the last call, less what was worked in it.

        Args:
            wait: what workers waited for that had nothing to do.
            now: the time.
            worked: how many seconds a worker has worked up to now, on average.
        """
        lull = now - self._since - (worked - self._worked)
        self._since, self._worked = now, worked
        if lull <= 0:  # by rounding
            return
        if wait is FOR_ROOM:
            self.for_room += lull
        elif wait is FOR_RESUME:
            self.paused += lull
