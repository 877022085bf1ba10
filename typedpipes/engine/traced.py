"""The nodes of a run that is traced, and what they call: where results come from is known."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

from typedpipes.engine.batch import BatchNode
from typedpipes.engine.calls import Calls, GeneratorCalls
from typedpipes.engine.hands import BatchHand, FilterHand, WorkHand
from typedpipes.engine.hanging import item_in_hand
from typedpipes.engine.keys import Keys
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.relay import RelayNode
from typedpipes.engine.results import Slot
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.serial import SerialNode, SinkNode
from typedpipes.engine.steps import Steps
from typedpipes.engine.timeout import Timeout
from typedpipes.engine.tracing import Span
from typedpipes.fittings import Batch
from typedpipes.flow.edge import GAP
from typedpipes.flow.tracks import Hand
from typedpipes.flow.trail import Traced, Trail, traced


class TracedCalls:
    """Calls a coroutine function in a span, if there is to be one.

    What a node has in hand when it calls is what it has just taken: nothing comes in between.
    """

    def __init__(self, calls: Calls, hand: WorkHand) -> None:
        self._calls = calls
        self._hand = hand

    async def coro(self, item: Item) -> Item:
        hand = self._hand
        span = hand.begin()
        if span is None:
            return await self._calls.coro(item)
        try:
            with span:
                result = await self._calls.coro(item)
        except BaseException as error:
            hand.fail(span, error)
            raise
        finally:
            hand.end(span)
        return Traced(result, span.trail)


class SlicedNode(SerialNode):
    """A processor with one worker, and a span for each slice."""

    __slots__ = ("_hand",)

    def __init__(self, calls: Calls, ports: Ports, runtime: Runtime, hand: WorkHand) -> None:
        super().__init__(TracedCalls(calls, hand), ports, runtime)
        hand.by_slice = True
        self._hand = hand

    async def turn(self, began: float) -> float:
        try:
            return await super().turn(began)
        finally:
            self._hand.end_slice()

    def in_hand(self, task: asyncio.Task[None]) -> Item:
        return item_in_hand(task, SerialNode.turn.__code__, SinkNode.turn.__code__)


class SlicedSinkNode(SlicedNode, SinkNode):
    """The same for a sink."""

    __slots__ = ()


class TracedGeneratorCalls(GeneratorCalls):
    """Calls a generator function in a span, if there is to be one."""

    def __init__(self, calls: Calls, hand: WorkHand) -> None:
        super().__init__(calls)
        self._hand = hand

    def coro(self, item: Item) -> Steps[Item]:
        span = self._hand.begin()
        if span is None:
            return super().coro(item)
        return _TracedSteps(self.generator(item), self._hand, span)


class _TracedSteps(Steps[Item]):
    """Asks a generator for results, in a span that is over when it is closed."""

    __slots__ = ("_hand", "_span")

    def __init__(self, items: AsyncIterator[Item], hand: WorkHand, span: Span) -> None:
        super().__init__(items)
        self._hand = hand
        self._span = span

    async def next(self, limit: Callable[[], Timeout] | None = None) -> Item:
        return await self._within(super().next(limit))

    async def next_after(
        self,
        waiting: Callable[[], Awaitable[None]],
        limit: Callable[[], Timeout] | None = None,
    ) -> Item:
        return await self._within(super().next_after(waiting, limit))

    async def _within(self, asked: Awaitable[Item]) -> Item:
        try:
            with self._span:
                return Traced(await asked, self._span.trail)
        except StopAsyncIteration:
            raise
        except BaseException as error:
            self._hand.fail(self._span, error)
            raise

    async def close(self) -> None:
        try:
            await super().close()
        finally:
            self._hand.end(self._span)


class TracedKeys(Keys):
    """Knows where the items come from that wait for an earlier one of their key."""

    def __init__(self, key: Callable[[Item], Hashable], window: int, hand: Hand) -> None:
        super().__init__(key, window)
        self._hand = hand
        self._trails: defaultdict[Hashable, deque[Trail | None]] = defaultdict(deque)

    def begin(self, key: Hashable, item: Item, slot: Slot) -> bool:
        may_begin = super().begin(key, item, slot)
        if not may_begin:
            self._trails[key].append(self._hand.trail)
        return may_begin

    def next(self, key: Hashable) -> tuple[Item, Slot]:
        self._hand.trail = self._trails[key].popleft()
        return super().next(key)

    def end(self, key: Hashable) -> None:
        super().end(key)
        self._trails.pop(key, None)


class TracedBatchNode(BatchNode):
    """Gathers items into lists, and knows where these come from."""

    __slots__ = ("_hand",)

    def __init__(self, batch: Batch, ports: Ports, runtime: Runtime) -> None:
        super().__init__(batch, ports, runtime)
        self._hand = ports.hand

    def move(self, count: int) -> None:
        self.gather(map(self._kept, self.inputs.take(count)))

    def _kept(self, item: Item) -> Item:
        if isinstance(self._hand, BatchHand):
            self._hand.keep()
        return item


class TracedRelayNode(RelayNode):
    """Passes items on, and with each where it comes from."""

    __slots__ = ("_hand",)

    def __init__(self, ports: Ports, runtime: Runtime) -> None:
        super().__init__(ports, runtime)
        self._hand = ports.hand

    def move(self, count: int) -> None:
        self.pass_on(map(self._traced, self.inputs.take(count)))

    def _traced(self, item: Item) -> Item:
        trail = None if self._hand is None else self._hand.trail
        return item if item is GAP else traced(item, trail)


def traced_test(test: Callable[[Item], object], hand: FilterHand) -> Callable[[Item], bool]:
    """Return a test that has a hand keep what passes."""

    def passes(item: Item) -> bool:
        if not test(item):
            return False
        hand.keep()
        return True

    return passes


def traced_sort(
    sort: Callable[[Item], tuple[int, object]], hand: Hand
) -> Callable[[Item], tuple[int, object]]:
    """Return what sorts items, and knows where they come from."""

    def way_of(item: Item) -> tuple[int, object]:
        way, sent = sort(item)
        return way, traced(sent, hand.trail)

    return way_of
