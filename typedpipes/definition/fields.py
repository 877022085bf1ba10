"""The fields of records in a definition: msgspec ignores those it does not know.

Classes of msgspec itself have a setting for it: `forbid_unknown_fields`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, TypeGuard

from msgspec import inspect

from typedpipes.definition.suggestion import suggest
from typedpipes.shorten import shorten

_Record: TypeAlias = inspect.DataclassType | inspect.TypedDictType


def unknown_fields(value: object, kind: inspect.Type) -> Iterator[str]:
    """Yield a message for each unknown field, at any depth.

    Args:
        value: the value as it is in the definition.
        kind: the type to convert it to.
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
    """Yield the parts of a value, each with the type to convert it to."""
    if isinstance(kind, inspect.UnionType):
        yield from ((value, each) for each in kind.types)  # at most one of them takes tables
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
