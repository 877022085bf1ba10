"""Records: what a node gives for one slice, and how far it had come by then.

A record carries the progress and the counts of its node along with the items. So the
last record of a stream says all that a giver has to know, and accounts are never out of step with
the items that they are about.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec
from attrs import evolve, field, frozen

from typedpipes.network.errors import NotDecoded, RemoteError
from typedpipes.shorten import shorten_message

VERSION: Final = 1

NOTHING: Final = b"\xc0"
"""Stands for an item where there is none, or where it cannot travel: msgpack's nil."""

_LONGEST_TRACE = 20_000  # characters
_MOST_KEPT_WHOLE = 32_000  # bytes, about
_MOST_KEPT = 2 * _MOST_KEPT_WHOLE
_SMALL = 1000  # bytes of an item
_LEAST_SIZE = 50  # bytes of a failure: its kind, and the names of its fields


@frozen(order=True)
class Part:
    """How far a position is done that is not done as a whole.

    Attributes:
        places: how many places of its slice are done.
        results: how many results of the next one are given.
    """

    places: int = 0
    results: int = 0


@frozen
class Progress:
    """Which positions of one of its inputs a node has done.

    Attributes:
        floor: all positions up to this one; -1 if there is none.
        ahead: further ones, as the bits of a number: the lowest bit is `floor + 1`, which is
            never set. It stays as small as the stream before the node is.
        parts: how far it is with those that it has done in part.
        closed: whether one of those done closes the input.
    """

    floor: int = -1
    ahead: bytes = b""
    parts: dict[int, Part] = field(factory=dict[int, Part])  # a dict: msgspec decodes into it
    closed: bool = False

    def has(self, position: int) -> bool:
        """Whether a position is done."""
        if position <= self.floor:
            return True
        return bool(int.from_bytes(self.ahead, "little") >> (position - self.floor - 1) & 1)

    def part(self, position: int) -> Part:
        """Return how far a position is done that is not done as a whole."""
        return self.parts.get(position, Part())

    def adding(self, position: int, *, closed: bool = False) -> Progress:
        """Return the progress once this position is done too, and perhaps closes the input."""
        bits = int.from_bytes(self.ahead, "little") | 1 << (position - self.floor - 1)
        floor = self.floor
        while bits & 1:
            bits >>= 1
            floor += 1
        ahead = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
        parts = {each: part for each, part in self.parts.items() if each != position}
        return Progress(floor, ahead, parts, self.closed or closed)

    def reaching(self, position: int, part: Part) -> Progress:
        """Return the progress once this much of a position is done."""
        return Progress(self.floor, self.ahead, {**self.parts, position: part}, self.closed)


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

    def in_short(self) -> Lost:
        """Return the same without the trace, and without an item that is large."""
        item = self.item if len(self.item) <= _SMALL else NOTHING
        return evolve(self, item=item, trace="")


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


def _some_of(failures: Sequence[Lost]) -> list[Lost]:
    """Return the first of some failures, as long as there is room; always the very first.

    They are whole at first, and then without their traces and without items that are large.
    """
    kept: list[Lost] = []
    size = 0
    for failure in failures:
        is_small = size + _size(failure) <= _MOST_KEPT_WHOLE
        each = failure if is_small else failure.in_short()
        size += _size(each)
        if size > _MOST_KEPT:
            break
        kept.append(each)
    return kept


def _size(lost: Lost) -> int:
    return len(lost.item) + len(lost.message) + len(lost.trace) + _LEAST_SIZE


Items: TypeAlias = dict[int, bytes]
"""The items of a slice, by the places that they had when it was cut: what is missing was dropped,
or has failed. A dict: msgspec decodes into it."""

Losses: TypeAlias = dict[int, Lost]
"""What failed of a slice, by places, as above."""

Ways: TypeAlias = dict[int, int]
"""Which way of a split the items of a slice go, by places, as above; the first if not said."""


@frozen
class Made:
    """What a node made of one slice.

    Attributes:
        items: the results.
        failures: what failed.
        tally: what became of the items that it took.
        length: how many places there are; none behind the last item, by default.
        ways: which way each result goes.
        kept: what failed and leads nowhere.
    """

    items: Items = field(factory=dict[int, bytes])
    failures: Losses = field(factory=dict[int, Lost])
    tally: Tally = Tally()
    length: int = 0
    ways: Ways = field(factory=dict[int, int])
    kept: Sequence[Lost] = ()

    def keeping_failures(self) -> Made:
        """Return the same where no leg takes what failed."""
        return evolve(self, failures={}, kept=[*self.failures.values()])

    def closed_up(self, *, outcomes: bool = False) -> Made:
        """Return the same without the places where there is nothing.

        Args:
            outcomes: whether results and failures are taken together, in their order. Otherwise
                those who take results know nothing of failures, and these leave no place.
        """
        results = _renumbered({*self.items, *self.failures} if outcomes else {*self.items})
        failures = results if outcomes else _renumbered({*self.failures})
        return Made(
            {results[place]: raw for place, raw in self.items.items()},
            {failures[place]: lost for place, lost in self.failures.items()},
            self.tally,
            len(results),
            {results[place]: way for place, way in self.ways.items()},
            self.kept,
        )


def _renumbered(places: Iterable[int]) -> Mapping[int, int]:
    return {old: new for new, old in enumerate(sorted(places))}


Progresses: TypeAlias = dict[int, Progress]
"""The progress in each input, by their numbers; one in which nothing is done may be missing."""


@frozen
class Record:
    """What a node gives.

    Attributes:
        version: of this form.
        position: its place in the stream: 0, 1, 2 ... without a gap; -1 is the opening record.
        progress: what the node has done of its inputs with it. Of a source, the input is what it
            makes.
        tally: what became of all items up to it.
        closes: whether it is the last.
        length: how many places its slice has.
        items: the results.
        failures: what failed.
        ways: which way each result goes.
        rest: what the node has taken and is to give, as part of something that is not whole.
        since: the position of the record with which the first of that came.
        kept: what has failed up to it and leads nowhere, in a run that drains then: as much of it
            as goes along with each record.
    """

    version: int
    position: int
    progress: Progresses = field(factory=dict[int, Progress])
    tally: Tally = Tally()
    closes: bool = False
    length: int = 0
    items: Items = field(factory=dict[int, bytes])
    failures: Losses = field(factory=dict[int, Lost])
    ways: Ways = field(factory=dict[int, int])
    rest: list[bytes] = field(factory=list[bytes])  # a list: msgspec decodes into it
    since: int = -1
    kept: list[Lost] = field(factory=list[Lost])

    def of(self, number: int) -> Progress:
        """Return the progress in an input."""
        return self.progress.get(number, Progress())

    def followed_by(self, made: Made, progress: Progresses) -> Record:
        """Return the record after this one, with which inputs are done so far."""
        return Record(
            VERSION,
            self.position + 1,
            {**self.progress, **progress},
            self.tally + made.tally,
            length=made.length,
            items=made.items,
            failures=made.failures,
            ways=made.ways,
            kept=_some_of([*self.kept, *made.kept]) if made.kept else self.kept,
        )

    def closed_with(self, progress: Progresses) -> Record:
        """Return the closing record after this one."""
        progress = {**self.progress, **progress}
        return Record(VERSION, self.position + 1, progress, self.tally, closes=True, kept=self.kept)

    def head(self) -> Record:
        """Return the record without its items."""
        return Record(
            VERSION,
            self.position,
            self.progress,
            self.tally,
            self.closes,
            rest=self.rest,
            since=self.since,
            kept=self.kept,
        )


OPENING: Final = Record(VERSION, -1)

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
