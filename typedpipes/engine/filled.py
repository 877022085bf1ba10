"""Nodes that begin a graph and are filled by others: input rigs and feeds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from typedpipes.engine.node import Life
from typedpipes.engine.origin import Beginning, Spring
from typedpipes.engine.passing import Passing
from typedpipes.engine.place import Item, Place
from typedpipes.errors import QueueClosed, RunStateError
from typedpipes.queues import OutputQueue
from typedpipes.queues.outflow import Outflow
from typedpipes.queues.output import blame
from typedpipes.source import Feed, end_to_serve


class RigQueue(OutputQueue[Item]):
    """The queue of an input rig: a pause makes it wait."""

    def __init__(self, outflow: Outflow[Item], life: Life) -> None:
        super().__init__(outflow)
        self.paused = False
        self._bell.pace = life.pace
        blame(self, life.failures)

    def full(self) -> bool:
        return self.paused or super().full()

    def drain(self) -> list[Item]:
        raise RunStateError(
            "an input rig cannot take back what it has put while the run goes on; "
            "its output cleanup coroutine can drain what is left at the end"
        )

    def wake(self) -> None:
        """Let a waiting `put` look again."""
        self._bell.wake()


class FromRig(Beginning):
    """A source whose coroutine puts the items."""

    __slots__ = ("_coro", "_queue")

    def __init__(
        self,
        coro: Callable[[OutputQueue[Item]], Awaitable[None]],
        place: Place,
        spring: Spring,
        life: Life,
    ) -> None:
        super().__init__(place, spring, life)
        self._coro = coro
        self._queue = RigQueue(self.outflow, life)
        for buffer in self.buffers:
            buffer.writer = self

    async def make(self) -> None:
        try:
            await self._coro(self._queue)
        except QueueClosed:
            if not self._queue.closed:
                raise  # it came from some other queue
        finally:
            self.spring.dry = True

    def wake(self) -> None:
        self._queue.wake()
        super().wake()

    def pause(self) -> None:
        super().pause()
        self._queue.paused = True

    def resume(self) -> None:
        self._queue.paused = False
        super().resume()

    def halt(self) -> None:
        self._queue.close()
        super().halt()


class FromFeed(Passing):
    """A source that is filled from outside."""

    __slots__ = ("_feed",)

    stranded: tuple[Item, ...]

    def __init__(self, feed: Feed[Item], place: Place, life: Life) -> None:
        super().__init__(place, life)
        self._feed = feed

    def drain(self) -> None:
        """Take no more from outside; what is inside still flows."""
        self._feed.close()

    def end(self) -> None:
        if not self.ended:
            if count := self.intake.ready():
                self.stranded = tuple(self.intake.take(count))
            end_to_serve(self._feed)
        super().end()
