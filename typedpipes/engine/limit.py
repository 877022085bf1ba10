"""The `timeout` of a processor, and what is said when it is over."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Limit:
    """Limits what is awaited inside of it, once, to the `timeout` of a processor, and says so.

    Only the limit itself becomes this `TimeoutError`; one that comes from inside passes as it is.

    Args:
        timeout: in seconds.
        name: of the processor.
        what: what it is for, if not for the whole call.
    """

    __slots__ = ("_limit", "_name", "_timeout", "_what")

    def __init__(self, timeout: float, name: str, what: str = "") -> None:
        self._limit = asyncio.timeout(timeout)
        self._timeout = timeout
        self._name = name
        self._what = what

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._limit.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            raise TimeoutError(
                f"{self._name!r} took longer than its timeout of {self._timeout:g} s{self._what}"
            ) from late.__cause__
