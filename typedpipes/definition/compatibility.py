"""Whether two types meet, as type checkers see it: `list[bool]` and `Sequence[int]` do.

beartype compares classes and most generics. Where its answer differs from that of type
checkers, it is corrected here: nested `Any`, numbers, strings as sequences, named tuples,
protocols, type variables. The result is a little more lenient than type checkers are: a
list counts as covariant. Types that cannot be compared meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import (
    Any,
    LiteralString,
    Never,
    NoReturn,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from beartype.door import is_subhint
from typing_extensions import get_protocol_members, is_protocol

from typedpipes.definition.type_hints import (
    UNKNOWN,
    Found,
    Hint,
    is_union,
    is_variable,
    make_union,
    substitute,
    unwrap,
)

_ALSO: dict[Hint, Hint] = {
    str: Sequence[str],
    LiteralString: str,
    bytes: Sequence[int],
    bytearray: Sequence[int],
    range: Sequence[int],
}
"""Base types that a class does not show at run time."""
_PROMOTED: dict[Hint, Sequence[Hint]] = {float: (int,), complex: (float, int)}
"""What type checkers also accept where these are expected."""
_STANDARD = ("builtins", "collections", "collections.abc")


def is_compatible(given: Hint, taken: Hint, found: Found) -> bool:
    """Whether items of the given type may go where the other is taken.

    Args:
        given: the type of the items.
        taken: the type that is expected.
        found: what the type variables in `taken` stand for; newly bound ones are added.
    """
    given, taken = unwrap(given), unwrap(taken)
    if is_variable(taken):
        return _bind_variable(taken, given, found)
    if UNKNOWN in (given, taken) or taken is object or given is Never or given is NoReturn:
        return True
    if given == taken:
        return True
    if is_union(given):
        return all(is_compatible(each, taken, found) for each in get_args(given))
    if is_union(taken):
        # Type variables last: they take anything.
        members = sorted(get_args(taken), key=is_variable)
        return any(is_compatible(given, each, found) for each in members)
    return _is_compatible_single(given, taken, found)


def _is_compatible_single(given: Hint, taken: Hint, found: Found) -> bool:
    """Compare two types that are neither unions nor type variables."""
    if any(given is each for each in _PROMOTED.get(taken, ())):
        return True
    if isinstance(given, type) and (fields := _named_tuple(given)) and get_origin(taken):
        given = fields
    if isinstance(taken, type) and (is_protocol(taken) or is_typeddict(taken)):
        return _has_member_names(given, taken)
    if get_origin(given) is tuple and get_args(taken):
        return _is_compatible_tuple(get_args(given), taken, found)
    if _have_parallel_arguments(given, taken):
        sides = zip(get_args(given), get_args(taken), strict=True)
        return all(is_compatible(one, other, found) for one, other in sides)
    if isinstance(given, type) and get_origin(taken) and _is_open(given):
        taken = get_origin(taken)  # a bare `list`: its item type is unknown
    also = _ALSO.get(given)
    return _is_subtype(given, substitute(taken, found)) or (
        also is not None and is_compatible(also, taken, found)
    )


def _is_compatible_tuple(given: Sequence[Hint], taken: Hint, found: Found) -> bool:
    parts = given[:1] if len(given) == 2 and given[1] is ... else given
    asked = get_args(taken)
    if get_origin(taken) is not tuple:
        kind = get_origin(taken)
        return _is_subtype(tuple, kind) and all(
            is_compatible(part, asked[0], found) for part in parts
        )
    if len(asked) == 2 and asked[1] is ...:
        return all(is_compatible(part, asked[0], found) for part in parts)
    if parts is not given or len(parts) != len(asked):
        return False
    return all(is_compatible(part, each, found) for part, each in zip(parts, asked, strict=True))


def _bind_variable(variable: TypeVar, given: Hint, found: Found) -> bool:
    """Bind a type variable to the given type, if its bound allows it."""
    if variable in found:
        if not is_compatible(given, found[variable], {}):
            found[variable] = make_union([found[variable], given])
        return True
    fits = [each for each in variable.__constraints__ if is_compatible(given, each, {})]
    asked = make_union(variable.__constraints__) if variable.__constraints__ else variable.__bound__
    right = (
        bool(fits)
        or asked is None
        or (not variable.__constraints__ and is_compatible(given, asked, {}))
    )
    found[variable] = (fits[0] if fits else given) if right else asked
    return right


def _is_open(kind: type) -> bool:
    """Whether a class takes type arguments and has none here."""
    return bool(getattr(kind, "__parameters__", hasattr(kind, "__class_getitem__")))


def _have_parallel_arguments(given: Hint, taken: Hint) -> bool:
    """Whether their type arguments can be compared one by one."""
    one, other = get_origin(given), get_origin(taken)
    return (
        isinstance(one, type)
        and isinstance(other, type)
        and (one is other or (one.__module__ in _STANDARD and other.__module__ in _STANDARD))
        and _is_subtype(one, other)
        and len(get_args(given)) == len(get_args(taken))
        and not any(isinstance(part, list) for part in (*get_args(given), *get_args(taken)))
    )


def _named_tuple(kind: type) -> Hint | None:
    names = getattr(kind, "_fields", None)
    if not issubclass(kind, tuple) or names is None:
        return None
    hints = get_type_hints(cast("type", kind))  # to type checkers it is a tuple of anything
    parts: Any = tuple(hints.get(name, UNKNOWN) for name in names)  # Any: made at run time
    return tuple[parts]


def _has_member_names(given: Hint, taken: type) -> bool:
    """Compare with a protocol or a typed dict by member names alone."""
    if is_typeddict(taken):
        names: frozenset[str] = getattr(taken, "__required_keys__", frozenset[str]())
        return is_typeddict(given) and names <= set(getattr(given, "__annotations__", {}))
    kind = get_origin(given) or given
    known = {*dir(kind)}.union(*(vars(each).get("__annotations__", ()) for each in _mro(kind)))
    return get_protocol_members(taken) <= known


def _mro(kind: Hint) -> Sequence[type]:
    return kind.__mro__ if isinstance(kind, type) else ()


def _is_subtype(given: Hint, taken: Hint) -> bool:
    """Ask beartype. Types that it cannot compare meet."""
    one: Any = given  # Any: a type that was made at run time
    other: Any = taken  # Any: as above
    try:
        return is_subhint(one, other)
    except Exception:  # noqa: BLE001  # it raises many kinds, some from the classes compared
        return True
