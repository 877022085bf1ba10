"""How long a run may be wedged before it is ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from typedpipes.errors import Wedged
from typedpipes.gauges import Gauges

_LOOKS = 4
"""How often it is looked at in the time that is allowed: it takes up to a fourth longer."""


class Patience:
    """Ends a run that was wedged in the same way for too long.

    Args:
        seconds: how long it may be.
        look: returns the gauges of the run.
        end: ends it.
    """

    def __init__(
        self, seconds: float, look: Callable[[], Gauges], end: Callable[[Wedged], None]
    ) -> None:
        self._seconds = seconds
        self._look = look
        self._end = end
        self._seen: object = None
        self._times = 0  # in a row
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds / _LOOKS, self._look_again)

    def cancel(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look_again(self) -> None:
        gauges = self._look()
        received = [each.received for each in gauges.processors]
        seen = (gauges.wedge, received, gauges.edges)
        self._times = self._times + 1 if seen == self._seen else 0
        self._seen = seen
        if gauges.wedge is not None and self._times == _LOOKS:
            self._end(Wedged(gauges.wedge, self._seconds))
        else:
            self._timer = self._loop.call_later(self._seconds / _LOOKS, self._look_again)
