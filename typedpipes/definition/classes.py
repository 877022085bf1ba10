"""Types that are made of a class, compared: by their bases, arguments, items, keys or members."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from types import FunctionType
from typing import Any, Never, TypeAlias, TypeVar, get_args, get_origin, is_typeddict

from attrs import frozen
from typing_extensions import TypeIs, is_protocol

from typedpipes.definition.bases import arguments_as, parameters_of
from typedpipes.definition.members import has_members, have_keys, keys_of
from typedpipes.definition.tuples import compare_items, items_of
from typedpipes.definition.type_hints import UNKNOWN, Found, Hint, make_union, substitute

Meet: TypeAlias = Callable[[Hint, Hint, Found], bool]
"""Compares any two types; adds what type variables stand for."""

_CALLABLE: Any = Callable  # Any: to type checkers it is no class
_WITHOUT_HASH = ("builtins", "collections")


@frozen
class Side:
    """A type that is made of a class.

    Attributes:
        hint: the type.
        kind: the class.
        arguments: its type arguments, if there are any.
    """

    hint: Hint
    kind: type
    arguments: Sequence[Hint]


def compare_classes(given: Hint, taken: Hint, found: Found, meet: Meet) -> bool:
    """Compare two types that are made of classes; others meet.

    Args:
        given: the type of the items.
        taken: the type that is expected.
        found: what type variables stand for.
        meet: compares their parts.
    """
    ours, theirs = _side(given), _side(taken)
    if ours is None or theirs is None:
        return True
    return _comparison(ours.kind, theirs.kind)(ours, theirs, found, meet)


def _side(hint: Hint) -> Side | None:
    kind = get_origin(hint) or hint
    return Side(hint, kind, get_args(hint)) if isinstance(kind, type) else None


def _comparison(given: type, taken: type) -> Callable[[Side, Side, Found, Meet], bool]:
    if given is type:
        return _compare_class
    if given is _CALLABLE and taken is _CALLABLE:
        return _compare_calls
    if is_typeddict(taken):
        return _compare_keys
    return _compare_tuples if taken is tuple else _compare_objects


def _compare_class(given: Side, taken: Side, found: Found, meet: Meet) -> bool:
    """Compare a class that is an item itself. How it is called, it does not say."""
    (kind,) = given.arguments or (UNKNOWN,)
    if taken.kind in (type, _CALLABLE):
        return not taken.arguments or meet(kind, taken.arguments[-1], found)
    if is_protocol(taken.kind):
        return True
    return not is_typeddict(taken.kind) and _is_subclass(type(kind), taken.kind)


def _compare_calls(given: Side, taken: Side, found: Found, meet: Meet) -> bool:
    """Compare functions: one that takes more fits, and so does one that gives less."""
    if not given.arguments or not taken.arguments:
        return True
    (*_, result), (*_, expected) = given.arguments, taken.arguments
    ours, theirs = _parameters(given), _parameters(taken)
    if ours is not None and theirs is not None:
        if len(ours) != len(theirs):
            return False
        if not all(meet(asked, each, found) for each, asked in zip(ours, theirs, strict=True)):
            return False
    return meet(result, expected, found)


def _parameters(call: Side) -> Sequence[Hint] | None:
    """Return the types of the parameters, unless they are `...` or unknown."""
    first = call.arguments[0]
    return first if _is_list(first) else None


def _is_list(hint: Hint) -> TypeIs[list[Hint]]:
    return isinstance(hint, list)


def _compare_keys(given: Side, taken: Side, found: Found, meet: Meet) -> bool:
    if not is_typeddict(given.kind):
        return False
    try:
        ours, theirs = keys_of(given.hint), keys_of(taken.hint)
    except Exception:  # noqa: BLE001  # an annotation may be any expression and raise anything
        return True
    return have_keys(ours, theirs, lambda one, other: meet(one, other, found))


def _compare_tuples(given: Side, taken: Side, found: Found, meet: Meet) -> bool:
    if not issubclass(given.kind, tuple):
        return False
    ours, theirs = items_of(given.hint), items_of(taken.hint)
    return compare_items(ours, theirs, lambda one, other: meet(one, other, found))


def _compare_objects(given: Side, taken: Side, found: Found, meet: Meet) -> bool:
    """Compare objects of two classes, by bases if there are any, else by members."""
    shown = _shown(given, taken)
    if taken.kind is Hashable:
        return not _is_unhashable(shown.kind)
    if (arguments := arguments_as(shown.hint, taken.kind)) is not None:
        return _compare_arguments(Side(shown.hint, taken.kind, arguments), taken, found, meet)
    if is_protocol(taken.kind):
        return has_members(FunctionType if given.kind is _CALLABLE else given.kind, taken.kind)
    return _is_subclass(shown.kind, taken.kind)


def _shown(given: Side, taken: Side) -> Side:
    """Return what type checkers know of the bases of functions, dictionaries and tuples."""
    hint, kind = given.hint, given.kind
    is_tuple = issubclass(kind, tuple)
    if kind is _CALLABLE:
        hint = FunctionType
    elif is_typeddict(kind):
        hint = Mapping[str, object]
    elif is_tuple and taken.kind not in given.kind.__mro__:
        items: Any = make_union([*items_of(hint).each()] or [Never])  # Any: made at run time
        hint = Sequence[items]
    return _side(hint) or given


def _is_unhashable(kind: type) -> bool:
    """Whether type checkers know that it has no hash; of a user's class they do not."""
    owner = next(each for each in kind.__mro__ if "__hash__" in vars(each))
    return vars(owner)["__hash__"] is None and owner.__module__ in _WITHOUT_HASH


def _compare_arguments(given: Side, taken: Side, found: Found, meet: Meet) -> bool:
    """Compare the type arguments of two types of one class; where there are none, they meet."""
    if len(given.arguments) != len(taken.arguments):
        return True
    variables: Sequence[TypeVar | None] = parameters_of(taken.kind)
    if len(variables) != len(taken.arguments):
        variables = [None] * len(taken.arguments)
    return all(
        _compare_argument(variable, one, other, found, meet)
        for variable, one, other in zip(variables, given.arguments, taken.arguments, strict=True)
    )


def _compare_argument(
    variable: TypeVar | None, given: Hint, taken: Hint, found: Found, meet: Meet
) -> bool:
    """Compare as the variance of the type variable in their place says, if it does."""
    if variable is None or getattr(variable, "__infer_variance__", False):
        return meet(given, taken, found) or meet(taken, given, found)
    if variable.__contravariant__:
        return meet(taken, given, found)
    if not meet(given, taken, found):
        return False
    return variable.__covariant__ or meet(substitute(taken, found), given, {})


def _is_subclass(one: type, other: type) -> bool:
    """Whether one is a subclass that does not say so, such as of `Sized`."""
    try:
        return issubclass(one, other)
    except Exception:  # noqa: BLE001  # a class may answer the question by itself, and raise
        return True
