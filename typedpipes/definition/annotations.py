"""The annotations of what is called: a function, a method, an object or a class."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import FunctionType
from typing import Any, get_type_hints

from typedpipes.definition.bases import arguments_as, parameters_of
from typedpipes.definition.type_hints import Hint, evaluate, substitute
from typedpipes.processor import Failure
from typedpipes.promise import Function, called


def hints_of(function: Function) -> Mapping[str, Hint]:
    """Return the type hints of parameters and the result, without those that are unknown.

    A class takes what its `__init__` or `__new__` takes, and returns an object of it. The type
    variables of a generic class are replaced in its methods where its object knows them.
    """
    if inspect.isclass(function):
        return {**_hints(_maker(function)), "return": function}
    hints, known = _hints(called(function)), _known_variables(function)
    return {name: _put_in(hint, known) for name, hint in hints.items()} if known else hints


def _maker(kind: type) -> Function | None:
    """Return what takes the arguments of a class; nothing if that is written in C."""
    made_by = (vars(each).get(name) for each in kind.__mro__ for name in ("__init__", "__new__"))
    functions = (getattr(each, "__func__", each) for each in made_by)
    return next((each for each in functions if isinstance(each, FunctionType)), None)


def _hints(function: Function | None) -> Mapping[str, Hint]:
    if function is None:
        return {}
    try:
        hints: Mapping[str, Hint] = get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001  # an annotation may be any expression and raise anything
        hints = _each_alone(function)
    return {name: hint for name, hint in hints.items() if hint is not Any and _is_type(hint)}


def _each_alone(function: Function) -> Mapping[str, Hint]:
    """Evaluate the annotations one by one: some names may exist for type checkers only."""
    namespace = getattr(inspect.unwrap(function), "__globals__", {})
    annotations: Mapping[str, object] = getattr(function, "__annotations__", {})
    return {name: evaluate(each, namespace) for name, each in annotations.items()}


def _is_type(hint: Hint) -> bool:
    """Whether it can be compared: not `P.args` of a decorator, and not a mistake like `-> 3`."""
    kind: Any = Failure  # Any: made at run time
    try:
        hash(kind[hint])
    except TypeError:
        return False
    return True


def _known_variables(function: Function) -> Mapping[Hint, Hint]:
    """Return what the type variables of its class stand for in a method or in an object.

    An object knows that if it was made by `Count[str]()`, or by a subclass of `Count[str]`.
    """
    one: object = getattr(function, "__self__", function)
    kind: type[object] = type(one)
    made_as: Hint = getattr(one, "__orig_class__", kind)
    code = getattr(called(function), "__func__", called(function))
    for owner in kind.__mro__:
        if any(code is member for member in vars(owner).values()):
            arguments = arguments_as(made_as, owner) or ()
            return dict(zip(parameters_of(owner), arguments, strict=False))
    return {}


def _put_in(hint: Hint, known: Mapping[Hint, Hint]) -> Hint:
    """Replace the known type variables, and leave the others."""
    variables = [hint, *getattr(hint, "__parameters__", ())]
    return substitute(hint, {each: known.get(each, each) for each in variables})
