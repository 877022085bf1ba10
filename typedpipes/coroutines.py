"""What kind of coroutine function a user hands over, what it is called, and what it takes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Mapping,
)
from typing import Concatenate, Literal, ParamSpec, get_origin, get_type_hints

from typing_extensions import TypeVar

from typedpipes.errors import WiringError
from typedpipes.shorten import short

First = TypeVar("First")
Result = TypeVar("Result")
P = ParamSpec("P")

Kind = Literal["coroutine", "generator"]
Function = Callable[..., object]
"""Any callable: here nothing is asked of its arguments and its result."""

_RESULTS: dict[object, Kind] = {
    Awaitable: "coroutine",
    Coroutine: "coroutine",
    AsyncIterable: "generator",
    AsyncIterator: "generator",
    AsyncGenerator: "generator",
}


def bind(
    coro: Callable[Concatenate[First, P], Result], *args: P.args, **kwargs: P.kwargs
) -> Callable[[First], Result]:
    """Fix the arguments of a coroutine function after the first, which stays for the item.

    Raises:
        WiringError: the arguments are not what the function takes.

    >>> async def scale(item: int, factor: int) -> int:
    ...     return item * factor
    >>> import asyncio
    >>> asyncio.run(bind(scale, factor=3)(2))
    6
    """

    @functools.wraps(coro)
    def bound(item: First) -> Result:
        return coro(item, *args, **kwargs)

    signature = _signature(coro)
    if signature is not None:
        try:
            signature.bind(object(), *args, **kwargs)
        except TypeError as error:
            raise WiringError(f"cannot bind the arguments of {name_of(coro)!r}: {error}") from None
        first = list(signature.parameters.values())[:1]
        # What is left to give, for whoever asks what the function takes.
        vars(bound)["__signature__"] = signature.replace(parameters=first)
    if not args:
        vars(bound)["__fixed__"] = (coro, kwargs)
    return bound


def unbound(function: Function) -> tuple[Function, Mapping[str, object]]:
    """Take off what `bind` or `functools.partial` fixed, if all of it was given by keyword.

    Returns:
        The function below, and the arguments that were fixed.
    """
    fixed: tuple[Function, Mapping[str, object]] = getattr(function, "__fixed__", (function, {}))
    if isinstance(function, functools.partial) and not function.args:
        below: Function = function.func
        fixed = below, function.keywords
    return fixed


def name_of(function: Function) -> str:
    """Give the name a user would call the function by."""
    function = bare(function)
    name = getattr(function, "__name__", type(function).__name__)
    return str(name).strip("<>")


def kind_of(function: object, role: str) -> Kind:
    """Tell whether it gives one result per call or any number.

    Args:
        function: what the user handed over.
        role: who calls it, for the message, such as `"the processor 'parse'"`.

    Raises:
        WiringError: it is not callable, or neither a coroutine function nor an async generator
            function.
    """
    if not callable(function):
        way_out = ""
        if inspect.iscoroutine(function):
            function.close()  # nobody will await it
            way_out = ". Pass the function itself, without calling it."
        raise WiringError(f"{role} needs a coroutine function, not {short(function)}{way_out}")
    kind = _kind(function)
    if kind is None:
        raise WiringError(
            f"{role} needs a coroutine function, but {name_of(function)!r} is a plain function. "
            f"Wrap it in in_thread, or make it `async def`."
        )
    return kind


def refuse_coroutine(
    function: Function, wrapper: str, *, way_out: str = "Use it as it is."
) -> None:
    """Refuse a function that must be plain, and is not.

    Raises:
        WiringError: it is not callable, or is async already.
    """
    if not callable(function):
        raise WiringError(f"{wrapper} needs a plain function, not {short(function)}")
    if _kind(function) is not None:
        raise WiringError(
            f"{wrapper} needs a plain function, but {name_of(function)!r} is async. {way_out}"
        )


def takes(function: Function, count: int, role: str) -> None:
    """Refuse a function that cannot be called with `count` arguments.

    Raises:
        WiringError: it takes more or fewer.
    """
    signature = _signature(function)
    if signature is None:
        return
    try:
        signature.bind(*[object()] * count)
    except TypeError:
        given = "one argument" if count == 1 else f"{count or 'no'} arguments"
        way_out = (
            " Fix the others with bind." if count and len(signature.parameters) > count else ""
        )
        raise WiringError(
            f"{role} calls {name_of(function)!r} with {given}, "
            f"but it is {name_of(function)}{signature}.{way_out}"
        ) from None


def bare(function: Function) -> Function:
    """Take off every `functools.partial` around a function."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _kind(function: Function) -> Kind | None:
    function = bare(function)
    if not inspect.isroutine(function):
        function = type(function).__call__
    if inspect.isasyncgenfunction(function):
        return "generator"
    if inspect.iscoroutinefunction(function):
        return "coroutine"
    wrapped = getattr(function, "__wrapped__", None)
    if callable(wrapped) and (kind := _kind(wrapped)):
        return kind
    return _promised(function)


def _promised(function: Function) -> Kind | None:
    """Go by the annotation of a plain function that gives an awaitable or an async iterable."""
    try:
        promised: object = get_type_hints(function).get("return")
    except Exception:  # noqa: BLE001  # an annotation may be any expression and raise anything
        return None
    return _RESULTS.get(get_origin(promised) or promised)


def _signature(function: Function) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # written in C: it does not say
        return None
