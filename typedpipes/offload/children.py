"""Child processes that call functions, one call at a time in each."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial

from typing_extensions import TypeVar

from typedpipes.coroutines import name_of
from typedpipes.errors import ChildDied
from typedpipes.offload.calling import call_in_child
from typedpipes.offload.outlast import outlast

Item = TypeVar("Item")
Result = TypeVar("Result")


class Children:
    """Child processes, started when first needed, up to a limit.

    Each is an executor with a single process, so a child that dies takes only its own item
    with it, and one that works for a cancelled call can be killed.
    """

    def __init__(self, limit: int) -> None:
        self._room = asyncio.Semaphore(limit)
        self._free: list[_Child] = []
        self._all: list[_Child] = []

    async def call(self, function: Callable[[Item], Result], item: Item) -> Result:
        """Call a function with an item in a child. Cancelled, it kills the child.

        Raises:
            ChildDied: the child ended before the function returned, or what it sent cannot be read.
            Exception: whatever the function raises.
        """
        async with self._room:
            child = self._free.pop() if self._free else self._start_child()
            try:
                submitted = child.executor.submit(partial(call_in_child, function, item))
                call = asyncio.wrap_future(submitted)
                call.add_done_callback(_seen)
                result = await asyncio.shield(call)
            except asyncio.CancelledError:
                child.kill()
                raise
            except BrokenProcessPool as error:
                what = "died" if error.__cause__ is None else "gave what cannot be unpickled"
                raise ChildDied(
                    f"the child process that called {name_of(function)!r} {what}"
                ) from error
            except BaseException:
                self._free.append(child)
                raise
            self._free.append(child)
            return result

    def _start_child(self) -> _Child:
        child = _Child()
        self._all.append(child)
        return child

    async def close(self) -> None:
        """End all children and wait until they are gone; those still at work are killed."""
        children = self._all
        self._all = []
        for child in children:
            if child not in self._free:
                child.kill()
        self._free.clear()
        if children:
            # Ending each one takes a moment, so they are ended concurrently.
            with ThreadPoolExecutor(len(children), thread_name_prefix="typedpipes-end") as enders:
                ends = [asyncio.wrap_future(enders.submit(child.end)) for child in children]
                await outlast(asyncio.gather(*ends))


class _Child:
    """One child process."""

    def __init__(self) -> None:
        self.executor = ProcessPoolExecutor(
            1, mp_context=multiprocessing.get_context("spawn"), initializer=_settle_in
        )
        with _signals_blocked():
            self._pid: Future[int] = self.executor.submit(os.getpid)

    def kill(self) -> None:
        """End the process at once, or as soon as it has started."""
        self._pid.add_done_callback(_kill)

    def end(self) -> None:
        """End the process when it is idle, and wait until it is gone."""
        self.executor.shutdown(wait=True, cancel_futures=True)


def _kill(pid: Future[int]) -> None:
    if not pid.cancelled() and pid.exception() is None:
        with suppress(ProcessLookupError):  # it may already be gone
            os.kill(pid.result(), signal.SIGKILL)


_LEFT_TO_THE_PARENT = {signal.SIGINT, signal.SIGTERM}
"""Signals that a terminal or a service manager sends to a whole group of processes."""


def _settle_in() -> None:
    """In the child: leave these signals to the parent, which ends the run in an orderly way."""
    for number in _LEFT_TO_THE_PARENT:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        # Signals from before are dropped; processes that the function starts can be interrupted.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _LEFT_TO_THE_PARENT)


@contextmanager
def _signals_blocked() -> Generator[None]:
    """Start a child that no such signal can end before it ignores them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _LEFT_TO_THE_PARENT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _seen(call: asyncio.Future[Result]) -> None:
    """Retrieve the exception of an abandoned call, so that asyncio does not warn about it."""
    if not call.cancelled():
        call.exception()
