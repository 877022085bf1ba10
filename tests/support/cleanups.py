"""Cleanup coroutines for tests, and the ends of runs that call them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    InputQueue,
    OutputQueue,
    Plumber,
)

ABORT = Doom("fire", mode="abort")


async def pass_on(number: int) -> int:
    return number


async def ignore(item: object) -> None: ...


def saving(into: list[int]) -> Callable[[InputQueue[int] | OutputQueue[int]], Awaitable[None]]:
    """Make a cleanup coroutine that keeps what was left."""

    async def save(queue: InputQueue[int] | OutputQueue[int]) -> None:
        into.extend(queue.drain())

    return save


def noting(what: str, into: list[str]) -> Callable[[object], Awaitable[None]]:
    """Make a cleanup coroutine that notes that it was called."""

    async def note(queue: object) -> None:
        into.append(what)

    return note


async def ended_by(doom: Doom, plumber: Plumber, gate: Gate[int]) -> None:
    """Run until all stands still before the gate, and end it."""
    async with plumber.running():
        await stillness(plumber)
        plumber.doomsday.put_nowait(doom)
        if doom.mode == "drain":
            gate.open()
