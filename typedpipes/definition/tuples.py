"""Tuples compared item by item: of one length, of any, and of any in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from types import GenericAlias
from typing import Unpack, get_args, get_origin, get_type_hints

from attrs import frozen
from typing_extensions import Unpack as UnpackForOlder

from typedpipes.definition.bases import arguments_as
from typedpipes.definition.type_hints import UNKNOWN, Hint, substitute, unwrap

_UNPACK = (Unpack, UnpackForOlder)


@frozen
class Items:
    """The items of a tuple.

    Attributes:
        first: those that it begins with.
        rest: what may come any number of times after them, if anything.
        last: those that it ends with.
    """

    first: Sequence[Hint]
    rest: Hint | None = None
    last: Sequence[Hint] = ()

    def each(self) -> Iterator[Hint]:
        """Yield the type of each item; what may come any number of times comes once."""
        return chain(self.first, () if self.rest is None else (self.rest,), self.last)


_ANYTHING = Items((), UNKNOWN)


def items_of(hint: Hint) -> Items:
    """Return the items of a tuple or of a subclass of `tuple`."""
    kind = get_origin(hint) or hint
    if not isinstance(kind, type) or hint is tuple:
        return _ANYTHING
    names: Sequence[str] | None = getattr(kind, "_fields", None)
    if names is not None:
        return Items(tuple(_fields(hint, kind, names)))
    arguments = arguments_as(hint, tuple)
    return _ANYTHING if arguments is None else _read(arguments)


def _fields(hint: Hint, kind: type, names: Sequence[str]) -> Iterator[Hint]:
    """Yield the types in a tuple with names, which stand in its annotations."""
    try:
        hints: Mapping[str, Hint] = get_type_hints(kind)
    except Exception:  # noqa: BLE001  # an annotation may be any expression and raise anything
        hints = {}
    variables: Sequence[Hint] = getattr(kind, "__parameters__", ())
    found = dict(zip(variables, get_args(hint), strict=False))
    return (substitute(hints.get(name, UNKNOWN), found) for name in names)


def _read(arguments: Sequence[Hint]) -> Items:
    """Read the type arguments of a tuple, such as `int, ...` or `int, *tuple[str, ...]`."""
    if len(arguments) == 2 and arguments[1] is ...:
        return Items((), arguments[0])
    for number, argument in enumerate(arguments):
        if (inner := _unpacked(argument)) is not None:
            first = (*arguments[:number], *inner.first)
            after = _read(arguments[number + 1 :])
            if inner.rest is None:
                return Items((*first, *after.first), after.rest, after.last)
            return Items(first, inner.rest, (*inner.last, *after.each()))
    return Items(arguments)


def _unpacked(argument: Hint) -> Items | None:
    """Return the items that an argument with a star stands for."""
    inner = argument
    if get_origin(argument) in _UNPACK:
        inner = unwrap(get_args(argument)[0])
    elif not isinstance(argument, GenericAlias) or not getattr(argument, "__unpacked__", False):
        return None
    # Otherwise it is a type variable for any number of types.
    return _read(get_args(inner)) if get_origin(inner) is tuple else _ANYTHING


def compare_items(given: Items, taken: Items, meet: Callable[[Hint, Hint], bool]) -> bool:
    """Whether every tuple of the given items is one of those that are taken.

    Args:
        given: the items of the one.
        taken: the items of the other.
        meet: compares two items.
    """
    if given == _ANYTHING:
        return all(meet(UNKNOWN, each) for each in taken.each())
    first, last = len(taken.first), len(taken.last)
    if given.rest is None:
        if len(given.first) < first + last:
            return False
        end = len(given.first) - last
        given = Items(given.first[:end], None, given.first[end:])
    if len(given.first) < first or len(given.last) < last:
        return False
    end = len(given.last) - last
    ends = *given.first[:first], *given.last[end:]
    middle = [*Items(given.first[first:], given.rest, given.last[:end]).each()]
    if taken.rest is None and middle:
        return False
    sides = zip(ends, (*taken.first, *taken.last), strict=True)
    return all(meet(*side) for side in sides) and all(meet(each, taken.rest) for each in middle)
