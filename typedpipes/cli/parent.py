"""The parent of a worker process, as that process hears it: what they say over a socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from typedpipes.network.shift import Shift

READY: Final = b"r"
"""Said by the worker."""
LEAVE: Final = b"l"
"""Said by the parent; that it is gone means the same."""
AT_ONCE: Final = b"a"
"""Said by the parent: leave, and give back what is in hand."""


@asynccontextmanager
async def under(parent: int, shift: Shift) -> AsyncGenerator[Callable[[], None]]:
    """Leave when the parent says so, or is gone, for as long as the block runs.

    Signals that come to all processes of a group are no harm: to be told twice is as once.

    Args:
        parent: the file descriptor of the socket.
        shift: what ends then.

    Yields:
        What tells the parent that this worker is ready.
    """
    os.set_inheritable(parent, False)  # else what this process starts would keep it open
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=parent))
    hearing = asyncio.create_task(_hear(reader, shift))
    try:
        yield partial(writer.write, READY)
    finally:
        hearing.cancel()
        await asyncio.wait([hearing])
        writer.close()
        with suppress(ConnectionError):  # it is gone
            await writer.wait_closed()


async def _hear(parent: asyncio.StreamReader, shift: Shift) -> None:
    with suppress(ConnectionError):
        while word := await parent.read(1):
            shift.leave()
            if word == AT_ONCE:
                shift.leave_at_once()
    shift.leave()
