"""Processors whose coroutine is an async generator: any number of results for an item."""

from __future__ import annotations

from functools import partial
from time import monotonic

from typedpipes.engine.calls import Calls
from typedpipes.engine.keys import Keys
from typedpipes.engine.life import ABORTS, ENDED, STOPS
from typedpipes.engine.lulls import FOR_ROOM
from typedpipes.engine.parallel import ParallelNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.resources import Equipment
from typedpipes.engine.results import Results, Slot
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.steps import Steps
from typedpipes.engine.timeout import Timeout
from typedpipes.flow.waiting import Waiters


class _Stopped(Exception):
    """The node stops, and the results of what is in hand go nowhere."""


class GeneratorNode(ParallelNode):
    """Runs async generators, one for each item in hand.

    A generator is asked for its next result only if there is a place for it. Where the order
    counts, the one at the head of the line puts directly; each of the others may run ahead by its
    share of the window.

    Its `calls` return the `Steps` of an item.
    """

    __slots__ = ("_stalled", "_timeout")

    interrupted: tuple[Item, ...]

    def __init__(
        self,
        calls: Calls,
        workers: int,
        results: Results,
        keys: Keys | None,
        timeout: float | None,
        ports: Ports,
        runtime: Runtime,
        equipment: Equipment | None = None,
    ) -> None:
        super().__init__(calls, workers, results, keys, ports, runtime, equipment)
        self._timeout = (
            None if timeout is None else partial(Timeout, timeout, ports.name, " for a result")
        )
        self._stalled = Waiters()  # the workers that lack room

    def rests(self) -> bool:
        return len(self._idle) + self._stalled.count() == len(self.tasks)

    def room(self) -> int:
        return super().room() if self._results.may_begin(self.outputs) else 0

    def wake(self) -> None:
        self._stalled.wake()
        super().wake()

    def put_held(self) -> None:
        super().put_held()
        self._stalled.wake()

    async def process(self, item: Item, slot: Slot) -> None:
        try:
            await self._generate(item, slot)
        except _Stopped:
            if self.life is not ENDED:  # else it was detached: it is interrupted already
                self.interrupted += (item,)
            return
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error, slot.results.append):
                raise
            if self.life >= ABORTS:
                return  # as for a coroutine
        slot.done = True
        if self.life is not ENDED:
            self.put_held()

    async def _generate(self, item: Item, slot: Slot) -> None:
        """Run the generator of one item."""
        steps: Steps[Item] = self._calls.coro(item)
        if self.sample.left_out:
            self.sample.left_out -= 1
        else:
            self.sample.choose()
            steps.measured = partial(self.sample.measure, self.worked_until)
        pace = self.runtime.pace
        # Nothing else comes between the take and the begin.
        waits = not self._results.may_add(slot, self.outputs)
        try:
            while self.life < ABORTS:
                try:
                    if waits:
                        result = await steps.next_after(partial(self._turn, slot), self._timeout)
                    else:
                        result = await steps.next(self._timeout)
                except StopAsyncIteration:
                    return
                if self.life is ENDED:
                    return  # the worker was detached
                slot.results.append(result)
                del result
                if not self._lacks_room and self._results.is_next(slot):
                    self.put_held()
                waits = pace.tick(monotonic()) or not self._results.may_add(slot, self.outputs)
            await steps.settle()
            raise _Stopped  # it goes on although it was cancelled
        finally:
            await steps.close()

    async def _turn(self, slot: Slot) -> None:
        """Wait until there is a place for one more result, and others had the event loop."""
        if self.runtime.pace.tick(monotonic()):
            await self.hold_up(self.runtime.pace.step_aside())
        while not self._results.may_add(slot, self.outputs):
            if self.life >= STOPS:
                raise _Stopped
            self.outputs.want_room()
            self.waits_for(FOR_ROOM)
            await self.hold_up(self._stalled.wait())

    def emitted(self, completed: int) -> int:  # noqa: ARG002  # any number for each item
        return self.outputs.put + len(self.held())
