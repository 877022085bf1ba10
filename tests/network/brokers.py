"""Brokers to test on: one in memory, and a real server. What holds on a wire holds on both."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

from attrs import evolve

from typedpipes.nats import serve
from typedpipes.nats.wire import wired
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.wire import Wire

Connect: TypeAlias = Callable[[], AbstractAsyncContextManager[Wire]]
"""Connects a process to the run."""


@asynccontextmanager
async def in_memory(keep_within: float = 10.0) -> AsyncGenerator[Connect]:
    yield to(MemoryBroker(keep_within=keep_within))


def to(broker: MemoryBroker) -> Connect:
    """Return what connects to a broker in memory."""

    @asynccontextmanager
    async def connect() -> AsyncGenerator[Wire]:
        yield MemoryWire(broker)

    return connect


@asynccontextmanager
async def on_a_server(keep_within: float = 10.0) -> AsyncGenerator[Connect]:
    async with serve() as broker:

        @asynccontextmanager
        async def connect() -> AsyncGenerator[Wire]:
            async with wired(evolve(broker, keep_within=keep_within), "a-run") as wire:
                yield wire

        yield connect


BROKERS = {"memory": in_memory, "nats": on_a_server}
