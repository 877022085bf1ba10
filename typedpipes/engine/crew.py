"""The tasks in which the nodes with one worker take turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from contextvars import Context
from time import monotonic
from typing import Any, Protocol, TypeAlias, cast

from typedpipes.flow.fairness import Pace

Task: TypeAlias = "asyncio.Task[None]"


class Starter:
    """Starts tasks in the context of a run.

    Args:
        context: what was set before the run; each task gets a copy.
    """

    def __init__(self, context: Context) -> None:
        self._loop = asyncio.get_running_loop()
        self.context: Context = context

    def start(
        self,
        work: Coroutine[Any, Any, None],  # Any: what a coroutine yields to the loop
        context: Context | None = None,
    ) -> asyncio.Task[None]:
        """Start a task, in a context that was copied for it, or in a copy of its own."""
        context = context or self.context.copy()
        # Not by the loop's factory: an eager one would begin it in the middle of its caller's step.
        return asyncio.Task(work, loop=self._loop, context=context)


class Taker(Protocol):
    """A node that takes turns.

    Attributes:
        tasks: those that work for it.
        resting: whether it has no turn before it is woken.
    """

    tasks: dict[Task, None]
    resting: bool

    async def turn(self, began: float) -> float:
        """Do a stretch of work, beginning now; return the time at its end."""
        ...

    def suspended(self, now: float) -> None:
        """Note that the turn that ends now let the event loop have one too."""
        ...

    async def go_on_alone(self) -> None:
        """Go on in the current task, which is for no other node any more, until the end."""
        ...

    def task_ended(self, task: Task) -> None:
        """Note that a task of the node has ended."""


class Crew:
    """The tasks in which the nodes with one worker take turns.

    A node that has something to do gets in line, and one task goes along the line: as long as
    no coroutine suspends, handing items on from node to node costs no switch of tasks. When
    one suspends, its task waits with it and another task goes on with the line. So there is
    at most one task more than coroutines that wait at the same time.

    Whether a coroutine suspends is not asked. The task at the line has the event loop call the
    crew; if there still is a line when the call comes, then no task goes along it.

    A node that set a context variable to another value, or whose cancellation is pending, keeps
    its task for itself. Other traces in a task, such as an open task group, cannot be seen.

    Args:
        starter: starts its tasks.
        pace: says when to let others have the event loop.
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
        self._turns = 0  # that the event loop had while a task was at the line
        self._ended = False
        self._then: Callable[[], None] | None = None  # when the last task has ended

    def schedule(self, node: Taker) -> None:
        """Put a node in line. It must not be in line already, nor have its turn."""
        self._line.append(node)
        if not self._attended:
            self._send()

    def detach(self, tasks: Iterable[Task]) -> None:
        """Wait no more for these tasks, which do not return."""
        for task in tasks:
            self._in_hand.pop(task, None)

    def end(self, then: Callable[[], None]) -> None:
        """End the tasks, because no node will get in line any more; then call a function."""
        self._ended = True
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
        """Note that the event loop had a turn: no task is at the line, but one may be coming."""
        self._attended = False
        self._turns += 1
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
            context = self._starter.context.copy()
            task = self._starter.start(self._work(context), context)
            task.add_done_callback(self._gone)
            self._in_hand[task] = None
        self._coming.add(task)

    async def _work(self, context: Context) -> None:
        """Go along the line whenever there is one.

        Args:
            context: that of the task.
        """
        task = cast(Task, asyncio.current_task())  # there is one: this is its coroutine
        clean = context.copy()
        try:
            while not self._ended:
                self._coming.discard(task)
                if not await self._go_along(task, context, clean):
                    return
                self._in_hand[task] = None
                if self._line:
                    self._coming.add(task)
                    await self._pace.step_aside()
                elif not self._ended:
                    self._idle[task] = waiter = self._loop.create_future()
                    await waiter
        finally:
            # The task keeps its cancellation, which has this frame in its traceback: a circle,
            # and the item in hand would be in it.
            del task

    async def _go_along(self, task: Task, context: Context, clean: Context) -> bool:
        """Take turns until there is no line, or others were kept from the event loop for too long.

        Args:
            task: the current one.
            context: its context.
            clean: what that was at first.

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
                turns = self._turns
                now = await node.turn(now)
                if self._turns != turns:
                    node.suspended(now)
                try:
                    marked = task.cancelling() or context != clean
                except Exception:  # noqa: BLE001  # values that cannot be compared
                    marked = True
                if marked:
                    await node.go_on_alone()  # what it did to its task is for no other node
                    return False
                node.tasks.pop(task, None)
                if not node.resting:
                    line.append(node)
                if now > pace.until and pace.tick(now):
                    break
        finally:
            del task  # see `_work`
        return True

    def _gone(self, task: Task) -> None:
        """Note that a task has ended."""
        self._idle.pop(task, None)
        self._coming.discard(task)
        if not task.cancelled():
            task.exception()  # nothing else asks a detached one for it
        node = self._in_hand.pop(task, None)
        if node is not None:
            node.task_ended(task)
        if self._line and not self._attended:
            self._send()
        self._end_if_all_are_gone()
