"""Processors with one worker: the loop that most items go through."""

from __future__ import annotations

from time import monotonic

from typedpipes.engine.calls import Calls, GapPassingCalls
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.turns import TurnNode
from typedpipes.flow.edge import Append


class SerialNode(TurnNode):
    """A processor with one worker."""

    __slots__ = ("_calling", "_calls", "_put")

    worked: float

    def __init__(self, calls: Calls, ports: Ports, runtime: Runtime) -> None:
        super().__init__(ports, runtime)
        self._calls = GapPassingCalls(calls, self) if ports.passes_gaps else calls
        self._calling = False
        self._put: Append[Item] | None = None

    async def turn(self, began: float) -> float:
        count = self.begin_slice(began)
        if not count:
            return began
        calls = self._calls
        put = self._put
        if put is None:
            put = self._put = self.outputs.appender()
        self._calling = True
        # Nothing is awaited between the take and the call, nor between the call and the put:
        # what interrupts this finds at most one item in hand.
        try:
            for item in self.inputs.take(count):
                coro = calls.coro  # on a line of its own, CPython 3.11 looks it up faster
                try:
                    put(await coro(item))
                except BaseException as error:  # settle tells them apart
                    if not self.settle(item, error, put):
                        raise
                if self.attention and not self.look_up():
                    break
        except BaseException:
            self.worked += monotonic() - self.began
            raise
        finally:
            self._calling = False
        return self.end_slice(began)

    @property
    def in_flight(self) -> int:
        return 1 if self._calling and self.tasks else 0

    def worked_until(self, now: float) -> float:
        return self.worked + (now - self.began if self._calling else 0.0)


class SinkNode(SerialNode):
    """A sink with one worker: the same without a result, which would cost a quick one 8 %."""

    __slots__ = ()

    worked: float

    async def turn(self, began: float) -> float:
        count = self.begin_slice(began)
        if not count:
            return began
        calls = self._calls
        self._calling = True
        try:
            for item in self.inputs.take(count):
                coro = calls.coro
                try:
                    await coro(item)
                except BaseException as error:  # settle tells them apart
                    if not self.settle(item, error, self.outputs.append):
                        raise
                if self.attention and not self.look_up():
                    break
        except BaseException:
            self.worked += monotonic() - self.began
            raise
        finally:
            self._calling = False
        return self.end_slice(began)
