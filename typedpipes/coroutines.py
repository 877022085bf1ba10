"""Questions about a user's coroutine function: its kind, its name, and what it takes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from contextlib import suppress
from inspect import Signature
from typing import Concatenate, Final, ParamSpec, TypeAlias

from typing_extensions import TypeVar

from typedpipes.errors import WiringError
from typedpipes.promise import Function, Kind, bare, is_bound, promise_of
from typedpipes.shorten import shorten

First = TypeVar("First")
Result = TypeVar("Result")
P = ParamSpec("P")

Gift: TypeAlias = Awaitable[Result] | AsyncIterable[Result]

WRAP: Final = "Wrap it in in_thread, or make it `async def`."
MAKE_ASYNC: Final = "Make it `async def`."
SEVERAL: Final = "Pass an async generator function: `async def` with `yield`."


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

    signature, wrong = _fitting(coro, object(), *args, **kwargs)
    if wrong is not None:
        raise WiringError(f"cannot bind the arguments of {name_of(coro)!r}: {wrong}")
    if signature is not None:
        first = list(signature.parameters.values())[:1]
        # The parameter that is left, for code that inspects the signature.
        vars(bound)["__signature__"] = signature.replace(parameters=first)
    vars(bound)["__bound__"] = coro
    if not args:
        vars(bound)["__fixed__"] = (coro, kwargs)
    return bound


def unbound(function: Function) -> tuple[Function, Mapping[str, object]]:
    """Undo `bind` or `functools.partial`, if all arguments were fixed by keyword.

    Returns:
        The underlying function, and the arguments that were fixed.
    """
    fixed: tuple[Function, Mapping[str, object]] = function, {}
    if is_bound(function):  # else a decorator copied what is fixed in the function that it wraps
        fixed = getattr(function, "__fixed__", fixed)
    if isinstance(function, functools.partial) and not function.args:
        below: Function = function.func
        fixed = below, function.keywords
    return fixed


def name_of(function: Function) -> str:
    """Return the name that a user would call the function by."""
    function = bare(function)
    name = getattr(function, "__name__", type(function).__name__)
    return str(name).strip("<>")


def kind_of(function: object, role: str, *, way_out: str = WRAP) -> Kind:
    """Return whether it gives one result per call or any number.

    What cannot be told before it is called, as of a lambda, is taken for a coroutine function.

    Args:
        function: what the user passed.
        role: what calls it, for the message, such as `"the processor 'parse'"`.
        way_out: what to do with a plain function.

    Raises:
        WiringError: it is not callable, or certainly neither a coroutine function nor an async
            generator function.
    """
    if not callable(function):
        way_out = ""
        if inspect.iscoroutine(function):
            function.close()  # it will never be awaited
            way_out = ". Pass the function itself, without calling it."
        raise WiringError(f"{role} needs a coroutine function, not {shorten(function)}{way_out}")
    promise = promise_of(function)
    if promise is None:
        plain = "a plain function"
        if inspect.isgeneratorfunction(bare(function)):
            plain, way_out = "a plain generator function", MAKE_ASYNC
        raise WiringError(
            f"{role} needs a coroutine function, but {name_of(function)!r} is {plain}. {way_out}"
        )
    return promise.kind


def gives_one(function: object, role: str) -> bool:
    """Whether it gives one result per call, unless only the call can tell.

    Raises:
        WiringError: as in `kind_of`.
    """
    kind = kind_of(function, role, way_out=MAKE_ASYNC)
    return kind == "coroutine" or not is_sure(function)


def is_sure(function: object) -> bool:
    """Whether it gives what `kind_of` says, because it says so itself."""
    promise = promise_of(function) if callable(function) else None
    return promise is not None and promise.sure


def awaitable(
    given: Gift[Result], function: Function, role: str, *, way_out: str = MAKE_ASYNC
) -> Awaitable[Result]:
    """Return what a function gave, if it can be awaited.

    Raises:
        WiringError: it cannot.
    """
    if isinstance(given, Awaitable):
        return given
    raise WiringError(f"{role} awaits {_what_came(given, function, way_out)}")


def async_iterable(
    given: Gift[Result], function: Function, role: str, *, way_out: str = SEVERAL
) -> AsyncIterable[Result]:
    """Return what a function gave, if it can be iterated.

    Raises:
        WiringError: it cannot.
    """
    if isinstance(given, AsyncIterable):
        return given
    if inspect.iscoroutine(given):
        given.close()  # it will never be awaited
    raise WiringError(f"{role} iterates over {_what_came(given, function, way_out)}")


def _what_came(given: object, function: Function, way_out: str) -> str:
    came = f"what {name_of(function)!r} gives, but that is {shorten(given)}"
    return f"{came}. {SEVERAL if isinstance(given, AsyncIterable) else way_out}"


def refuse_coroutine(
    function: Function, wrapper: str, *, way_out: str = "Use it as it is."
) -> None:
    """Refuse a function that is not plain.

    Raises:
        WiringError: it is not callable, or is already async.
    """
    if not callable(function):
        raise WiringError(f"{wrapper} needs a plain function, not {shorten(function)}")
    promise = promise_of(function)
    if promise is not None and promise.sure:
        raise WiringError(
            f"{wrapper} needs a plain function, but {name_of(function)!r} is async. {way_out}"
        )


def takes(function: Function, count: int, role: str) -> None:
    """Refuse a function that cannot be called with `count` arguments.

    Raises:
        WiringError: it takes more or fewer.
    """
    signature, wrong = _fitting(function, *[object()] * count)
    if signature is not None and wrong is not None:
        given = "one argument" if count == 1 else f"{count or 'no'} arguments"
        way_out = (
            " Fix the others with bind." if count and len(signature.parameters) > count else ""
        )
        raise WiringError(
            f"{role} calls {name_of(function)!r} with {given}, "
            f"but it is {name_of(function)}{signature}.{way_out}"
        )


def takes_more(function: Function, count: int, role: str) -> None:
    """Refuse a function that cannot be called with `count` arguments before the others.

    Raises:
        WiringError: it takes fewer.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # it is written in C and does not say
        return
    try:
        signature.bind_partial(*[object()] * count)
    except TypeError:
        given = "one argument" if count == 1 else f"{count} arguments"
        raise WiringError(
            f"{role} calls {name_of(function)!r} with {given}, "
            f"but it takes fewer: {name_of(function)}{signature}"
        ) from None


def leave_out(call: Function, function: Function, index: int) -> None:
    """Have the signature of `call` be that of `function`, without the parameter at an index."""
    with suppress(TypeError, ValueError):  # a function written in C may have none
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
        if all(each.kind is not each.VAR_POSITIONAL for each in parameters[: index + 1]):
            del parameters[index]
        vars(call)["__signature__"] = signature.replace(parameters=parameters)


def _fitting(
    function: Function, *args: object, **kwargs: object
) -> tuple[Signature | None, TypeError | None]:
    """Find the signature that takes the arguments, and what is wrong if none does.

    A decorator may change the call: where what it wraps does not take them, it may do so itself.

    Returns:
        No signature for a function that does not say, being written in C.
    """
    try:
        signature = inspect.signature(function)
        own = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return None, None
    wrong = _misfit(signature, *args, **kwargs)
    if wrong is not None and _misfit(own, *args, **kwargs) is None:
        return own, None
    return signature, wrong


def _misfit(signature: Signature, *args: object, **kwargs: object) -> TypeError | None:
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        return error
    return None
