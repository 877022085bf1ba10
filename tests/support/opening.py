"""Resources for tests, which note what is done with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from typedpipes import Resource


class Record:
    """What was done with resources, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.raised: list[BaseException] = []
        self.tasks: list[tuple[object, object]] = []
        self._numbers: dict[str, int] = {}

    @asynccontextmanager
    async def open(self, name: str) -> AsyncGenerator[str]:
        """Open a resource, which is its name with a number."""
        number = self._numbers[name] = self._numbers.get(name, 0) + 1
        value = f"{name} {number}"
        self.events.append(f"open {value}")
        opened_in = asyncio.current_task()
        try:
            yield value
        except BaseException as error:
            self.raised.append(error)
            raise
        finally:
            self.tasks.append((opened_in, asyncio.current_task()))
            self.events.append(f"close {value}")

    def of_run(self, name: str) -> Resource[str]:
        """Return a resource that each run opens."""
        return Resource(lambda: self.open(name), name=name)

    def of_worker(self, name: str) -> Resource[str]:
        """Return a resource that each worker opens."""
        return Resource(lambda: self.open(name), per="worker", name=name)


class Door:
    """A resource that opens only when it is let."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.may_open = asyncio.Event()
        self.cancelled = False
        self.events: list[str] = []

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[str]:
        """Wait until it may open."""
        self.reached.set()
        try:
            await self.may_open.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        self.events.append("open")
        try:
            yield "door"
        finally:
            self.events.append("close")


@asynccontextmanager
async def database() -> AsyncGenerator[str]:
    """Find nothing to connect to."""
    await _refuse()
    yield "database"


async def _refuse() -> None:
    raise ConnectionRefusedError("no database")


class Stuck:
    """What does not return when it is cancelled, until it is released."""

    def __init__(self) -> None:
        self._released = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the release, whatever happens."""
        while not self._released.is_set():
            try:
                await self._released.wait()
            except asyncio.CancelledError:
                continue

    async def release(self) -> None:
        """Let what waits go on to its end."""
        self._released.set()
        for _ in range(10):
            await asyncio.sleep(0)
