"""A flight: records on their way into a stream, each behind the one before."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Generic
from uuid import uuid4

from typing_extensions import TypeVar

T = TypeVar("T")


class Flight(Generic[T]):
    """What one process has given and does not know yet to be stored.

    Each is only stored behind the very one before, by its name: another process may have given
    one in its place. Where one is not stored, none behind it is. So nothing more takes off then
    until all have landed.

    Args:
        most: returns how many may be on their way now.

    Attributes:
        last: the last one, behind which the next may follow; `None` if nothing is on its way.
        name: what that is called; empty if nothing is on its way, or may follow.
        count: how many are on their way.
        has_failed: whether one was not stored of those that are on their way together.
    """

    def __init__(self, most: Callable[[], int]) -> None:
        self.last: T | None = None
        self.name: str = ""
        self._most = most
        self._own = uuid4().hex
        self._names = count()
        self.has_failed: bool = False
        self.count: int = 0

    @property
    def takes_more(self) -> bool:
        """Whether one more may take off."""
        if not self.count:
            return True
        # One that took off alone has no name, and cannot be followed.
        return bool(self.name) and self.count < self._most() and not self.has_failed

    def take_off(self, what: T) -> None:
        """Note that something is on its way, under a new name if another one may follow."""
        self.last = what
        self.name = f"{self._own}.{next(self._names)}" if self._most() > 1 else ""
        self.count += 1

    def land(self, *, stored: bool) -> None:
        """Note that one is not on its way any more."""
        self.count -= 1
        self.has_failed = self.count > 0 and (self.has_failed or not stored)
        if not self.count:
            self.last = None
            self.name = ""
