"""Trials: which item ends the process that works on it.

When a process dies, all that it had in hand comes again, and one item may be why. So what comes
again is called alone in its process, after a note on the wire that outlasts the process. What was
begun so often and came to no end is what kills; what only happened to be beside it is not.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from contextvars import ContextVar
from functools import partial
from hashlib import sha256
from typing import Final, Self
from uuid import uuid4

from typedpipes.network.errors import WorkerDied
from typedpipes.network.gate import Gate
from typedpipes.network.patience import FOR_EVER, insist
from typedpipes.network.wire import Away, Wire

CALLS: Final = 3
"""How often an item is called whose process dies: first beside others, then alone."""

_PATIENCE: Final = 5.0  # seconds; an item that was cancelled may wait for it


comes_again: ContextVar[bool] = ContextVar("comes_again", default=False)
"""Whether what is worked on came before, perhaps to a process that died of it."""


class Company:
    """The calls in one process: side by side, or one alone."""

    def __init__(self) -> None:
        self._calls = 0
        self._others_may = Gate()
        self._alone_may = Gate()

    async def __aenter__(self) -> Self:
        """Begin a call beside others, once none is alone or is about to be."""
        await self._others_may.pass_through()
        self._calls += 1
        self._alone_may.set(is_open=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        self._calls -= 1
        self._alone_may.set(is_open=not self._calls)

    @asynccontextmanager
    async def alone(self) -> AsyncGenerator[None]:
        """Have no other call beside the block: begin none, and wait for those in progress."""
        await self._others_may.pass_through()
        self._others_may.set(is_open=False)
        try:
            await self._alone_may.pass_through()
            yield
        finally:
            self._others_may.set(is_open=True)


class Trials:
    """Calls what comes again alone in this process, and no more than so often.

    Args:
        wire: the wire of this process.
        company: the calls in this process.
    """

    def __init__(self, wire: Wire, company: Company) -> None:
        self._company = company
        self._wire = wire

    def call(self, stop: str, position: int, place: int) -> AbstractAsyncContextManager[object]:
        """Return what a call of an item is a block of.

        Args:
            stop: the name of the stop.
            position: the slice that the item is in.
            place: its place there.

        Raises:
            WorkerDied: at the begin of the block: the calls before it have come to no end.
        """
        return self.stretches(stop, position, place).stretch()

    def stretches(self, stop: str, position: int, place: int) -> Stretches:
        """Return the same for a call that is made in stretches, with waits in between."""
        return Stretches(
            self._company,
            _Attempts(self._wire, stop, position, place) if comes_again.get() else None,
        )


class Stretches:
    """A call that others may go on beside while it waits, such as for room.

    Args:
        company: the calls in this process.
        attempts: the notes of an item that comes again.
    """

    def __init__(self, company: Company, attempts: _Attempts | None) -> None:
        self._company = company
        self._attempts = attempts
        self._goes_on = AsyncExitStack()
        self._waits = True

    def stretch(self) -> AbstractAsyncContextManager[object]:
        """Return what a stretch is a block of.

        Raises:
            WorkerDied: as for `Trials.call`.
        """
        return self._company if self._attempts is None else self._trying(self._attempts)

    async def go_on(self) -> None:
        """Begin a stretch, unless one goes on.

        Raises:
            WorkerDied: as for `Trials.call`.
        """
        if self._waits:
            await self._goes_on.enter_async_context(self.stretch())
            self._waits = False

    async def wait(self) -> None:
        """End the stretch, if one goes on."""
        self._waits = True
        await self._goes_on.aclose()

    @asynccontextmanager
    async def _trying(self, attempts: _Attempts) -> AsyncGenerator[None]:
        """Have the block be a call with no other call beside it, and a note of it."""
        async with self._company.alone():
            await attempts.begin()
            try:
                yield
            finally:
                await attempts.end()


class _Attempts:
    """The notes of the calls of one item."""

    def __init__(self, wire: Wire, stop: str, position: int, place: int) -> None:
        self._wire = wire
        self._stop = stop
        self._item = f"{sha256(stop.encode()).hexdigest()[:12]}-{position}-{place}"
        self._number = 0  # of notes that were looked at
        self._deaths = 0
        self._trial = ""

    async def begin(self) -> None:
        """Note that the item is called.

        Raises:
            WorkerDied: it must not be.
        """
        mine = uuid4().bytes
        while self._deaths < CALLS - 1:
            self._number += 1
            self._trial = f"trial-{self._item}-{self._number}"
            # For ever: given up, it would be the item that failed.
            if await insist(partial(self._wire.note, self._trial, mine), FOR_EVER) == mine:
                return
            end = await insist(partial(self._wire.fact, f"{self._trial}-end"), FOR_EVER)
            self._deaths += end is None
        raise WorkerDied(self._stop, CALLS)

    async def end(self) -> None:
        """Note that the call has come to an end, whatever that is."""
        with suppress(Away):  # then it counts as a death
            await insist(partial(self._wire.note, f"{self._trial}-end", b"ended"), _PATIENCE)
