"""Processors with one worker: the loop that most items go through."""

from __future__ import annotations

from collections.abc import Awaitable
from time import monotonic

from typedpipes.engine.calls import Calls, GapPassingCalls
from typedpipes.engine.measured import Measured
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.turns import LONGEST_SLICE, AwaitedTurns, TurnNode
from typedpipes.flow.edge import Append


class _MeasuredCalls:
    """Measures all calls of a turn.

    Attributes:
        calls: what it calls.
        count: how many of its calls are over.
        computing: for how many seconds these kept the event loop.
        suspended: whether one of them suspended.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.count = 0
        self.computing = 0.0
        self.suspended = False

    def coro(self, item: Item) -> Awaitable[Item]:
        return Measured(self.calls.coro(item), self._add)

    def _add(self, call: Measured[Item]) -> None:
        self.count += 1
        self.computing += call.computed
        self.suspended |= call.suspended


class SerialNode(TurnNode):
    """A processor with one worker."""

    __slots__ = ("_calling", "_calls", "_put")

    worked: float

    def __init__(self, calls: Calls, ports: Ports, runtime: Runtime) -> None:
        super().__init__(ports, runtime)
        self._calls: Calls = GapPassingCalls(calls, self) if ports.passes_gaps else calls
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
            self._break_off()
            raise
        finally:
            self._calling = False
        return self.end_slice(began)

    @property
    def in_flight(self) -> int:
        return 1 if self._calling and self.tasks else 0

    # How its time is spent

    def _break_off(self) -> None:
        """Note the end of a turn that is cancelled, which only one that suspended can be."""
        now = monotonic()
        self.worked += now - self.began
        self.suspended(now)

    def _resize(self, seconds: float) -> None:
        super()._resize(seconds)
        if self.awaited is not None:
            self._measure(self.awaited)

    def _measure(self, awaited: AwaitedTurns) -> None:
        """Add the turn that ends to the sample if it was measured, and have the next measured.

        Only at the end of slices that are not full-grown: calls so quick do not suspend.
        """
        sample, measured = awaited.sample, self._calls
        if isinstance(measured, _MeasuredCalls):
            self._calls = measured.calls
            # Of other turns it is known that they did not suspend.
            if measured.suspended or self.is_alone():
                seconds = monotonic() - self.began
                others = awaited.seconds - sample.measured
                sample.add(measured.computing, seconds, others, measured.count)
            elif measured.count:
                sample.expect(measured.computing / measured.count)
        if sample.left_out:
            sample.left_out -= 1
        elif self._longest < LONGEST_SLICE:  # so that the next slice ends here as well
            sample.choose()
            self._calls = _MeasuredCalls(self._calls)

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
            self._break_off()
            raise
        finally:
            self._calling = False
        return self.end_slice(began)
