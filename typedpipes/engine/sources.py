"""Sources: the nodes without an input."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Collection, Iterable, Iterator
from functools import partial
from itertools import islice
from time import monotonic
from typing import Any

from typedpipes.coroutines import async_iterable
from typedpipes.engine.life import ABORTS, ENDED, FLOWS, PAUSED, STOPS, Life
from typedpipes.engine.lulls import FOR_ROOM
from typedpipes.engine.node import Node, is_cancelled
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.relay import RelayNode
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.sample import Sample
from typedpipes.engine.steps import Steps
from typedpipes.engine.tally import Tally
from typedpipes.engine.turns import LONG_ENOUGH, LONGEST_SLICE
from typedpipes.errors import NO_ITEM, ProcessorFailed
from typedpipes.flow.outputs import Outputs
from typedpipes.flow.waiting import Waiters
from typedpipes.source import Feed, end_to_serve, putting_into


class SourceNode(Node):
    """A node without an input: what it puts is what it received."""

    __slots__ = ("_at_work",)

    worked: float

    def __init__(self, name: str, outputs: Outputs[Item], runtime: Runtime) -> None:
        super().__init__(name, outputs, runtime)
        self._at_work = False

    def begin(self) -> None:
        self.wake()

    def fail(self, error: BaseException) -> None:
        """Have the run fail because the source raised, once what it made before has flowed out."""
        if isinstance(error, asyncio.CancelledError):
            error = self.foreign(error)
        self.runtime.fail(ProcessorFailed(self.name, NO_ITEM, error), "drain")

    # How its time is spent

    def note_work(self, works: bool) -> None:
        """Note whether it makes items from now on."""
        if works is not self._at_work:
            self._at_work = works
            self.worked += -monotonic() if works else monotonic()

    def worked_until(self, now: float) -> float:
        return self.worked + (now if self._at_work else 0.0)

    def leave(self) -> None:
        super().leave()
        self.note_work(False)

    # What the report says

    def tally(self) -> Tally:
        made = self.outputs.put + self.count_held()
        return Tally(made, made, emitted=made)

    def count_held(self) -> int:
        """How many items it made and has not put."""
        return len(self.held())


class IterableSource(SourceNode):
    """A source of the items of an iterable.

    It has no task: it fills the edges in the step of the reader that needs its items. How much it
    fills at once grows while that takes less than a millisecond.
    """

    __slots__ = (
        "_context",
        "_filling",
        "_iterable",
        "_iterator",
        "_later",
        "_longest",
        "_reader_left",
    )

    life: Life
    worked: float

    def __init__(
        self, iterable: Iterable[Item], name: str, outputs: Outputs[Item], runtime: Runtime
    ) -> None:
        super().__init__(name, outputs, runtime)
        self._context = runtime.context()
        self._iterable = iterable
        self._iterator: Iterator[Item] | None = None
        self._longest = 1  # slice, in items
        self._filling = False
        self._reader_left = False
        self._later = False

    def rests(self) -> bool:
        return not (self._later or self._filling)  # else it has ended, or filled the edges

    def wake(self) -> None:
        if self.life is ENDED or self._filling or self._later:
            return
        if self.runtime.pace.tick(monotonic()):
            # What wakes it goes on for now, and may wake many more like this one.
            self._later = True
            asyncio.get_running_loop().call_soon(self._now)
        else:
            self._context.run(self._try_to_fill)

    def _now(self) -> None:
        self._later = False
        self.wake()

    def _try_to_fill(self) -> None:
        dry = True
        self._filling = True
        try:
            dry = self._fill()
        except BaseException as error:  # noqa: BLE001  # whatever the user's iterable raises
            self.fail(error)
        finally:
            if self._reader_left:
                self._reader_left = False
                super().reader_left()
            self._filling = False
        if dry or self.life >= STOPS:
            self.end()
            self._close()

    def _fill(self) -> bool:
        """Put as many items as there is room for, and be woken when there is room again.

        Returns:
            Whether there are no more items.
        """
        if self._iterator is None and self.life is FLOWS:
            self._iterator = iter(self._iterable)
        outputs = self.outputs
        began = monotonic()
        try:
            while self.life is FLOWS and self._iterator is not None:
                count = min(self._longest, outputs.room())
                if count <= 0:
                    break
                before = outputs.put
                outputs.extend(islice(self._iterator, count))
                outputs.gave()
                if outputs.put - before < count:
                    return True
                spent = monotonic() - began
                if spent > LONG_ENOUGH:
                    self._longest = max(int(self._longest * LONG_ENOUGH / spent), 1)
                if spent > LONG_ENOUGH / 2:
                    break
                self._longest = min(self._longest * 2, LONGEST_SLICE)
        finally:
            self.runtime.pace.filled = now = monotonic()
            self.worked += now - began
        for edge in outputs.edges:
            edge.want_room(soon=False)
        self.waits_for(FOR_ROOM)
        return False

    def computed(self) -> float:
        return self.worked

    def reader_left(self) -> None:
        if self._filling:
            self._reader_left = True  # later: each edge gets all that is made now
        else:
            super().reader_left()

    def drain(self) -> None:
        self.stop()
        if not self._filling:  # else what it has made is put first
            self.end()
            self._context.run(self._close)

    def abort(self) -> None:
        self.life = max(self.life, ABORTS)
        self.drain()

    def _close(self) -> None:
        if inspect.isgenerator(self._iterator):
            try:
                self._iterator.close()
            except Exception as error:  # noqa: BLE001  # whatever the user's generator raises
                self.fail(error)


class TaskSource(SourceNode):
    """A source that makes its items in a task of its own.

    While it does not wait for room, or for the end of a pause, it is at work.
    """

    __slots__ = ("_held_up", "room_or_resumed")

    life: Life

    def __init__(self, name: str, outputs: Outputs[Item], runtime: Runtime) -> None:
        super().__init__(name, outputs, runtime)
        self.room_or_resumed: Waiters = Waiters()
        self._held_up = 0  # by so many calls at once

    async def make(self) -> None:
        """Make items until there are no more."""
        raise NotImplementedError

    def rests(self) -> bool:
        return self.room_or_resumed.count() > 0

    def wake(self) -> None:
        if self.tasks:
            self.room_or_resumed.wake()
        elif self.life is not ENDED:
            self.spawn(self._work())

    async def _work(self) -> None:
        try:
            await self.runtime.pace.keep()  # others may begin at the same time
            self.note_work(True)
            await self.make()
        except BaseException as error:
            if isinstance(error, GeneratorExit) or self.life is ENDED:
                raise
            if isinstance(error, asyncio.CancelledError) and is_cancelled():
                raise
            self.fail(error)

    # How its time is spent

    async def hold_up(self, waiting: Awaitable[None]) -> None:
        """Wait for room, or for the end of a pause: that is no work, whatever else it does."""
        self.waits_for(FOR_ROOM)
        self._held_up += 1
        self.note_work(False)
        try:
            await waiting
        finally:
            self._held_up -= 1
            self.note_work(not self._held_up and self.life is not ENDED)

    # How it ends

    def drain(self) -> None:
        self.abort()

    def reader_left(self) -> None:
        stopped_before = self.life >= STOPS
        super().reader_left()
        if self.life >= STOPS and not stopped_before:
            self.abort()  # it may wait for an item that is not wanted


class AsyncSource(TaskSource):
    """A source of the items of an async iterable.

    It is asked for the next only when there is room for it.
    """

    __slots__ = ("_iterable", "_sample")

    worked: float

    def __init__(
        self,
        iterable: Callable[[], AsyncIterable[Item]],
        name: str,
        outputs: Outputs[Item],
        runtime: Runtime,
    ) -> None:
        super().__init__(name, outputs, runtime)
        self._iterable = iterable
        self._sample = Sample()

    async def make(self) -> None:
        role = f"the source {self.name!r}"
        steps = Steps(aiter(async_iterable(self._iterable(), self._iterable, role)))
        outputs = self.outputs
        pace = self.runtime.pace
        sample = self._sample
        try:
            while self.life < STOPS:
                steps.measured = None
                if sample.left_out:
                    sample.left_out -= 1
                else:
                    sample.choose()
                    steps.measured = partial(sample.measure, self.worked_until)
                try:
                    if (
                        outputs.room() > 0
                        and self.life is not PAUSED
                        and not pace.tick(monotonic())
                    ):
                        made = await steps.next()
                    else:
                        made = await steps.next_after(self._turn)
                except StopAsyncIteration:
                    return
                if self.life is ENDED:
                    return  # it was detached
                outputs.append(made)
                del made
                outputs.gave()
            await steps.settle()
        finally:
            await steps.close()

    async def _turn(self) -> None:
        """Wait until there is room for one more item, and others had the event loop."""
        if self.runtime.pace.tick(monotonic()):
            self.note_work(False)
            try:
                await self.runtime.pace.step_aside()
            finally:
                self.note_work(self.life is not ENDED)
        while self.life is PAUSED or self.outputs.room() <= 0:
            self.outputs.want_room()
            await self.hold_up(self.room_or_resumed.wait())

    # How its time is spent

    def computed(self) -> float:
        return self._sample.computed


class FeedSource(RelayNode):
    """A source that is filled from outside: it relays an edge that the user puts into."""

    __slots__ = ("_feed",)

    stranded: tuple[Item, ...]

    def __init__(self, feed: Feed[Item], ports: Ports, runtime: Runtime) -> None:
        super().__init__(ports, runtime)
        self._feed = feed

    def begin(self) -> None:
        self.wake()

    def rests(self) -> bool:
        # While it is open, more may come from outside.
        return super().rests() and self.inputs.available() > 0

    def is_at_work(self) -> bool:
        return not self.resting

    def putting(self) -> Collection[asyncio.Task[Any] | None]:  # Any: tasks of the user
        """Return the tasks that wait for room in the feed."""
        return putting_into(self._feed)

    def drain(self) -> None:
        """Take no more from outside; what is inside still flows."""
        self._feed.close()

    def look_back(self) -> None:
        super().look_back()
        if count := self.inputs.available():
            self.stranded = tuple(self.inputs.take(count))
        end_to_serve(self._feed)
