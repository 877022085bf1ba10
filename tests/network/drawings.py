"""Drawings to run over a network, in processes that a test plays: each has its own drawing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias

from tests.network.brokers import Connect
from typedpipes import Plumber, Processor, Report, Source
from typedpipes.engine.caller import beside
from typedpipes.grace import grace_of
from typedpipes.network.caller import run_route
from typedpipes.network.route import route_of
from typedpipes.network.shift import Shift
from typedpipes.network.submission import begun
from typedpipes.network.worker import work_for

RUN = "a-run"

Draw: TypeAlias = Callable[[], Plumber]


async def double(number: int) -> int:
    return 2 * number


def draw() -> Plumber:
    """Return a small drawing."""
    plumber = Plumber("doubling")
    plumber.connect(Source([1, 2, 3])).to(Processor(double)).collect(name="doubles")
    return plumber


async def submit(connect: Connect, plumber: Plumber, *, longest: int | None = None) -> Report:
    """Run a drawing at its caller."""
    blueprint = plumber.blueprint()
    async with connect() as wire:
        return await run_route(wire, route_of(blueprint, longest=longest), blueprint)


async def work(
    connect: Connect, plumber: Plumber, *, shift: Shift | None = None, wait: bool = False
) -> None:
    """Work for a run, as one process."""
    async with connect() as wire:
        await work_for(wire, RUN, plumber.blueprint(), shift=shift, wait=wait)


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


@asynccontextmanager
async def submitting(
    connect: Connect,
    plumber: Plumber,
    *,
    resume: bool = False,
    grace: float = 10.0,
    on_failure: Literal["abort", "drain"] = "abort",
) -> AsyncGenerator[None]:
    """Run a drawing at its caller beside a block, which ends with it."""
    async with (
        begun(
            plumber,
            connect(),
            RUN,
            resume=resume,
            grace=grace_of(grace),
            longest=1,
            on_failure=on_failure,
        ) as caller,
        beside(caller),
    ):
        yield


async def submit_for(
    connect: Connect,
    plumber: Plumber,
    *,
    resume: bool = False,
    grace: float = 10.0,
    on_failure: Literal["abort", "drain"] = "abort",
) -> Report:
    """Run a drawing at its caller, with all that its plumber can do to it."""
    async with begun(
        plumber,
        connect(),
        RUN,
        resume=resume,
        grace=grace_of(grace),
        longest=1,
        on_failure=on_failure,
    ) as caller:
        return (await caller.outcome()).result()
