"""The resources of a worker: each process opens its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from typedpipes.network.route import Stop
from typedpipes.processor import Processor
from typedpipes.resource import Resource, held, resources_of


@asynccontextmanager
async def equipped(stops: Sequence[Stop]) -> AsyncGenerator[None]:
    """Open what the coroutines of these stops are passed, for as long as the block runs.

    What the block raises is seen as in `async with` around it. What opening or closing raises
    comes out.
    """
    values: dict[Resource[Any], Any] = {}  # Any: each resource knows the type of its own
    before = held.set(values)
    try:
        async with AsyncExitStack() as stack:
            for stop in stops:
                if isinstance(stop.part, Processor):
                    for resource in resources_of(stop.part.coro):
                        if resource not in values:
                            values[resource] = await stack.enter_async_context(resource.make())
            yield
    finally:
        held.reset(before)
