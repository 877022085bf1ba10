"""Processors whose coroutine is an async generator: any number of results for an item."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Callable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import cast

from typedpipes.engine.limit import Limit
from typedpipes.engine.node import Life
from typedpipes.engine.place import Item, Place
from typedpipes.engine.pool import Pool
from typedpipes.engine.steps import Steps
from typedpipes.engine.work import Work


class _Deserted(Exception):
    """Nobody reads from here any more."""


class _Turn:
    """The place of one item's results in the order."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept: deque[Item] = deque()


class Streams(Pool):
    """Runs async generators, one for each item in hand.

    A generator is asked for its next result only if there is a place for it. Where the
    order counts, the one at the head of the line gives directly; each of the others may run
    ahead by its share of the window, and stays with its worker until it was at the head.
    Without an order, each of many may hold one result that finds no room.
    """

    __slots__ = ("_given", "_in_order", "_limit", "_line", "_settled", "_share", "_stalled")

    interrupted: tuple[Item, ...]
    stranded: tuple[Item, ...]

    def __init__(
        self,
        work: Work,
        workers: int,
        window: int,
        ordered: bool,
        timeout: float | None,
        place: Place,
        life: Life,
    ) -> None:
        super().__init__(work, workers, place, life)
        self._share = max(window // workers, 1)
        self._limit = (
            None if timeout is None else partial(Limit, timeout, place.name, " for a result")
        )
        self._in_order = ordered and workers > 1
        self._line: deque[_Turn] = deque()
        self._given = 0
        self._settled = 0  # in hand only because their results still wait
        self._stalled: list[asyncio.Future[None]] = []

    def room(self) -> int:
        return super().room() if self.outflow.room() > 0 else 0

    def wake(self) -> None:
        self._go_on()
        super().wake()

    def _go_on(self) -> None:
        """Have the workers that lack room look again."""
        for waiter in self._stalled:
            if not waiter.done():
                waiter.set_result(None)
        self._stalled.clear()

    async def process(self, item: Item) -> None:
        turn = _Turn()
        settled = 0
        self._line.append(turn)
        try:
            try:
                await self._stream(item, turn)
            except _Deserted:
                if not self.ended:  # else it was left behind, and told as interrupted already
                    self.interrupted += (item,)
            except BaseException as error:  # settle tells them apart
                if not self.settle(item, error):
                    raise
                settled = 1
                self._settled += 1
            with suppress(_Deserted):
                await self._until(lambda: self._emptied(turn))
        finally:
            self._settled -= settled
            self.stranded += tuple(turn.kept)
            self._line.remove(turn)
            self._go_on()

    async def _stream(self, item: Item, turn: _Turn) -> None:
        """Run the generator of one item."""
        results = cast(AsyncIterable[Item], self._work.coro(item))  # its kind is generator
        steps = Steps(aiter(results))
        pace = self.life.pace
        waits = not self._may_run(turn)  # nothing else comes between the take and the begin
        try:
            while not self.halted:
                try:
                    if waits:
                        result = await steps.next_after(self._its_turn(turn), self._limit)
                    else:
                        result = await steps.next(self._limit)
                except StopAsyncIteration:
                    return
                if self.ended:
                    return  # the worker was left behind
                turn.kept.append(result)
                del result
                self._emptied(turn)
                waits = pace.due(monotonic()) or not self._may_run(turn)
            await steps.settle()
            raise _Deserted  # it goes on although it was cancelled
        finally:
            await steps.close()

    async def _its_turn(self, turn: _Turn) -> None:
        """Wait until there is a place for one more result, and others had the event loop."""
        if self.life.pace.due(monotonic()):
            await self.life.pace.step_aside()
        await self._until(lambda: self._may_run(turn))

    def _may_run(self, turn: _Turn) -> bool:
        """Whether there is a place for one more result."""
        if not self._at_head(turn):
            return len(turn.kept) < self._share
        shared = not self._in_order and self._workers > 1
        return self._emptied(turn) and (shared or self.outflow.room() > 0)

    def _emptied(self, turn: _Turn) -> bool:
        """Give what was kept, if it may be given now; tell whether nothing is left."""
        if self._at_head(turn) and not self.ended:  # else it is told as held already
            while turn.kept and self.outflow.room() > 0:
                self.outflow.append(turn.kept.popleft())
                self._given += 1
            self.outflow.announce(giving=False)
        return not turn.kept

    def _at_head(self, turn: _Turn) -> bool:
        return not self._in_order or self._line[0] is turn

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if self.stopping:
                raise _Deserted
            self.outflow.watch()
            waiter = asyncio.get_running_loop().create_future()
            self._stalled.append(waiter)
            try:
                await waiter
            finally:
                if waiter in self._stalled:
                    self._stalled.remove(waiter)

    @property
    def in_flight(self) -> int:
        return super().in_flight - self._settled

    @property
    def emitted(self) -> int:
        return self._given + len(self.held())

    def held(self) -> Sequence[Item]:
        return (*super().held(), *(result for turn in self._line for result in turn.kept))
