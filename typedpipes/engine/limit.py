"""The `timeout` of a processor, and what is said when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import TracebackType

from typing_extensions import TypeVar

from typedpipes.errors import ReturnedLate

T = TypeVar("T")


class Limit:
    """Limits what is awaited inside of it, once, to the `timeout` of a processor, and says so.

    Only the limit itself becomes this `TimeoutError`; one that comes from inside passes as it is.

    Args:
        timeout: in seconds.
        name: of the processor.
        what: what it is for, if not for the whole call.
    """

    __slots__ = ("_is_over", "_limit", "_name", "_timeout", "_what")

    def __init__(self, timeout: float, name: str, what: str = "") -> None:
        self._is_over = False
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
            raise self._over() from late.__cause__
        finally:
            self._is_over = self._limit.expired()
            del self._limit  # it knows the task, which knows the error, whose traceback knows this
        if self._is_over and isinstance(error, StopAsyncIteration):
            raise self._over() from error  # the end of a generator, and it came late

    def _over(self) -> TimeoutError:
        return TimeoutError(
            f"{self._name!r} took longer than its timeout of {self._timeout:g} s{self._what}"
        )

    async def hold(self, call: Awaitable[T]) -> T:
        """Return what a call gives in time.

        Raises:
            TimeoutError: it was cancelled, because the time was over.
            ReturnedLate: it gave something all the same.
            Exception: whatever it raises.
        """
        try:
            async with self:
                result = await call
        finally:
            del call  # as above: it may hold the error
        if self._is_over:
            raise ReturnedLate(self._name, self._timeout, result)
        return result
