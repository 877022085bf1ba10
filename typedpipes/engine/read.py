"""The node whose items are read outside the graph."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from typedpipes.engine.life import ENDED
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.stage import StageNode
from typedpipes.errors import TypedpipesError
from typedpipes.fittings import Reader
from typedpipes.flow.zip import Zip
from typedpipes.queues import InputQueue
from typedpipes.queues.input import attach, has_left, last_reader, look_again


class ReadNode(StageNode):
    """Keeps a run from ending before everything was read outside.

    It has no task: the reader moves the items.
    """

    __slots__ = ("_queue",)

    def __init__(
        self,
        reader: Reader[Item],
        ports: Ports,
        runtime: Runtime,
        errors: Sequence[TypedpipesError],
    ) -> None:
        super().__init__(ports, runtime)
        self._queue: InputQueue[Item] = reader.queue
        attach(self._queue, ports.inputs, runtime.home, errors)

    def get_ready(self) -> None:
        """Do nothing: the reader asks for items."""

    def _is_exhausted(self) -> bool:
        """Whether nothing more can be read; gaps do not count."""
        edges = self.inputs.edges
        if isinstance(self.inputs, Zip):
            return any(edge.over() for edge in edges)
        return all(edge.closed and not edge.peek() for edge in edges)

    def check(self) -> None:
        """End if nothing more can be read; else ask to be woken when what is left is read."""
        if self.life is ENDED:
            return
        if isinstance(self.inputs, Zip):
            self.inputs.advance()  # it leaves out the tuples with gaps
        if self._is_exhausted() or has_left(self._queue):
            self.end()
            return
        for edge in self.inputs.edges:
            if edge.closed:
                edge.call_when_read(self)

    def rests(self) -> bool:
        # What was read is in hand, outside, until its reader asks for more.
        asks = any(edge.reader_waits for edge in self.inputs.edges)
        return not self.inputs.available() and (asks or not self.inputs.taken)

    def reader(self) -> asyncio.Task[Any] | None:  # Any: the task of the user
        """Return the task that read last, if it can still read."""
        return last_reader(self._queue)

    def is_left_by(self, task: asyncio.Task[Any] | None) -> bool:  # Any: the task of the user
        """Whether the queue is read no more once that task reads no more."""
        return last_reader(self._queue) in (None, task)

    def end(self) -> None:
        if self.life is not ENDED:
            super().end()
            look_again(self._queue)  # a reader that still waits there has to stop

    def wake(self) -> None:
        # What wakes it is still taking the last item.
        asyncio.get_running_loop().call_soon(self.check)

    @property
    def in_flight(self) -> int:
        return 0

    def is_at_work(self) -> bool:
        return False
