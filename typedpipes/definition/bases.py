"""What a class is besides itself: its bases, with the type arguments that it gives them.

Classes of Python's library do not say at run time what they promise to type checkers: `list` is no
subclass of `Sequence[T]` there. `_STANDARD` has that as typeshed has it.
"""

from __future__ import annotations

import asyncio
import io
import os
import pathlib
import re
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Collection,
    Container,
    Coroutine,
    Generator,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Reversible,
    Sequence,
    ValuesView,
)
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import MappingProxyType
from typing import (
    IO,
    Any,
    AnyStr,
    BinaryIO,
    Generic,
    Protocol,
    TextIO,
    TypeVar,
    get_args,
    get_origin,
)

from attrs import frozen

from typedpipes.definition.type_hints import UNKNOWN, Hint, is_union, substitute

A = TypeVar("A")
B = TypeVar("B")
A_co = TypeVar("A_co", covariant=True)
B_co = TypeVar("B_co", covariant=True)
C_co = TypeVar("C_co", covariant=True)
B_contra = TypeVar("B_contra", contravariant=True)
AnyStr_co = TypeVar("AnyStr_co", str, bytes, covariant=True)


def _of(kind: Any, *arguments: Hint) -> Hint:  # noqa: ANN401  # checkers bind no variables here
    return kind[arguments]


_STANDARD: Sequence[tuple[Hint, *tuple[Hint, ...]]] = [
    # What a float stands for, an int does too.
    (int, float),
    (float, complex),
    (str, _of(Sequence, str)),
    (bytes, _of(Sequence, int)),
    (bytearray, _of(MutableSequence, int)),
    (memoryview, _of(Sequence, int)),
    (range, _of(Sequence, int)),
    (_of(Iterable, A_co),),
    (_of(Iterator, A_co), _of(Iterable, A_co)),
    (_of(Generator, A_co, B_contra, C_co), _of(Iterator, A_co)),
    (_of(Reversible, A_co), _of(Iterable, A_co)),
    (_of(Container, A_co),),
    (_of(Collection, A_co), _of(Iterable, A_co), _of(Container, A_co)),
    (_of(Sequence, A_co), _of(Reversible, A_co), _of(Collection, A_co)),
    (_of(MutableSequence, A), _of(Sequence, A)),
    (_of(list, A), _of(MutableSequence, A)),
    (_of(deque, A), _of(MutableSequence, A)),
    (_of(AbstractSet, A_co), _of(Collection, A_co)),
    (_of(MutableSet, A), _of(AbstractSet, A)),
    (_of(set, A), _of(MutableSet, A)),
    (_of(frozenset, A_co), _of(AbstractSet, A_co)),
    (_of(Mapping, A, B_co), _of(Collection, A)),
    (_of(MutableMapping, A, B), _of(Mapping, A, B)),
    (_of(dict, A, B), _of(MutableMapping, A, B), _of(Reversible, A)),
    (_of(MappingProxyType, A, B_co), _of(Mapping, A, B_co)),
    (_of(defaultdict, A, B), _of(dict, A, B)),
    (_of(OrderedDict, A, B), _of(dict, A, B)),
    (_of(Counter, A), _of(dict, A, int)),
    (_of(ChainMap, A, B), _of(MutableMapping, A, B)),
    (_of(KeysView, A_co), _of(AbstractSet, A_co)),
    (_of(ItemsView, A_co, B_co), _of(AbstractSet, _of(tuple, A_co, B_co))),
    (_of(ValuesView, A_co), _of(Collection, A_co)),
    (_of(Awaitable, A_co),),
    (_of(Coroutine, A_co, B_contra, C_co), _of(Awaitable, C_co)),
    (_of(asyncio.Future, A), _of(Awaitable, A)),
    (_of(asyncio.Task, A_co), _of(asyncio.Future, A_co)),
    (_of(asyncio.Queue, A),),
    (_of(AsyncIterable, A_co),),
    (_of(AsyncIterator, A_co), _of(AsyncIterable, A_co)),
    (_of(AsyncGenerator, A_co, B_contra), _of(AsyncIterator, A_co)),
    (_of(AbstractContextManager, A_co),),
    (_of(AbstractAsyncContextManager, A_co),),
    (_of(IO, AnyStr), _of(Iterator, AnyStr)),
    (TextIO, _of(IO, str)),
    (BinaryIO, _of(IO, bytes)),
    (io.StringIO, TextIO),
    (io.TextIOWrapper, TextIO),
    (io.FileIO, BinaryIO),
    (io.BytesIO, BinaryIO),
    (io.BufferedReader, BinaryIO),
    (io.BufferedWriter, BinaryIO),
    (io.BufferedRandom, BinaryIO),
    (_of(os.PathLike, AnyStr_co),),
    (pathlib.PurePath, _of(os.PathLike, str)),
    (_of(re.Pattern, AnyStr),),
    (_of(re.Match, AnyStr),),
]
"""A class and its bases. The variance of a type variable of the class is that of its parameter."""


@frozen
class _Declared:
    """What a class says of its type arguments: their variables, and its bases with them."""

    parameters: Sequence[TypeVar]
    bases: Sequence[Hint]


_DECLARED = {
    get_origin(kind) or kind: _Declared(getattr(kind, "__parameters__", ()), bases)
    for kind, *bases in _STANDARD
}


def arguments_as(given: Hint, kind: type) -> Sequence[Hint] | None:
    """Return the type arguments of a class that the given type is one of.

    Returns:
        `int` for `list[int]` as an `Iterable`; none where they are unknown; `None` if the given
        type is no subclass of that class.
    """
    if (get_origin(given) or given) is kind:
        return get_args(given)
    found = (arguments_as(base, kind) for base in _bases(given))
    return next((arguments for arguments in found if arguments is not None), None)


def parameters_of(kind: type) -> Sequence[TypeVar]:
    """Return the type variables of a class, whose variance says how its arguments compare."""
    return _declared(kind).parameters


def _bases(given: Hint) -> Sequence[Hint]:
    """Return the bases of a type, with its type arguments put into theirs."""
    kind = get_origin(given) or given
    if not isinstance(kind, type) or is_union(given):
        return ()
    declared, arguments = _declared(kind), get_args(given)
    missing = len(declared.parameters) - len(arguments)
    if arguments and missing > 0 and kind in _DECLARED:  # `AsyncGenerator[int]`: it has defaults
        arguments += (UNKNOWN,) * missing
    if len(arguments) != len(declared.parameters):
        arguments = (UNKNOWN,) * len(declared.parameters)
    found: dict[Hint, Hint] = dict(zip(declared.parameters, arguments, strict=True))
    return [substitute(base, found) for base in declared.bases]


def _declared(kind: type) -> _Declared:
    known = _DECLARED.get(kind)
    bases = vars(kind).get("__orig_bases__", kind.__bases__)
    real = [base for base in bases if (get_origin(base) or base) not in (Generic, Protocol)]
    if known is None:
        return _Declared(getattr(kind, "__parameters__", ()), real)
    return _Declared(known.parameters, [*known.bases, *kind.__bases__])
