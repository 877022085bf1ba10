"""Plain functions in child processes."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, overload

from typing_extensions import TypeVar

from typedpipes.arguments import bound
from typedpipes.coroutines import leave_out, name_of, refuse_coroutine, takes
from typedpipes.errors import WiringError
from typedpipes.offload.awaited import Awaited
from typedpipes.offload.job import Function, Job, enter_job
from typedpipes.offload.outlast import is_put_off, outlast
from typedpipes.offload.pools import open_pools
from typedpipes.offload.threads import refuse_uncallable
from typedpipes.shorten import shorten_message

Item = TypeVar("Item")
Result = TypeVar("Result")
Resource = TypeVar("Resource")


@overload
def in_process(
    function: Callable[[Item], Result],
    *,
    calls_per_child: int | None = None,
    second_try: bool = True,
) -> Callable[[Item], Awaitable[Result]]: ...
@overload
def in_process(
    function: Callable[[Item, Resource], Result],
    *,
    resource: Callable[[], AbstractContextManager[Resource]],
    calls_per_child: int | None = None,
    second_try: bool = True,
) -> Callable[[Item], Awaitable[Result]]: ...
def in_process(
    function: Function,
    *,
    resource: Callable[[], AbstractContextManager[Any]] | None = None,  # Any: see the overloads
    calls_per_child: int | None = None,
    second_try: bool = True,
) -> Callable[[Any], Awaitable[Any]]:  # Any: as above
    """Turn a plain function into a coroutine function that calls it in a child process.

    `Processor(in_process(function), workers=os.cpu_count())` has as many children of its own as
    workers, with one call at a time in each. They are handed quick calls in batches of about two
    milliseconds of work; `Processor` says how much is in hand then. Coroutines that call the
    function share other children, up to one for each CPU. Children are started when they are
    first needed, and are gone at the end of the run. Outside a run every call starts a child of
    its own, which is slow.

    Whatever happens to a call happens to its item alone. When a child dies, the item that it was
    at goes to another child, by itself: something else may have killed the first one, such as a
    lack of memory. If that child dies too, the item fails with `ChildDied`. The other items that
    the child was handed go to others as well. Cancelling a call kills the child that is at it, as
    does the `timeout` of a processor, which counts from when the function begins; neither is tried
    again.

    So a function may be called twice with an item, and only if its result was lost: the child died
    at it, or before it had sent the result, or the result was sent together with one that cannot be
    unpickled.

    Items and results are pickled on the way. Large buffers in them, such as those of numpy arrays,
    are sent beside the pickle. Children leave SIGINT and SIGTERM to the parent, and end by
    themselves when it is gone.

    Args:
        function: what to call with an item, and with the resource if there is one. A child imports
            it, so it must be defined at the top level of a module; and a main module must start
            the run under `if __name__ == "__main__":`. Where a child cannot import that, the run
            fails, whatever takes failures.
        resource: returns a context manager, for something that is made once per child, such as a
            model. Each child enters it before its first call, and exits it at its end, for which
            it has 10 seconds.
        calls_per_child: after so many calls a child is replaced by a new one, 1 or more. For
            libraries that leak memory. By default there is no limit.
        second_try: whether an item at which a child died is tried in another one. Without that it
            fails at once: for functions that must not begin twice with one item.

    Raises:
        WiringError: the function or the resource cannot be sent to a child, the function takes
            something else, or it is a coroutine function already.
        SettingError: `calls_per_child` is out of bounds.
    """
    refuse_coroutine(function, "in_process")
    if resource is not None:
        takes(function, 2, "in_process with a resource")
        refuse_uncallable(resource, "in_process")
    job = _job(function, resource, bound("calls_per_child", calls_per_child), second_try)

    async def call(item: object) -> object:
        if is_put_off():
            await asyncio.sleep(0)
        own = open_pools()
        if own is not None:
            return await own.shared(job).call(item)
        children = Awaited(job, 1)
        try:
            return await children.call(item)
        finally:
            await outlast(asyncio.ensure_future(children.close()))

    functools.update_wrapper(call, function)
    if resource is not None:
        leave_out(call, function, 1)
    enter_job(call, job)
    return call


def _job(
    function: Function,
    resource: Callable[[], AbstractContextManager[object]] | None,
    calls_per_child: int | None,
    second_try: bool,
) -> Job:
    """Make a job that children can be told.

    Raises:
        WiringError: they cannot.
    """
    role = f"in_process cannot send {name_of(function)!r} to a child process"
    way_out = "Define it at the top level of a module."
    try:
        job = Job(function, resource, calls_per_child, second_try=second_try)
    except Exception as error:  # whatever a user's object raises when pickled
        raise WiringError(f"{role}: {shorten_message(error)}. {way_out}") from error
    if b"__main__" in job.sealed and not _can_import_main():
        raise WiringError(
            f"{role}: the main module is a notebook, a prompt or standard input, which no other "
            f"process can import. {way_out}"
        )
    return job


def _can_import_main() -> bool:
    main = sys.modules["__main__"]
    file: object = getattr(main, "__file__", None)
    return main.__spec__ is not None or (isinstance(file, str) and Path(file).is_file())
