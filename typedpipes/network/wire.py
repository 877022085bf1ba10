"""What carries records between the processes of a run: the protocol that a broker has to offer.

A node gives its records into a *stream* of its own; a *leg* is an edge along which another node
takes them. A wire promises three things, and everything else is built on them:

1. `give` stores a record only behind the one that the giver believes to be the last. Of many that
   try, one succeeds.
2. A stream never holds more records that a leg has not done than its `cap`.
3. What was taken and not done comes again, to any process, before what comes later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol, TypeAlias

from attrs import frozen

from typedpipes.errors import TypedpipesError
from typedpipes.network.health import Health


class Refused(TypedpipesError):
    """The wire did not do what it was asked for."""


class NotMyTurn(Refused):
    """The last record of the stream is another one than the giver believed."""


class Full(Refused):
    """A leg has as many records before it as it may have. Wait until one of them is done."""


class Sealed(Refused):
    """The run is over for this stream: nothing is given into it any more."""


class Gone(Refused):
    """There is no such run, or not any more."""


class Away(Refused):
    """The wire is cut for now, or does not know yet what was first.

    What was asked for may have been done, or may still be done: look again.
    """


@frozen
class Reach:
    """A leg, as the wire sees it.

    Attributes:
        name: unique in the run.
        stream: the name of the stream that it takes from.
        in_hand: the most records that all processes together have taken and not done.
        hint_every: of so many records, one that is done is followed by a hint that there is room.
    """

    name: str
    stream: str
    in_hand: int
    hint_every: int = 1


@frozen
class Stream:
    """Where a node gives its records.

    Attributes:
        name: the name of the node.
        cap: the most records that a leg may have before it; `None` if no leg leads on, and only
            the last record is kept.
        legs: what takes from it.
    """

    name: str
    cap: int | None
    legs: Sequence[Reach]


@frozen
class Stored:
    """A record in its stream.

    Attributes:
        sequence: its number; the opening record of a stream has 1.
        data: the record.
    """

    sequence: int
    data: bytes


@frozen
class Taken:
    """A record that this process has in hand.

    Attributes:
        stored: the record.
        ticket: what the wire knows it by.
        again: whether it was taken before, here or in another process.
    """

    stored: Stored
    ticket: str
    again: bool = False


DRAWING: Final = "drawing"
"""The key of the fact that processes find a run by: a wire is of the run of the last one it read.
All other facts are those of one run, as records are."""

ABOUT_FACTS: Final = "\0fact "
"""How topics of facts begin. They are heard by processes that do not know the run yet."""

Listener: TypeAlias = Callable[[bytes], None]


class Wire(Protocol):
    """Carries the records of one run. Each process has a wire of its own.

    That is the run that it has opened, or whose drawing it has read last; before that, the one that
    there is. There may be one run of a name after the other: what a process does for one of them
    does nothing to another.

    Every verb may raise `Away`, and all but `open`, `fact`, `forget` and `farewell` raise `Gone` if
    there is no such run. None of them does anything more once it was cancelled, but it may have
    done it already.
    """

    @property
    def health(self) -> Health:
        """Whether it does what it is asked for."""
        ...

    @property
    def keep_within(self) -> float:
        """How many seconds a record stays in hand unless it is kept; then it comes again."""
        ...

    @property
    def largest(self) -> int:
        """The most bytes that a record may have."""
        ...

    async def open(self, streams: Sequence[Stream], opening: bytes) -> None:
        """Make the streams and legs of the run, each stream with an opening record in it.

        Raises:
            RunExists: there is a run of that name; the wire is of that one now.
        """
        ...

    @property
    def most_on_the_way(self) -> int:
        """How many records one process should give into a stream before it knows of the first.

        It is 1 until a fact about the run was read: that says what is safe.
        """
        ...

    async def give(
        self, stream: str, record: bytes, after: int, *, name: str = "", behind: str = ""
    ) -> int:
        """Store a record behind the one with the number `after`, and return its number.

        Args:
            stream: the name of the stream.
            record: the record.
            after: the number of the last one.
            name: what it is called, where more than one may be on the way; unique in the stream.
            behind: what the last one has to be called. The number does not say that it is the
                one which the giver has just given, and does not know yet to be stored.

        Raises:
            NotMyTurn: another record is the last one.
            Full: there is no room; it would have been the turn.
            Sealed: the stream takes no records any more.
        """
        ...

    async def floor(self, stream: str) -> int:
        """Return the number of the last record that all legs of a stream have done.

        What is before it is removed, so there is room for as many behind it as the `cap` says.
        There may be room for more: the wire need not know yet of all that is done.

        Raises:
            Sealed: as for `give`.
        """
        ...

    async def last(self, stream: str) -> Stored:
        """Return the last record of a stream. There always is one."""
        ...

    async def take(self, leg: Reach, wait: float) -> Taken | None:
        """Take the next record of a leg; `None` if there is none within `wait` seconds."""
        ...

    async def keep(self, leg: Reach, taken: Taken) -> None:
        """Say that a record is still being worked on."""
        ...

    async def done(self, leg: Reach, taken: Taken) -> None:
        """Say that a record need not come again; its place may be used."""
        ...

    async def back(self, leg: Reach, taken: Taken) -> None:
        """Have a record come again at once, to any process."""
        ...

    async def let_go(self, leg: Reach) -> None:
        """Have what is on its way of a leg, and not taken here, come again at once."""
        ...

    async def tell(self, topic: str, hint: bytes) -> None:
        """Send a hint to all that hear this topic now.

        Hints may be lost: where the wire is cut, this does nothing.
        """
        ...

    def hear(self, topic: str, listener: Listener) -> AbstractAsyncContextManager[None]:
        """Have the listener called with every hint on a topic."""
        ...

    async def note(self, key: str, fact: bytes) -> bytes:
        """Store a fact about the run unless there is one of this key; return what is stored."""
        ...

    async def fact(self, key: str) -> bytes | None:
        """Return a fact about the run, if it is stored."""
        ...

    async def seal(self, stream: str) -> None:
        """Let nothing more be given into a stream, for good."""
        ...

    async def rest(self, stream: str) -> Sequence[Stored]:
        """Return all records that the stream still holds, in order."""
        ...

    async def forget(self, farewell: bytes = b"") -> None:
        """Remove everything of the run, but for what is said of it; nothing if it is not there.

        Args:
            farewell: what is said of it, for those who come too late; nothing if it is empty.
        """
        ...

    async def farewell(self) -> bytes | None:
        """Return what was said of the last run of this name, if none was opened since.

        It may be forgotten after a day.
        """
        ...
