"""The tasks in which the nodes with one worker take turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import Context, copy_context
from time import monotonic
from typing import Protocol, TypeAlias, cast

from typedpipes.engine.starter import Starter
from typedpipes.queues.pace import Pace

Task: TypeAlias = "asyncio.Task[None]"


class Taker(Protocol):
    """A node that takes turns.

    Attributes:
        tasks: those that it is in the hands of.
        resting: whether it is not to have another turn before it is woken.
    """

    tasks: dict[Task, None]
    resting: bool

    async def turn(self, began: float) -> float:
        """Do a stretch of work, beginning now; tell the time at its end."""
        ...

    async def alone(self) -> None:
        """Go on in a task that is nobody else's, until there is never anything to do again."""
        ...

    def done(self, task: Task) -> None:
        """Take note that a task of the node has ended."""


class Crew:
    """The tasks in which the nodes with one worker take turns.

    A node that has something to do gets in line, and one task goes along the line: as long as
    no coroutine suspends, handing items on from node to node costs no switch of tasks. When
    one suspends, its task waits with it and another task goes on with the line. So there is
    at most one task more than coroutines that wait at the same time.

    Nobody is asked whether a coroutine suspends. The task at the line has the event loop call
    the crew; if there still is a line when the call comes, then nobody goes along it.

    A node that gave a context variable another value, or whose cancellation is pending, keeps
    its task for itself. Other traces in a task, such as an open task group, cannot be seen.

    Args:
        starter: starts its tasks.
        pace: tells when to let others have the event loop.
    """

    def __init__(
        self,
        starter: Starter,
        pace: Pace,
    ) -> None:
        self._starter = starter
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._line: deque[Taker] = deque()
        # All tasks that live, with whose turn it is in each; some of them idle, some coming.
        self._in_hand: dict[Task, Taker | None] = {}
        self._idle: dict[Task, asyncio.Future[None]] = {}
        self._coming: set[Task] = set()
        self._attended = False
        self._dismissed = False
        self._then: Callable[[], None] | None = None  # when the last task has ended

    def enlist(self, node: Taker) -> None:
        """Put a node in line. It must not be in line already, nor have its turn."""
        self._line.append(node)
        if not self._attended:
            self._send()

    def forget(self, tasks: Iterable[Task]) -> None:
        """Wait for these no more: they do not return."""
        for task in tasks:
            self._in_hand.pop(task, None)

    def dismiss(self, then: Callable[[], None]) -> None:
        """End the tasks, because no node will get in line any more; then call a function."""
        self._dismissed = True
        self._then = then
        self._line.clear()  # they have ended, too
        for waiter in self._idle.values():
            if not waiter.done():
                waiter.set_result(None)
        self._end_if_all_are_gone()

    def _end_if_all_are_gone(self) -> None:
        if self._then is not None and not self._in_hand:
            then, self._then = self._then, None
            then()

    def _attend(self) -> None:
        """Say that there is a task at the line, until the event loop takes another turn."""
        self._attended = True
        self._loop.call_soon(self._neglect)

    def _neglect(self) -> None:
        """The event loop had a turn, so no task goes along the line; one may be coming."""
        self._attended = False
        if self._line:
            self._send()

    def _send(self) -> None:
        """Send a task to the line if none is on its way."""
        if self._coming:
            return
        if self._idle:
            task, waiter = self._idle.popitem()
            if not waiter.done():
                waiter.set_result(None)
        else:
            task = self._starter.start(self._work())
            task.add_done_callback(self._gone)
            self._in_hand[task] = None
        self._coming.add(task)

    async def _work(self) -> None:
        task = cast(Task, asyncio.current_task())  # there is one: this is its coroutine
        context = copy_context()
        try:
            while not self._dismissed:
                self._coming.discard(task)
                if not await self._go_along(task, context):
                    return
                self._in_hand[task] = None
                if self._line:
                    self._coming.add(task)
                    await self._pace.step_aside()
                elif not self._dismissed:
                    self._idle[task] = waiter = self._loop.create_future()
                    await waiter
        finally:
            # The task keeps its cancellation, which has this frame in its traceback: a circle,
            # and the item in hand would be in it.
            del task

    async def _go_along(self, task: Task, context: Context) -> bool:
        """Give turns until there is no line, or others were kept from the event loop for too long.

        Returns:
            Whether the task is as good as new.
        """
        line = self._line
        pace = self._pace
        now = monotonic()
        try:
            while line:
                if not self._attended:
                    self._attend()
                self._in_hand[task] = node = line.popleft()
                node.tasks[task] = None
                now = await node.turn(now)
                try:
                    marked = task.cancelling() or copy_context() != context
                except Exception:  # noqa: BLE001  # values that cannot be compared
                    marked = True
                if marked:
                    await node.alone()  # what it did to its task is for no other node
                    return False
                node.tasks.pop(task, None)
                if not node.resting:
                    line.append(node)
                if now > pace.until and pace.due(now):
                    break
        finally:
            del task  # see `_work`
        return True

    def _gone(self, task: Task) -> None:
        """Take note that a task has ended."""
        self._idle.pop(task, None)
        self._coming.discard(task)
        if not task.cancelled():
            task.exception()  # of one that was forgotten nobody else asks
        node = self._in_hand.pop(task, None)
        if node is not None:
            node.done(task)
        if self._line and not self._attended:
            self._send()
        self._end_if_all_are_gone()
