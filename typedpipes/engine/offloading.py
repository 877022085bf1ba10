"""Nodes whose items are worked on in child processes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from itertools import groupby
from time import monotonic

from typedpipes.engine.calls import Calls, TimedCalls
from typedpipes.engine.hanging import item_in_hand
from typedpipes.engine.held import HeldResults
from typedpipes.engine.life import ABORTS, ENDED, FLOWS, PAUSED, STOPS
from typedpipes.engine.lulls import FOR_ITEMS, FOR_ROOM
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.stage import StageNode
from typedpipes.engine.timeout import Timeout
from typedpipes.errors import ProcessorFailed
from typedpipes.flow.edge import GAP
from typedpipes.flow.request import plain
from typedpipes.offload.calling import Failed
from typedpipes.offload.children import Children
from typedpipes.offload.job import Job
from typedpipes.offload.piece import Answer, Piece
from typedpipes.offload.pools import pools
from typedpipes.processor import Failure, Processor, calls_of


class OffloadNode(StageNode):
    """A processor over `in_process`: children work on its items, and it needs no task for that.

    It takes as many items as its children have use for, and puts results as they come, or in
    the order of the items. What finds no room is held, and counts as in hand.

    If its coroutine function is replaced in the middle of a run, the items from then on are
    worked on in tasks, as many as there are workers.
    """

    __slots__ = (
        "_aborted",
        "_busy",
        "_calls",
        "_children",
        "_context",
        "_coro",
        "_failures_held",
        "_held",
        "_in_flight",
        "_loop",
        "_passes_gaps",
        "_since",
        "_timed",
        "_to_do_here",
        "_undone",
        "_window",
        "_woken",
        "_workers",
    )

    failed: int
    gaps: int
    interrupted: tuple[Item, ...]
    worked: float

    def __init__(
        self, job: Job, processor: Processor[Item, Item], ports: Ports, runtime: Runtime
    ) -> None:
        super().__init__(ports, runtime)
        self._calls: Calls = calls_of(processor)
        self._coro = self._calls.coro  # the one that does the job
        self._timed: Calls = self._calls
        overdue: Callable[[], TimeoutError] = TimeoutError
        if processor.timeout is not None:
            self._timed = TimedCalls(self._calls, processor.timeout, ports.name)
            overdue = Timeout(processor.timeout, ports.name).error
        self._workers = processor.workers
        self._window = processor.window
        self._passes_gaps = ports.passes_gaps
        self._loop = asyncio.get_running_loop()
        self._context = runtime.context()
        self._children: Children = self._context[pools].children(
            job, processor.workers, self, processor.timeout, overdue
        )
        self._held = HeldResults(in_order=processor.ordered or processor.workers == 1)
        self._failures_held: deque[Failure[Item]] = deque()
        self._to_do_here: deque[Piece] = deque()
        self._undone: Sequence[Item] = ()
        self._in_flight = 0
        self._since = runtime.began  # when that has changed
        self._woken = False
        self._busy = False
        self._aborted = False

    def rests(self) -> bool:
        return not self._in_flight and not self._woken

    def wake(self) -> None:
        # Not at once: what wakes is in the middle of a step.
        if not self._woken and self.life is not ENDED:
            self._woken = True
            self._loop.call_soon(self._answer, context=self._context)

    def _answer(self) -> None:
        self._woken = False
        self._go_on()

    def _go_on(self) -> None:
        """Put and take as much as there is room for, and end if that was the last."""
        if self._busy or self.life is ENDED:
            return
        with self._step():
            self._put()
            while self._take():
                self._put()
        lacks_room = self._lacks_room() or self.room() <= 0
        self.waits_for(FOR_ROOM if lacks_room else FOR_ITEMS)
        if self.life is not ENDED and self._is_over():
            self.end()

    @contextmanager
    def _step(self) -> Generator[None]:
        """Do a step. If the run is aborted in the middle, the node ends after it."""
        outer, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = outer
            if self._aborted and not outer:
                self.cancel()

    def _is_over(self) -> bool:
        """Whether there is never anything to do again; if there is, ask to be woken."""
        if self._in_flight or (self.life < ABORTS and self._lacks_room()):
            return False
        if self.life >= STOPS or self.inputs.over():
            return True
        if self.life is not PAUSED and not self.inputs.available():
            self.inputs.want_items()
        return False

    # From the inputs to the children

    def room(self) -> int:
        """How many more items may be in hand."""
        return self._window - self._in_flight - self._held.count - len(self._failures_held)

    def _take(self) -> bool:
        """Take what there is use for, and have it worked on.

        Returns:
            Whether that was anything.
        """
        inputs = self.inputs
        before = inputs.taken
        while True:
            inputs.took()
            inputs.advance()
            count = min(self._use(), self.room(), inputs.available())
            if count <= 0 or self.life is not FLOWS:
                break
            items = [*inputs.take(count)]
            if self._passes_gaps:
                self._begin_between_gaps(items)
            else:
                self._begin(items)
        if inputs.taken == before:
            return False
        self._children.share_out()
        return True

    def _use(self) -> int:
        """How many more items there are hands for."""
        if self._works_here():
            return self._workers - self._in_flight
        if self._held.ready and self.room() < self._children.batch:
            return 0  # results wait for room, so there is time until a message is worth it
        return self._children.room()

    def _works_here(self) -> bool:
        return self._calls.coro is not self._coro

    def _begin_between_gaps(self, items: list[Item]) -> None:
        """Have items be worked on, and let gaps stand in the line as they are."""
        for are_gaps, group in groupby(items, lambda item: item is GAP):
            if are_gaps:
                gaps = [*group]
                self.gaps += len(gaps)
                self._held.add_gaps(gaps)
            else:
                self._begin([*group])

    def _begin(self, items: list[Item]) -> None:
        """Have items be worked on, in children or here."""
        here = self._works_here()
        pieces = [Piece([item]) for item in items] if here else [Piece(items)]
        self._work_on(len(items))
        self._held.expect(pieces)
        if here:
            self._make_here(pieces)
        else:
            self._children.make(pieces)

    # From the children to the outputs

    def answered(self, answers: Sequence[Answer], *, failed: bool) -> None:
        """Note results; `Children` calls it."""
        if self.life is ENDED:
            return
        with self._step():
            for piece, items, results in answers:
                self._held.add(piece, self._settled(items, results) if failed else results)
                self._work_on(-len(items))
        self._go_on()

    def _settled(self, items: Sequence[Item], results: Sequence[Item]) -> Sequence[Item]:
        """Settle what has failed, and return results with what stands for that."""
        kept: list[Item] = []
        for item, result in zip(items, results, strict=True):
            if type(result) is not Failed:
                kept.append(result)
            elif self._aborted:  # by one before it
                self.interrupted += (item,)
            elif result.is_for_all:  # no failures edge takes what happens to every item
                self.interrupted += (item,)
                failure = ProcessorFailed(self.name, plain(item), result.error())
                self.runtime.fail(failure, "abort")
            else:
                self.settle(item, result.error(), kept.append)
        return kept

    def put_failure(self, failure: Failure[Item]) -> None:
        self._failures_held.append(failure)

    def _put(self) -> None:
        """Put what is ready, as far as there is room, and ask to be woken for the rest."""
        while self._failures_held and self.failures.room() > 0:
            super().put_failure(self._failures_held.popleft())
        self._held.put(self.outputs)
        if self._failures_held:
            self.failures.want_room()

    def _lacks_room(self) -> bool:
        """Whether there is something to put, and a reader who makes room for it."""
        if self._failures_held and not self.failures.left:
            return True
        return bool(self._held.ready) and not self.outputs.left

    # Without children

    def _make_here(self, pieces: Sequence[Piece]) -> None:
        self._to_do_here.extend(pieces)
        for _ in range(min(len(pieces), self._workers - len(self.tasks))):
            self.spawn(self._work_here())

    async def _work_here(self) -> None:
        while self._to_do_here and self.life < ABORTS:
            piece = self._to_do_here.popleft()
            (item,) = piece.items
            results: list[Item] = []
            try:
                results.append(await self._timed.coro(item))
            except BaseException as error:  # settle tells them apart
                if not self.settle(item, error, results.append):
                    raise
            finally:
                if self.life is not ENDED:  # else the task was left behind
                    piece.items.clear()
                    self._held.add(piece, results)
                    self._work_on(-1)
            self._go_on()
            del item, piece, results  # one that rests keeps nothing alive

    def task_ended(self, task: asyncio.Task[None]) -> None:
        if self.life >= ABORTS:
            super().task_ended(task)
        else:  # the node goes on without it
            self.tasks.pop(task, None)
            self._go_on()

    def in_hand(self, task: asyncio.Task[None]) -> Item:
        return item_in_hand(task, OffloadNode._work_here.__code__)

    # The end

    def cancel(self) -> None:
        if self._busy:
            self._aborted = True
            return
        self._aborted = False
        self._halt_children()
        super().cancel()

    def end(self) -> None:
        self._halt_children()
        super().end()

    def _halt_children(self) -> None:
        outer, self._busy = self._busy, True  # what they have just done is noted first
        undone = self._children.halt()
        self._busy = outer
        self._undone = (*self._undone, *(item for piece in undone for item in piece.items))

    def look_back(self) -> None:
        super().look_back()
        # What failed and reached nothing is as good as in hand.
        self.failed -= len(self._failures_held)
        to_do_here = (item for piece in self._to_do_here for item in piece.items)
        failed = (failure.item for failure in self._failures_held)
        self.interrupted += (*self._undone, *to_do_here, *failed)
        self._work_on(-self._in_flight)

    # How its time is spent

    @property
    def workers(self) -> int:
        return self._workers

    def _work_on(self, more: int) -> None:
        """Note that so many more items are worked on, or fewer."""
        now = monotonic()
        self.worked, self._since = self.worked_until(now), now
        self._in_flight += more

    def worked_until(self, now: float) -> float:
        at_work = min(self._in_flight, self._workers)  # the others wait in a batch
        return self.worked + at_work * (now - self._since)

    # What is told

    def held(self) -> Sequence[Item]:
        return (*self.stranded, *self._held)

    @property
    def in_flight(self) -> int:
        return self._in_flight
