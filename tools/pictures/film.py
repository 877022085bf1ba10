"""What happens to items over time, recorded while a graph runs on a clock that jumps.

A film has lanes, one below the other: streams, on which items stand at the moment when they come,
and workers, whose bars last as long as a call. So a picture shows what the library does, and not
what somebody thinks that it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from typing import Literal, TypeVar

from attrs import define, field, frozen

T = TypeVar("T")
R = TypeVar("R")

Kind = Literal["item", "failed", "dropped"]


@frozen
class Moment:
    """An item on a stream.

    Attributes:
        at: when, in seconds since the film began.
        label: what is written on it.
    """

    at: float
    label: str
    kind: Kind = "item"


@frozen
class Call:
    """A call of a coroutine, or the time for which something is open.

    Attributes:
        begin: when it began, in seconds since the film began.
        end: when it ended.
        label: the item that it was called with, or the name of what is open.
        failed: whether it raised.
    """

    begin: float
    end: float
    label: str
    failed: bool = False


@define
class Lane:
    """What happened at one place, in the order in which it happened."""

    name: str
    moments: list[Moment] = field(factory=list[Moment])
    calls: list[Call] = field(factory=list[Call])

    def rows(self) -> Sequence[Sequence[Call]]:
        """Return the calls in as many rows as overlap, each call in the first that is free."""
        rows: list[list[Call]] = []
        for call in sorted(self.calls, key=lambda each: (each.begin, each.end)):
            free = (row for row in rows if row[-1].end <= call.begin)
            row = next(free, None)
            if row is None:
                rows.append(row := [])
            row.append(call)
        return rows


class Film:
    """Records what happens in a graph. Lanes stand in the order in which they are named first."""

    def __init__(self) -> None:
        self.lanes: dict[str, Lane] = {}
        self._began = asyncio.get_running_loop().time()

    def lane(self, name: str) -> Lane:
        """Return the lane of that name, a new one if there is none."""
        return self.lanes.setdefault(name, Lane(name))

    def now(self) -> float:
        """Return the seconds since the film began."""
        return asyncio.get_running_loop().time() - self._began

    def note(self, lane: str, item: object, kind: Kind = "item") -> None:
        """Note an item on a stream, now."""
        self.lane(lane).moments.append(Moment(self.now(), str(item), kind))

    def come(self, lane: str, items: Sequence[tuple[float, T]]) -> AsyncIterator[T]:
        """Return items, each at its moment, or later if nothing asks for it then."""
        self.lane(lane)

        async def coming() -> AsyncIterator[T]:
            for at, item in items:
                await asyncio.sleep(max(at - self.now(), 0))
                self.note(lane, item)
                yield item

        return coming()

    def call(
        self, lane: str, coro: Callable[[T], Awaitable[R]], label: Callable[[T], object] = str
    ) -> Callable[[T], Awaitable[R]]:
        """Return a coroutine function whose calls are bars of the lane."""
        self.lane(lane)

        @wraps(coro)  # so that a run sees which resources it needs
        async def called(item: T) -> R:
            async with self.open(lane, str(label(item))):
                return await coro(item)

        return called

    @asynccontextmanager
    async def open(self, lane: str, label: str) -> AsyncGenerator[None]:
        """Draw a bar of the lane for as long as the block lasts."""
        calls = self.lane(lane).calls
        begin, failed = self.now(), True
        try:
            yield
            failed = False
        finally:
            calls.append(Call(begin, self.now(), label, failed))

    def sees(self, lane: str, label: Callable[[T], object] = str) -> Callable[[T], Awaitable[None]]:
        """Return a coroutine function that notes what it is called with."""
        self.lane(lane)

        async def see(item: T) -> None:
            self.note(lane, label(item))

        return see
