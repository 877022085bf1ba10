"""Forms: how items of one type travel, and which types cannot.

The type is the annotation. What arrives is made from it by msgspec, so nothing in the bytes can
name a class or a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import msgspec
from msgspec.inspect import AnyType, CustomType, Field, Type, type_info
from typing_extensions import TypeIs, TypeVar

from typedpipes.definition.type_hints import UNKNOWN, Hint, format_type
from typedpipes.network.errors import NotCarried
from typedpipes.shorten import shorten_message

T = TypeVar("T")


class Codec(Protocol[T]):
    """Turns objects of one class into bytes, and back."""

    def encode(self, item: T, /) -> bytes:
        """Return the object as bytes."""
        ...

    def decode(self, data: bytes, /) -> T:
        """Return the object."""
        ...


Codecs: TypeAlias = Mapping[type[Any], Codec[Any]]
"""A codec for each class. Any: no type says that it is of that class."""


class NoForm(Exception):
    """A type has no form; the message says what in it has none."""


class Form:
    """How items of one type travel.

    Args:
        hint: the type.
        codecs: for classes that msgspec does not know, also inside others.

    Attributes:
        type: the type, as text.

    Raises:
        NoForm: the type has no form.
    """

    def __init__(self, hint: Hint, codecs: Codecs) -> None:
        if hint is UNKNOWN:
            raise NoForm("it has no annotation")
        self.type: str = format_type(hint)
        self._codecs = codecs
        try:
            wanting = next(_without_form(type_info(hint), codecs), None)
            if wanting is not None:
                raise NoForm(wanting)
            self._encoder = msgspec.msgpack.Encoder(enc_hook=self._encode_other)
            decoder: msgspec.msgpack.Decoder[object] = msgspec.msgpack.Decoder(
                _as_type(hint), dec_hook=self._decode_other
            )
        except (TypeError, RecursionError) as error:  # msgspec's way to refuse a type
            raise NoForm(shorten_message(error)) from error
        self._decode: Callable[[bytes], object] = decoder.decode

    def encode(self, item: object, node: str) -> bytes:
        """Return the item as it travels.

        It is made from that again, for comparison: what checkers accept on the edge may be of a
        subclass with fields that would not arrive.

        Raises:
            NotCarried: it is not what the edge is annotated with, or would not arrive as it is.
        """
        try:
            data = self._encoder.encode(item)
            arrives = self._decode(data)
            same = self._encoder.encode(arrives) == data or bool(arrives == item)
        except Exception as error:
            raise NotCarried(node, self.type, item, shorten_message(error)) from error
        if not same:
            raise NotCarried(node, self.type, item, "it would arrive with less in it")
        return data

    def decode(self, data: bytes) -> object:
        """Return the item that came.

        Raises:
            ValueError: it is none of this type.
        """
        return self._decode(data)

    def _encode_other(self, item: object) -> object:
        codec = self._codecs.get(type(item))
        if codec is None:
            raise TypeError(f"there is no codec for {type(item).__qualname__}")
        return codec.encode(item)

    def _decode_other(self, kind: type, data: object) -> object:
        if not isinstance(data, bytes):
            raise TypeError(f"{kind.__qualname__} travels as bytes")
        return self._codecs[kind].decode(data)


def _as_type(hint: Hint) -> Any:  # noqa: ANN401  # any annotation, a union too
    return hint


def _without_form(whole: Type, codecs: Codecs) -> Iterator[str]:
    """Yield what in a type has no form."""
    seen: set[int] = set()  # by identity: a class may have fields of its own type
    left: list[tuple[str, Type]] = [("it", whole)]
    while left:
        where, kind = left.pop()
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        if isinstance(kind, AnyType):
            yield f"{where} may be anything"
        elif isinstance(kind, CustomType) and kind.cls not in codecs:
            yield f"{where} is of the class {kind.cls.__qualname__}"
        left += _parts(kind, where)


def _parts(kind: Type, where: str) -> Iterator[tuple[str, Type]]:
    """Yield the types inside a type, and where they are."""
    owner = getattr(kind, "cls", None)
    name = owner.__qualname__ if isinstance(owner, type) else "it"
    for attribute in kind.__struct_fields__:
        value: object = getattr(kind, attribute)
        for each in value if _are_several(value) else (value,):
            if isinstance(each, Field):
                yield f"the field {each.name!r} of {name}", each.type
            elif isinstance(each, Type):
                yield where, each


def _are_several(value: object) -> TypeIs[tuple[object, ...]]:
    return isinstance(value, tuple)
