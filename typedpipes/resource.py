"""Resources: what a run, or each of its workers, opens and closes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import Any, ClassVar, Concatenate, Final, Generic, Literal, ParamSpec

from typing_extensions import TypeVar

from typedpipes.coroutines import MAKE_ASYNC, kind_of, leave_out, name_of, takes, takes_more
from typedpipes.errors import RunStateError, SettingError, WiringError
from typedpipes.fixed import Fixed
from typedpipes.promise import Function, bare, called
from typedpipes.shorten import shorten

R = TypeVar("R")
In = TypeVar("In")
Result = TypeVar("Result")
P = ParamSpec("P")


class Resource(Fixed, Generic[R]):
    """Something that a run, or each of its workers, opens and closes: a pool of connections.

    A run opens what the coroutine functions in its drawing were passed with `into`: before any
    source starts, each once, in the order in which its processors stand. It closes them, the
    last one first, after the cleanup coroutines, which may use them too. If one cannot be
    opened, or does not stay open, the run fails with a `ResourceFailed`. While a run opens
    resources, a drain waits for them, within its grace, and an abort cancels the opening.

    With `per="worker"`, each worker of a processor has its own. It is opened when the worker
    first has something to do, before it takes an item, so its `timeout` does not count that. It
    is closed when the worker ends. If it cannot be opened, the run is aborted and fails; no
    item is in that worker's hand then, and all are accounted for.

    What was opened is always closed, shielded from cancellation, within the `grace` of the
    run for a cleanup coroutine. How the run ended is seen as in `async with` around it: a run
    that fails raises its `PipelineFailed` there, and one that is aborted `CancelledError`. So a
    transaction is rolled back then.

    A resource is opened and closed in one task, which is not that of the calls: context
    variables that it sets are not seen in them. Nothing of a run is stored here, so
    plumbers that run at the same time each open their own.

    Args:
        make: a function that returns an async context manager, such as one decorated with
            `contextlib.asynccontextmanager`. It is called for each opening.
        per: whether the run has one, or each worker of a processor.
        name: its name in messages; the name of `make` by default.

    Raises:
        WiringError: `make` is not such a function, or the resource of a run is made from one of
            a worker.
        SettingError: `per` is another word.

    >>> from collections.abc import AsyncIterator
    >>> from contextlib import asynccontextmanager
    >>> @asynccontextmanager
    ... async def opened() -> AsyncIterator[dict[str, int]]:
    ...     yield {"one": 1, "two": 2}
    >>> async def look_up(word: str, numbers: dict[str, int]) -> int:
    ...     return numbers[word]
    >>> import asyncio
    >>> from typedpipes import Plumber, Processor, Resource, Source
    >>> plumber = Plumber("numbers")
    >>> looked_up = Processor(Resource(opened).into(look_up))
    >>> numbers = plumber.connect(Source(["two", "one"])).to(looked_up).collect()
    >>> report = asyncio.run(plumber.run())
    >>> numbers.items
    (2, 1)
    """

    _instead: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("make", "per", "name"), "Pass it when you make the resource."
    )

    def __init__(
        self,
        make: Callable[[], AbstractAsyncContextManager[R]],
        *,
        per: Literal["run", "worker"] = "run",
        name: str = "",
    ) -> None:
        self.name: Final[str] = name or name_of(make)
        self.per: Final[Literal["run", "worker"]] = per
        self.make: Final[Callable[[], AbstractAsyncContextManager[R]]] = make
        role = f"the resource {self.name!r}"
        if per not in ("run", "worker"):
            raise SettingError(f"per of {role} must be 'run' or 'worker', not {shorten(per)}")
        refuse_without_exit(make, role)
        takes(make, 0, role)
        if per == "run":
            refuse_of_workers(make, f"{role}, which each run has one of,")

    def into(
        self, coro: Callable[Concatenate[In, R, P], Result], /
    ) -> Callable[Concatenate[In, P], Result]:
        """Fix the second argument of a coroutine function: the resource, as it is then open.

        Its first argument is the item, or the queue of an input rig or a cleanup coroutine. It may
        be an async generator function. One that needs several resources is passed each in
        turn, in the order of its parameters: `second.into(first.into(coro))`. `bind` fixes others.

        Returns:
            A function of the other arguments, to be called in a run. It raises a `RunStateError`
            where the resource is not open.

        Raises:
            WiringError: `coro` is a plain function, or takes less than two arguments.
        """
        role = f"the resource {self.name!r}"
        kind_of(coro, role, way_out=MAKE_ASYNC)
        takes_more(coro, 2, role)

        @functools.wraps(coro)
        def call(item: In, /, *args: P.args, **kwargs: P.kwargs) -> Result:
            return coro(item, self._value(), *args, **kwargs)

        self._mark(call, coro, 1)
        return call

    def into_first(self, function: Callable[Concatenate[R, P], Result], /) -> Callable[P, Result]:
        """Fix the first argument of a function that takes no item.

        That is for `Source(database.into_first(rows))` and `Source.in_thread`, and for a resource
        that is made from another one: `Resource(pool.into_first(connect), per="worker")`.

        Returns:
            As for `into`.

        Raises:
            WiringError: `function` takes no argument.
        """
        takes_more(function, 1, f"the resource {self.name!r}")

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> Result:
            return function(self._value(), *args, **kwargs)

        self._mark(call, function, 0)
        return call

    def _mark(self, call: Function, function: Function, index: int) -> None:
        """Let a function say what the one does that it calls, and which resources it needs."""
        leave_out(call, function, index)
        vars(call).pop("__fixed__", None)  # this is of what is called, not of the call
        vars(call)["__bound__"] = function
        vars(call)["__passed__"] = (function, self, index)
        needed = (*resources_of(function), *resources_of(self.make), self)
        vars(call)["__resources__"] = tuple(dict.fromkeys(needed))

    def _value(self) -> R:
        try:
            value: R = held.get()[self]
        except LookupError:
            raise RunStateError(
                f"the resource {self.name!r} is not open here. A run opens those that it finds in "
                "its drawing when it begins: in coroutine functions that `into` returned, also "
                "inside `bind`, `partial` and decorators that use `functools.wraps`."
            ) from None
        return value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


held: ContextVar[Mapping[Resource[Any], Any]] = ContextVar("held")
"""What is open where the current coroutine works. Any: each resource knows the type of its own."""


def resources_of(function: Function) -> Sequence[Resource[Any]]:  # Any: of all types
    """Return the resources that a function is passed, those that others are made from first."""
    found: Sequence[Resource[Any]] = getattr(bare(function), "__resources__", ())
    return found


def passed_to(function: Function, index: int) -> tuple[Function, Resource[Any]] | None:
    """Undo `into`, or `into_first` with the index 0.

    Returns:
        The underlying function, and the resource; `None` if something else made the function.
    """
    passed: tuple[Function, Resource[Any], int] | None = getattr(function, "__passed__", None)
    if passed is None or passed[0] is not getattr(function, "__wrapped__", None):
        return None  # a decorator, or `bind`, copied it
    return passed[:2] if passed[2] == index else None


def refuse_of_workers(function: Function, role: str) -> None:
    """Refuse a function that needs a resource of a worker, called where there is none.

    Raises:
        WiringError: it needs one.
    """
    for resource in resources_of(function):
        if resource.per == "worker":
            raise WiringError(
                f"{role} calls {name_of(function)!r}, which needs the resource "
                f"{resource.name!r}, but only workers of processors have one. "
                "Make it with per='run'."
            )


def refuse_without_exit(make: Function, role: str) -> None:
    """Refuse what certainly returns no async context manager.

    Raises:
        WiringError: it does not.
    """
    if not callable(make):
        raise WiringError(
            f"{role} needs a function that returns an async context manager, not {shorten(make)}"
        )
    runs = called(make)
    decorate = "contextlib.asynccontextmanager"
    if inspect.isasyncgenfunction(runs):
        kind, way_out = "an async generator function", f"Decorate it with {decorate}."
    elif inspect.iscoroutinefunction(runs):
        way_out = f"Make it an async generator with one `yield`, decorated with {decorate}."
        kind = "a coroutine function"
    else:
        return
    raise WiringError(
        f"{role} needs a function that returns an async context manager, "
        f"but {name_of(make)!r} is {kind}. {way_out}"
    )
