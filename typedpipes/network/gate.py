"""Gates: a pause of a stop, as the calls of this process see it."""

from __future__ import annotations

import asyncio


class Gate:
    """Open, or closed: what comes to it waits meanwhile."""

    def __init__(self) -> None:
        self._opened = asyncio.Event()
        self._opened.set()

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self._opened.is_set()

    def set(self, *, is_open: bool) -> None:
        """Open it, or close it."""
        if is_open:
            self._opened.set()
        else:
            self._opened.clear()

    async def pass_through(self) -> None:
        """Wait until it is open."""
        while not self._opened.is_set():  # it may be closed again before all have passed
            await self._opened.wait()
