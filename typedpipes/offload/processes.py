"""Plain functions in child processes."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Awaitable, Callable

from typing_extensions import TypeVar

from typedpipes.coroutines import name_of, refuse_coroutine
from typedpipes.errors import WiringError
from typedpipes.offload.children import Children
from typedpipes.offload.pools import open_pools
from typedpipes.shorten import shorten_message

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_process(function: Callable[[Item], Result]) -> Callable[[Item], Awaitable[Result]]:
    """Turn a plain function into a coroutine function that calls it in a child process.

    A run has its own children: at most as many as the machine has CPUs, spawned on first
    use and gone at the end. Cancelling a call kills its child. When a child dies, its item
    fails with `ChildDied`, and another child takes its place. Items and results are pickled
    on the way. Outside a run every call starts a child of its own, which is slow.

    Raises:
        WiringError: the function cannot be pickled, or is a coroutine function already.
    """
    refuse_coroutine(function, "in_process")
    try:
        pickle.dumps(function)
    except Exception as error:  # whatever a user's object raises when pickled
        raise WiringError(
            f"in_process cannot send {name_of(function)!r} to a child process: "
            f"{shorten_message(error)}. Define it at the top level of a module."
        ) from error

    @functools.wraps(function)
    async def call(item: Item) -> Result:
        own = open_pools()
        if own is not None:
            return await own.children.call(function, item)
        children = Children(1)
        try:
            return await children.call(function, item)
        finally:
            await children.close()

    return call
