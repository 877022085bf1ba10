"""Resources while they are open: each in a task of its own, from its opening to its closing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import Context, copy_context
from functools import partial
from typing import Any, Literal, TypeAlias

from typedpipes.blueprint import Blueprint, Part
from typedpipes.engine.hanging import end_within, wait_patiently
from typedpipes.errors import ResourceFailed, TypedpipesError, consists_of
from typedpipes.processor import Processor
from typedpipes.promise import Function
from typedpipes.resource import Resource, held, resources_of
from typedpipes.source import InputRig, Source, ThreadSource, is_iterable

AnyResource: TypeAlias = Resource[Any]
"""A resource of any type. Any: each knows the type of its own."""

Values: TypeAlias = dict[AnyResource, Any]
"""What is open. Any: as above."""

Tell: TypeAlias = Callable[[TypedpipesError], None]
"""Tells the run of an error."""

Why: TypeAlias = Callable[[], BaseException | None]
"""Makes what is raised around what is closed, if anything; anew for each, because raising it adds
to its traceback."""


class Resources:
    """The resources of a run, and those of its workers.

    Args:
        blueprint: what is run, and says what is needed.
        context: that of the run. What is open is seen in its copies.
        limit: how many seconds the closing of one may take, and again after it was cancelled.
        fail: aborts the run because of an error.
        note: keeps an error for its end.

    Attributes:
        of_run: those that are open before the run begins, in order.
        fail: aborts the run because of an error.
    """

    def __init__(
        self, blueprint: Blueprint, context: Context, limit: float, fail: Tell, note: Tell
    ) -> None:
        self._users: dict[AnyResource, list[str]] = {}
        for node in blueprint.nodes:
            needed = [each for function in _called(node.part) for each in resources_of(function)]
            for resource in dict.fromkeys(needed):
                self._users.setdefault(resource, []).append(node.name)
        self.of_run: Sequence[AnyResource] = [each for each in self._users if each.per == "run"]
        self.fail: Tell = fail
        self._values: Values = {}
        context.run(held.set, self._values)
        self._stack: Callable[[Values, Context], Stack] = partial(
            Stack, limit=limit, fail=fail, note=note
        )
        self._stacks = [self._stack(self._values, context)]

    async def open(self) -> None:
        """Open those of the run, one after the other.

        Raises:
            ResourceFailed: one cannot be opened. Those before it are open.
        """
        for resource in self.of_run:
            await self._stacks[0].open(resource, self._users[resource])

    def equipment(self, function: Function, name: str) -> Equipment | None:
        """Return what each worker of a node needs that calls a function; `None` for nothing."""
        own = [each for each in resources_of(function) if each.per == "worker"]
        return Equipment(own, name, self) if own else None

    def stack_of_worker(self) -> Stack:
        """Return what opens resources for the current task alone, on top of those of the run."""
        values = {**self._values}
        held.set(values)
        stack = self._stack(values, copy_context())
        self._stacks.append(stack)
        return stack

    async def close(self, why: Why) -> None:
        """Close all, those of workers first. Each error is noted before the next is closed."""
        while self._stacks:
            await self._stacks[-1].close(why)
            self._stacks.pop()


def _called(part: Part) -> Iterator[Function]:
    """Yield the functions of a part that may be passed a resource."""
    match part:
        case InputRig():
            yield part.coro
        case ThreadSource():
            yield part.function
        case Source() if not is_iterable(part.items):
            yield part.items
        case Processor():
            yield part.coro
        case _:
            pass
    if isinstance(part, Source | Processor):
        cleanups = part.cleanups
        for coro in (cleanups.input, cleanups.output, cleanups.doomsday):
            if coro is not None:
                yield coro


def _nothing() -> None:
    """Make nothing to raise: what is closed was used to the end."""


class Equipment:
    """What each worker of a node opens for itself.

    Args:
        own: what that is.
        name: of the node.
        resources: those of the run.
    """

    def __init__(self, own: Sequence[AnyResource], name: str, resources: Resources) -> None:
        self._own = own
        self._name = name
        self._resources = resources

    async def work(
        self,
        work: Callable[[], Awaitable[None]],
        wanted: Callable[[], Awaitable[bool]],
    ) -> None:
        """Work as a worker does, with resources that are opened once there is something to do.

        If one cannot be opened, the run is aborted.

        Args:
            work: does the work.
            wanted: waits until there is something to do, and says whether there is.
        """
        stack = self._resources.stack_of_worker()
        why: Why = asyncio.CancelledError  # unless it ends by itself
        try:
            if await wanted():
                for resource in self._own:
                    await stack.open(resource, [self._name])
            await work()
            why = _nothing
        except ResourceFailed as error:
            self._resources.fail(error)
        finally:
            stack.begin_to_close(why)


class Stack:
    """Resources that are closed in the reverse order in which they were opened.

    Args:
        values: gets what is open, and loses what is closed.
        context: what each is opened and closed in a copy of.
        limit: as for `Resources`.
        fail: as for `Resources`.
        note: as for `Resources`.
    """

    def __init__(
        self, values: Values, context: Context, limit: float, fail: Tell, note: Tell
    ) -> None:
        self._values = values
        self._context = context
        self._limit = limit
        self._fail = fail
        self._note = note
        self._opened: list[tuple[AnyResource, Keeper]] = []
        self._closing: asyncio.Task[None] | None = None

    async def open(self, resource: AnyResource, users: Sequence[str]) -> None:
        """Open one more.

        Raises:
            ResourceFailed: it cannot be opened.
        """
        keeper = Keeper(resource, users, self._context.copy(), self._fail)
        self._opened.append((resource, keeper))
        self._values[resource] = await keeper.open()

    def begin_to_close(self, why: Why) -> None:
        """Begin to close all, unless that has begun."""
        if self._closing is None:
            loop = asyncio.get_running_loop()
            self._closing = asyncio.Task(self._close(why), loop=loop)

    async def close(self, why: Why) -> None:
        """Close all that is not closed yet."""
        if self._closing is not None:
            await wait_patiently(self._closing)
        await self._close(why)  # also if the other one was cancelled, by others

    async def _close(self, why: Why) -> None:
        while self._opened:
            resource, keeper = self._opened[-1]
            error = await keeper.close(why(), self._limit)
            self._opened.pop()
            self._values.pop(resource, None)
            if error is not None:
                self._note(error)


class Keeper:
    """Keeps one resource open, in a task of its own.

    Args:
        resource: which one.
        users: the names of the nodes that use it.
        context: what it is opened and closed in.
        fail: called with an error if it does not stay open.
    """

    def __init__(
        self, resource: AnyResource, users: Sequence[str], context: Context, fail: Tell
    ) -> None:
        loop = asyncio.get_running_loop()
        self._name = resource.name
        self._users = users
        self._fail = fail
        self._opened: asyncio.Future[object] = loop.create_future()
        self._closing: asyncio.Future[None] = loop.create_future()
        self._end_is_known = False
        work = _keep(resource.make, self._opened, self._closing)
        self._task = asyncio.Task(work, loop=loop, context=context)
        self._task.add_done_callback(self._ended)

    async def open(self) -> object:
        """Wait until it is open. Cancelled, it is opened no more.

        Raises:
            ResourceFailed: it cannot be opened.
        """
        either: tuple[asyncio.Future[Any], ...] = (self._task, self._opened)  # Any: as they come
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if not self._opened.done():  # else it is closed as others are
                self._task.cancel()
            raise
        if self._opened.done():
            return self._opened.result()
        self._end_is_known = True
        raise self._failed("opening", self._error() or _cancelled())

    async def close(self, why: BaseException | None, limit: float) -> ResourceFailed | None:
        """Close it, or open it no more.

        Args:
            why: what is raised around it, if anything.
            limit: as for `Resources`.

        Returns:
            An error if that failed; none if it had ended before.
        """
        if self._end_is_known:
            return None
        self._end_is_known = True
        if not self._opened.done():
            self._task.cancel()
        elif self._closing.done():
            pass  # others have cancelled it: it is about to end
        elif why is None:
            self._closing.set_result(None)
        else:
            self._closing.set_exception(why)
            self._closing.exception()  # the task may not come to look at it
        error = await end_within(self._task, limit) or self._error()
        if why is not None:
            why.__traceback__ = None  # it has frames that hold `why`
        if error is None or _is_only(error, why):
            return None
        if self._opened.done():
            return self._failed("closing", error)
        is_cancelled = isinstance(error, asyncio.CancelledError)
        return None if is_cancelled else self._failed("opening", error)

    def _ended(self, _: asyncio.Task[BaseException | None]) -> None:
        """Have the run fail if the resource closed itself."""
        if self._opened.done() and not self._end_is_known:
            self._end_is_known = True
            self._fail(self._failed("open", self._error() or _cancelled()))

    def _error(self) -> BaseException | None:
        return _cancelled() if self._task.cancelled() else self._task.result()

    def _failed(
        self, when: Literal["opening", "open", "closing"], error: BaseException
    ) -> ResourceFailed:
        return ResourceFailed(self._name, self._users, when, error)


async def _keep(
    make: Callable[[], AbstractAsyncContextManager[object]],
    opened: asyncio.Future[object],
    closing: asyncio.Future[None],
) -> BaseException | None:
    """Open a resource, and close it when it is time.

    Returns:
        What was raised, if anything: asyncio would let some errors end the event loop.
    """
    try:
        async with make() as value:
            opened.set_result(value)
            await closing
    except GeneratorExit:
        raise
    except BaseException as error:  # noqa: BLE001  # whatever the user's context manager raises
        return error
    return None


def _cancelled() -> asyncio.CancelledError:
    return asyncio.CancelledError("it was cancelled, not by the run")


def _is_only(error: BaseException, why: BaseException | None) -> bool:
    """Whether an error is what was raised around a resource, perhaps in a group."""
    if isinstance(why, asyncio.CancelledError):
        return isinstance(error, asyncio.CancelledError)
    return consists_of(error, lambda each: each is why)
