"""Drawings to run over a network, in processes that a test plays: each has its own drawing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from tests.network.brokers import Connect
from typedpipes import Plumber, Report
from typedpipes.network.caller import run_route
from typedpipes.network.route import route_of
from typedpipes.network.worker import work_for

RUN = "a-run"

Draw: TypeAlias = Callable[[], Plumber]


async def submit(connect: Connect, plumber: Plumber, *, longest: int | None = None) -> Report:
    """Run a drawing at its caller."""
    blueprint = plumber.blueprint()
    async with connect() as wire:
        return await run_route(wire, route_of(blueprint, longest=longest), blueprint)


async def work(connect: Connect, plumber: Plumber) -> None:
    """Work for a run, as one process."""
    async with connect() as wire:
        await work_for(wire, RUN, plumber.blueprint())


@asynccontextmanager
async def workers(connect: Connect, draw: Draw, count: int = 3) -> AsyncGenerator[None]:
    """Have processes work beside the block. Those that came too late for its run end with it."""
    tasks = [asyncio.create_task(work(connect, draw())) for _ in range(count)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if not isinstance(result, asyncio.CancelledError) and result is not None:
            raise result


async def run(
    connect: Connect, draw: Draw, *, count: int = 3, longest: int | None = None
) -> Report:
    """Run a drawing with some workers."""
    async with workers(connect, draw, count):
        return await submit(connect, draw(), longest=longest)
