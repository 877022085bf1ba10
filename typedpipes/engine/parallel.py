"""Nodes with many workers: how workers are called when there is something to do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Sequence
from time import monotonic

from typedpipes.engine.calls import Calls, GapPassingCalls
from typedpipes.engine.hanging import item_in_hand
from typedpipes.engine.keys import Keys
from typedpipes.engine.life import ABORTS, ENDED, FLOWS, PAUSED, STOPS
from typedpipes.engine.lulls import FOR_ITEMS, FOR_ROOM, Wait
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.resources import Equipment
from typedpipes.engine.results import Results, Slot
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.sample import Sample
from typedpipes.engine.stage import StageNode
from typedpipes.flow.edge import GAP
from typedpipes.processor import Failure


class ParallelNode(StageNode):
    """A processor that works on several items at a time, each in a worker of its own.

    Workers are made when they are first needed. One that has nothing to do waits on a pile, and
    the last one to wait is the first to be called. One that is called calls two more if there is
    more to do: so a burst reaches all workers in a few steps, and a trickle wakes only one.

    What finds no room is held. A failure, and a result in a `Bag`, keeps the place of a worker; a
    result in a `Line` keeps its place in line.

    Attributes:
        sample: how much its calls compute.
    """

    __slots__ = (
        "_called",
        "_calls",
        "_equipment",
        "_failures_held",
        "_held_up",
        "_idle",
        "_in_flight",
        "_keys",
        "_lacks_room",
        "_results",
        "_workers",
        "sample",
    )

    failed: int
    interrupted: tuple[Item, ...]
    worked: float

    def __init__(
        self,
        calls: Calls,
        workers: int,
        results: Results,
        keys: Keys | None,
        ports: Ports,
        runtime: Runtime,
        equipment: Equipment | None = None,
    ) -> None:
        super().__init__(ports, runtime)
        self._calls: Calls = GapPassingCalls(calls, self) if ports.passes_gaps else calls
        self._workers = workers
        self._results = results
        self._keys = keys
        self._equipment = equipment
        self._failures_held: deque[Failure[Item]] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._called = 0
        self._in_flight = 0
        self._held_up = 0  # workers that wait with an item in hand
        self._lacks_room = False
        self.sample: Sample = Sample()

    async def process(self, item: Item, slot: Slot) -> None:
        """Work on one item, and put its results into its slot."""
        try:
            sample = self.sample
            if sample.left_out:
                sample.left_out -= 1
                result = await self._calls.coro(item)
            else:
                sample.choose()
                result = await sample.measure(self.worked_until, self._calls.coro(item))
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error, slot.results.append):
                raise
            if self.life >= ABORTS:
                return  # what is behind in the line must not take this place
        else:
            if self.life is ENDED:
                return  # the worker was detached
            slot.results.append(result)
        slot.done = True
        if not self._lacks_room and self._results.is_next(slot):
            self.put_held()

    async def _process_in_turn(self, keys: Keys, item: Item, slot: Slot) -> None:
        """Work on an item and on those that come to wait for it, or let it wait for its turn."""
        try:
            key = keys.key(item)
            may_begin = keys.begin(key, item, slot)
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error, slot.results.append):
                raise
            if self.life < ABORTS:  # else as above
                slot.done = True
                self.put_held()
            return
        if not may_begin:
            return
        await self.process(item, slot)
        while keys.has_waiting(key):
            await self._end_of_pause(keys)
            if self.life >= STOPS:
                return
            item, slot = keys.next(key)
            if self.inputs.available() and self.room() > 0:
                self._call_one()
            await self.process(item, slot)
        keys.end(key)

    async def _end_of_pause(self, keys: Keys) -> None:
        keys.resting += 1
        try:
            while self.life is PAUSED:
                await self.hold_up(keys.to_go_on.wait())
        finally:
            keys.resting -= 1

    # What is held

    def put_held(self) -> None:
        """Put what is held, as far as there is room, and ask to be woken for the rest."""
        if self._failures_held:
            self._put_failures()
        self._results.put(self.outputs)
        self.outputs.gave()
        self._lacks_room = bool(self._failures_held) and not self.failures.left
        if self._results.ready() and not self.outputs.left:
            self.outputs.want_room()
            self._lacks_room = True

    def _put_failures(self) -> None:
        while self._failures_held and self.failures.room() > 0:
            super().put_failure(self._failures_held.popleft())
        if self._failures_held:
            self.failures.want_room()

    def put_failure(self, failure: Failure[Item]) -> None:
        self._failures_held.append(failure)
        if not self._lacks_room:
            self.put_held()

    # Workers

    def rests(self) -> bool:
        return len(self._idle) == len(self.tasks)

    def room(self) -> int:
        """How many items may be taken."""
        room = self._results.places(self._workers - self._in_flight - len(self._failures_held))
        keys = self._keys
        return room if keys is None else min(room, keys.window - self._in_flight - keys.waiting)

    async def work(self) -> None:
        """Work, as one of the workers, until there will never be anything to do again."""
        called = True
        pace = self.runtime.pace
        inputs = self.inputs
        now = monotonic()
        while True:
            if now >= pace.until and pace.tick(now):  # the first spares most items a call
                await pace.step_aside()
                now = monotonic()
            if called:
                self._called -= 1
            inputs.took()
            inputs.advance()
            if self.life is FLOWS and self.room() > 0 and inputs.available():
                item = next(inputs.take(1))
                slot = self._results.open(item)
                began = now if now > pace.filled else pace.filled  # noqa: FURB136  # as in a turn
                self.worked -= began
                self._in_flight += 1
                if self._idle or len(self.tasks) < self._workers:
                    self._call_others(called)
                try:
                    if self._keys is None or item is GAP:
                        await self.process(item, slot)
                    else:
                        await self._process_in_turn(self._keys, item, slot)
                finally:
                    now = monotonic()
                    self.worked += now
                    self._in_flight -= 1
                    del item, slot  # one that rests keeps nothing alive
                called = False
            elif self._is_over():
                self._call_all()
                return
            else:
                self._rest()
                await self._to_be_called()
                now = monotonic()
                called = True

    async def wanted(self) -> bool:
        """Wait, as a worker that was called, until there is something to do; false if never."""
        while True:
            self.inputs.took()
            self.inputs.advance()
            if self.life is FLOWS and self.room() > 0 and self.inputs.available():
                return True
            if self._is_over():
                return False
            self._called -= 1
            self._wait()
            await self._to_be_called()

    def _is_over(self) -> bool:
        """Whether there will never be anything to do again."""
        if self._lacks_room:
            return self.life >= ABORTS
        return self.life >= STOPS or self.inputs.over()

    async def hold_up(self, waiting: Awaitable[None]) -> None:
        """Wait, as a worker with an item in hand: that is no work."""
        self.worked += monotonic()
        self._held_up += 1
        try:
            await waiting
        finally:
            self._held_up -= 1
            self.worked -= monotonic()

    def _rest(self) -> None:
        """Note what a worker lacks that has nothing to do, and ask to be woken."""
        if self.life is not PAUSED:
            self.waits_for(self._wait())

    def _wait(self) -> Wait:
        """Ask to be woken when there is something to do, and return what it lacks."""
        if not self.inputs.available():
            self.inputs.want_items()
            return FOR_ITEMS
        self.outputs.want_room()
        self.failures.want_room()
        return FOR_ROOM

    def _call_others(self, called: bool) -> None:
        """Have others take what is left, if there are any to call."""
        if self.life is not FLOWS:
            return
        # There is room for one more since the take. Not at once: a source that fills it may end
        # the run or pause the node, and the item that was taken is not begun yet.
        for edge in self.inputs.edges:
            if edge.is_low():
                asyncio.get_running_loop().call_soon(self._took)
                break
        more = min(self.inputs.available(), self.room()) - self._called
        if more <= 0:
            self._wait()
        elif called or not self._called:
            for _ in range(min(more, 2)):
                self._call_one()

    def _took(self) -> None:
        if self.life is not ENDED:
            self.inputs.took()

    def wake(self) -> None:
        if self._lacks_room:
            # Not at once: what wakes is still taking an item.
            asyncio.get_running_loop().call_soon(self._try_again)
        if self._keys is not None:
            self._keys.to_go_on.wake()
        self._call_one()

    def _try_again(self) -> None:
        if self.life is not ENDED:
            self.put_held()
            if not self._lacks_room:
                self._call_one()  # there may be room for more, or nothing to do any more

    def _call_one(self) -> None:
        while self._idle:
            waiter = self._idle.pop()
            if not waiter.done():
                self._called += 1
                waiter.set_result(None)
                return
        if len(self.tasks) < self._workers and self.life < ABORTS:
            self._called += 1
            equipment = self._equipment
            self.spawn(self.work() if equipment is None else equipment.work(self.work, self.wanted))

    async def _to_be_called(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._idle.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter in self._idle:
                self._idle.remove(waiter)
            raise

    def _call_all(self) -> None:
        """Call all, so that they see that there is nothing to do any more."""
        while self._idle:
            self._call_one()

    def in_hand(self, task: asyncio.Task[None]) -> Item:
        in_turn = ParallelNode._process_in_turn.__code__
        return item_in_hand(task, ParallelNode.work.__code__, in_turn)

    # The end

    def look_back(self) -> None:
        super().look_back()
        # These failures reached nothing: the items are as good as in hand.
        self.interrupted += tuple(failure.item for failure in self._failures_held)
        self.failed -= len(self._failures_held)
        if self._keys is not None:
            self.interrupted += tuple(self._keys.items())

    # How its time is spent

    @property
    def workers(self) -> int:
        return self._workers

    def worked_until(self, now: float) -> float:
        return self.worked + (self._in_flight - self._held_up) * now

    def computed(self) -> float:
        return self.sample.computed

    # What the report says

    def held(self) -> Sequence[Item]:
        return (*self.stranded, *self._results.held())

    @property
    def in_flight(self) -> int:
        if not self.tasks:
            return 0
        keys = self._keys
        return self._in_flight + (0 if keys is None else keys.waiting - keys.resting)

    @property
    def waiting(self) -> int:
        return self._keys.waiting if self._keys is not None and self.tasks else 0
