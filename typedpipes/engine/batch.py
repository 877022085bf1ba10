"""The node that gathers items into lists."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from typedpipes.engine.beat import Beat
from typedpipes.engine.fitting import FittingNode
from typedpipes.engine.life import ENDED, FLOWS
from typedpipes.engine.lulls import Wait
from typedpipes.engine.planning import Planner
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.fittings import Batch


class _BatchPlanner(Planner):
    """Plans for a node that puts one list for many items.

    Attributes:
        batch: the items of the next list.
    """

    __slots__ = ("_size", "batch")

    def __init__(self, size: int, ports: Ports) -> None:
        super().__init__(ports.inputs, ports.outputs, ports.failures)
        self._size = size
        self.batch: list[Item] = []

    def room(self) -> int:
        return self.outputs.room() * self._size - len(self.batch)

    def over(self) -> bool:
        return super().over() and not self.batch

    def wait(self) -> Wait:
        wait = super().wait()
        if self.batch:
            self.outputs.want_room()
        return wait


class BatchNode(FittingNode):
    """Gathers items into lists."""

    __slots__ = ("_batches", "_beat", "_every", "_late", "_put", "_size", "_timer", "_within")

    interrupted: tuple[Item, ...]

    def __init__(self, batch: Batch, ports: Ports, runtime: Runtime) -> None:
        self._batches = _BatchPlanner(batch.size, ports)
        super().__init__(ports, runtime, self._batches)
        self._size = batch.size
        self._within = batch.within
        self._every = batch.every
        self._beat: Beat | None = None
        self._put = 0
        self._late = False
        self._timer: asyncio.TimerHandle | None = None

    def get_ready(self) -> None:
        super().get_ready()
        if self._every is not None and self.life is not ENDED:
            self._beat = Beat(self._every, self.flush)

    async def turn(self, began: float) -> float:
        if self._late:
            self._put_batch()
        return await super().turn(began)

    def move(self, count: int) -> None:
        self.gather(self.inputs.take(count))

    def gather(self, items: Iterable[Item]) -> None:
        """Put items into the list, and the list wherever it is full."""
        batch = self._batches.batch
        for item in items:
            if not batch and self._within is not None:
                self._timer = asyncio.get_running_loop().call_later(self._within, self._hurry)
            batch.append(item)
            if len(batch) == self._size:
                self._put_batch()

    def rest(self) -> None:
        if self.inputs.over():
            self._put_batch()
        super().rest()

    def has_timer(self) -> bool:
        ticks = self._timer is not None or self._beat is not None
        return ticks and bool(self._batches.batch) and self.outputs.room() > 0

    def flush(self) -> bool:
        """Put the list as it is at the next turn.

        Returns:
            Whether there is one, and room for it.
        """
        if not self._batches.batch or self.outputs.room() <= 0:
            return False
        self._hurry()
        return True

    def _hurry(self) -> None:
        """Put the list at the next turn: its time is over."""
        self._late = True
        self.wake()

    def _put_batch(self) -> None:
        """Put the list as it is, if there is room for it."""
        batch = self._batches.batch
        if batch and self.outputs.room() > 0 and self.life is FLOWS:
            self._forget_timer()
            self.outputs.append(batch.copy())
            self.outputs.gave()
            batch.clear()
            self._put += 1

    def _forget_timer(self) -> None:
        self._late = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look_back(self) -> None:
        super().look_back()
        self._forget_timer()
        if self._beat is not None:
            self._beat.stop()
            self._beat = None
        self.interrupted += tuple(self._batches.batch)
        self._batches.batch.clear()

    @property
    def in_flight(self) -> int:
        return len(self._batches.batch)

    def emitted(self, completed: int) -> int:  # noqa: ARG002  # lists, not items
        return self._put
