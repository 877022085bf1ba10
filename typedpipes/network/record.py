"""Records: what a node gives for one slice, and how far it had come by then.

A record carries the progress and the counts of its node along with the items. So the
last record of a stream says all that a giver has to know, and accounts are never out of step with
the items that they are about.
"""

from __future__ import annotations

import traceback
from typing import Final, TypeAlias

import msgspec
from attrs import field, frozen

from typedpipes.network.errors import NotDecoded, RemoteError
from typedpipes.shorten import shorten_message

VERSION: Final = 1

NOTHING: Final = b"\xc0"
"""Stands for an item where there is none, or where it cannot travel: msgpack's nil."""

_LONGEST_TRACE = 20_000  # characters


@frozen
class Progress:
    """Which positions of its input a node has done.

    Attributes:
        floor: all positions up to this one; -1 if there is none.
        ahead: further ones, as the bits of a number: the lowest bit is `floor + 1`, which is
            never set. It stays as small as the stream before the node is.
    """

    floor: int = -1
    ahead: bytes = b""

    def has(self, position: int) -> bool:
        """Whether a position is done."""
        if position <= self.floor:
            return True
        return bool(int.from_bytes(self.ahead, "little") >> (position - self.floor - 1) & 1)

    def adding(self, position: int) -> Progress:
        """Return the progress once this position is done too."""
        bits = int.from_bytes(self.ahead, "little") | 1 << (position - self.floor - 1)
        floor = self.floor
        while bits & 1:
            bits >>= 1
            floor += 1
        return Progress(floor, bits.to_bytes((bits.bit_length() + 7) // 8, "little"))


@frozen
class Tally:
    """What became of the items of a node: `received = completed + failed + dropped`.

    Attributes:
        received: items taken (by a source: made).
        completed: items whose coroutine returned.
        failed: items whose coroutine raised.
        dropped: items left out.
        emitted: items given.
    """

    received: int = 0
    completed: int = 0
    failed: int = 0
    dropped: int = 0
    emitted: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.received + other.received,
            self.completed + other.completed,
            self.failed + other.failed,
            self.dropped + other.dropped,
            self.emitted + other.emitted,
        )


@frozen
class Lost:
    """An item that failed, as the coroutine got it, and its error as text."""

    item: bytes
    kind: str
    message: str
    trace: str

    @property
    def error(self) -> RemoteError:
        """The error, as other processes see it."""
        return RemoteError(self.kind, self.message, self.trace)


def lose(item: bytes, error: BaseException) -> Lost:
    """Note that an item failed."""
    if isinstance(error, RemoteError):
        return Lost(item, error.kind, error.message, error.trace)
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{name}"
    try:
        trace = "".join(traceback.format_exception(error))
    except Exception:  # noqa: BLE001  # a user's error may have a `__str__` that raises
        trace = ""
    return Lost(item, name, shorten_message(error), trace[-_LONGEST_TRACE:])


Items: TypeAlias = dict[int, bytes]
"""The items of a slice, by the places that they had when it was cut: what is missing was dropped,
or has failed. A dict: msgspec decodes into it."""


@frozen
class Made:
    """What a node made of one slice."""

    items: Items = field(factory=dict[int, bytes])
    failures: dict[int, Lost] = field(factory=dict[int, Lost])
    tally: Tally = Tally()


@frozen
class Record:
    """What a node gives.

    Attributes:
        version: of this form.
        position: its place in the stream: 0, 1, 2 ... without a gap; -1 is the opening record.
        progress: what the node has done of its input with it.
        tally: what became of all items up to it.
        closes: whether it is the last.
        items: the results.
        failures: what failed.
    """

    version: int
    position: int
    progress: Progress
    tally: Tally
    closes: bool = False
    items: Items = field(factory=dict[int, bytes])
    failures: dict[int, Lost] = field(factory=dict[int, Lost])

    def followed_by(self, made: Made, position: int) -> Record:
        """Return the record after this one, which does `position` of the input."""
        return Record(
            VERSION,
            self.position + 1,
            self.progress.adding(position),
            self.tally + made.tally,
            items=made.items,
            failures=made.failures,
        )

    def closed_at(self, position: int) -> Record:
        """Return the closing record after this one, where `position` of the input closes it."""
        progress = self.progress.adding(position)
        return Record(VERSION, self.position + 1, progress, self.tally, closes=True)

    def head(self) -> Record:
        """Return the record without its items."""
        return Record(VERSION, self.position, self.progress, self.tally, self.closes)


OPENING: Final = Record(VERSION, -1, Progress(), Tally())

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    """Return the record as bytes."""
    return _encoder.encode(record)


def decode(data: bytes, node: str) -> Record:
    """Return the record that a node gave.

    Raises:
        NotDecoded: it is none, or one of another version.
    """
    try:
        record = _decoder.decode(data)
    except (msgspec.DecodeError, ValueError) as error:
        raise NotDecoded(node, shorten_message(error)) from error
    if record.version != VERSION:
        raise NotDecoded(node, f"it has version {record.version}, not {VERSION}")
    return record
