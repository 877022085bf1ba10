"""Sources: where items come from."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
    Sized,
)
from typing import Any, ClassVar, Final, Self, TypeAlias

from typing_extensions import TypeIs, TypeVar

from typedpipes.arguments import bound, natural, positive, seconds
from typedpipes.coroutines import gives_one, name_of, refuse_coroutine, takes
from typedpipes.errors import RunStateError, SettingError, TypedpipesError, WiringError
from typedpipes.fixed import Fixed
from typedpipes.flow.edge import Edge
from typedpipes.outlet import Outlet, Pausable
from typedpipes.processor import Cleanups
from typedpipes.promise import Function, promise_of
from typedpipes.queues import Cleanup, Doom, DoomsdayQueue, OutputQueue
from typedpipes.queues.home import Home
from typedpipes.queues.output import lend, waiting_to_put
from typedpipes.resource import refuse_of_workers
from typedpipes.shorten import shorten

T = TypeVar("T")
Out = TypeVar("Out")

_AT_FIRST = "Pass it when you make the source."


class Source(Fixed, Pausable, Outlet[Out]):
    """Gives the items of an iterable, one after another, as fast as they are taken.

    An iterable is asked for its iterator once per run, so a list starts again in every
    run, and a generator object is exhausted after the first. A function is called once
    per run. An async generator is closed when the run ends early. If iterating raises,
    the run fails. An iterable is iterated in the event loop: one that blocks holds up
    everything, and belongs in `Source.in_thread`. Several items are taken at a time, as
    many as there is room for; if the iterable itself ends or pauses the run, the rest of
    them still come.

    Args:
        items: an iterable, an async iterable, or a function that returns an async iterable,
            such as an async generator function.
        name: its name in messages and reports; the name of the function by default.
        total: how many items there will be, 0 or more, as far as that is known: for progress
            only, nothing depends on it. By default the `len` of `items`, if it has one.

    Raises:
        WiringError: `items` is none of these, or is a `str` or `bytes`, which is one item.
        SettingError: `total` is less than 0.
    """

    _instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("named", "name", "items", "total"), _AT_FIRST),
        "cleanups": "Call cleanup.",
    }

    def __init__(
        self,
        items: AsyncIterable[Out] | Iterable[Out] | Callable[[], AsyncIterable[Out]],
        *,
        name: str = "",
        total: int | None = None,
    ) -> None:
        self.named: Final[bool] = bool(name)
        self.name: Final[str] = name or self._usual_name(items)
        self.items: Final[Iterable[Out] | Callable[[], AsyncIterable[Out]]] = self._checked(items)
        self._total = None if total is None else natural(f"total of {self.name!r}", total)
        self.cleanups: Final[Cleanups] = Cleanups()

    @staticmethod
    def in_thread(
        function: Callable[[], Iterable[T]],
        /,
        *,
        name: str = "",
        total: int | None = None,
        maxsize: int = 100,
        grace: float = 1.0,
    ) -> Source[T]:
        """Make a source of an iterable that blocks: a file, a cursor, `sys.stdin`.

        Each run has a thread of its own for it, in which the function is called and what it
        returns is iterated, ahead of what is taken. The thread sees the context variables of the
        run. A generator is closed there at the end; nothing else is closed, so open a file in a
        generator, by `with`. What the function or the iteration raises makes the run fail once
        what came before has flowed out. A source that is paused reads `maxsize` items ahead.

        When the run ends early, the thread begins no other item, and the run waits for the one that
        it is at, `grace` seconds at most. In a drain all that was read flows out; in an abort it is
        undelivered, and goes to the output cleanup coroutine. A thread that still blocks then
        cannot be stopped: it is left behind, with a warning in the log, and what it reads or raises
        after that is lost. It does not keep the interpreter from exiting.

        Args:
            function: a plain function without arguments that returns an iterable, such as a
                generator function. `functools.partial` or a lambda gives it arguments.
            name: its name in messages and reports; the name of the function by default.
            total: as for any source.
            maxsize: how many items are read ahead at most, 1 or more. Then the thread waits.
            grace: how many seconds the end of a run waits for the thread, above 0.

        Raises:
            WiringError: `function` is async, or no function without arguments.
            SettingError: a number is out of bounds.
        """
        return ThreadSource(function, name=name, total=total, maxsize=maxsize, grace=grace)

    @property
    def total(self) -> int | None:
        """How many items there will be in a run, as far as that is known."""
        return self._usual_total() if self._total is None else self._total

    def _usual_name(self, items: object, /) -> str:
        given = isinstance(items, Iterable | AsyncIterable)
        return name_of(items) if callable(items) and not given else "source"

    def _usual_total(self) -> int | None:
        items: object = self.items
        try:
            return len(items) if isinstance(items, Sized) else None
        except Exception:  # noqa: BLE001  # whatever a user's `__len__` raises: it is not known
            return None

    def _checked(self, items: Items[Out]) -> Iterable[Out] | Callable[[], AsyncIterable[Out]]:
        role = f"the source {self.name!r}"
        if isinstance(items, str | bytes):
            raise WiringError(
                f"{role} needs items, but {shorten(items)} is one. Put it into a list, [...]; "
                "for each of its parts, give list(...)."
            )
        if is_iterable(items):
            return items
        if _is_async_iterable(items):
            return lambda: items
        if not callable(items):
            raise WiringError(
                f"{role} needs an iterable, an async iterable or a function that returns one, "
                f"not {shorten(items)}"
            )
        self._refuse_others(items, role)
        takes(items, 0, role)
        refuse_of_workers(items, role)
        return items

    def _refuse_others(self, items: Function, role: str) -> None:
        """Refuse a function that certainly gives no async iterable."""
        promise = promise_of(items)
        name = name_of(items)
        if promise is None:
            raise WiringError(
                f"{role} needs items, but {name!r} is a plain function. If it gives items, call "
                f"it: Source({name}()); if it blocks, Source.in_thread({name})."
            )
        if promise.sure and promise.kind == "coroutine":
            raise WiringError(
                f"{role} needs items, but {name!r} is a coroutine function. "
                "Make it an async generator with `yield`, or an InputRig that puts into its queue."
            )

    def cleanup(
        self,
        *,
        output: Cleanup[OutputQueue[Out]] | None = None,
        doomsday: Cleanup[DoomsdayQueue[Doom]] | None = None,
    ) -> Self:
        """Set the coroutines that run once at the end of every run, however it ends.

        Args:
            output: gets the items that the next processor never took.
            doomsday: gets the dooms of the run.

        Returns:
            The source itself.

        Raises:
            WiringError: as for a processor.
        """
        cleanups = self.cleanups.updated(self.name, Cleanups(None, output, doomsday))
        object.__setattr__(self, "cleanups", cleanups)  # read-only elsewhere
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


Items: TypeAlias = AsyncIterable[Out] | Iterable[Out] | Callable[[], AsyncIterable[Out]]


def is_iterable(items: Items[Out]) -> TypeIs[Iterable[Out]]:
    """Whether a source can iterate over the items as they are."""
    return isinstance(items, Iterable)


def _is_async_iterable(items: Items[Out]) -> TypeIs[AsyncIterable[Out]]:
    return isinstance(items, AsyncIterable)


class ThreadSource(Source[Out]):
    """What `Source.in_thread` makes: see there."""

    _instead: ClassVar[Mapping[str, str]] = {
        **Source._instead,
        **dict.fromkeys(("function", "maxsize", "grace"), _AT_FIRST),
    }

    def __init__(
        self,
        function: Callable[[], Iterable[Out]],
        *,
        name: str,
        total: int | None,
        maxsize: int,
        grace: float,
    ) -> None:
        self.function: Final[Callable[[], Iterable[Out]]] = function
        super().__init__((), name=name, total=total)  # no items of its own: the thread reads them
        role = f"the source {self.name!r}"
        given: object = function
        if isinstance(given, Iterable):
            raise WiringError(
                f"{role} needs a function that returns an iterable, not {shorten(function)}, so "
                "that each run iterates anew. Write a lambda that returns it."
            )
        refuse_coroutine(function, role, way_out="Use it as it is: Source(...).")
        takes(function, 0, role)
        refuse_of_workers(function, role)
        self.maxsize: Final[int] = positive(f"maxsize of {self.name!r}", maxsize)
        self.grace: Final[float] = seconds(f"grace of {self.name!r}", grace)

    def _usual_name(self, _: object, /) -> str:
        return name_of(self.function)

    def _usual_total(self) -> int | None:
        return None


def is_source(part: object) -> TypeIs[Source[Any]]:  # Any: its item type is unknown
    """Whether it is a source."""
    return isinstance(part, Source)


class InputRig(Source[Out]):
    """A source whose coroutine puts its items into an `OutputQueue`.

    It is called once per run and the source ends when it returns. When the run drains, it is
    cancelled, and `put` raises `QueueClosed` from then on: let both through. An item whose
    `put` is still waiting belongs to the run even then: in a drain it is put once there is
    room; in an abort, or if it is no longer read, it is counted as undelivered, and goes to
    the output cleanup coroutine.

    Args:
        coro: a coroutine function of one argument, the queue.
        name: its name in messages and reports; the name of its coroutine by default.
        total: as for any source.

    Raises:
        WiringError: `coro` is not such a function.
        SettingError: `total` is less than 0.
    """

    _instead: ClassVar[Mapping[str, str]] = {**Source._instead, "coro": _AT_FIRST}
    _coro: Callable[[OutputQueue[Out]], Awaitable[None]]

    def __init__(
        self,
        coro: Callable[[OutputQueue[Out]], Awaitable[None]],
        *,
        name: str = "",
        total: int | None = None,
    ) -> None:
        self._coro = coro
        super().__init__((), name=name, total=total)  # no items of its own: the coroutine puts them
        role = f"the input rig {self.name!r}"
        if not gives_one(coro, role):
            raise WiringError(
                f"{role} puts into its queue, but {name_of(coro)!r} is an async generator. "
                "Use a Source."
            )
        takes(coro, 1, role)
        refuse_of_workers(coro, role)

    def _usual_name(self, _: object, /) -> str:
        return name_of(self._coro)

    def _usual_total(self) -> int | None:
        return None

    @property
    def coro(self) -> Callable[[OutputQueue[Out]], Awaitable[None]]:
        """The coroutine function that puts the items."""
        return self._coro


class Feed(Source[T]):
    """A source that is filled from outside the graph, or by the graph itself.

    Items can be put before and during a run. It ends when it is closed, or when the run
    stops: in a drain, what is inside still flows out; in an abort, it goes to the output
    cleanup coroutine. The feed opens again when the next run of its plumber begins.

    One that ends when idle is for loops: a processor of the run, such as a sink, puts what is to
    go round again. It closes once it is empty and nothing else in the run can lead to a new item:
    no item is in hand or on its way, and all sources are exhausted or wait for room. So put the
    first items before the run, or have a source of the run give them. Batches that are not full
    are given before that. Code that reads a queue of the run has what it took in hand until it
    asks for more; with several tasks that read one queue, one that asks is enough. A run that
    drains leaves in the feed what is in it, and what its last items put: the report has it, and
    the output cleanup coroutine gets it.

    Args:
        maxsize: the most items it holds, 1 or more. `put` waits while it is full. `None` is
            for no bound, in memory and without an end: only where it ends when idle. With a
            bound, processors that put into their own feed can all wait for room in it, for ever.
        ends_when_idle: whether it closes by itself, as above.
        name: its name in messages and reports.

    Raises:
        SettingError: `maxsize` is less than 1, or `None` although it does not end when idle.
    """

    _instead: ClassVar[Mapping[str, str]] = {
        **Source._instead,
        **dict.fromkeys(("maxsize", "ends_when_idle"), _AT_FIRST),
    }

    def __init__(
        self, *, maxsize: int | None = 100, ends_when_idle: bool = False, name: str = ""
    ) -> None:
        super().__init__((), name=name)  # no items of its own: they are put
        if maxsize is None and not ends_when_idle:
            raise SettingError(
                f"maxsize of {self.name!r} is None, so it would grow without an end. Set a bound, "
                "or ends_when_idle=True if its own run fills it."
            )
        self.maxsize: Final[int | None] = bound(f"maxsize of {self.name!r}", maxsize)
        self.ends_when_idle: Final[bool] = ends_when_idle
        self._serves = self._served = False
        self._open()

    def _usual_name(self, _: object, /) -> str:
        return "feed"

    def _usual_total(self) -> int | None:
        return None

    def _open(self) -> None:
        maxsize = sys.maxsize if self.maxsize is None else self.maxsize
        self._edge = Edge[T](maxsize, low=maxsize - 1)
        self._queue = OutputQueue(self._edge, called="feed")

    async def put(self, item: T) -> None:
        """Put an item, waiting while the feed is full.

        If it is cancelled while it waits, nothing was put. During a run, it may let other tasks
        run even if there is room.

        Raises:
            QueueClosed: the feed is closed, or the run that it fed is over. If that run failed, the
                failure is its `__cause__`.
            RunStateError: it was called in another thread than that of the run.
        """
        await self._queue.put(item)

    def put_nowait(self, item: T) -> None:
        """Put an item without waiting.

        Raises:
            QueueFull: it holds `maxsize` items.
            QueueClosed: the feed is closed, or the run that it fed is over.
            RunStateError: as for `put`.
        """
        self._queue.put_nowait(item)

    def close(self) -> None:
        """Close the feed: nothing more can be put.

        What is inside still flows out. Closing it again changes nothing.

        Raises:
            RunStateError: as for `put`.
        """
        self._queue.close()


def refuse_if_serving(feed: Feed[T]) -> None:
    """Refuse a feed that another run takes from.

    Raises:
        RunStateError: another run takes from it.
    """
    if feed._serves:
        raise RunStateError(
            f"{feed!r} is in use by another run that is not over. Make a feed for each plumber."
        )


def begin_to_serve(feed: Feed[T], home: Home, errors: Sequence[TypedpipesError]) -> Edge[T]:
    """Let a run take from the feed.

    Args:
        feed: the feed.
        home: where the run lives.
        errors: why the run failed, up to now.

    Returns:
        What the run takes from.
    """
    if feed._served:
        feed._open()
    lend(feed._queue, home, errors)
    feed._serves = feed._served = True
    return feed._edge


def putting_into(
    feed: Feed[Any],  # Any: whatever is put
) -> Collection[asyncio.Task[Any] | None]:  # Any: in whatever task
    """Return the tasks that wait for room in a feed."""
    return waiting_to_put(feed._queue)


def end_to_serve(feed: Feed[T]) -> None:
    """Let the next run take from the feed. Nothing can be put until that run begins."""
    feed._serves = False
    feed.close()
