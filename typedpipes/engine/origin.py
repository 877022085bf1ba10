"""Nodes that begin a graph and make their items: iterables and async iterables."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from itertools import islice
from time import monotonic

from typedpipes.coroutines import async_iterable
from typedpipes.engine.node import Life, Node, is_cancelled
from typedpipes.engine.place import Item, Place
from typedpipes.engine.single import LONG_ENOUGH, LONGEST_SLICE
from typedpipes.engine.steps import Steps
from typedpipes.errors import NO_ITEM, ProcessorFailed
from typedpipes.queues.bell import Bell
from typedpipes.queues.buffer import Buffer
from typedpipes.queues.outflow import Outflow


class Spring:
    """The intake of a node that makes its items itself: all that it puts is what it took.

    Attributes:
        dry: whether there are no more.
    """

    __slots__ = ("_outflow", "dry")

    buffers: tuple[Buffer[Item], ...] = ()
    dropped = 0
    short = False

    def __init__(self, outflow: Outflow[Item]) -> None:
        self._outflow = outflow
        self.dry: bool = False

    @property
    def taken(self) -> int:
        return self._outflow.put

    def ready(self) -> int:
        return 0 if self.dry else sys.maxsize

    def release(self) -> None:
        """There is nobody who waits."""

    def hide_gaps(self) -> None:
        """There are none."""

    def take(self, count: int) -> Iterator[Item]:
        """Give a number for each item that may be made."""
        return iter(range(count))

    def watch(self) -> None:
        """There is nobody to wait for."""

    def over(self) -> bool:
        return self.dry

    def waiting(self) -> int:
        return 0

    def maxsize(self) -> int:
        return 0

    def peek(self) -> list[Item]:
        return []


def fail_dry(node: Node, error: BaseException) -> None:
    """Have the run fail because a source raised, once what it gave before has flowed out."""
    if isinstance(error, asyncio.CancelledError):
        error = node.foreign(error)
    node.life.fail(ProcessorFailed(node.name, NO_ITEM, error), "drain")


class Beginning(Node):
    """A node without an input, whose items are made in a task of its own."""

    __slots__ = ("bell", "spring")

    def __init__(self, place: Place, spring: Spring, life: Life) -> None:
        super().__init__(place, life)
        self.spring: Spring = spring
        self.bell: Bell = Bell()

    async def make(self) -> None:
        """Make items until there are no more."""
        raise NotImplementedError

    def wake(self) -> None:
        if self.tasks:
            self.bell.wake()
        elif not self.ended:
            self.spawn(self._work())

    async def _work(self) -> None:
        try:
            await self.life.pace.keep()  # others may begin at the same time
            await self.make()
        except BaseException as error:
            if isinstance(error, GeneratorExit) or self.ended:
                raise
            if isinstance(error, asyncio.CancelledError) and is_cancelled():
                raise
            fail_dry(self, error)

    def in_hand(self, task: asyncio.Task[None]) -> Item:  # noqa: ARG002  # as in its base
        return NO_ITEM

    def drain(self) -> None:
        self.halt()

    def let_go(self) -> None:
        stopped_before = self.stopping
        super().let_go()
        if self.stopping and not stopped_before:
            self.halt()  # it may wait for an item that nobody wants

    @property
    def in_flight(self) -> int:
        return 0


class FromIterable(Node):
    """A source of the items of an iterable.

    It has no task: whoever needs its items has it fill the edges on the way. What is
    filled at once grows while it takes less than a millisecond.
    """

    __slots__ = (
        "_context",
        "_filling",
        "_given_up",
        "_iterable",
        "_iterator",
        "_later",
        "_limit",
        "_spring",
    )

    def __init__(self, iterable: Iterable[Item], place: Place, spring: Spring, life: Life) -> None:
        super().__init__(place, life)
        self._context = life.context()
        self._iterable = iterable
        self._iterator: Iterator[Item] | None = None
        self._spring = spring
        self._limit = 1
        self._filling = False
        self._given_up = False
        self._later = False

    def wake(self) -> None:
        if self.ended or self._filling or self._later:
            return
        if self.life.pace.due(monotonic()):
            # Whoever wakes it goes on for now, and may wake many more like this one.
            self._later = True
            asyncio.get_running_loop().call_soon(self._now)
        else:
            self._context.run(self._try_to_fill)

    def _now(self) -> None:
        self._later = False
        self.wake()

    def _try_to_fill(self) -> None:
        self._filling = True
        try:
            self._fill()
        except BaseException as error:  # noqa: BLE001  # whatever the user's iterable raises
            fail_dry(self, error)
        finally:
            if self._given_up:
                self._given_up = False
                super().let_go()
            self._filling = False
        if self._spring.dry or self.stopping:
            self.end()
            self._close()

    def _fill(self) -> None:
        """Put as many items as there is room for, and be woken when there is room again."""
        if self._iterator is None:
            self._iterator = iter(self._iterable)
        began = monotonic()
        while not (self.stopping or self.paused):
            count = min(self._limit, self.outflow.room())
            if count <= 0:
                break
            before = self.outflow.put
            self.outflow.extend(islice(self._iterator, count))
            self.outflow.announce(giving=False)
            if self.outflow.put - before < count:
                self._spring.dry = True
                break
            spent = monotonic() - began
            if spent > LONG_ENOUGH:
                self._limit = max(int(self._limit * LONG_ENOUGH / spent), 1)
            if spent > LONG_ENOUGH / 2:
                break
            self._limit = min(self._limit * 2, LONGEST_SLICE)
        # No attention is asked for: the readers see in passing who waits for room.
        for buffer in self.outflow.buffers:
            buffer.writer_waits = True

    def let_go(self) -> None:
        if self._filling:
            self._given_up = True  # later: each edge gets all that is made now
        else:
            super().let_go()

    def halt(self) -> None:
        self.halted = True
        self.drain()

    def drain(self) -> None:
        self.stopping = True
        if not self._filling:  # else what it has made is put first
            self.end()
            self._context.run(self._close)

    def _close(self) -> None:
        if inspect.isgenerator(self._iterator):
            try:
                self._iterator.close()
            except Exception as error:  # noqa: BLE001  # whatever the user's generator raises
                fail_dry(self, error)

    @property
    def in_flight(self) -> int:
        return 0


class FromAsyncIterable(Beginning):
    """A source of the items of an async iterable.

    It is asked for the next only when there is room for it.
    """

    __slots__ = ("_iterable",)

    def __init__(
        self,
        iterable: Callable[[], AsyncIterable[Item]],
        place: Place,
        spring: Spring,
        life: Life,
    ) -> None:
        super().__init__(place, spring, life)
        self._iterable = iterable

    async def make(self) -> None:
        given = async_iterable(self._iterable(), self._iterable, f"the source {self.name!r}")
        steps = Steps(aiter(given))
        outflow = self.outflow
        pace = self.life.pace
        try:
            while not self.stopping:
                try:
                    if outflow.room() > 0 and not self.paused and not pace.due(monotonic()):
                        made = await steps.next()
                    else:
                        made = await steps.next_after(self._its_turn())
                except StopAsyncIteration:
                    self.spring.dry = True
                    return
                if self.ended:
                    return  # it was left behind
                outflow.append(made)
                del made
                outflow.announce(giving=False)
            await steps.settle()
        finally:
            await steps.close()

    async def _its_turn(self) -> None:
        """Wait until there is room for one more item, and others had the event loop."""
        if self.life.pace.due(monotonic()):
            await self.life.pace.step_aside()
        while self.paused or self.outflow.room() <= 0:
            self.rest()
            await self.bell.rung()
