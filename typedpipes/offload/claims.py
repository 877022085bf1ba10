"""Which call a child is at, in memory that it shares with its parent."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext

_AT, _SINCE, _TAKEN_FROM, _TAKEN_TO = range(4)


class Claims:
    """Which call a child is at, and which of those it was handed are not its own any more.

    Calls are numbered as they are handed to the child. The child claims each before it begins,
    under a lock; so what the parent takes back under that lock is not begun, nor ever will be.
    The parent never waits for the lock: a child that was killed, or stopped, may hold it.
    """

    def __init__(self, context: SpawnContext) -> None:
        self._words = context.RawArray("d", (-1, 0, 0, 0))
        self._lock = context.Lock()

    def claimer(self) -> Callable[[int, float], bool]:
        """As the child: return what to call before each call, with its number and the time.

        It returns whether the call is the child's to make. The time is that of the monotonic clock,
        which is the same in the parent.
        """
        # Not a method: it is called for every item, and would look up as much as it does.
        acquire, release = self._lock.acquire, self._lock.release
        words = memoryview(self._words).cast("B").cast("d")

        def claim(number: int, now: float) -> bool:
            acquire()
            # The first comparison is enough for nearly all, and each costs a look at the memory.
            if number < words[_TAKEN_TO] and number >= words[_TAKEN_FROM]:
                release()
                return False
            words[_SINCE] = now
            words[_AT] = number
            release()
            return True

        return claim

    @property
    def at(self) -> int:
        """The call that was begun last; -1 before the first."""
        return int(self._words[_AT])

    @property
    def since(self) -> float:
        """When it was begun, by the monotonic clock."""
        return float(self._words[_SINCE])

    @contextmanager
    def held(self) -> Generator[bool]:
        """As the parent: keep the child from beginning another call.

        Yields whether that was possible: it is not while the child is just beginning one.
        """
        held = self._lock.acquire(block=False)
        try:
            yield held
        finally:
            if held:
                self._lock.release()

    def take_back(self, end: int) -> int:
        """As the parent, while the child is held: take back the calls that are not begun.

        Args:
            end: the number after the last call that was handed out.

        Returns:
            The number of the first that was taken back.
        """
        first = self.at + 1
        self._words[_TAKEN_FROM] = first
        self._words[_TAKEN_TO] = end
        return first
