"""Processors: a user's coroutine, and how to run it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Hashable, Mapping
from typing import Any, ClassVar, Final, Generic, Self

from attrs import define, field, frozen
from typing_extensions import TypeIs, TypeVar

from typedpipes.arguments import bound, positive, seconds
from typedpipes.coroutines import (
    MAKE_ASYNC,
    WRAP,
    Gift,
    async_iterable,
    awaitable,
    gives_one,
    is_sure,
    kind_of,
    name_of,
    refuse_coroutine,
    takes,
)
from typedpipes.errors import WiringError
from typedpipes.fixed import Fixed
from typedpipes.fold import Fold, Folded, is_folded
from typedpipes.offload.children import MOST
from typedpipes.offload.job import job_of
from typedpipes.outlet import Fallible, Pausable
from typedpipes.promise import Function, Kind
from typedpipes.queues import Cleanup, Doom, DoomsdayQueue, InputQueue, OutputQueue
from typedpipes.resource import refuse_of_workers
from typedpipes.shorten import shorten

A = TypeVar("A")
B = TypeVar("B")
In = TypeVar("In")
Out = TypeVar("Out")
Item_co = TypeVar("Item_co", covariant=True)


@frozen
class Failure(Generic[Item_co]):
    """An item whose coroutine raised.

    Its `repr` shows item and error in 200 characters each.

    Attributes:
        item: the item as the coroutine got it.
        error: what it raised.
        processor: the name of the processor.
    """

    item: Item_co = field(repr=shorten)
    error: Exception = field(repr=shorten)
    processor: str


def is_failure_of(processor: str, outcome: object) -> bool:
    """Whether an outcome of a processor, given by its name, is a failure of that processor.

    Another one is a result: a processor may take failures and return them.
    """
    return isinstance(outcome, Failure) and outcome.processor == processor


@frozen
class Cleanups:
    """The cleanup coroutines of one part, one per queue kind."""

    input: Cleanup[InputQueue[Any]] | None = (
        None  # Any: the part that holds them has the item types
    )
    output: Cleanup[OutputQueue[Any]] | None = None  # Any: as above
    doomsday: Cleanup[DoomsdayQueue[Doom]] | None = None

    def updated(self, name: str, more: Cleanups) -> Cleanups:
        """Return these cleanups with those of `more` added.

        Raises:
            WiringError: one of them is not a coroutine function of one argument, or there is
                already one of its kind.
        """
        for kind, before, coro in (
            ("input", self.input, more.input),
            ("output", self.output, more.output),
            ("doomsday", self.doomsday, more.doomsday),
        ):
            if coro is None:
                continue
            role = f"the {kind} cleanup of {name!r}"
            if before is not None:
                raise WiringError(
                    f"{role} is already {name_of(before)!r}, so {name_of(coro)!r} cannot be set. "
                    "Set one that calls both."
                )
            if not gives_one(coro, role):
                raise WiringError(
                    f"{role} needs a coroutine function, "
                    f"but {name_of(coro)!r} is an async generator"
                )
            takes(coro, 1, role)
            refuse_of_workers(coro, role)
        return Cleanups(
            self.input if more.input is None else more.input,
            self.output if more.output is None else more.output,
            self.doomsday if more.doomsday is None else more.doomsday,
        )


@define(eq=False, weakref_slot=False)
class Calls(Generic[In, Out]):
    """Holds what is called for an item: it is looked up for each, so that it can be replaced."""

    coro: Callable[[In], Gift[Out]]


class Processor(Fixed, Pausable, Fallible[In, Out]):
    """Turns items into items by a coroutine.

    The coroutine is called once per item. A coroutine function gives one item for
    each; an async generator function gives any number. A processor can be used in several
    plumbers at once: it stores nothing of a run. Each call runs entirely in one task,
    which other processors use between calls: it must not leave anything open there,
    such as a task group.

    Args:
        coro: what to do with an item.
        name: its name in messages and reports; the name of its coroutine by default.
        workers: how many calls may be in progress at once, 1 or more. Over `in_process`, also how
            many child processes there are.
        ordered: whether results keep the order of the items. Otherwise they are
            given as soon as they are ready.
        window: how many results of several ordered workers may be held back, including
            those in progress, 1 or more; 8 times `workers` by default. Over `in_process`, ordered
            or not, how many items may be in hand: in children, on the way to or from them, or
            held back; 512 times `workers` by default. Of items that take long there are only
            two for each child, one in progress and the next.
        buffer: the most items that each edge leading here holds, 1 or more. A full edge
            makes the sender wait. 100 by default, and 256 beside a processor over `in_process`;
            before a zip, the sum of the windows on the other branches of its fork, if that is more.
        timeout: how many seconds a call (of a generator: each of its results) may
            take, above 0. Then the call is cancelled and the item fails with a
            `TimeoutError` that names the processor and this limit; one that the coroutine
            raises itself is not changed. If the call returns something all the same, because
            it is in a thread or swallows the cancellation, the error is a `ReturnedLate` with
            that. Over `in_process` the time counts from when the function begins in the
            child, which is killed. By default there is no limit.

    Raises:
        SettingError: a number is out of bounds.
        WiringError: `coro` is not a coroutine function of one argument.
    """

    _instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("named", "name", "kind", "workers", "ordered", "window", "buffer", "timeout"),
            "Pass it when you make the processor.",
        ),
        "coro": "Call replace.",
        "key": "Call keyed.",
        "cleanups": "Call cleanup.",
    }

    def __init__(
        self,
        coro: Callable[[In], Awaitable[Out] | AsyncIterable[Out]],
        *,
        name: str = "",
        workers: int = 1,
        ordered: bool = True,
        window: int | None = None,
        buffer: int | None = None,
        timeout: float | None = None,
    ) -> None:
        self.named: Final[bool] = bool(name)
        self.name: Final[str] = name or name_of(coro)
        self.kind: Final[Kind] = self._checked(coro)
        self.coro: Final[Callable[[In], Gift[Out]]] = coro
        self._calls = Calls(self._looked_at(coro))
        self.workers: Final[int] = positive(f"workers of {self.name!r}", workers)
        self.ordered: Final[bool] = ordered
        self.window: Final[int] = positive(
            f"window of {self.name!r}", usual_window(coro, workers) if window is None else window
        )
        self.buffer: Final[int | None] = bound(f"buffer of {self.name!r}", buffer)
        self.timeout: Final[float | None] = (
            None if timeout is None else seconds(f"timeout of {self.name!r}", timeout)
        )
        self.key: Final[Callable[[In], Hashable] | None] = None
        self.cleanups: Final[Cleanups] = Cleanups()

    def _checked(self, coro: Function) -> Kind:
        role = f"the processor {self.name!r}"
        kind = kind_of(coro, role)
        takes(coro, 1, role)
        return kind

    def _looked_at(self, coro: Callable[[In], Gift[Out]]) -> Callable[[In], Gift[Out]]:
        """Return a function that gives what its kind says: `coro` itself if that is sure to."""
        if is_sure(coro):
            return coro
        role = f"the processor {self.name!r}"

        def one(item: In) -> Awaitable[Out]:
            return awaitable(coro(item), coro, role, way_out=WRAP)

        def many(item: In) -> AsyncIterable[Out]:
            return async_iterable(coro(item), coro, role, way_out=MAKE_ASYNC)

        return one if self.kind == "coroutine" else many

    def cleanup(
        self,
        *,
        input: Cleanup[InputQueue[In]] | None = None,
        output: Cleanup[OutputQueue[Out]] | None = None,
        doomsday: Cleanup[DoomsdayQueue[Doom]] | None = None,
    ) -> Self:
        """Set the coroutines that run once at the end of every run, however it ends.

        Each may take as long as the `grace` of the run. There is at most one of each kind.

        Args:
            input: gets the items that were cancelled in progress, and those never taken.
            output: gets the results that the next processor never took.
            doomsday: gets the dooms of the run.

        Returns:
            The processor itself.

        Raises:
            WiringError: one is not a coroutine function of one argument, or there is already one of
                its kind.
        """
        cleanups = self.cleanups.updated(self.name, Cleanups(input, output, doomsday))
        object.__setattr__(self, "cleanups", cleanups)  # read-only elsewhere
        return self

    def keyed(self, key: Callable[[In], Hashable], /) -> Self:
        """Work on the items of one key one after the other, in their order.

        Items of different keys are worked on side by side, by as many workers as there are. An
        item whose key is in hand is taken and waits, so that others can go past it: at most
        `window` items are in hand or wait. So many items of one key in a row hold up the others;
        `Counts.waiting_for_key` shows it. With one worker, the key is not asked for. The results
        keep the order of the items, or with `ordered=False` only that of the items of one key.

        Args:
            key: a plain function that returns the key of an item. If it raises, or the key cannot
                be hashed, the item fails.

        Returns:
            The processor itself.

        Raises:
            WiringError: `key` is async, or not a function of one argument; or there is a key
                already.
        """
        role = f"the key of {self.name!r}"
        if self.key is not None:
            raise WiringError(
                f"{role} is already {name_of(self.key)!r}, so {name_of(key)!r} cannot be set. "
                "Return both as a tuple."
            )
        refuse_coroutine(key, role, way_out="Ask for it in a processor before.")
        takes(key, 1, role)
        object.__setattr__(self, "key", key)  # read-only elsewhere
        return self

    @staticmethod
    def folding(
        make: Callable[[], Fold[A, B]],
        /,
        *,
        every: float | None = None,
        name: str = "",
        buffer: int | None = None,
    ) -> Processor[A, B]:
        """Make a processor whose items are taken by a state, which gives results when it likes.

        The state is made anew for each run, when that begins. When its input ends, also in a
        drain, what its `end` returns goes on before the output closes. In an abort, that and the
        results in hand are counted as undelivered, and go to the output cleanup coroutine. So
        nothing of a state is lost at any end. If `take` raises, the item fails as in other
        processors, and the state goes on; there is no item that `tick`, `end` or `make` could
        fail with, so if one of them raises, the run fails. It works on one item at a time.

        Args:
            make: returns a new state, such as a subclass of `Fold`.
            every: calls `tick` of the state every so many seconds, above 0, from the beginning of
                the run on; not while it is paused.
            name: as for any processor; the name of `make` by default.
            buffer: as for any processor.

        Raises:
            WiringError: `make` takes arguments, or what it makes is no `Fold`.
            SettingError: `every` is not above 0, or `buffer` less than 1.

        >>> class Distinct(Fold[str, str]):
        ...     def __init__(self) -> None:
        ...         self.seen: set[str] = set()
        ...
        ...     def take(self, item: str, /) -> list[str]:
        ...         new = [] if item in self.seen else [item]
        ...         self.seen.add(item)
        ...         return new
        >>> Processor.folding(Distinct)
        Processor('Distinct')
        """
        return Processor(Folded(make, every), name=name, buffer=buffer)

    def replace(self, coro: Callable[[In], Awaitable[Out] | AsyncIterable[Out]], /) -> None:
        """Change the coroutine from the next item on, wherever the processor is used.

        Raises:
            WiringError: it is not a coroutine function of one argument, or it is an async
                generator function in place of a coroutine function or the other way round; or
                the processor folds.
        """
        if is_folded(self.coro):
            raise WiringError(
                f"cannot replace what {self.name!r} folds: its state is made once for each run. "
                "Have the state itself change."
            )
        kind = self._checked(coro)
        if kind != self.kind and is_sure(coro):
            raise WiringError(
                f"cannot replace the coroutine of {self.name!r}: it is a {self.kind} function and "
                f"{name_of(coro)!r} is a {kind} function. Replace it with one of the same kind."
            )
        object.__setattr__(self, "coro", coro)  # read-only elsewhere
        self._calls.coro = self._looked_at(coro)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


def usual_window(coro: Function, workers: int) -> int:
    """Return the window of a processor that is not given one."""
    ahead = 8 if job_of(coro) is None else 2 * MOST
    return ahead * workers


def calls_of(processor: Processor[In, Out]) -> Calls[In, Out]:
    """Return what a run calls for the items of a processor."""
    return processor._calls


def is_processor(part: object) -> TypeIs[Processor[Any, Any]]:  # Any: its item types are unknown
    """Whether it is a processor."""
    return isinstance(part, Processor)


class Sink(Processor[In, None]):
    """A processor that gives nothing: the end of a branch.

    It takes the settings of a processor except `ordered` and `window`: there is no output
    to keep in order. Its coroutine function must not be an async generator.
    """

    def __init__(
        self,
        coro: Callable[[In], Awaitable[None]],
        *,
        name: str = "",
        workers: int = 1,
        buffer: int | None = None,
        timeout: float | None = None,
    ) -> None:
        super().__init__(
            coro, name=name, workers=workers, ordered=False, buffer=buffer, timeout=timeout
        )
        if self.kind != "coroutine":
            raise WiringError(
                f"the sink {self.name!r} needs a coroutine function, but {name_of(coro)!r} is an "
                "async generator: what it yields would go nowhere. Use a Processor and connect "
                "its output."
            )

    def _checked(self, coro: Function) -> Kind:
        kind = super()._checked(coro)
        return kind if is_sure(coro) else "coroutine"
