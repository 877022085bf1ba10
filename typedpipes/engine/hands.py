"""What a coroutine that does not return has in hand."""

from __future__ import annotations

import asyncio
import inspect

from typedpipes.errors import NO_ITEM


def item_in_hand(task: asyncio.Task[None]) -> object:
    """Find the item that a worker of the engine works on.

    A worker that hangs cannot be asked, so this looks into the loops of the engine that
    wait for the user's coroutine.
    """
    item: object = NO_ITEM
    coro: object = task.get_coro()
    while inspect.iscoroutine(coro) and coro.cr_frame is not None:
        if str(coro.cr_frame.f_globals.get("__name__", "")).startswith("typedpipes.engine"):
            item = inspect.getcoroutinelocals(coro).get("item", item)
        coro = coro.cr_await
    return item
