"""Nodes with many workers: how workers are called when there is something to do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from time import monotonic

from typedpipes.engine.node import Life, Node
from typedpipes.engine.place import Item, Place
from typedpipes.engine.work import PassingGaps, Work
from typedpipes.processor import Failure
from typedpipes.queues.buffer import GAP


class Pool(Node):
    """A node that works on several items at a time, each in a worker of its own.

    Workers are made when they are needed first. One that has nothing to do waits on a
    pile, and the last one to wait is the first to be called. Whoever is called calls two
    more if there is more to do: so a burst reaches all workers in a few steps, and a
    trickle wakes only one.

    A failure that finds no room is held and keeps the place of its worker. So does a
    result without an order; with one it waits in the window.
    """

    __slots__ = (
        "_called",
        "_held_failures",
        "_holding",
        "_idle",
        "_in_flight",
        "_inputs",
        "_work",
        "_workers",
    )

    interrupted: tuple[Item, ...]
    failed: int

    def __init__(self, work: Work, workers: int, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._inputs = place.intake.buffers
        self._work = PassingGaps(work, self) if place.gets_gaps else work
        self._workers = workers
        self._idle: list[asyncio.Future[None]] = []
        self._called = 0
        self._in_flight = 0
        self._held_failures: deque[Failure[Item]] = deque()
        self._holding = False

    async def process(self, item: Item) -> None:
        """Work on one item."""
        raise NotImplementedError

    def room(self) -> int:
        return self._workers - self._in_flight - len(self._held_failures)

    def send(self) -> None:
        """Give what is held, as far as there is room."""
        self._holding = False
        if self._held_failures and self.failures is not None:
            while self._held_failures and self.failures.room() > 0:
                super().give_failure(self._held_failures.popleft())
            self.failures.watch()
            self._holding = bool(self._held_failures) and not self.failures.deserted

    def give_failure(self, failure: Failure[Item]) -> None:
        self._held_failures.append(failure)
        if not self._holding:
            self.send()

    def rest(self) -> bool:
        return super().rest() or (self._holding and not self.halted)

    def plan(self, limit: int) -> int:
        # Nobody is woken for what comes only when a coroutine is done.
        intake = self.intake
        intake.release()
        enough = intake.ready() >= limit and self.room() >= limit
        return limit if enough and not self.stopping and not self.paused else 0

    async def work(self) -> None:
        """Work, as one of the workers, until there is never anything to do again."""
        called = True
        pace = self.life.pace
        while True:
            if pace.due(monotonic()):
                await pace.step_aside()
            if called:
                self._called -= 1
            if self.plan(1):
                item = next(self.intake.take(1))
                self._in_flight += 1
                if self._idle or len(self.tasks) < self._workers:
                    self._call_others(called)
                try:
                    await self.process(item)
                finally:
                    self._in_flight -= 1
                    del item  # one who rests keeps nothing alive
                called = False
            elif self.rest():
                await self._to_be_called()
                called = True
            else:
                self._dismiss()
                return

    def _call_others(self, called: bool) -> None:
        """Have others take what is left, if there are any to call."""
        if self.stopping or self.paused:
            return
        # There is room for one more since the take. Not at once: a source that fills it may end
        # the run or pause the node, and the item that was taken is not begun yet.
        for buffer in self._inputs:
            if buffer.writer_waits and buffer.is_low():
                asyncio.get_running_loop().call_soon(self._release)
                break
        more = min(self.intake.ready(), self.room()) - self._called
        if more <= 0:
            self.rest()
        elif called or not self._called:
            for _ in range(min(more, 2)):
                self._call_one()

    def _release(self) -> None:
        if not self.ended:
            self.intake.release()

    def wake(self) -> None:
        if self._holding:
            # Not at once: the one who wakes is still taking an item.
            asyncio.get_running_loop().call_soon(self._send_held)
        self._call_one()

    def _send_held(self) -> None:
        if not self.ended:
            self.send()
            if not self._holding:
                self._call_one()  # there may be room for more, or nothing to do any more

    def _call_one(self) -> None:
        while self._idle:
            waiter = self._idle.pop()
            if not waiter.done():
                self._called += 1
                waiter.set_result(None)
                return
        if len(self.tasks) < self._workers and not self.halted and not self.ended:
            self._called += 1
            self.spawn(self.work())

    async def _to_be_called(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._idle.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter in self._idle:
                self._idle.remove(waiter)
            raise

    def _dismiss(self) -> None:
        """Call all, so that they see that there is nothing to do any more."""
        while self._idle:
            self._call_one()

    def end(self) -> None:
        if not self.ended:
            # Their failures were told to nobody: the items are as good as in hand.
            self.interrupted += tuple(failure.item for failure in self._held_failures)
            self.failed -= len(self._held_failures)
        super().end()

    @property
    def in_flight(self) -> int:
        return self._in_flight if self.tasks else 0


class Unordered(Pool):
    """A processor with many workers that gives results as they come."""

    __slots__ = ("_results",)

    def __init__(self, work: Work, workers: int, place: Place, life: Life) -> None:
        super().__init__(work, workers, place, life)
        self._results: deque[Item] = deque()

    def room(self) -> int:
        # In full, not with its base: it is asked for every item.
        held = len(self._held_failures) + len(self._results)
        return self._workers - self._in_flight - held

    async def process(self, item: Item) -> None:
        try:
            result = await self._work.coro(item)
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error):
                raise
            return
        if not self.ended:  # else the worker was left behind
            self._results.append(result)
            if not self._holding:
                self.send()

    def send(self) -> None:
        super().send()
        results = self._results
        outflow = self.outflow
        while results and outflow.room() > 0:
            outflow.append(results.popleft())
        outflow.announce(giving=False)
        if results and not outflow.deserted:
            self._holding = True
            outflow.watch()

    def held(self) -> Sequence[Item]:
        return (*super().held(), *self._results)


class _Slot:
    """The place of one item in the order."""

    __slots__ = ("done", "result")

    def __init__(self) -> None:
        self.done = False
        self.result: tuple[Item, ...] = ()


class Ordered(Pool):
    """A processor with many workers that gives results in the order of the items.

    Results that are ahead of their turn are held back in a window. Whoever finishes the
    item at its head gives all that are ready.
    """

    __slots__ = ("_line", "_window")

    def __init__(self, work: Work, workers: int, window: int, place: Place, life: Life) -> None:
        super().__init__(work, workers, place, life)
        self._window = window
        self._line: deque[_Slot] = deque()

    def room(self) -> int:
        return min(self._window - len(self._line), super().room())

    async def process(self, item: Item) -> None:
        slot = _Slot()
        self._line.append(slot)
        try:
            result = await self._work.coro(item)
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error):
                raise
            if self.halted:
                return  # what is behind in the line must not take this place
            slot.result = (GAP,) if self.keeps_gaps else ()
        else:
            if self.ended:
                return  # the worker was left behind
            slot.result = (result,)
        slot.done = True
        if self._line[0] is slot and not self._holding:
            self.send()

    def leave_gap(self) -> None:
        """The gap stands in the slot."""

    def send(self) -> None:
        super().send()
        line = self._line
        outflow = self.outflow
        while line and line[0].done and outflow.room() > 0:
            for result in line.popleft().result:
                outflow.append(result)
        outflow.announce(giving=False)
        if line and line[0].done and not outflow.deserted:
            self._holding = True
            outflow.watch()

    def held(self) -> Sequence[Item]:
        results = [result for slot in self._line for result in slot.result]
        return (*super().held(), *(result for result in results if result is not GAP))
