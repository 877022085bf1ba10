"""How long a process waits for a wire that is cut, and how often it looks in the meantime."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from time import monotonic
from typing import Final

from typing_extensions import TypeVar

from typedpipes.network.wire import Away

T = TypeVar("T")

LOOK_AGAIN: Final = 0.25  # seconds; where something waits for what may have changed
LOOK_RARELY: Final = 1.0  # seconds; where nothing does
PATIENCE: Final = 60.0  # seconds; of a caller
FOR_EVER: Final = inf  # of a worker


async def insist(verb: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
    """Ask a wire until it does not say that it is away; return what it says then.

    Args:
        verb: what is asked; it may be done more than once.
        patience: for how many seconds.

    Raises:
        Away: it was away all the time.
    """
    end = monotonic() + patience
    while True:
        try:
            return await verb()
        except Away:
            if monotonic() >= end:
                raise
        await asyncio.sleep(LOOK_AGAIN)
