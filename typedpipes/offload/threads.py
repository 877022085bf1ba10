"""Plain functions in threads."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable

from typing_extensions import TypeVar

from typedpipes.coroutines import refuse_coroutine
from typedpipes.offload.calling import call
from typedpipes.offload.outlast import is_put_off, outlast
from typedpipes.offload.pools import open_pools

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_thread(function: Callable[[Item], Result]) -> Callable[[Item], Awaitable[Result]]:
    """Turn a plain function into a coroutine function that calls it in a thread.

    A run has its own threads: at most as many as it has workers, and gone at its end. The
    function sees the context variables of its caller.

    A thread cannot be stopped: a call that is cancelled still waits until the function returns.
    It then returns the result, so that finished work is not lost, and `CancelledError` comes at the
    next `await` that has to wait; if the function raises, `CancelledError` comes at once. So a
    source that takes from a blocking queue still gives what it has taken when the run drains,
    and an abort hands no item to a cleanup coroutine as undone whose work is done.

    With a `timeout`, an item whose function returns too late has failed, with a `ReturnedLate` that
    has the result. Around a call that returns too late, `asyncio.timeout` does not raise; its
    `expired()` is true.

    Raises:
        WiringError: the function is a coroutine function already.
    """
    refuse_coroutine(function, "in_thread")

    @functools.wraps(function)
    async def in_one(item: Item) -> Result:
        if is_put_off():
            await asyncio.sleep(0)
        own = open_pools()
        if own is None:
            called = asyncio.to_thread(functools.partial(call, function, item))
            return await outlast(asyncio.ensure_future(called))
        return await own.in_thread(function, item)

    return in_one
