"""Folds: a state that takes items, and gives results for them, at intervals, and at its end."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterable
from itertools import chain
from typing import Any, Generic, Protocol

from typing_extensions import TypeIs, TypeVar

from typedpipes.arguments import seconds
from typedpipes.coroutines import name_of, refuse_coroutine, takes
from typedpipes.errors import WiringError
from typedpipes.promise import Function, bare
from typedpipes.shorten import shorten

In = TypeVar("In")
Out = TypeVar("Out")
In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)

_METHODS = {"take": 1, "tick": 0, "end": 0}
"""What is called, and how many arguments it gets."""


class Fold(Protocol[In_contra, Out_co]):
    """A state that takes items, and gives results: for each of them, at intervals, at its end.

    `Processor.folding` makes a processor of it. A subclass needs `take` only. The methods are plain
    functions, and may be generators. They are called one after the other in the event loop, so
    what they change is never seen half done; what has to be awaited belongs in a processor
    before or after the fold. What they return is iterated as there is room for results, to
    its end before the next call.
    """

    def take(self, item: In_contra, /) -> Iterable[Out_co]:
        """Take an item, and return what it leads to, if anything. If it raises, the item fails."""
        ...

    def tick(self) -> Iterable[Out_co]:
        """Return what there is to give now: called at intervals. If it raises, the run fails."""
        return ()

    def end(self) -> Iterable[Out_co]:
        """Return what is left: called once, last of all. If it raises, the run fails."""
        return ()


class Folded(Generic[In, Out]):
    """What a processor that folds has in place of a coroutine function.

    Called with an item, it folds that alone.

    Args:
        make: returns a new state.
        every: how many seconds are between two ticks; none without it.

    Raises:
        WiringError: `make` is not a function without arguments, or what it makes is no fold.
        SettingError: `every` is not above 0.
    """

    def __init__(self, make: Callable[[], Fold[In, Out]], every: float | None) -> None:
        self.__name__: str = name_of(make)
        role = f"the fold {self.__name__!r}"
        refuse_coroutine(make, role, way_out="Make the state at once.")
        takes(make, 0, role)
        made = bare(make)
        if inspect.isclass(made):
            _check(made, role, ticks=every is not None)
        self.make: Callable[[], Fold[In, Out]] = make
        self.every: float | None = None if every is None else seconds(f"every of {role}", every)

    async def __call__(self, item: In, /) -> AsyncIterator[Out]:
        """Yield what a new state gives for an item, and at its end."""
        state = self.make()
        for result in chain(state.take(item), state.end()):
            yield result


def _check(kind: type, role: str, *, ticks: bool) -> None:
    for name, count in _METHODS.items():
        method: Function | None = getattr(kind, name, None)
        if method is None:
            raise WiringError(f"{role} has no method {name!r}. Make it a subclass of Fold.")
        what = f"the method {name!r} of {role}"
        refuse_coroutine(method, what, way_out="Await in a processor before or after it.")
        takes(method, count + 1, what)
    if ticks and getattr(kind, "tick", None) is vars(Fold)["tick"]:
        raise WiringError(f"{role} has no method 'tick' to be called at intervals. Write one.")


def is_folded(coro: object) -> TypeIs[Folded[Any, Any]]:  # Any: its item types are unknown
    """Whether it stands for a fold."""
    return isinstance(coro, Folded)


def results_of(given: object, name: str, method: Function) -> Iterable[object]:
    """Return what a method of a fold gave, if it is what can be iterated for results.

    Args:
        given: what it gave.
        name: of the processor.
        method: that method.

    Raises:
        TypeError: it is not.
    """
    if _is_iterable(given):
        return given
    raise TypeError(
        f"{name_of(method)!r} of {name!r} has to return an iterable of results, "
        f"not {shorten(given)}. Return a list, or () if there are none; or make it a generator, "
        "with `yield`."
    )


def _is_iterable(given: object) -> TypeIs[Iterable[object]]:
    return isinstance(given, Iterable) and not isinstance(given, str | bytes)
