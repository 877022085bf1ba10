"""What all nodes of a running graph share: how they plan, wait, fail and end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from contextvars import Context
from typing import Any, Literal, Protocol, TypeAlias

from typedpipes.engine.crew import Crew
from typedpipes.engine.hands import item_in_hand
from typedpipes.engine.log import Log
from typedpipes.engine.place import Item, Place
from typedpipes.errors import NO_ITEM, CoroutineCancelled, ProcessorFailed
from typedpipes.processor import Failure
from typedpipes.queues.buffer import GAP, NOBODY, Buffer
from typedpipes.queues.host import Host
from typedpipes.queues.intake import Intake
from typedpipes.queues.outflow import Outflow
from typedpipes.queues.pace import Pace

OnFailure: TypeAlias = Literal["abort", "drain"]
"""How a run ends when an item fails whose failure goes nowhere."""


class Life(Protocol):
    """What a node needs of the run that it is part of."""

    @property
    def log(self) -> Log: ...

    @property
    def host(self) -> Host: ...

    @property
    def pace(self) -> Pace: ...

    @property
    def crew(self) -> Crew: ...

    def spawn(
        self, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]: ...  # Any: what a coroutine yields to the loop

    def context(self) -> Context:
        """Give a context with what was set before the run, for one who has no task."""
        ...

    def fail(self, error: ProcessorFailed, then: OnFailure | None = None) -> None:
        """End the run because of an error: by a drain or an abort, as the user chose if unsaid."""

    def over(self, node: Node) -> None:
        """Take note that the node has ended."""


class Node:
    """A node of a running graph: it moves items from its intake to its outflow.

    It has a task only once there was something to do. It plans a stretch of work that
    nobody can take from it: a neighbour only adds items, or room. A neighbour that
    begins to wait sets `attention`, and the node plans anew after the item in hand.

    Attributes:
        attention: whether to plan anew.
        stopping: whether no more items are to be taken, ever.
        halted: whether that is so because what is in hand was cancelled.
        paused: whether no more items are to be taken for now.
        ended: whether its work is over and its edges are closed.
        cut_short: whether it ended as a zip of which one input still had items.
        interrupted: the items that were in hand when the node was cancelled.
        stranded: what cannot reach the outflow any more: results, and what a feed still held.
        failed: how many items failed.
        dropped: how many items it left out.
        gaps: how many gaps it passed on.
    """

    __slots__ = (
        "attention",
        "buffers",
        "cut_short",
        "dropped",
        "ended",
        "failed",
        "failures",
        "gaps",
        "halted",
        "intake",
        "interrupted",
        "keeps_gaps",
        "life",
        "name",
        "outflow",
        "paused",
        "stopping",
        "stranded",
        "tasks",
    )

    def __init__(self, place: Place, life: Life) -> None:
        self.name: str = place.name
        self.intake: Intake[Item] = place.intake
        self.outflow: Outflow[Item] = place.outflow
        self.buffers: Sequence[Buffer[Item]] = (
            place.outflow.buffers
        )  # all of them, also those that are given up later
        self.failures: Outflow[Failure[Item]] | None = place.failures
        self.keeps_gaps: bool = place.keeps_gaps
        self.life: Life = life
        self.tasks: dict[asyncio.Task[None], None] = {}
        self.attention: bool = False
        self.stopping: bool = False
        self.halted: bool = False
        self.paused: bool = False
        self.ended: bool = False
        self.cut_short: bool = False
        self.failed: int = 0
        self.dropped: int = 0
        self.gaps: int = 0
        self.interrupted: tuple[Item, ...] = ()
        self.stranded: tuple[Item, ...] = ()
        for buffer in place.intake.buffers:
            buffer.reader = self
        for buffer in self._written():
            buffer.writer = self

    def _written(self) -> tuple[Buffer[Item], ...]:
        return (*self.buffers, *(() if self.failures is None else self.failures.buffers))

    # The stretch of work

    def plan(self, limit: int) -> int:
        """See how many items can be worked on without a look at the neighbours, `limit` at most.

        Neighbours that can go on, now or after the first of these items, are woken.
        """
        self.attention = False
        # First, because it may fill the intake at once; and a source that fills it may end the
        # run or pause the node. So may clearing gaps out of the way, which makes room as well.
        self.intake.release()
        count = min(limit, self.intake.ready(), self.room())
        if self.stopping or self.paused:
            return 0
        self.outflow.announce(giving=count > 0)
        return max(count, 0)

    def glance(self) -> bool:
        """Look up from the work, because a neighbour asked for attention.

        Returns:
            Whether to go on as planned.
        """
        self.attention = False
        self.intake.release()
        if self.stopping or self.paused:
            return False
        self.outflow.announce(giving=True)
        return True

    def room(self) -> int:
        """How many items may be taken before there is no room for what they become."""
        room = self.outflow.room()
        return room if self.failures is None else min(room, self.failures.room())

    def let_go(self) -> None:
        """Stop if nobody reads from here any more."""
        if self.halted or self.ended:
            return
        for outflow in (self.outflow, self.failures):
            if outflow is not None:
                outflow.let_go()
                self.stopping |= outflow.deserted
        self.attention = True
        self.wake()

    def rest(self) -> bool:
        """Ask the neighbours to wake the node when what it lacks is there.

        Returns:
            Whether there can ever be something to do again.
        """
        if self.stopping or self.intake.over():
            return False
        if self.paused:
            return True
        if not self.intake.ready():
            self.intake.watch()
        else:
            self.outflow.watch()
            if self.failures is not None:
                self.failures.watch()
        return True

    def wake(self) -> None:
        """Go on: something that the node may have waited for is there."""
        raise NotImplementedError

    # Items that do not become a result

    def settle(self, item: Item, error: BaseException) -> bool:
        """Find out what became of an item whose coroutine raised.

        Returns:
            Whether the task that worked on the item goes on; otherwise it raises the error again.
        """
        if self.ended:
            return False  # left behind: what became of the item is told already
        if isinstance(error, asyncio.CancelledError):
            if is_cancelled():
                self.interrupted += (item,)
                if not self.stopping:
                    self.life.fail(ProcessorFailed(self.name, item, error), "abort")
                return False
            error = self.foreign(error)
        self.failed += 1
        if self.failures is not None and isinstance(error, Exception):
            self.life.log.failure(self.name, error)
            self.give_failure(Failure(item, error, self.name))
        else:
            self.life.fail(ProcessorFailed(self.name, item, error))
        if not self.halted:
            self.leave_gap()
        return not isinstance(error, GeneratorExit)  # it may be the task that is being closed

    def foreign(self, error: asyncio.CancelledError) -> CoroutineCancelled:
        """Return the failure that a cancellation is which did not come through the task."""
        failure = CoroutineCancelled(self.name)
        failure.__cause__ = error
        return failure

    def give_failure(self, failure: Failure[Item]) -> None:
        """Put a failure on the failures edge; there is room for it."""
        if self.failures is not None:
            self.failures.append(failure)
            self.failures.announce(giving=False)

    def held(self) -> Sequence[Item]:
        """What was made and found no room yet, or too late."""
        return self.stranded

    def leave_gap(self) -> None:
        """Let a gap stand for an item, if a zip further on needs it."""
        if self.keeps_gaps:
            self.outflow.append(GAP)

    # The end, and what comes before it

    def pause(self) -> None:
        """Take no more items for now."""
        self.paused = self.attention = True

    def unpause(self) -> None:
        """Have the next `wake` end the pause."""
        self.paused = False

    def drain(self) -> None:
        """Begin no more items. Only a node that begins the graph has to do something."""

    def halt(self) -> None:
        """Cancel what is in hand, and end."""
        self.halted = self.stopping = self.attention = True
        self.cancel()

    def cancel(self) -> None:
        """Cancel the tasks of the node, which ends with the last of them."""
        for task in self.tasks:
            task.cancel()
        if not self.tasks:
            self.end()

    def spawn(
        self, work: Coroutine[Any, Any, None]
    ) -> None:  # Any: what a coroutine yields to the loop
        """Begin a task; the node ends with the last of them."""
        task = self.life.spawn(work)
        self.tasks[task] = None
        task.add_done_callback(self.done)

    def done(self, task: asyncio.Task[None]) -> None:
        """Take note that a task of the node has ended."""
        self.tasks.pop(task, None)  # a task that was left behind is gone already
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if self.ended:
            return
        if error is not None and not (
            self.stopping and isinstance(error, asyncio.CancelledError | GeneratorExit)
        ):
            self.life.fail(ProcessorFailed(self.name, NO_ITEM, error), "abort")
        if not self.tasks:
            self.end()

    def in_hand(self, task: asyncio.Task[None]) -> Item:
        """Return the item that a task of the node works on; `NO_ITEM` if there is none."""
        return item_in_hand(task)

    def leave_behind(self) -> None:
        """End without the tasks that do not return. What they still give goes nowhere."""
        self.tasks.clear()
        for buffer in self._written():
            buffer.items = deque(buffer.items)
        self.end()

    def end(self) -> None:
        """Close the edges that lead on, give up those that lead here."""
        if self.ended:
            return
        self.cut_short = self.intake.short and not self.stopping
        self.ended = self.stopping = True
        for buffer in self._written():
            buffer.close()
        self.intake.hide_gaps()
        for buffer in self.intake.buffers:
            buffer.hang_up()
        self.life.over(self)

    def forget(self) -> None:
        """Let the buffers around the node refer to it no more, once the run is over."""
        for buffer in self.intake.buffers:
            buffer.reader = NOBODY
        for buffer in self._written():
            buffer.writer = NOBODY

    # What is counted

    @property
    def in_flight(self) -> int:
        """How many items are in hand."""
        raise NotImplementedError

    @property
    def received(self) -> int:
        """How many items were taken."""
        return self.intake.taken - self.gaps + self.intake.dropped

    @property
    def left_out(self) -> int:
        """How many items were dropped, by the node or by the zip before it."""
        return self.dropped + self.intake.dropped

    @property
    def completed(self) -> int:
        """How many items were worked on to the end."""
        return self.received - self.failed - self.left_out - len(self.interrupted) - self.in_flight

    @property
    def emitted(self) -> int:
        """How many items were given."""
        return self.completed if self.buffers else 0


def is_cancelled() -> bool:
    """Whether a cancellation of the current task is under way."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
