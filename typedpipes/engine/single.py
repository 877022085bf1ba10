"""Nodes with one worker: the loop that most items go through."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from typedpipes.engine.node import Node
from typedpipes.engine.place import Item, Life, Place
from typedpipes.engine.work import PassingGaps, Work
from typedpipes.queues.buffer import GAP, Buffer
from typedpipes.queues.intake import Single

LONGEST_SLICE = 1024
"""Items that are worked on at most between two looks at the clock."""

LONG_ENOUGH = 0.001
"""Seconds after which a slice does not grow any more."""


NOWHERE = Buffer[Item](sys.maxsize, low=0)
"""What a sink has behind it: room without end, and nobody who waits."""


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
        loop = asyncio.get_running_loop()
        while True:
            count = self.plan(limit)
            if not count:
                if not self.rest():
                    return
                self._waiter = loop.create_future()
                try:
                    await self._waiter
                finally:
                    self._waiter = None
                continue
            items = self.intake.take(count)
            began = monotonic()
            self._busy = True
            try:
                while await self.slice(items) and self.glance():
                    pass  # a neighbour that waits was seen to; the plan still holds
            finally:
                self._busy = False
            now = monotonic()
            if now - began > LONG_ENOUGH:
                limit = max(limit // 2, 1)
            elif limit < LONGEST_SLICE:
                limit *= 2
            if pace.due(now):
                await asyncio.sleep(0)

    def wake(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            if not waiter.done():
                waiter.set_result(None)
        elif not self.tasks and not self.ended:
            self.start()

    def start(self) -> None:
        """Begin to work."""
        self.spawn(self.work())

    @property
    def in_flight(self) -> int:
        return 1 if self._busy and self.tasks else 0


class Straight(OneWorker):
    """A node that, as most do, has one plain buffer before it and one or none behind it.

    Its loop does at once what its base does step by step for all kinds of ends.
    """

    __slots__ = ("_before", "_behind")

    def __init__(self, place: Place, life: Life) -> None:
        super().__init__(place, life)
        plain = isinstance(place.intake, Single) and not place.intake.gappy
        straight = plain and len(self.buffers) <= 1 and place.failures is None
        self._before = place.intake.buffers[0] if straight else None
        self._behind = self.buffers[0] if self.buffers else NOWHERE

    def start(self) -> None:
        self.spawn(self.work() if self._before is None else self._work_straight(self._before))

    async def _work_straight(self, before: Buffer[Item]) -> None:  # noqa: C901  # steps, not branches
        behind = self._behind
        limit = 1
        pace = self.life.pace
        loop = asyncio.get_running_loop()
        take = self.intake.take
        while not self.stopping:
            self.attention = False
            if before.writer_waits and len(before.items) - 1 <= before.low:
                before.wake_writer()
            count = len(before.items)
            room = behind.maxsize - len(behind.items)
            if count > room:  # noqa: PLR1730  # `min` takes as long as a quick coroutine
                count = room
            if count > limit:  # noqa: PLR1730
                count = limit
            if behind.reader_waits and (count or behind.items):
                behind.wake_reader()
            if not count or self.paused:
                if before.items:
                    behind.await_room()
                elif before.closed:
                    return
                else:
                    before.await_items()
                self._waiter = loop.create_future()
                try:
                    await self._waiter
                finally:
                    self._waiter = None
                continue
            items = take(count)
            began = monotonic()
            self._busy = True
            try:
                while await self.slice(items) and self.glance():
                    pass  # as in the base
            finally:
                self._busy = False
            now = monotonic()
            if now - began > LONG_ENOUGH:
                limit = max(limit // 2, 1)
            elif limit < LONGEST_SLICE:
                limit *= 2
            if now > pace.until and pace.due(now):
                await asyncio.sleep(0)


class Giving(Straight):
    """A processor with one worker that gives an item for each."""

    __slots__ = ("_give", "_work")

    _give: Callable[[Item], None]

    def __init__(self, work: Work, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._work = PassingGaps(work, self) if place.gets_gaps else work

    def start(self) -> None:
        self._give = self._behind.fill().append
        super().start()

    async def slice(self, items: Iterator[Item]) -> bool:
        work = self._work
        give = self._give
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


class Forking(Giving):
    """A processor with one worker that gives its items to several edges.

    They get them together when a slice ends. That is early enough: a reader that waits asks
    for attention, and that ends the slice after the item in hand.
    """

    __slots__ = ("_results",)

    def __init__(self, work: Work, place: Place, life: Life) -> None:
        super().__init__(work, place, life)
        self._results: list[Item] = []

    def start(self) -> None:
        super().start()
        self._give = self._results.append

    async def slice(self, items: Iterator[Item]) -> bool:
        # Written out: CPython speeds up attribute lookups in a function for one class.
        work = self._work
        give = self._give
        try:
            for item in items:
                try:
                    give(await work.coro(item))
                except BaseException as error:  # noqa: BLE001  # settle tells them apart
                    self.settle(item, error)
                if self.attention:
                    return True
            return False
        finally:
            self.outflow.extend(self._results)
            self._results.clear()

    def leave_gap(self) -> None:
        if self.keeps_gaps:
            self._results.append(GAP)

    def held(self) -> Sequence[Item]:
        return (*super().held(), *self._results)


class Ending(Straight):
    """A sink with one worker."""

    __slots__ = ("_work",)

    def __init__(self, work: Work, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._work = work

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
