"""Nodes whose items are worked on in child processes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice, takewhile
from operator import attrgetter

from typedpipes.engine.calls import Calls, TimedCalls
from typedpipes.engine.hanging import item_in_hand
from typedpipes.engine.life import ABORTS, ENDED, FLOWS, PAUSED, STOPS
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.stage import StageNode
from typedpipes.engine.timeout import Timeout
from typedpipes.flow.edge import GAP
from typedpipes.offload.call import Call
from typedpipes.offload.children import Children
from typedpipes.offload.job import Job
from typedpipes.offload.pools import pools
from typedpipes.processor import Failure, Processor, calls_of

_is_done = attrgetter("done")


class OffloadNode(StageNode):
    """A processor over `in_process`: children work on its items, and it needs no task for that.

    It takes as many items as its children have use for, and puts results as they come, or in
    the order of the items. What finds no room is held, and counts as in hand.

    If its coroutine function is replaced in the middle of a run, the items from then on are
    worked on in tasks, as many as there are workers.
    """

    __slots__ = (
        "_calls",
        "_children",
        "_context",
        "_coro",
        "_failures_held",
        "_going",
        "_in_flight",
        "_in_order",
        "_line",
        "_loop",
        "_passes_gaps",
        "_timed",
        "_to_do_here",
        "_undone",
        "_untold",
        "_window",
        "_woken",
        "_workers",
    )

    failed: int
    gaps: int
    interrupted: tuple[Item, ...]

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
        self._in_order = processor.ordered or processor.workers == 1
        self._passes_gaps = ports.passes_gaps
        self._loop = asyncio.get_running_loop()
        self._context = runtime.context()
        self._children: Children = self._context[pools].children(
            job, processor.workers, self._note, processor.timeout, overdue
        )
        self._line: deque[Call] = deque()  # all, in order; or what is done, without an order
        self._untold: deque[Call] = deque()  # those that failed, and reached nothing yet
        self._failures_held: deque[Failure[Item]] = deque()
        self._to_do_here: deque[Call] = deque()
        self._undone: Sequence[Call] = ()
        self._in_flight = 0
        self._woken = False
        self._going = False

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
        if self._going or self.life is ENDED:
            return
        self._going = True
        try:
            self._put()
            while self._take():
                self._put()
        finally:
            self._going = False
        if self._is_over():
            self.end()

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
        held = len(self._line) + len(self._failures_held)
        return self._window - held - (0 if self._in_order else self._in_flight)

    def _take(self) -> bool:
        """Take items, and have them worked on.

        Returns:
            Whether there were any, and use for them.
        """
        inputs = self.inputs
        inputs.took()
        inputs.advance()
        here = self._calls.coro is not self._coro
        use = self._workers - self._in_flight if here else self._children.room()
        count = min(use, self.room(), inputs.available())
        if count <= 0 or self.life is not FLOWS:
            return False
        calls = [Call(item) for item in inputs.take(count)]
        if self._in_order:
            self._line.extend(calls)
        if self._passes_gaps:
            calls = self._let_gaps_pass(calls)
        self._in_flight += len(calls)
        if here:
            self._make_here(calls)
        else:
            self._children.make(calls)
        return True

    def _let_gaps_pass(self, calls: Sequence[Call]) -> list[Call]:
        """Let gaps stand in the line as they are, and return the calls that are to be made."""
        for call in calls:
            if call.item is GAP:
                call.succeed(GAP)
                self.gaps += 1
        return [call for call in calls if not call.done]

    # From the children to the outputs

    def _note(self, calls: Sequence[Call]) -> None:
        """Note that calls are done."""
        if self.life is ENDED:
            return
        self._in_flight -= len(calls)
        if not self._in_order:
            self._line.extend([call for call in calls if call.error is None])
        self._untold.extend([call for call in calls if call.error is not None])
        while self._untold:  # the first may end the run; the end looks back at the others
            call = self._untold.popleft()
            if call.error is not None:
                self._settle_call(call, call.error)
        self._go_on()

    def _settle_call(self, call: Call, error: BaseException) -> bool:
        goes_on = self.settle(call.item, error, call.succeed)
        if not self._in_order and call.error is None:  # something stands for it
            self._line.append(call)
        return goes_on

    def put_failure(self, failure: Failure[Item]) -> None:
        self._failures_held.append(failure)

    def _put(self) -> None:
        """Put what is done, as far as there is room, and ask to be woken for the rest."""
        while self._failures_held and self.failures.room() > 0:
            super().put_failure(self._failures_held.popleft())
        done = [*takewhile(_is_done, islice(self._line, self.outputs.room()))]
        if done:
            for _ in done:
                self._line.popleft()
            self.outputs.extend([call.result for call in done if call.error is None])
            self.outputs.gave()
        if self._line and self._line[0].done:
            self.outputs.want_room()
        if self._failures_held:
            self.failures.want_room()

    def _lacks_room(self) -> bool:
        """Whether there is something to put, and a reader who makes room for it."""
        if self._failures_held and not self.failures.left:
            return True
        return bool(self._line) and self._line[0].done and not self.outputs.left

    # Without children

    def _make_here(self, calls: Sequence[Call]) -> None:
        self._to_do_here.extend(calls)
        for _ in range(min(len(calls), self._workers - len(self.tasks))):
            self.spawn(self._work_here())

    async def _work_here(self) -> None:
        while self._to_do_here and self.life < ABORTS:
            call = self._to_do_here.popleft()
            item = call.item
            try:
                call.succeed(await self._timed.coro(item))
            except BaseException as error:  # settle tells them apart
                call.fail(error)
                self._in_flight -= 1
                if not self._settle_call(call, error):
                    raise
                self._go_on()
            else:
                self._note([call])
            del item, call  # one that rests keeps nothing alive

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
        self._halt_children()
        super().cancel()

    def end(self) -> None:
        self._halt_children()
        super().end()

    def _halt_children(self) -> None:
        # What they have just done is noted first, and may even end the node.
        undone = self._children.halt()
        self._undone = (*self._undone, *undone)

    def look_back(self) -> None:
        super().look_back()
        # What failed and reached nothing is as good as in hand.
        self.failed -= len(self._failures_held)
        calls = (*self._undone, *self._to_do_here, *self._untold)
        self.interrupted += tuple(call.item for call in calls)
        self.interrupted += tuple(failure.item for failure in self._failures_held)
        self._in_flight = 0

    # What is told

    def held(self) -> Sequence[Item]:
        done = [call.result for call in self._line if call.done and call.error is None]
        return (*self.stranded, *(result for result in done if result is not GAP))

    @property
    def in_flight(self) -> int:
        return self._in_flight
