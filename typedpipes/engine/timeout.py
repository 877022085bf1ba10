"""The `timeout` of a processor, and the error when it expires."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import TracebackType

from typing_extensions import TypeVar

from typedpipes.errors import ReturnedLate

T = TypeVar("T")


class Timeout:
    """Limits what is awaited inside of it, once, to the `timeout` of a processor.

    Only the timeout itself becomes this `TimeoutError`; one that comes from inside passes as it is.

    Args:
        seconds: the limit.
        name: of the processor.
        what: what it is for, if not for the whole call.
    """

    __slots__ = ("_expired", "_name", "_scope", "_seconds", "_what")

    def __init__(self, seconds: float, name: str, what: str = "") -> None:
        self._expired = False
        self._scope = asyncio.timeout(seconds)
        self._seconds = seconds
        self._name = name
        self._what = what

    async def __aenter__(self) -> None:
        await self._scope.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._scope.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            raise self.error() from late.__cause__
        finally:
            self._expired = self._scope.expired()
            del self._scope  # it knows the task, which knows the error, whose traceback knows this
        if self._expired and isinstance(error, StopAsyncIteration):
            raise self.error() from error  # the end of a generator, and it came late

    def error(self) -> TimeoutError:
        """Return the error that says that the time is over."""
        return TimeoutError(
            f"{self._name!r} took longer than its timeout of {self._seconds:g} s{self._what}"
        )

    async def hold(self, call: Awaitable[T]) -> T:
        """Return the result of a call that is in time.

        Raises:
            TimeoutError: it was cancelled, because the time was over.
            ReturnedLate: it returned a result anyway.
            Exception: whatever it raises.
        """
        try:
            async with self:
                result = await call
        finally:
            del call  # as above: it may hold the error
        if self._expired:
            raise ReturnedLate(self._name, self._seconds, result)
        return result
