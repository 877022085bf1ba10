"""What goes along edges that no annotation describes: put together from the bytes of what is known.

A zip makes tuples, a merge has items of several kinds, and a failure holds an item. None of them is
decoded to be made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec
from attrs import frozen

from typedpipes.network.record import Lost
from typedpipes.processor import Failure


class Carried(Protocol):
    """What goes along an edge, as those who take it see it."""

    @property
    def type(self) -> str:
        """The type of the items, as text."""
        ...

    def decode(self, data: bytes) -> object:
        """Return the item that came.

        Raises:
            ValueError: it is none of this type.
        """
        ...


_encoder = msgspec.msgpack.Encoder()
_array = msgspec.msgpack.Decoder(tuple[msgspec.Raw, ...])
_tagged = msgspec.msgpack.Decoder(tuple[int, msgspec.Raw])
_lost = msgspec.msgpack.Decoder(Lost)


def together(raws: Sequence[bytes]) -> bytes:
    """Return several items as one."""
    return _encoder.encode([msgspec.Raw(each) for each in raws])


@frozen
class Tuples:
    """What a zip makes: a tuple of what goes along each of its inputs."""

    parts: Sequence[Carried]

    @property
    def type(self) -> str:
        """The type of the tuples, as text."""
        return f"tuple[{', '.join(each.type for each in self.parts)}]"

    def decode(self, data: bytes) -> object:
        """Return the tuple."""
        raws = _array.decode(data)
        if len(raws) != len(self.parts):
            raise ValueError(f"a tuple of {len(raws)} items, not {len(self.parts)}")
        return tuple([each.decode(bytes(raw)) for each, raw in zip(self.parts, raws, strict=True)])


@frozen
class Lists:
    """What a batch makes: a list of what it takes."""

    of: Carried

    @property
    def type(self) -> str:
        """The type of the lists, as text."""
        return f"list[{self.of.type}]"

    def decode(self, data: bytes) -> object:
        """Return the list."""
        return [self.of.decode(bytes(raw)) for raw in _array.decode(data)]


def marked(kind: int, raw: bytes) -> bytes:
    """Return an item with the number of its kind."""
    return _encoder.encode((kind, msgspec.Raw(raw)))


@frozen
class OneOf:
    """What comes from several edges: each item says from which."""

    kinds: Sequence[Carried]

    @property
    def type(self) -> str:
        """The types of the items, as text."""
        return " | ".join(dict.fromkeys(each.type for each in self.kinds))

    def decode(self, data: bytes) -> object:
        """Return the item."""
        kind, raw = _tagged.decode(data)
        if not 0 <= kind < len(self.kinds):
            raise ValueError(f"an item of kind {kind}, and there are {len(self.kinds)}")
        return self.kinds[kind].decode(bytes(raw))


@frozen
class Failed:
    """What failed at a node.

    Attributes:
        item: what the node takes.
        node: its name.
    """

    item: Carried
    node: str

    @property
    def type(self) -> str:
        """The type of the failures, as text."""
        return f"Failure[{self.item.type}]"

    def decode(self, data: bytes) -> object:
        """Return the failure."""
        lost = _lost.decode(data)
        return Failure(self.item.decode(lost.item), lost.error, self.node)

    @staticmethod
    def encode(lost: Lost) -> bytes:
        """Return a failure as bytes."""
        return _encoder.encode(lost)
