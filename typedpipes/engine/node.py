"""What all nodes of a running graph share: their tasks, their life and their end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from time import monotonic
from typing import Any

from typedpipes.engine.life import ABORTS, ENDED, FLOWS, PAUSED, STOPS, Life
from typedpipes.engine.lulls import FOR_ITEMS, FOR_RESUME, Lulls, Wait
from typedpipes.engine.ports import Item
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.tally import Tally
from typedpipes.errors import NO_ITEM, CoroutineCancelled, ProcessorFailed
from typedpipes.flow.edge import Edge
from typedpipes.flow.outputs import Outputs
from typedpipes.flow.request import plain
from typedpipes.report import Counts


class Node:
    """A node of a running graph.

    It has tasks only once there was something to do. It then does a stretch of work that no
    neighbour can take from it: those only add items, or room. A neighbour that begins to wait sets
    `attention`, and the node looks up after the item in hand.

    Attributes:
        attention: whether to look up from the work.
        life: its state.
        interrupted: the items that were in hand when it was cancelled.
        stranded: what cannot be put any more.
        tasks: those that work for it.
        worked: for how many seconds its workers were at work, added up, less the calls that go on.
        wait: what a worker waits for that has nothing to do.
        lulls: how long they waited, once they waited for something else than items.
    """

    __slots__ = (
        "attention",
        "interrupted",
        "life",
        "lulls",
        "name",
        "outputs",
        "runtime",
        "stranded",
        "tasks",
        "wait",
        "worked",
    )

    def __init__(self, name: str, outputs: Outputs[Item], runtime: Runtime) -> None:
        self.name: str = name
        self.outputs: Outputs[Item] = outputs
        self.runtime: Runtime = runtime
        self.life: Life = FLOWS
        self.tasks: dict[asyncio.Task[None], None] = {}
        self.attention: bool = False
        self.interrupted: tuple[Item, ...] = ()
        self.stranded: tuple[Item, ...] = ()
        self.worked: float = 0.0
        self.wait: Wait = FOR_ITEMS
        self.lulls: Lulls | None = None
        for edge in self.written():
            edge.writer = self

    def written(self) -> Iterator[Edge[Any]]:  # Any: results and failures
        """Yield the edges that lead on from here."""
        yield from self.outputs.edges

    def rests(self) -> bool:
        """Whether it can do nothing more before a neighbour has items for it, or room.

        Between two steps of the event loop, and of a node that is neither paused nor about to end.
        """
        raise NotImplementedError

    def has_timer(self) -> bool:
        """Whether it goes on at some time, even if nothing else does."""
        return False

    # What neighbours and the run ask for

    def get_ready(self) -> None:
        """Wait for items, before any source has begun."""

    def begin(self) -> None:
        """Make the first items. Only a source has something to do."""

    def wake(self) -> None:
        """Go on: something that the node may have waited for is there."""
        raise NotImplementedError

    def reader_left(self) -> None:
        """Stop if no reader is left."""
        if self.life >= ABORTS:
            return
        self.outputs.reader_left()
        if self.outputs.left:
            self.stop()
        self.attention = True
        self.wake()

    def pause(self) -> None:
        """Take no more items for now."""
        if self.life is FLOWS:
            self.life = PAUSED
            self.attention = True
            self.waits_for(FOR_RESUME)

    def resume(self) -> None:
        """Have the next `wake` end the pause."""
        if self.life is PAUSED:
            self.life = FLOWS
            self.waits_for(FOR_ITEMS)  # until it has looked what it lacks

    def drain(self) -> None:
        """Begin no more items. Only a source has something to do."""

    def stop(self) -> None:
        """Take no more items; what is in hand goes on."""
        self.life = max(self.life, STOPS)

    def abort(self) -> None:
        """Cancel what is in hand, and end."""
        self.life = max(self.life, ABORTS)
        self.attention = True
        self.cancel()

    # Tasks

    def spawn(
        self, work: Coroutine[Any, Any, None]
    ) -> None:  # Any: what a coroutine yields to the loop
        """Begin a task; the node ends with the last of them."""
        task = self.runtime.spawn(work)
        self.tasks[task] = None
        task.add_done_callback(self.task_ended)

    def task_ended(self, task: asyncio.Task[None]) -> None:
        """Note that a task of the node has ended."""
        self.tasks.pop(task, None)  # a task that was detached is gone already
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if self.life is ENDED:
            return
        if error is not None and not (
            self.life >= STOPS and isinstance(error, asyncio.CancelledError | GeneratorExit)
        ):
            self.runtime.fail(ProcessorFailed(self.name, NO_ITEM, error), "abort")
        if not self.tasks:
            self.end()

    def cancel(self) -> None:
        """Cancel the tasks of the node, which ends with the last of them."""
        for task in self.tasks:
            task.cancel()
        if not self.tasks:
            self.end()

    def in_hand(self, task: asyncio.Task[None]) -> Item:  # noqa: ARG002  # nodes with an input use it
        """Return the item that a task of the node works on; `NO_ITEM` if there is none."""
        return NO_ITEM

    def foreign(self, error: asyncio.CancelledError) -> CoroutineCancelled:
        """Return the failure for a cancellation that was not meant for the task."""
        failure = CoroutineCancelled(self.name)
        failure.__cause__ = error
        return failure

    # The end

    def end(self) -> None:
        """Close the edges that lead on, and leave those that lead here."""
        if self.life is ENDED:
            return
        self.look_back()
        self.life = ENDED
        self.waits_for(FOR_ITEMS)
        self.leave()
        self.runtime.ended(self)

    def look_back(self) -> None:
        """Note, right before the end, what is not going to be worked on."""

    def leave(self) -> None:
        """Close the edges that lead on, and leave those that lead here."""
        for edge in self.written():
            edge.close()

    def detach(self, in_hand: Sequence[Item]) -> None:
        """End without the tasks, which do not return. What they still put goes nowhere.

        Args:
            in_hand: the items that they work on.
        """
        self.interrupted += tuple(in_hand)
        self.tasks.clear()
        for edge in self.written():
            edge.detach_writer()
        self.end()

    def forget(self) -> None:
        """Let the edges around the node refer to it no more, once the run is over."""
        for edge in self.written():
            edge.forget_writer()

    # How its time is spent

    @property
    def workers(self) -> int:
        """How many items it may work on at a time."""
        return 1

    def is_at_work(self) -> bool:
        """Whether it works on something, or is about to; what is outside does not count."""
        return not self.rests()

    def worked_until(self, now: float) -> float:  # noqa: ARG002  # those with calls that go on use it
        """Return for how many seconds its workers were at work, added up, calls that go on too."""
        return self.worked

    def computed(self) -> float:
        """Return for how many seconds it has kept the event loop, as well as that is known."""
        return 0.0

    def waits_for(self, wait: Wait) -> None:
        """Note what workers wait for from now on that have nothing to do.

        In a pause that is its end, whatever they lack; and what has ended lacks no room.
        """
        if self.life is PAUSED:
            wait = FOR_RESUME
        elif self.life is ENDED:
            wait = FOR_ITEMS
        if wait is not self.wait:
            now = monotonic()
            self.turn_to(wait, now, self.worked_until(now) / self.workers)

    def turn_to(self, wait: Wait, now: float, worked: float) -> None:
        """Note that workers wait for something else from now on.

        Args:
            wait: what that is.
            now: the time.
            worked: how many seconds a worker has worked up to now, on average.
        """
        if self.lulls is None:
            self.lulls = Lulls(self.runtime.began)
        self.lulls.add(self.wait, now, worked)
        self.wait = wait

    def spent(self, now: float) -> tuple[float, float, float]:
        """Return the seconds that a worker was busy, backpressured and paused, on average."""
        busy = self.worked_until(now) / self.workers
        if busy < 0.0:  # noqa: PLR1730  # by rounding; quicker than `max`
            busy = 0.0
        if self.lulls is None:  # it never waited for anything but items
            return busy, 0.0, 0.0
        self.lulls.add(self.wait, now, busy)
        return busy, self.lulls.for_room, self.lulls.paused

    # What the report says

    def undelivered(self) -> Sequence[Item]:
        """Return what was made and not taken by all readers."""
        return tuple(map(plain, (*self.outputs.peek(), *self.held())))

    def held(self) -> Sequence[Item]:
        """Return what was made and found no room yet, or too late."""
        return self.stranded

    def unprocessed(self) -> Sequence[Item]:
        """Return the items that were interrupted or never taken."""
        return ()

    def tally(self) -> Tally:
        """Count what has become of the items of the node up to now."""
        raise NotImplementedError

    def counts(self) -> Counts[Any, Any]:  # Any: the reader of the report knows the item types
        """Do the same, and add what was left."""
        return Counts(
            self.name,
            *self.tally(),
            unprocessed=self.unprocessed(),
            undelivered=self.undelivered(),
        )


def is_cancelled() -> bool:
    """Whether a cancellation of the current task is under way."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
