"""The fields of records in a definition: msgspec takes no notice of those it does not know.

A class of msgspec itself says whether it minds: `forbid_unknown_fields`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, TypeGuard

from msgspec import inspect

from typedpipes.definition.suggestion import suggest
from typedpipes.shorten import shorten

_Record: TypeAlias = inspect.DataclassType | inspect.TypedDictType


def unknown_fields(value: object, kind: inspect.Type) -> Iterator[str]:
    """Say of each field that a record does not have, at any depth.

    Args:
        value: as it stands in the definition.
        kind: what is to be made of it.
    """
    if isinstance(kind, _Record) and _is_table(value):
        fields = _fields(kind)
        for name in value:
            if name not in fields:
                has = suggest(name, fields) or f" It has {', '.join(fields)}."
                yield f"{kind.cls.__name__} has no field {shorten(name)}.{has}"
    for item, of_item in _inside(value, kind):
        yield from unknown_fields(item, of_item)


def _inside(value: object, kind: inspect.Type) -> Iterator[tuple[object, inspect.Type]]:
    """Give what a value holds, with what is to be made of each."""
    if isinstance(kind, inspect.UnionType):
        yield from ((value, each) for each in kind.types)  # one of them takes tables at most
    elif isinstance(kind, inspect.CollectionType) and _is_array(value):
        yield from ((item, kind.item_type) for item in value)
    elif isinstance(kind, inspect.DictType) and _is_table(value):
        yield from ((item, kind.value_type) for item in value.values())
    elif isinstance(kind, _Record) and _is_table(value):
        fields = _fields(kind)
        yield from ((item, fields[name]) for name, item in value.items() if name in fields)


def _fields(kind: _Record) -> Mapping[str, inspect.Type]:
    return {field.encode_name: field.type for field in kind.fields}


def _is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)
