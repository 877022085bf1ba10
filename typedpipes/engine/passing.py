"""Nodes of the fittings: they pass items on, leave some out, gather or collect them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import takewhile

from typedpipes.engine.node import Life, Node
from typedpipes.engine.place import Item, Place
from typedpipes.engine.single import OneWorker
from typedpipes.fittings import Batch, Collector, Reader, begin_to_collect
from typedpipes.queues import InputQueue
from typedpipes.queues.buffer import GAP
from typedpipes.queues.combined import Zipped
from typedpipes.queues.input import attach, has_left, look_again
from typedpipes.queues.intake import present


class Fitting(OneWorker):
    """A node without a coroutine: nothing suspends in its turn."""

    __slots__ = ()

    async def turn(self, began: float) -> float:
        count = self.plan(self._limit)
        if not count:
            self.idle()
            return began
        self.move(self.intake.take(count))
        return self.finish(began)

    def move(self, items: Iterator[Item]) -> None:
        """Move the items on."""
        raise NotImplementedError


class Passing(Fitting):
    """Passes items on as they are."""

    __slots__ = ()

    gaps: int

    def move(self, items: Iterator[Item]) -> None:
        passed = list(items)
        self.gaps += sum(item is GAP for item in passed)
        self.outflow.extend(passed)


class Keeping(Fitting):
    """Passes on the items for which a test is true."""

    __slots__ = ("_test",)

    gaps: int
    dropped: int

    def __init__(self, test: Callable[[Item], object], place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._test = test

    def move(self, items: Iterator[Item]) -> None:
        kept: list[Item] = []
        try:
            for item in items:
                if item is GAP:
                    self.gaps += 1
                    kept.append(item)
                elif self._passes(item):
                    kept.append(item)
                elif self.keeps_gaps:
                    kept.append(GAP)
                if self.attention:
                    break  # perhaps the test paused this node, or ended the run
        finally:
            self.outflow.extend(kept)

    def _passes(self, item: Item) -> bool:
        try:
            if self._test(item):
                return True
            self.dropped += 1
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error):
                raise
        return False


class Collecting(Fitting):
    """Keeps all items in a collector."""

    __slots__ = ("_collected",)

    def __init__(self, collector: Collector[Item], place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._collected = begin_to_collect(collector)

    def move(self, items: Iterator[Item]) -> None:
        self._collected.extend(items)


class Batching(Fitting):
    """Gathers items into lists."""

    __slots__ = ("_batch", "_given", "_late", "_size", "_timer", "_within")

    interrupted: tuple[Item, ...]

    def __init__(self, batch: Batch, place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._size = batch.size
        self._within = batch.within
        self._batch: list[Item] = []
        self._given = 0
        self._late = False
        self._timer: asyncio.TimerHandle | None = None

    def room(self) -> int:
        return self.outflow.room() * self._size - len(self._batch)

    def plan(self, limit: int) -> int:
        if self._late:
            self._give()
        count = super().plan(limit)
        if not count and self.intake.over():
            self._give()
        return count

    def rest(self) -> bool:
        more = super().rest()
        if self._batch and not self.stopping:
            self.outflow.watch()
            return True
        return more

    def move(self, items: Iterator[Item]) -> None:
        for item in items:
            if not self._batch and self._within is not None:
                self._timer = asyncio.get_running_loop().call_later(self._within, self._hurry)
            self._batch.append(item)
            if len(self._batch) == self._size:
                self._give()

    def _hurry(self) -> None:
        """The first item of the list has waited long enough."""
        self._late = True
        self.wake()

    def _give(self) -> None:
        """Give the list as it is, if there is room for it."""
        if self._batch and self.outflow.room() > 0 and not self.stopping and not self.paused:
            self._forget_timer()
            self.outflow.append(self._batch)
            self.outflow.announce(giving=False)
            self._batch = []
            self._given += 1

    def _forget_timer(self) -> None:
        self._late = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self) -> None:
        if not self.ended:
            self._forget_timer()
            self.interrupted += tuple(self._batch)
            self._batch = []
        super().end()

    @property
    def in_flight(self) -> int:
        return len(self._batch)

    @property
    def emitted(self) -> int:
        return self._given


class ReadOut(Node):
    """Keeps a run from ending before everything was read outside.

    It has no task: the reader moves the items.
    """

    __slots__ = ("_zips", "queue")

    def __init__(self, reader: Reader[Item], place: Place, life: Life) -> None:
        super().__init__(place, life)
        self.queue: InputQueue[Item] = reader.queue
        self._zips = isinstance(place.intake, Zipped)
        attach(self.queue, place.intake, life.host)

    def _read_out(self) -> bool:
        """Whether nothing more can be read; gaps do not count."""
        if self._zips:
            self.intake.ready()  # it leaves out the tuples with gaps
            return any(buffer.over() for buffer in self.intake.buffers)
        return all(buffer.closed and not present(buffer) for buffer in self.intake.buffers)

    def check(self) -> None:
        """End if nothing more can be read; else ask to be told when what is left is read."""
        if self.ended:
            return
        if self._read_out() or has_left(self.queue):
            self.end()
            return
        for buffer in self.intake.buffers:
            if buffer.closed:
                buffer.writer = self
                buffer.low = sum(
                    1 for _ in takewhile(lambda item: item is GAP, reversed(buffer.items))
                )
                buffer.writer_waits = True

    def end(self) -> None:
        if not self.ended:
            super().end()
            look_again(self.queue)  # who still waits there is told

    def wake(self) -> None:
        # The one who wakes is still taking the last item.
        asyncio.get_running_loop().call_soon(self.check)

    @property
    def in_flight(self) -> int:
        return 0
