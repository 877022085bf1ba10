"""A wire within one process, with faults on demand: what the other side of a network is tested on.

It does what a broker does, and shows it at once: nothing here waits for a network. Each process
that a test plays has a `MemoryWire` of its own to one `MemoryBroker`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal, TypeAlias

from typedpipes.network.errors import RunExists
from typedpipes.network.health import Health
from typedpipes.network.wire import (
    DRAWING,
    Away,
    Full,
    Gone,
    Listener,
    NotMyTurn,
    Reach,
    Sealed,
    Stored,
    Stream,
    Taken,
)

Fault: TypeAlias = Literal["none", "before", "after"]
"""What goes wrong in a verb: nothing; the wire is cut before it is done; or after."""

Faults: TypeAlias = Callable[[str], Fault]
"""Returns what goes wrong in the verb of that name now."""


_CLOCK: Final = 1e-6  # seconds
_OF_ANY_RUN: Final = ("open", "fact", "forget", "farewell")


class MemoryBroker:
    """Holds the streams of one run in memory.

    Args:
        keep_within: how many seconds a record stays in hand unless it is kept, above 0.
        conditional: whether a record is only stored behind the one that its giver names. Without
            that a wire is none; a test shows what it is for.

    Attributes:
        most: the most records that each leg ever had before it, by name.
        run: the number of the last run.
    """

    def __init__(self, *, keep_within: float = 10.0, conditional: bool = True) -> None:
        self.keep_within: float = keep_within
        self.most: dict[str, int] = defaultdict(int)
        self._conditional = conditional
        self._streams: dict[str, _Stream] = {}
        self._reaches: dict[str, _Reach] = {}
        self._listeners: dict[str, list[Listener]] = defaultdict(list)
        self._facts: dict[str, bytes] = {}
        self._farewell: bytes | None = None
        self._tickets = 0
        self.run: int = 0

    def open(self, streams: Sequence[Stream], opening: bytes) -> None:
        """Make the streams."""
        if self._streams:
            raise RunExists("there is a run in this memory already")
        self._farewell = None
        self.run += 1
        for stream in streams:
            self._reaches |= {leg.name: _Reach(leg) for leg in stream.legs}
            reaches = [self._reaches[leg.name] for leg in stream.legs]
            self._streams[stream.name] = _Stream(stream.cap, reaches, opening)

    def give(
        self, stream_name: str, record: bytes, after: int, *, name: str = "", behind: str = ""
    ) -> int:
        """Store a record, if it is its turn and there is room."""
        stream = self._stream(stream_name)
        if stream.sealed:
            raise Sealed(stream_name)
        is_last = stream.records[-1].sequence == after and behind in ("", stream.last_name)
        if self._conditional and not is_last:
            raise NotMyTurn(stream_name)
        stream.make_room()
        sequence = stream.add(record)
        stream.last_name = name
        for reach in stream.reaches:
            self.most[reach.name] = max(self.most[reach.name], reach.waiting(sequence))
            reach.tell()
        return sequence

    def floor(self, name: str) -> int:
        """Remove what all have done, and return the number of the last of it."""
        stream = self._stream(name)
        if stream.sealed:
            raise Sealed(name)
        return stream.clear()

    def last(self, name: str) -> Stored:
        """Return the last record."""
        return self._stream(name).records[-1]

    def put_back(self, name: str, copy: Sequence[Stored]) -> None:
        """Have what `rest` has returned before, as a server may that has lost power."""
        self._stream(name).put_back(copy)

    def rest(self, name: str) -> Sequence[Stored]:
        """Return all records."""
        return list(self._stream(name).records)

    def seal(self, name: str) -> None:
        """Store no more."""
        self._stream(name).sealed = True

    async def take(self, leg: str, wait: float) -> Taken | None:
        """Hand out the next record of a leg."""
        loop = asyncio.get_running_loop()
        end = loop.time() + wait
        while True:
            reach = self._reach(leg)
            self._tickets += 1
            # A timer is due a little early: by as much as clocks are off.
            now = loop.time() + _CLOCK
            taken = reach.next(self._streams[reach.stream].records, now, self._tickets)
            if taken is not None:
                reach.out[taken.stored.sequence] = loop.time() + self.keep_within
                return taken
            if now >= end:
                return None
            until = min([end, *reach.out.values()])
            news = reach.news
            try:
                async with asyncio.timeout_at(max(until, loop.time())):
                    await news.wait()
            except TimeoutError:
                continue

    def keep(self, leg: str, sequence: int) -> None:
        """Let a record stay in hand."""
        out = self._reach(leg).out
        if sequence in out:
            out[sequence] = asyncio.get_running_loop().time() + self.keep_within

    def done(self, leg: str, sequence: int) -> None:
        """Note that a record need not come again."""
        self._reach(leg).done(sequence)

    def back(self, leg: str, sequence: int) -> None:
        """Have a record come again at once."""
        reach = self._reach(leg)
        if sequence in reach.out:
            reach.out[sequence] = 0.0
            reach.tell()

    def tell(self, topic: str, hint: bytes) -> None:
        """Send a hint."""
        for listener in list(self._listeners[topic]):
            listener(hint)

    def listeners(self, topic: str) -> list[Listener]:
        """Return who hears of a topic."""
        return self._listeners[topic]

    def note(self, key: str, fact: bytes) -> bytes:
        """Store a fact unless it is there."""
        return self._facts.setdefault(key, fact)

    def fact(self, key: str) -> bytes | None:
        """Return a fact."""
        return self._facts.get(key)

    def farewell(self) -> bytes | None:
        """Return what was said of the last run."""
        return self._farewell

    def forget(self, farewell: bytes) -> None:
        """Remove everything, and keep what is said of it."""
        self._farewell = farewell or None
        for reach in self._reaches.values():
            reach.tell()
        self._streams, self._reaches, self._facts = {}, {}, {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing of a run is here."""
        return not (self._streams or self._facts)

    def _stream(self, name: str) -> _Stream:
        if name not in self._streams:
            raise Gone(name)
        return self._streams[name]

    def _reach(self, name: str) -> _Reach:
        if name not in self._reaches:
            raise Gone(name)
        return self._reaches[name]


class _Reach:
    """A leg: what was taken, and what is done."""

    def __init__(self, reach: Reach) -> None:
        self.name = reach.name
        self.stream = reach.stream
        self.out: dict[int, float] = {}  # until when, by sequence
        self.floor = 1  # the opening record is never taken
        self.news = asyncio.Event()
        self._in_hand = reach.in_hand
        self._ahead: set[int] = set()
        self._cursor = 1

    def next(self, records: Sequence[Stored], now: float, number: int) -> Taken | None:
        """Return what comes next: first what was in hand for too long, in its order."""
        late = min((each for each, until in self.out.items() if until <= now), default=None)
        if late is None and len(self.out) >= self._in_hand:
            return None
        for stored in records:
            if stored.sequence == late or (late is None and stored.sequence > self._cursor):
                self._cursor = max(self._cursor, stored.sequence)
                return Taken(stored, f"{self.name}#{number}", again=late is not None)
        return None

    def done(self, sequence: int) -> None:
        self.out.pop(sequence, None)
        if sequence > self.floor:
            self._ahead.add(sequence)
        while self.floor + 1 in self._ahead:
            self.floor += 1
            self._ahead.remove(self.floor)
        self.tell()

    def go_back(self, last: int) -> None:
        """Know of no record behind the last one that is there."""
        self.out = {each: until for each, until in self.out.items() if each <= last}
        self._ahead = {each for each in self._ahead if each <= last}
        self.floor = min(self.floor, last)
        self._cursor = min(self._cursor, last)

    def waiting(self, last: int) -> int:
        """Return how many records are not done."""
        return last - self.floor - len(self._ahead)

    def tell(self) -> None:
        self.news.set()
        self.news = asyncio.Event()


class _Stream:
    """The records of one node."""

    def __init__(self, cap: int | None, reaches: Sequence[_Reach], opening: bytes) -> None:
        self.records = [Stored(1, opening)]
        self.reaches = reaches
        self.sealed = False
        self.last_name = ""
        self._cap = cap

    def make_room(self) -> None:
        """Remove what all have done.

        Raises:
            Full: that left no room.
        """
        if self._cap is None:
            return
        if len(self.records) > self._cap:  # besides the floor itself
            self.clear()
        if len(self.records) > self._cap:
            raise Full(f"{self._cap} records")

    def put_back(self, copy: Sequence[Stored]) -> None:
        self.records = list(copy)
        for reach in self.reaches:
            reach.go_back(self.records[-1].sequence)

    def clear(self) -> int:
        """Remove what all have done, but for the last of it: a stream is never empty."""
        floor = min(reach.floor for reach in self.reaches)
        self.records = [each for each in self.records if each.sequence >= floor]
        return floor

    def add(self, record: bytes) -> int:
        sequence = self.records[-1].sequence + 1
        if self._cap is None:
            self.records.clear()
        self.records.append(Stored(sequence, record))
        return sequence


class MemoryWire:
    """The wire of one process to a broker in memory.

    Args:
        broker: the broker.
        faults: what goes wrong, if anything.
        largest: the most bytes that a record may have.
    """

    def __init__(
        self, broker: MemoryBroker, faults: Faults | None = None, *, largest: int = 1_000_000
    ) -> None:
        self._broker = broker
        self._faults: Faults = faults or (lambda _: "none")
        self._largest = largest
        self._is_cut = False
        self._run: int | None = None  # of which it is
        self._health = Health()

    def cut(self) -> None:
        """Cut it for good: as when its process has died, or is no longer reached."""
        self._is_cut = True

    @property
    def health(self) -> Health:
        """Whether it does what it is asked for."""
        return self._health

    @property
    def keep_within(self) -> float:
        """How long a record stays in hand."""
        return self._broker.keep_within

    @property
    def largest(self) -> int:
        """The most bytes of a record."""
        return self._largest

    async def open(self, streams: Sequence[Stream], opening: bytes) -> None:
        """Make the streams of the run."""
        async with self._verb("open"):
            try:
                self._broker.open(streams, opening)
            finally:
                self._run = self._broker.run

    @property
    def most_on_the_way(self) -> int:
        """How many records may be on their way."""
        return 8

    async def give(
        self, stream: str, record: bytes, after: int, *, name: str = "", behind: str = ""
    ) -> int:
        """Store a record."""
        async with self._verb("give"):
            if len(record) > self._largest:  # as for a client of a server
                raise self._away("give")
            return self._broker.give(stream, record, after, name=name, behind=behind)

    async def floor(self, stream: str) -> int:
        """Remove what all legs have done, and return the number of the last of it."""
        async with self._verb("floor"):
            return self._broker.floor(stream)

    async def last(self, stream: str) -> Stored:
        """Return the last record."""
        async with self._verb("last"):
            return self._broker.last(stream)

    async def take(self, leg: Reach, wait: float) -> Taken | None:
        """Take the next record."""
        async with self._verb("take"):
            return await self._broker.take(leg.name, wait)

    async def keep(self, leg: Reach, taken: Taken) -> None:
        """Keep a record in hand."""
        async with self._verb("keep"):
            self._broker.keep(leg.name, taken.stored.sequence)

    async def done(self, leg: Reach, taken: Taken) -> None:
        """Put a record out of hand."""
        async with self._verb("done"):
            self._broker.done(leg.name, taken.stored.sequence)

    async def back(self, leg: Reach, taken: Taken) -> None:
        """Give a record back."""
        async with self._verb("back"):
            self._broker.back(leg.name, taken.stored.sequence)

    async def let_go(self, leg: Reach) -> None:
        """Do nothing: what is not taken is on its way to none."""

    async def tell(self, topic: str, hint: bytes) -> None:
        """Send a hint, which may be lost."""
        try:
            async with self._verb("tell"):
                self._broker.tell(topic, hint)
        except (Away, Gone):
            return

    @asynccontextmanager
    async def hear(self, topic: str, listener: Listener) -> AsyncGenerator[None]:
        """Hear the hints on a topic."""
        listeners = self._broker.listeners(topic)
        listeners.append(listener)
        try:
            yield
        finally:
            listeners.remove(listener)

    async def note(self, key: str, fact: bytes) -> bytes:
        """Store a fact unless it is there."""
        async with self._verb("note"):
            return self._broker.note(key, fact)

    async def fact(self, key: str) -> bytes | None:
        """Return a fact."""
        async with self._verb("fact"):
            fact = self._broker.fact(key)
            if fact is not None and key == DRAWING:
                self._run = self._broker.run
            return fact if self._run in (None, self._broker.run) else None

    async def seal(self, stream: str) -> None:
        """Let nothing more into a stream."""
        async with self._verb("seal"):
            self._broker.seal(stream)

    async def rest(self, stream: str) -> Sequence[Stored]:
        """Return all records of a stream."""
        async with self._verb("rest"):
            return self._broker.rest(stream)

    async def forget(self, farewell: bytes = b"") -> None:
        """Remove the run."""
        async with self._verb("forget"):
            if self._run in (None, self._broker.run):
                self._broker.forget(farewell)

    async def farewell(self) -> bytes | None:
        """Return what was said of the last run."""
        async with self._verb("farewell"):
            return self._broker.farewell()

    @asynccontextmanager
    async def _verb(self, name: str) -> AsyncGenerator[None]:
        """Do something at the broker: others go on before, and faults happen around it."""
        await asyncio.sleep(0)
        fault = "before" if self._is_cut else self._faults(name)
        if fault == "before":
            raise self._away(name)
        if name not in _OF_ANY_RUN and self._run not in (None, self._broker.run):
            raise Gone("another run")
        yield
        if fault == "after" or self._is_cut:
            raise self._away(name)
        self._health.worked("anything")

    def _away(self, verb: str) -> Away:
        self._health.failed("anything", verb)
        return Away(verb)
