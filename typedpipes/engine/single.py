"""Nodes with one worker: the loop that most items go through."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic

from typedpipes.engine.node import Life, Node
from typedpipes.engine.place import Item, Place
from typedpipes.engine.work import PassingGaps, Work
from typedpipes.queues.bell import Bell
from typedpipes.queues.buffer import Buffer
from typedpipes.queues.intake import Single

LONGEST_SLICE = 256
"""Items that are worked on at most between two looks at the clock: how late it is seen at worst
that quick items became slow ones."""

LONG_ENOUGH = 0.001
"""Seconds after which a slice does not grow any more."""


NOWHERE = Buffer[Item](sys.maxsize, low=0)
"""What a sink has behind it: room without end, and nobody who waits."""


class OneWorker(Node):
    """A node that works on one item at a time.

    It takes turns with others of its kind, a slice of work in each: `plan` how many items,
    work on them, `finish`. Slices grow while they take less than a millisecond, so the clock
    is read once for many quick items, and for each slow one.
    """

    __slots__ = ("_bell", "_limit", "resting")

    def __init__(self, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._limit = 1
        self.resting: bool = True
        self._bell: Bell | None = None

    async def turn(self, began: float) -> float:
        """Work on what there is, a slice at most. Then rest or end if there is no more.

        Args:
            began: the time of the clock now.

        Returns:
            The time after the slice.
        """
        raise NotImplementedError

    def idle(self) -> None:
        """Rest or end, because there is nothing to do."""
        self.resting = True
        if not self.rest():
            self.end()

    def finish(self, began: float) -> float:
        """Learn from a slice how long the next may be, and rest if there is nothing for it.

        Args:
            began: the time of the clock before the slice.

        Returns:
            The time now.
        """
        now = monotonic()
        if self._limit < LONGEST_SLICE or now - began > LONG_ENOUGH:
            self._resize(now - began)
        self.intake.release()
        if not (self.intake.ready() and self.room() > 0):
            self.resting = self.rest()
        return now

    def _resize(self, seconds: float) -> None:
        """Make the next slice longer, or short enough, after one that took so many seconds."""
        if seconds > LONG_ENOUGH:
            self._limit = max(int(self._limit * LONG_ENOUGH / seconds), 1)
        else:
            self._limit *= 2

    async def alone(self) -> None:
        """Go on in the current task, which is for no other node any more."""
        self._bell = Bell()
        while not self.ended:
            await self.life.pace.keep()
            self.resting = False
            await self.turn(monotonic())
            if self.resting and not self.ended:
                await self._bell.rung()

    def wake(self) -> None:
        if self._bell is not None:
            self._bell.wake()
        elif self.resting and not self.ended:
            self.resting = False
            self.life.crew.enlist(self)

    @property
    def in_flight(self) -> int:
        return 0


class Caller(OneWorker):
    """A node that calls a coroutine function.

    Most have one plain buffer before them and one or none behind them. Those plan and finish
    as the others do, with direct looks at the two buffers instead of calls.
    """

    __slots__ = ("_before", "_behind", "_calling", "_work")

    resting: bool

    def __init__(self, work: Work, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._work = PassingGaps(work, self) if place.gets_gaps else work
        self._calling = False
        plain = isinstance(place.intake, Single) and not place.intake.gappy
        straight = plain and len(self.buffers) <= 1 and place.failures is None
        self._before = place.intake.buffers[0] if straight else None
        self._behind = self.buffers[0] if self.buffers else NOWHERE

    def plan(self, limit: int) -> int:
        before = self._before
        if before is None:
            return super().plan(limit)
        self.attention = False
        if before.writer_waits:
            before.release()
        if self.stopping or self.paused:
            return 0
        count = len(before.items)
        behind = self._behind
        room = behind.maxsize - len(behind.items)
        if count > room:  # noqa: PLR1730  # `min` takes as long as a quick coroutine
            count = room
        if count > limit:  # noqa: PLR1730
            count = limit
        if behind.reader_waits and (count or behind.items):
            behind.wake_reader()
        return count

    def finish(self, began: float) -> float:
        before = self._before
        if before is None or self.stopping:
            return super().finish(began)
        now = monotonic()
        if self._limit < LONGEST_SLICE or now - began > LONG_ENOUGH:
            self._resize(now - began)
        if before.writer_waits and not before.items:
            before.wake_writer()
        behind = self._behind
        if len(behind.items) >= behind.maxsize and not before.over():
            behind.await_room()
            self.resting = True
        elif not before.items and not before.closed:
            before.await_items()
            self.resting = True
        return now

    @property
    def in_flight(self) -> int:
        return 1 if self._calling and self.tasks else 0


class Giving(Caller):
    """A processor with one worker that gives an item for each."""

    __slots__ = ()

    async def turn(self, began: float) -> float:
        count = self.plan(self._limit)
        if not count:
            self.idle()
            return began
        work = self._work
        give = self._behind.fill().append
        self._calling = True
        # Nothing is awaited between the take and the call, nor between the call and the
        # giving: whatever interrupts this finds at most one item in hand.
        try:
            for item in self.intake.take(count):
                coro = work.coro  # in a line of its own: CPython 3.11 finds it faster so
                try:
                    give(await coro(item))
                except BaseException as error:  # settle tells them apart
                    if not self.settle(item, error):
                        raise
                if self.attention and not self.glance():
                    break
        finally:
            self._calling = False
        return self.finish(began)


class Forking(Caller):
    """A processor with one worker that gives its items to several edges."""

    __slots__ = ("_gives",)

    def __init__(self, work: Work, place: Place, life: Life) -> None:
        super().__init__(work, place, life)
        self._gives: list[Callable[[Item], None]] = []

    def let_go(self) -> None:
        super().let_go()
        if self._gives and not self.ended:  # else who was left behind would get them
            self._gives[:] = self.outflow.appends()  # at once: there may be an item in hand

    async def turn(self, began: float) -> float:
        count = self.plan(self._limit)
        if not count:
            self.idle()
            return began
        work = self._work
        gives = self._gives
        if not gives:
            gives += self.outflow.appends()
        self._calling = True
        try:
            for item in self.intake.take(count):
                coro = work.coro
                try:
                    result = await coro(item)
                    for give in gives:
                        give(result)
                except BaseException as error:  # settle tells them apart
                    if not self.settle(item, error):
                        raise
                if self.attention and not self.glance():
                    break
        finally:
            self._calling = False
        return self.finish(began)


class Ending(Caller):
    """A sink with one worker."""

    __slots__ = ()

    async def turn(self, began: float) -> float:
        count = self.plan(self._limit)
        if not count:
            self.idle()
            return began
        work = self._work
        self._calling = True
        try:
            for item in self.intake.take(count):
                coro = work.coro
                try:
                    await coro(item)
                except BaseException as error:  # settle tells them apart
                    if not self.settle(item, error):
                        raise
                if self.attention and not self.glance():
                    break
        finally:
            self._calling = False
        return self.finish(began)
