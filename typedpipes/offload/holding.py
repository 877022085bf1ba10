"""Threads that each hold a resource open, and call a function with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import Any, TypeAlias

from attrs import frozen

from typedpipes.coroutines import name_of
from typedpipes.errors import ResourceFailed
from typedpipes.offload.calling import call
from typedpipes.promise import Function

Resource: TypeAlias = Callable[[], AbstractContextManager[Any]]
"""Makes what is open as long as a thread lives. Any: `in_thread` knows the type."""

LAST = 10.0
"""Seconds that the threads have in the end to close what they hold."""


@frozen(eq=False)
class Plain:
    """A plain function, and the resource it is called with.

    Attributes:
        function: takes an item and what the resource gives.
        make: returns the context manager.
    """

    function: Function
    make: Resource

    def call_once(self, item: object) -> object:
        """Call the function with a resource that is opened for this call alone."""
        with self.make() as resource:
            return call(self.function, item, resource)


@frozen
class _Call:
    item: object
    context: Context
    result: Future[Any]  # Any: what the function returns

    def make(self, function: Function, resource: object, done: Callable[[], None]) -> None:
        """Call the function, and call `done` before the result can be seen."""
        try:
            result = self.context.run(call, function, self.item, resource)
        except BaseException as error:  # noqa: BLE001  # it is for who awaits the call
            done()
            self.result.set_exception(error)
        else:
            done()
            self.result.set_result(result)


class Holders:
    """Threads that call one function, each with a resource of its own.

    A thread is started when a call finds none that is free. It opens its resource before its first
    call. If that fails, the call does, and the next call tries again.

    Args:
        plain: what they call, and with what.
        limit: how many there may be, 1 or more.
    """

    def __init__(self, plain: Plain, limit: int) -> None:
        self._plain = plain
        self._limit = limit
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._free = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []
        self._ends: list[Future[BaseException | None]] = []

    def call(self, item: object) -> Future[Any]:  # Any: as above
        """Have a thread call the function with an item, in a copy of the current context.

        Raises:
            RuntimeError: the operating system has no thread for it.
        """
        if not self._free.acquire(blocking=False) and len(self._threads) < self._limit:
            self._start()
        result: Future[Any] = Future()
        result.set_running_or_notify_cancel()  # who awaits it cannot cancel it
        self._calls.put(_Call(item, copy_context(), result))
        return result

    def _start(self) -> None:
        end: Future[BaseException | None] = Future()
        end.set_running_or_notify_cancel()  # as below
        # A daemon: one that blocks for ever must not keep the interpreter from exiting.
        thread = threading.Thread(
            target=lambda: end.set_result(self._work()),
            name=f"typedpipes {name_of(self._plain.function)} {len(self._threads)}",
            daemon=True,
        )
        thread.start()
        self._threads.append(thread)
        self._ends.append(end)

    # In a thread

    def _work(self) -> BaseException | None:
        """Make calls until there are no more to come.

        Returns:
            What closing the resource raised.
        """
        following = self._calls.get()
        while following is not None:
            try:
                with self._plain.make() as resource:
                    while following is not None:
                        following.make(self._plain.function, resource, self._free.release)
                        following = None  # one that rests keeps nothing alive
                        following = self._calls.get()
            except BaseException as error:  # noqa: BLE001  # whatever the user's resource raises
                if following is None:
                    return error
                self._free.release()
                following.result.set_exception(error)  # it could not be opened
                following = None  # as above
                following = self._calls.get()
        return None

    # The end

    async def close(self, *, patiently: bool) -> Sequence[ResourceFailed]:
        """End the threads, each of which closes its resource.

        Args:
            patiently: whether to wait for all, for ten seconds at most. Otherwise some are in a
                call that does not return: they are left behind, and close theirs after it.

        Returns:
            An error for each resource that could not be closed.
        """
        for _ in self._threads:
            self._calls.put(None)
        ends = [asyncio.wrap_future(end) for end in self._ends]
        if ends and patiently:
            await asyncio.wait(ends, timeout=LAST)
        errors = [_error(end) for end in self._ends] if patiently else []
        for thread, end in zip(self._threads, self._ends, strict=True):
            if end.done():
                thread.join()
        for waiting in ends:
            waiting.cancel()  # the event loop may be closed when a thread that hangs returns
        return [
            ResourceFailed(
                name_of(self._plain.make), [name_of(self._plain.function)], "closing", error
            )
            for error in errors
            if error is not None
        ]


def _error(end: Future[BaseException | None]) -> BaseException | None:
    return end.result() if end.done() else TimeoutError(f"it took more than {LAST:g} s")
