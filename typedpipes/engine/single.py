"""Nodes with one worker: the loop that most items go through."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic

from typedpipes.engine.node import Item, Life, Node, Place
from typedpipes.engine.work import PassingGaps, Work

LONGEST_SLICE = 1024
"""Items that are worked on at most between two looks at the clock."""

LONG_ENOUGH = 0.001
"""Seconds after which a slice does not grow any more."""


class OneWorker(Node):
    """A node that works on one item at a time.

    Its work is cut into slices. They grow while they take less than a millisecond, so the
    clock is read once for many quick items, and for each slow one.
    """

    __slots__ = ("_busy", "_waiter")

    def __init__(self, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._busy = False
        self._waiter: asyncio.Future[None] | None = None

    async def slice(self, items: Iterator[Item]) -> bool:
        """Work on the items, until they are used up or `attention` is asked for.

        Returns:
            Whether it was the latter.
        """
        raise NotImplementedError

    async def work(self) -> None:
        """Work until there is never anything to do again."""
        limit = 1
        pace = self.life.pace
        while count := self.plan(limit) or await self.more(limit):
            items = self.intake.take(count)
            began = monotonic()
            self._busy = True
            while await self.slice(items) and self.glance():
                pass  # a neighbour that waits was seen to; the plan still holds
            self._busy = False
            now = monotonic()
            if now - began < LONG_ENOUGH:
                limit = min(2 * limit, LONGEST_SLICE)
            elif limit > 1:
                limit //= 2
            if pace.due(now):
                await asyncio.sleep(0)

    async def more(self, limit: int) -> int:
        """Wait until something can be done, and plan it.

        Returns:
            How many items; 0 if there is never anything to do again.
        """
        while not self.idle():
            self.watch()
            await self.woken()
            if count := self.plan(limit):
                return count
        return 0

    async def woken(self) -> None:
        """Wait to be woken."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def wake(self) -> None:
        if self._waiter is not None:
            if not self._waiter.done():
                self._waiter.set_result(None)
        elif not self.tasks and not self.ended:
            self.spawn(self.work())

    @property
    def in_flight(self) -> int:
        return 1 if self._busy and self.tasks else 0


class Giving(OneWorker):
    """A processor with one worker that gives an item for each."""

    __slots__ = ("_work",)

    def __init__(self, work: Work, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._work = PassingGaps(work, self) if place.gets_gaps else work

    async def slice(self, items: Iterator[Item]) -> bool:
        work = self._work
        give = self.outflow.appender()
        # Nothing is awaited between the take and the call, nor between the call and the
        # giving: whatever interrupts this finds at most one item in hand.
        for item in items:
            try:
                give(await work.coro(item))
            except BaseException as error:  # noqa: BLE001  # settle tells them apart
                self.settle(item, error)
            if self.attention:
                return True
        return False


class Ending(OneWorker):
    """A sink with one worker."""

    __slots__ = ("_work",)

    def __init__(self, work: Work, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._work = PassingGaps(work, self) if place.gets_gaps else work

    async def slice(self, items: Iterator[Item]) -> bool:
        work = self._work
        for item in items:
            try:
                await work.coro(item)
            except BaseException as error:  # noqa: BLE001  # settle tells them apart
                self.settle(item, error)
            if self.attention:
                return True
        return False
