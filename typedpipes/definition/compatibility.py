"""Whether two types meet, as type checkers see it: `list[bool]` and `Sequence[int]` do.

What cannot be told at run time meets. To refuse what is right would be worse than to accept what is
wrong, since mypy has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, Literal, Never, NewType, NoReturn, TypeVar, get_args, get_origin

from typedpipes.definition.classes import compare_classes
from typedpipes.definition.type_hints import (
    UNKNOWN,
    Found,
    Hint,
    evaluate_text,
    is_union,
    is_variable,
    make_union,
    unwrap,
)

_NOTHING: Sequence[Hint] = (Never, NoReturn)


def is_compatible(given: Hint, taken: Hint, found: Found) -> bool:
    """Whether items of the given type may go where the other is taken.

    Args:
        given: the type of the items.
        taken: the type that is expected.
        found: what the type variables in `taken` stand for; newly bound ones are added.
    """
    try:
        return _meet(given, taken, found)
    except RecursionError:  # two aliases, each of which contains itself
        return True


def _meet(given: Hint, taken: Hint, found: Found) -> bool:
    if given == taken:  # also an alias that contains itself
        return True
    given, taken = unwrap(given), unwrap(taken)
    if is_variable(taken):
        return _bind_variable(taken, given, found)
    if is_variable(given):  # the parameter of a function that is taken
        return _meet(found.setdefault(given, taken), taken, found)
    if UNKNOWN in (given, taken) or taken is object or given in _NOTHING:
        return True
    if alternatives := _alternatives(given, taken):
        return all(_meet(each, taken, found) for each in alternatives)
    members: Sequence[Hint] = get_args(taken) if is_union(taken) else (taken,)
    # Type variables last: they take anything.
    return any(_try(given, each, found) for each in sorted(members, key=is_variable))


def _alternatives(given: Hint, taken: Hint) -> Sequence[Hint]:
    """Return what the given type is one of: the members of a union or, if it matters, an enum."""
    arguments = get_args(given)
    if is_union(given):
        return arguments
    if get_origin(given) is Literal:
        return [_literal(each) for each in arguments] if len(arguments) > 1 else ()
    if not any(get_origin(each) is Literal for each in (taken, *get_args(taken))):
        return ()
    return [_literal(each) for each in _values(given)]


def _values(given: Hint) -> Iterable[object]:
    """Return all values of a type that has few: the members of an enum, also of a flag."""
    if isinstance(given, type) and issubclass(given, Enum):
        return given
    return (True, False) if given is bool else ()


def _literal(value: object) -> Hint:
    whole: Any = Literal  # Any: made at run time
    return whole[value]


def _try(given: Hint, taken: Hint, found: Found) -> bool:
    """Compare with one of several types; if they do not meet, what was found is forgotten."""
    if is_variable(taken):
        return _bind_variable(taken, given, found)
    trial = dict(found)
    if not _meet_single(given, taken, trial):
        return False
    found.update(trial)
    return True


def _meet_single(given: Hint, taken: Hint, found: Found) -> bool:
    """Compare two types that are neither unions nor type variables."""
    if given == taken:
        return True
    if get_origin(taken) is Literal or isinstance(taken, NewType):
        return _is_one_of(given, taken, found)
    if get_origin(given) is Literal:
        value: object = get_args(given)[0]
        return _meet(type(value), taken, found)
    if isinstance(given, NewType):
        return _meet(given.__supertype__, taken, found)
    return taken not in _NOTHING and compare_classes(given, taken, found, _meet)


def _is_one_of(given: Hint, taken: Hint, found: Found) -> bool:
    """Whether it is one of the values of a `Literal`, or a `NewType` of a `NewType`."""
    if isinstance(given, NewType):
        return _meet(given.__supertype__, taken, found)
    if get_origin(given) is not Literal or get_origin(taken) is not Literal:
        return False
    (value,) = get_args(given)
    return any(value == each and type(value) is type(each) for each in get_args(taken))


def _bind_variable(variable: TypeVar, given: Hint, found: Found) -> bool:
    """Bind a type variable to the given type, if its bound allows it."""
    if variable in found and _meet(given, found[variable], {}):
        return True
    bound: Hint = variable.__bound__
    asked = object if bound is None else evaluate_text(bound, variable)
    right = _meet(given, asked, {})
    if variable.__constraints__:
        fitting = [each for each in variable.__constraints__ if _meet(given, each, {})]
        asked = make_union(variable.__constraints__)
        right = bool(fitting) and variable not in found
        given = next(iter(fitting), given)
    elif variable in found:
        given = make_union([found[variable], given])
    found[variable] = given if right else asked
    return right
