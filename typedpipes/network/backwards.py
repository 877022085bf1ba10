"""Streams that go backwards: records that the broker had acknowledged, and has lost."""

from __future__ import annotations

import asyncio
from typing import Final

from typedpipes.network.errors import RecordsLost
from typedpipes.network.wire import Stored

LONG_ENOUGH: Final = 15.0
"""Seconds. A server of a cluster that leads no more, and answers with what it has, finds out about
that within 10."""


class Backwards:
    """Finds that the last record of a stream is one from before another that was seen.

    What no living process has seen is not missed.

    Args:
        stream: the name of the stream.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._since: float | None = None

    def look(self, seen: int, found: Stored) -> None:
        """Compare the last record with one that was seen before it was asked for.

        Args:
            seen: the number of that one.
            found: the last record, as the broker says.

        Raises:
            RecordsLost: it has been behind for so long that it is no mistake.
        """
        if found.sequence >= seen:
            self._since = None
            return
        now = asyncio.get_running_loop().time()
        self._since = now if self._since is None else self._since
        if now - self._since >= LONG_ENOUGH:
            raise RecordsLost(self._stream, seen, found.sequence)
