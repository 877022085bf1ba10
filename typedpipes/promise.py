"""What a function promises to give, as far as that can be told without calling it."""

from __future__ import annotations

import builtins
import functools
import inspect
from collections.abc import AsyncIterable, Awaitable, Callable
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

Kind = Literal["coroutine", "generator"]
Function = Callable[..., object]
"""Any callable: here nothing is asked of its arguments and its result."""


class Promise(NamedTuple):
    """What a function gives: an awaitable (`"coroutine"`) or an async iterable (`"generator"`).

    It is sure if the function itself says so, and else what it is taken for until it is called.
    """

    kind: Kind
    sure: bool = True


_UNKNOWN = Promise("coroutine", sure=False)


def promise_of(function: Function) -> Promise | None:
    """Return what a function promises; nothing if what it gives is certainly not async."""
    if inspect.isclass(function):
        return _promised(function)
    runs = called(function)
    if inspect.isasyncgenfunction(runs):
        return Promise("generator")
    if _is_coroutine_function(bare(function)) or _is_coroutine_function(runs):
        return Promise("coroutine")
    if inspect.isgeneratorfunction(runs) or _is_builtin(runs):
        return None
    wrapped = getattr(runs, "__wrapped__", None)
    return _through(runs, wrapped) if callable(wrapped) else _promised(_returned(runs))


def _is_coroutine_function(function: Function) -> bool:
    """Whether it is one, or marked as one, or a generator that can be awaited."""
    code = getattr(function, "__code__", None)
    awaited = inspect.iscode(code) and code.co_flags & inspect.CO_ITERABLE_COROUTINE
    return bool(awaited) or inspect.iscoroutinefunction(function)


def _through(function: Function, wrapped: Function) -> Promise | None:
    """Go by the function that another one wraps: that may give anything else in its place.

    Its annotations are copies of those of the wrapped one, and say nothing about itself.
    """
    promise = promise_of(wrapped)
    if is_bound(function):
        return promise
    return _UNKNOWN if promise is None else Promise(promise.kind, sure=False)


def bare(function: Function) -> Function:
    """Take off every `functools.partial` around a function."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def called(function: Function) -> Function:
    """Return the function that runs when a callable is called: of an object, its `__call__`.

    An object that binds itself as methods do is an object all the same.
    """
    function = bare(function)
    call: Function = type(function).__call__
    return call if isinstance(call, FunctionType) else function


def is_bound(function: Function) -> bool:
    """Whether it was made by `bind`, and not by a decorator that copied its attributes."""
    before: object = getattr(function, "__bound__", None)
    return before is not None and before is getattr(function, "__wrapped__", None)


def _is_builtin(function: Function) -> bool:
    """Whether it is a function or a method that Python brings, such as `print` or `str.upper`."""
    if not isinstance(function, BuiltinFunctionType | MethodDescriptorType):
        return False
    module: object = getattr(function, "__module__", None)
    for owner in ("__objclass__", "__self__"):  # of a method; the second may be an object
        module = module or getattr(getattr(function, owner, None), "__module__", None)
    return module in (builtins.__name__, None)


def _returned(function: Function) -> object:
    """Return the annotation of the result alone: those of parameters may be for checkers only."""
    function = getattr(function, "__func__", function)
    try:
        annotation = function.__annotations__["return"]
        stub = type("stub", (), {"__annotations__": {"return": annotation}})
        return get_type_hints(stub, globalns=getattr(function, "__globals__", {}))["return"]
    except Exception:  # noqa: BLE001  # an annotation may be any expression and raise anything
        return Any


def _promised(hint: object) -> Promise | None:
    """Return what an annotation promises."""
    origin = get_origin(hint) or hint
    if hasattr(origin, "__value__"):  # an alias that a `type` statement made
        return _promised(getattr(origin, "__value__"))  # noqa: B009  # checkers know no aliases
    if origin in (Union, UnionType):
        return _either([_promised(each) for each in get_args(hint)])
    if hint is Any or not inspect.isclass(origin):
        return _UNKNOWN
    if issubclass(origin, Awaitable):
        return Promise("coroutine")
    return Promise("generator") if issubclass(origin, AsyncIterable) else None


def _either(promises: list[Promise | None]) -> Promise | None:
    """Return what all of them promise; what only some do is not sure."""
    if len(set(promises)) == 1:
        return promises[0]
    return _UNKNOWN
