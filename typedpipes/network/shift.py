"""A shift: how long one process works for a run, and how it leaves while others go on."""

from __future__ import annotations

import asyncio
import signal

from typedpipes.network.wire import Taken


class Shift:
    """Takes note of what is in hand. When it is to leave, nothing more is taken.

    Args:
        grace: how many seconds what is in hand may take then, above 0. What is left is given back.
    """

    def __init__(self, grace: float = 10.0) -> None:
        self._grace = grace
        self._in_hand: set[str] = set()
        self._leaves = asyncio.Event()
        self._empty = asyncio.Event()
        self._at_once = asyncio.Event()
        self._was_signalled = False

    def takes_more(self) -> bool:
        """Whether anything more may be taken."""
        return not self._leaves.is_set()

    def leave(self) -> None:
        """Take nothing more, and leave when what is in hand is done."""
        self._leaves.set()
        self._see_whether_empty()

    def leave_at_once(self) -> None:
        """Leave, and give back what is in hand."""
        self.leave()
        self._at_once.set()

    def signalled(self, _: signal.Signals) -> bool:
        """Leave at the first signal, at once at the second; return whether that was of use.

        The first one is that also where it leaves already for another reason, such as the same
        signal to its parent.
        """
        if self._at_once.is_set():
            return False
        if self._was_signalled:
            self.leave_at_once()
        self._was_signalled = True
        self.leave()
        return True

    def took(self, taken: Taken) -> None:
        """Note that a record is in hand."""
        self._in_hand.add(taken.ticket)
        self._see_whether_empty()

    def put(self, taken: Taken) -> None:
        """Note that a record is out of hand: it is done, or given back."""
        self._in_hand.discard(taken.ticket)
        self._see_whether_empty()

    async def leaving(self) -> None:
        """Wait until nothing more is to be taken."""
        await self._leaves.wait()

    async def left(self) -> None:
        """Wait until it is time to leave, and for what is in hand, as long as the grace is."""
        await self._leaves.wait()
        try:
            async with asyncio.timeout(self._grace):
                await _first(self._empty, self._at_once)
        except TimeoutError:
            return

    def _see_whether_empty(self) -> None:
        if not self.takes_more() and not self._in_hand:
            self._empty.set()
        else:
            self._empty.clear()


async def _first(*events: asyncio.Event) -> None:
    """Wait for the first of some events."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
