"""Plain functions in threads."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable

from typing_extensions import TypeVar

from typedpipes.coroutines import refuse_coroutine
from typedpipes.offload.calling import call
from typedpipes.offload.outlast import outlast
from typedpipes.offload.pools import pools

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_thread(function: Callable[[Item], Result]) -> Callable[[Item], Awaitable[Result]]:
    """Turn a plain function into a coroutine function that calls it in a thread.

    A run has its own threads: at most as many as it has workers, and gone at its end. The
    function sees the context variables of its caller. A thread cannot be stopped: a call
    that is cancelled still waits until the function returns.

    Raises:
        WiringError: the function is a coroutine function already.
    """
    refuse_coroutine(function, "in_thread")

    @functools.wraps(function)
    async def in_one(item: Item) -> Result:
        own = pools.get(None)
        if own is None:
            called = asyncio.to_thread(functools.partial(call, function, item))
            return await outlast(asyncio.ensure_future(called))
        return await own.in_thread(function, item)

    return in_one
