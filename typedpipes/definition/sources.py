"""What a source gives that is made in code, by its class, its annotations or its items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from typedpipes.definition.bases import arguments_as
from typedpipes.definition.signature import Signature, signature_in_thread, signature_of
from typedpipes.definition.type_hints import UNKNOWN, Hint, make_union, substitute
from typedpipes.source import Feed, InputRig, Source, ThreadSource, is_iterable

_GLANCE = 100
"""How many items of a list are inspected."""


def given_by(source: Source[Any]) -> Hint:  # Any: its item type is what is looked for
    """Return the type of the items of a source; `UNKNOWN` where nothing says it."""
    of_class = arguments_as(getattr(source, "__orig_class__", type(source)), Source) or (UNKNOWN,)
    if (given := substitute(of_class[0], {})) is not UNKNOWN:  # such as `Feed[int]()`
        return given
    if isinstance(source, Feed):
        return UNKNOWN
    if isinstance(source, InputRig):
        signature = signature_of(source.coro)
        return UNKNOWN if signature is None or signature.puts is None else signature.puts
    if isinstance(source, ThreadSource):
        return _gives(signature_in_thread(source.function))
    if is_iterable(source.items):
        return _kinds(source.items)
    return _gives(signature_of(source.items))


def _gives(signature: Signature | None) -> Hint:
    return UNKNOWN if signature is None or signature.copied else signature.gives


def _kinds(items: Iterable[object]) -> Hint:
    """Inspect the items of a list; inspecting an iterator would consume it."""
    if not isinstance(items, Sequence | set | frozenset):
        return UNKNOWN
    kinds: Mapping[Hint, None] = {type(item): None for item in islice(items, _GLANCE)}
    return make_union([*kinds]) if kinds else UNKNOWN
