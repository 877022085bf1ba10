"""What a run lends to those of its queues that its user holds an end of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from typedpipes.errors import TypedpipesError
from typedpipes.queues.home import Home, elsewhere
from typedpipes.queues.pace import Pace


class Host:
    """The run that a queue belongs to, as far as the queue has to know it.

    Args:
        pace: when those who use the queue let other tasks run, although there is nothing to
            wait for; without it, never.
        failures: why the run failed, up to now: what closed the queue.
        home: where the run lives; without it, the queue may be used in any one thread.

    Attributes:
        thread: the identifier of the thread of the run, or 0.
    """

    def __init__(
        self,
        pace: Pace | None = None,
        failures: Sequence[TypedpipesError] = (),
        home: Home | None = None,
    ) -> None:
        self.pace: Pace | None = pace
        self.failures: Sequence[TypedpipesError] = failures
        self.thread: int = 0 if home is None else home.thread
        self._home = home

    def refuse_others(self, what: str, way_out: str) -> None:
        """Refuse a call in another thread than that of the run, unless the run is over.

        Args:
            what: what was called there, such as `"a feed"`.
            way_out: what to call there instead.

        Raises:
            RunStateError: the run goes on.
        """
        if self._home is not None and not self._home.over:
            raise elsewhere(what, f"`{way_out}`")


BY_HAND: Final = Host()
"""The host of a queue that belongs to no run."""
