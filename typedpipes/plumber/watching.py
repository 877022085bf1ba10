"""Watching a run until it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from typedpipes.engine.outcome import Outcome
from typedpipes.engine.running import Running
from typedpipes.gauges import Gauges


class Watching(AsyncIterator[Gauges]):
    """The gauges of a run, every so many seconds, and once more at its end.

    It is no generator: a loop over it may be left at any time, and there is nothing to close.

    Args:
        run: what is watched.
        end: is done at the end of the run.
        every: seconds between two looks.
    """

    def __init__(self, run: Running, end: asyncio.Future[Outcome], every: float) -> None:
        self._run = run
        self._end = end
        self._every = every
        self._looked = self._saw_the_end = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Gauges:
        if self._saw_the_end:
            raise StopAsyncIteration
        if self._looked and not self._end.done():
            await asyncio.wait((self._end,), timeout=self._every)
        self._looked, self._saw_the_end = True, self._end.done()
        return self._run.gauges()
