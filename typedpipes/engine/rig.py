"""Input rigs: sources whose coroutine puts the items."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from typedpipes.coroutines import awaitable
from typedpipes.engine.life import PAUSED
from typedpipes.engine.ports import Item
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.sources import TaskSource
from typedpipes.errors import QueueClosed, RunStateError, TypedpipesError, consists_of
from typedpipes.flow.outputs import Outputs
from typedpipes.queues import OutputQueue
from typedpipes.queues.home import Home
from typedpipes.queues.output import lend


class RigQueue(OutputQueue[Item]):
    """The queue of an input rig: a pause makes it wait.

    A rig took its items from somewhere, and only the run has them now. So `put` loses no item when
    the run ends: in a drain the item is put once there is room, in an abort it is kept.

    Args:
        outputs: what it puts into.
        home: where the run lives.
        errors: why the run has failed so far.
        hold_up: waits for room, on behalf of the node.

    Attributes:
        paused: whether `put` waits although there is room.
        kept: what could not be put any more.
    """

    def __init__(
        self,
        outputs: Outputs[Item],
        home: Home,
        errors: Sequence[TypedpipesError],
        hold_up: Callable[[Awaitable[None]], Awaitable[None]],
    ) -> None:
        super().__init__(outputs)
        self._hold_up = hold_up
        self.paused = False
        self.kept: list[Item] = []
        self._drains = False
        # The tasks of the node, once it drains; with whether their cancellation is still to come.
        self._tasks: dict[asyncio.Task[Any] | None, bool] = {}  # Any: to ask for the current task
        self._flushed: dict[asyncio.Task[Any] | None, Item] = {}  # Any: as above
        self._aborted = False
        lend(self, home, errors)

    async def put(self, item: Item) -> None:
        too_late = self._drains
        if too_late and self._flushed.pop(asyncio.current_task(), None) is item:
            # A drain and a time-out of the rig came as one cancellation: it tries again although
            # the item was put.
            raise self._error_of_closed()
        try:
            await super().put(item)
        except asyncio.CancelledError:
            if self._cancelled_by_run():  # else the rig cancelled it, such as by a time-out
                await self._flush(item)
            raise
        except QueueClosed:
            if self._aborted:
                self.kept.append(item)
            raise
        if too_late:
            raise self._error_of_closed()

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

    async def _wait_for_room(self) -> None:
        await self._hold_up(super()._wait_for_room())

    async def _flush(self, item: Item) -> None:
        """Put an item although the rig was cancelled, or keep it.

        Cancelled once more, it has put nothing, unless that is an abort.
        """
        while self.full() and not self._is_shut():
            try:
                await self._wait_for_room()
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
            raise self._error_of_closed()
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

    def is_awaited(self) -> bool:
        """Whether a `put` waits for room."""
        return self._writers.count() > 0

    def wake(self) -> None:
        """Let a waiting `put` look again."""
        self._writers.wake()

    def drain_out(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Make every `put` that begins from now on the last one of the task that calls it.

        Args:
            tasks: those that are then cancelled, once.
        """
        self._drains = True
        self._tasks = dict.fromkeys(tasks, True)

    def abort(self) -> None:
        """Put nothing more."""
        self._drains = self._aborted = True
        self.close()

    def forget(self) -> None:
        """Drop the tasks, whose last frames refer to the queue, and the node, which does too."""
        self._tasks.clear()
        self._hold_up = _just_wait
        self._flushed.clear()


class RigSource(TaskSource):
    """A source whose coroutine puts the items."""

    __slots__ = ("_coro", "_queue")

    def __init__(
        self,
        coro: Callable[[OutputQueue[Item]], Awaitable[None]],
        name: str,
        outputs: Outputs[Item],
        runtime: Runtime,
        errors: Sequence[TypedpipesError],
    ) -> None:
        super().__init__(name, outputs, runtime)
        self._coro = coro
        self._queue = RigQueue(outputs, runtime.home, errors, self.hold_up)
        for edge in self.written():
            edge.writer = self

    async def make(self) -> None:
        try:
            role = f"the input rig {self.name!r}"
            await awaitable(self._coro(self._queue), self._coro, role)
        except Exception as error:
            # Several tasks of a rig may put, and their errors come as a group.
            if not self._queue.closed or not consists_of(error, _is_queue_closed):
                raise  # it came from some other queue

    def rests(self) -> bool:
        return self._queue.is_awaited()

    def wake(self) -> None:
        self._queue.wake()
        super().wake()

    def pause(self) -> None:
        super().pause()
        self._queue.paused = self.life is PAUSED

    def resume(self) -> None:
        super().resume()
        self._queue.paused = False

    def drain(self) -> None:
        self.resume()
        self._queue.drain_out(self.tasks)
        self._queue.wake()
        self.stop()
        self.cancel()

    def abort(self) -> None:
        self._queue.abort()
        super().abort()

    def forget(self) -> None:
        super().forget()
        self._queue.forget()

    def held(self) -> Sequence[Item]:
        return (*self.stranded, *self._queue.kept)


async def _just_wait(waiting: Awaitable[None]) -> None:
    await waiting


def _is_queue_closed(error: BaseException) -> bool:
    return isinstance(error, QueueClosed)
