"""Plain functions in threads."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, overload

from typing_extensions import TypeVar

from typedpipes.coroutines import leave_out, refuse_coroutine, takes
from typedpipes.errors import WiringError
from typedpipes.offload.calling import call
from typedpipes.offload.holding import Plain
from typedpipes.offload.outlast import is_put_off, outlast
from typedpipes.offload.pools import open_pools
from typedpipes.promise import Function
from typedpipes.shorten import shorten

Item = TypeVar("Item")
Result = TypeVar("Result")
Resource = TypeVar("Resource")


@overload
def in_thread(function: Callable[[Item], Result]) -> Callable[[Item], Awaitable[Result]]: ...
@overload
def in_thread(
    function: Callable[[Item, Resource], Result],
    *,
    resource: Callable[[], AbstractContextManager[Resource]],
) -> Callable[[Item], Awaitable[Result]]: ...
def in_thread(
    function: Function,
    *,
    resource: Callable[[], AbstractContextManager[Any]] | None = None,  # Any: see the overloads
) -> Callable[[Any], Awaitable[Any]]:  # Any: as above
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

    Args:
        function: what to call with an item, and with the resource if there is one.
        resource: returns a context manager, for something that one thread opens and uses, such as
            a connection. Threads of the run then serve this function alone. Each enters it
            before its first call, and exits it after the cleanup coroutines, for which it has 10
            seconds; an error of that makes the run fail. If it cannot be entered, the call fails,
            and the next one tries again. Outside a run, each call enters one.

    Raises:
        WiringError: the function is a coroutine function already, or takes something else.
    """
    refuse_coroutine(function, "in_thread")
    if resource is None:
        return _alone(function)
    takes(function, 2, "in_thread with a resource")
    refuse_uncallable(resource, "in_thread")
    plain = Plain(function, resource)

    @functools.wraps(function)
    async def in_one(item: object) -> object:
        if is_put_off():
            await asyncio.sleep(0)
        own = open_pools()
        if own is None:
            called = asyncio.to_thread(plain.call_once, item)
            return await outlast(asyncio.ensure_future(called))
        return await own.with_resource(plain, item)

    leave_out(in_one, function, 1)
    return in_one


def _alone(function: Callable[[Item], Result]) -> Callable[[Item], Awaitable[Result]]:
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


def refuse_uncallable(resource: object, wrapper: str) -> None:
    """Refuse a resource that cannot be made.

    Raises:
        WiringError: it is no function.
    """
    if not callable(resource):
        raise WiringError(
            f"the resource of {wrapper} must be a function that returns a context manager, "
            f"not {shorten(resource)}"
        )
