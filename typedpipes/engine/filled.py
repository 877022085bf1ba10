"""Nodes that begin a graph and are filled by others: input rigs and feeds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from typedpipes.coroutines import awaitable
from typedpipes.engine.node import Life
from typedpipes.engine.origin import Beginning, Spring
from typedpipes.engine.passing import Passing
from typedpipes.engine.place import Item, Place
from typedpipes.errors import QueueClosed, RunStateError, consists_of
from typedpipes.queues import OutputQueue
from typedpipes.queues.outflow import Outflow
from typedpipes.queues.output import belong
from typedpipes.source import Feed, end_to_serve


class RigQueue(OutputQueue[Item]):
    """The queue of an input rig: a pause makes it wait.

    What a rig puts it took from somewhere, and only the run has it. So `put` lets go of no item
    when the run ends: in a drain the item is put once there is room, in an abort it is kept.

    Attributes:
        paused: whether `put` waits although there is room.
        kept: what could not be put any more.
    """

    def __init__(self, outflow: Outflow[Item], life: Life) -> None:
        super().__init__(outflow)
        self.paused = False
        self.kept: list[Item] = []
        self._drains = False
        # The tasks of the node, once it drains; with whether their cancellation is still to come.
        self._tasks: dict[asyncio.Task[Any] | None, bool] = {}  # Any: to ask for the current task
        self._flushed: dict[asyncio.Task[Any] | None, Item] = {}  # Any: as above
        self._aborted = False
        belong(self, life.host)

    async def put(self, item: Item) -> None:
        too_late = self._drains
        if too_late and self._flushed.pop(asyncio.current_task(), None) is item:
            # A drain and a time-out of the rig came as one cancellation: it tries again what was
            # put all the same.
            raise self._is_closed()
        try:
            await super().put(item)
        except asyncio.CancelledError:
            if self._cancelled_by_run():  # else it is a time-out of the rig's own, or the like
                await self._flush(item)
            raise
        except QueueClosed:
            if self._aborted:
                self.kept.append(item)
            raise
        if too_late:
            raise self._is_closed()

    def _cancelled_by_run(self) -> bool:
        """Whether the cancellation that has just come is an abort, or is how a drain stops the rig.

        Tasks that the rig has made itself are cancelled by the rig, as a consequence.
        """
        task = asyncio.current_task()
        if self._aborted or task not in self._tasks:
            return self._drains
        ours = self._tasks[task]
        self._tasks[task] = False
        return ours

    async def _flush(self, item: Item) -> None:
        """Put an item although the rig was cancelled, or keep it.

        Cancelled once more, it has put nothing, unless that is an abort.
        """
        while self.full() and not self._is_shut():
            self._outflow.watch()
            try:
                await self._bell.rung()
            except asyncio.CancelledError:
                if not self._aborted:
                    raise
        self._flushed[asyncio.current_task()] = item
        if self._is_shut():
            self.kept.append(item)
        else:
            self._put(item)

    def put_nowait(self, item: Item) -> None:
        if self._drains:
            raise self._is_closed()
        super().put_nowait(item)

    def full(self) -> bool:
        return self.paused or super().full()

    @property
    def closed(self) -> bool:
        return self._drains or super().closed

    def drain(self) -> list[Item]:
        raise RunStateError(
            "an input rig cannot take back what it has put while the run goes on; "
            "its output cleanup coroutine can drain what is left at the end"
        )

    def wake(self) -> None:
        """Let a waiting `put` look again."""
        self._bell.wake()

    def drain_out(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Have every `put` that is begun from now on be the last one of the task that calls it.

        Args:
            tasks: those that are cancelled once for that.
        """
        self._drains = True
        self._tasks = dict.fromkeys(tasks, True)

    def abort(self) -> None:
        """Put nothing any more."""
        self._drains = self._aborted = True
        self.close()

    def forget(self) -> None:
        """Let go of the tasks, whose last frames refer to the queue."""
        self._tasks.clear()
        self._flushed.clear()


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
            role = f"the input rig {self.name!r}"
            await awaitable(self._coro(self._queue), self._coro, role)
        except Exception as error:
            # Several tasks of a rig may put, and their errors come as a group.
            if not self._queue.closed or not consists_of(error, _is_queue_closed):
                raise  # it came from some other queue
        finally:
            self.spring.dry = True

    def wake(self) -> None:
        self._queue.wake()
        super().wake()

    def pause(self) -> None:
        super().pause()
        self._queue.paused = True

    def unpause(self) -> None:
        super().unpause()
        self._queue.paused = False

    def drain(self) -> None:
        self._queue.drain_out(self.tasks)
        self.stopping = True
        self.cancel()

    def halt(self) -> None:
        self._queue.abort()
        super().halt()

    def forget(self) -> None:
        super().forget()
        self._queue.forget()

    def held(self) -> Sequence[Item]:
        return (*super().held(), *self._queue.kept)

    @property
    def received(self) -> int:
        return super().received + len(self._queue.kept)


def _is_queue_closed(error: BaseException) -> bool:
    return isinstance(error, QueueClosed)


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
