"""Coroutines side by side, until one of them says that it is enough."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from typing import Any, TypeAlias

from typing_extensions import TypeIs, TypeVar

from typedpipes.network.wire import Refused

Work: TypeAlias = Coroutine[Any, Any, object]
"""Any: what a coroutine yields to the event loop."""


E = TypeVar("E", bound=Exception)
T = TypeVar("T")


async def run_until(enough: Work, *work: Work) -> None:
    """Run coroutines side by side.

    Returns when `enough` has, or when all the others have. What still goes on then is cancelled
    first. When one raises, the others are cancelled, too.

    Raises:
        ExceptionGroup: what they raised.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in work]
        watch = group.create_task(enough)

        def cancel(_: asyncio.Task[object]) -> None:
            for task in tasks:
                task.cancel()

        watch.add_done_callback(cancel)
        if tasks:
            await asyncio.wait(tasks)
        watch.cancel()


async def to_its_end(work: Work) -> None:
    """Run a coroutine that must not stop in the middle: a cancellation waits for its end."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    task.result()


async def enter_unless(
    enough: Work, stack: AsyncExitStack, context: AbstractAsyncContextManager[T]
) -> T | None:
    """Enter a context, in this task and for as long as the stack is open.

    Returns:
        What the context yields; `None` if `enough` has returned first: then entering it is
        cancelled.

    Raises:
        Exception: what either of them raised.
    """
    is_over = False
    loop = asyncio.get_running_loop()
    watch = asyncio.create_task(enough)
    entering = asyncio.timeout(None)

    def stop(_: asyncio.Task[object]) -> None:
        if not is_over:
            entering.reschedule(loop.time())

    try:
        async with entering:
            watch.add_done_callback(stop)
            value = await stack.enter_async_context(context)
            is_over = True
            return value
    except TimeoutError:
        if not entering.expired():
            raise
        watch.result()
        return None
    finally:
        is_over = True
        watch.cancel()
        await asyncio.wait([watch])


@contextmanager
def single() -> Generator[None]:
    """Raise one of the errors that came from coroutines side by side, by itself.

    One is enough to say why they did not go on: what is wrong with a wire, all of them see.
    """
    chosen: Exception | None = None
    try:
        yield
    except Exception as error:
        if not _is_group(error):
            raise
        errors = [*leaves(error)]
        others = [each for each in errors if not isinstance(each, Refused)]
        chosen = (others or errors)[0]
    if chosen is not None:  # out here it keeps its own cause
        raise chosen


def leaves(group: ExceptionGroup[E]) -> Iterator[E]:
    """Yield the errors in a group, and in the groups in it."""
    for each in group.exceptions:
        if _is_group(each):
            yield from leaves(each)
        else:
            yield each


def _is_group(each: E | ExceptionGroup[E]) -> TypeIs[ExceptionGroup[E]]:
    return isinstance(each, ExceptionGroup)
