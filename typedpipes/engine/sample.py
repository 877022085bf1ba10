"""What a sample of the calls of a node tells about all of them: how much they compute."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import Final

from typing_extensions import TypeVar

from typedpipes.engine.measured import Measured

T = TypeVar("T")

WORTH = 0.0005
"""The seconds of computing for which one call is measured: that costs less than 0.5 % of them."""

RAREST = 256
"""How many calls are left out, on average, between two that are measured, at most."""

_FADES: Final = 0.875
"""What a call counts for when the next one comes: about the last eight matter."""

_GOLDEN: Final = 0.6180339887498949
"""Its multiples, without the whole part, are spread evenly, and follow no pattern of items."""


class Sample:
    """How much the calls of a node compute, as far as a sample of them tells.

    Nothing tells when a coroutine suspends. So some of its calls are measured step by step, and
    the others are taken to compute the same share of their time. To measure a call costs a
    microsecond: so a call that computes for a millisecond is always measured, and of quick ones
    one in many is.

    Attributes:
        computed: for how many seconds all calls have kept the event loop, by estimate.
        left_out: how many calls not to measure before the next.
        measured: how many seconds the measured calls took. One that goes on counts as if it had
            ended at 0.
    """

    __slots__ = (
        "_calls",
        "_computing",
        "_others",
        "_place",
        "_seconds",
        "_under_way",
        "computed",
        "left_out",
        "measured",
    )

    def __init__(self) -> None:
        self.computed: float = 0.0
        self.left_out: int = 0
        self.measured: float = 0.0
        self._under_way = 0  # calls that are being measured
        self._others = 0.0  # seconds that the others took
        # Of the last few, each less the longer ago it was.
        self._computing = 0.0
        self._seconds = 0.0
        self._calls = 1.0
        self._place = 0.0  # among the multiples of the golden ratio

    def choose(self) -> None:
        """Have the next call measured, and choose how many to leave out after it."""
        self._leave_out(self._computing / self._calls)

    def measure(self, worked_until: Callable[[float], float], call: Awaitable[T]) -> Awaitable[T]:
        """Return what is awaited in place of a call, so that the call becomes part of the sample.

        Args:
            worked_until: returns how many seconds all calls took up to a time, those under way
                too.
            call: the call.
        """
        began = monotonic()
        self._under_way += 1
        self.measured -= began
        return Measured(call, partial(self._end, worked_until, began))

    def _end(
        self, worked_until: Callable[[float], float], began: float, call: Measured[object]
    ) -> None:
        now = monotonic()
        seconds = now - began
        self._under_way -= 1
        self.measured += began
        others = worked_until(now) - (self.measured + seconds + self._under_way * now)
        self.add(call.computed, seconds, others)

    def add(self, computing: float, seconds: float, others: float, calls: int = 1) -> None:
        """Add what was measured of a call, or of some in a row.

        Args:
            computing: for how many seconds it kept the event loop.
            seconds: how many it took.
            others: how many all calls took up to now that were not measured.
            calls: how many there were.
        """
        self.measured += seconds
        self.computed += computing
        self._computing = self._computing * _FADES + computing
        self._seconds = self._seconds * _FADES + seconds
        self._calls = self._calls * _FADES + calls
        if others > self._others and self._seconds > 0:
            self.computed += (others - self._others) * self._computing / self._seconds
            self._others = others
        self.expect(self._computing / self._calls)

    def expect(self, computing: float) -> None:
        """Leave fewer calls out if they are long.

        Args:
            computing: for how many seconds a call keeps the event loop.
        """
        left_out = self.left_out
        self._leave_out(computing)
        self.left_out = min(self.left_out, left_out)

    def _leave_out(self, computing: float) -> None:
        self._place = (self._place + _GOLDEN) % 1
        self.left_out = int(2 * self._place * WORTH / max(computing, WORTH / RAREST))
