"""Resources of random graphs: each knows whether it is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from tests.properties.graphs import Step
from tests.properties.logs import Logs, Tap
from typedpipes import Resource

Out = TypeVar("Out")


def tapping(step: Step, logs: Logs) -> Resource[Tap] | None:
    """Make the resource of a step, if it has one."""
    if step.tap is None:
        return None

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Tap]:
        tap = Tap()
        logs.taps.append(tap)
        await asyncio.sleep(step.opens_in)
        tap.is_open = True
        task = asyncio.current_task()
        try:
            yield tap
        finally:
            assert asyncio.current_task() is task, "closed in another task"
            tap.is_open = False

    return Resource(opened, per=step.tap)


def with_tap(
    resource: Resource[Tap] | None, coro: Callable[[object], Awaitable[Out]]
) -> Callable[[object], Awaitable[Out]]:
    """Have each call use the resource first."""

    async def call(item: object, tap: Tap) -> Out:
        tap.use()
        return await coro(item)

    return coro if resource is None else resource.into(call)


def with_tap_many(
    resource: Resource[Tap] | None, stream: Callable[[object], AsyncIterator[object]]
) -> Callable[[object], AsyncIterator[object]]:
    """Do the same for a generator."""

    def call(item: object, tap: Tap) -> AsyncIterator[object]:
        tap.use()
        return stream(item)

    return stream if resource is None else resource.into(call)
