"""Reading: what comes to the readers of queues beside the run, at its caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve

from typedpipes.errors import TypedpipesError
from typedpipes.fittings import Reader
from typedpipes.flow.edge import Edge
from typedpipes.network.calling import entries
from typedpipes.network.leg import Leg
from typedpipes.network.moves import leaving
from typedpipes.network.record import Made, Progress, Record, Tally
from typedpipes.network.station import Station
from typedpipes.network.stop import Stop
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Wire
from typedpipes.queues.home import Home
from typedpipes.queues.input import attach, has_left, last_reader, look_again


class Reading:
    """Hands the items that reach a reader to the reader of its queue.

    The queue holds a slice; what else waits is on the wire.

    Args:
        wire: the wire of the caller.
        stop: the stop of the reader.
        reader: the reader.
        longest: the most items of a slice.
        home: where the run lives.
        errors: why the run has failed so far, which is what ends the queue.

    Attributes:
        attention: as of any end of an edge.
    """

    def __init__(
        self,
        wire: Wire,
        stop: Stop,
        reader: Reader[Any],  # Any: as in a blueprint
        longest: int,
        home: Home,
        errors: Sequence[TypedpipesError],
    ) -> None:
        self.attention: bool = False
        self._queue = reader.queue
        self._edge = Edge[object](longest, low=longest - 1)
        self._edge.writer = self
        self._changed = asyncio.Event()
        self._putting = asyncio.Lock()
        self._next = 0  # position
        self._count = 0
        self._station = Station(wire, stop, self._act)
        attach(self._queue, self._edge, home, errors)
        if has_left(self._queue):
            self._edge.leave()

    async def work(self) -> None:
        """Hand over all that comes, until it is read; or until the reader has closed the queue."""
        await self._station.work(self._leave_with_the_reader())
        self._edge.close()
        self._edge.call_when_read(self)
        await self._until(lambda: not self._edge.items)

    def end(self) -> None:
        """Let the readers know that nothing more comes."""
        self._edge.close()
        look_again(self._queue)

    def seen(self, last: Record) -> Record:
        """Return the last record as it should be: what was handed over counts, also at an abort."""
        tally = Tally(self._count, self._count - len(self.left))
        return evolve(last, progress={0: Progress(self._next - 1)}, tally=tally)

    def leave(self, task: asyncio.Task[Any] | None) -> None:  # Any: the task of the user
        """Read no more, if no other task than this one has."""
        if last_reader(self._queue) in (None, task):
            self._queue.close()

    @property
    def left(self) -> Sequence[object]:
        """The items that were not read."""
        return tuple(self._edge.items)

    def wake(self) -> None:
        """Look again: there is room, or everything was read."""
        # What wakes it is still taking the item.
        asyncio.get_running_loop().call_soon(self._changed.set)

    def reader_left(self) -> None:
        """Look again: nothing more is read."""
        self._changed.set()

    async def _act(self, record: Record, leg: Leg, turn: Turn) -> bool:
        items = [item for _, _, item in entries(record, leg)]
        async with self._putting:  # one that comes again waits here for the first time
            if record.position == self._next:
                await self._until(lambda: self._edge.room() >= len(items))
                if self._edge.left:
                    return False
                self._edge.extend(items)
                self._edge.gave()
                self._next += 1
                self._count += len(items)
        count = len(items)
        await turn.give(record.position, Made(tally=Tally(count, count)))
        return True

    async def _until(self, test: Callable[[], bool]) -> None:
        """Wait until something is true of the edge, or its reader has left."""
        while not (test() or self._edge.left):
            self._changed.clear()
            self._edge.want_room()
            await self._changed.wait()

    async def _leave_with_the_reader(self) -> None:
        await self._until(lambda: False)
        await self._station.turn.make(leaving)
