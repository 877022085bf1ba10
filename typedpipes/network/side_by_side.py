"""Coroutines side by side, until one of them says that it is enough."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, TypeAlias

from typing_extensions import TypeIs, TypeVar

Work: TypeAlias = Coroutine[Any, Any, object]
"""Any: what a coroutine yields to the event loop."""


E = TypeVar("E", bound=Exception)


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


def leaves(group: ExceptionGroup[E]) -> Iterator[E]:
    """Yield the errors in a group, and in the groups in it."""
    for each in group.exceptions:
        if _is_group(each):
            yield from leaves(each)
        else:
            yield each


def _is_group(each: E | ExceptionGroup[E]) -> TypeIs[ExceptionGroup[E]]:
    return isinstance(each, ExceptionGroup)
