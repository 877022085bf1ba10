"""Trials: which item ends the process that works on it.

When a process dies, all that it had in hand comes again, and one item may be why. So what comes
again is called alone in its process, after a note on the wire that outlasts the process. What was
begun so often and came to no end is what kills; what only happened to be beside it is not.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
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
        return self._trying(stop, position, place) if comes_again.get() else self._company

    @asynccontextmanager
    async def _trying(self, stop: str, position: int, place: int) -> AsyncGenerator[None]:
        """Have the block be a call with no other call beside it, and a note of it."""
        item = f"{sha256(stop.encode()).hexdigest()[:12]}-{position}-{place}"
        async with self._company.alone():
            trial = await self._begun(item, stop)
            try:
                yield
            finally:
                with suppress(Away):  # then it counts as a death
                    await insist(partial(self._wire.note, f"{trial}-end", b"ended"), _PATIENCE)

    async def _begun(self, item: str, stop: str) -> str:
        """Note that the item is called, and return the key of the note."""
        mine = uuid4().bytes
        number = deaths = 0
        while deaths < CALLS - 1:
            number += 1
            trial = f"trial-{item}-{number}"
            # For ever: given up, it would be the item that failed.
            if await insist(partial(self._wire.note, trial, mine), FOR_EVER) == mine:
                return trial
            end = await insist(partial(self._wire.fact, f"{trial}-end"), FOR_EVER)
            deaths += end is None
        raise WorkerDied(stop, CALLS)
