"""Running a graph over a broker, for `typedpipes run --broker`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from typedpipes.plumber import Plumber
from typedpipes.report import Report

if TYPE_CHECKING:
    from typedpipes.nats import Broker

Follower: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Shows how a run goes on, until it is over. Any: what a coroutine yields to the event loop."""


async def submit_and_follow(
    plumber: Plumber,
    broker: Broker,
    follower: Follower,
    *,
    run: str,
    resume: bool,
    grace: float,
    on_failure: Literal["abort", "drain"],
) -> Report:
    """Run a graph over a broker, and show how it goes on."""
    from typedpipes.nats import submitting  # noqa: PLC0415  # an extra

    signals = (signal.SIGINT, signal.SIGTERM)
    async with submitting(
        plumber,
        broker,
        run=run,
        resume=resume,
        signals=signals,
        grace=grace,
        on_failure=on_failure,
    ):
        screen = asyncio.create_task(follower())
        try:
            await asyncio.wait([screen])
        finally:
            screen.cancel()
            await asyncio.wait([screen])
        screen.result()
    return await plumber.ended()
