"""The orders of a run: what all of its processes follow, those that come later too.

They are one small record on the wire, in a stream of their own of which only the last record is
kept. It is changed as records of nodes are given: behind the one that was read, so that of two
changes at a time none is lost. So orders outlast the processes that gave them, and the broker's
restart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Literal, TypeAlias

from attrs import evolve, field, frozen
from msgspec import MsgspecError, msgpack

from typedpipes.network.errors import NotDecoded
from typedpipes.network.patience import PATIENCE, insist
from typedpipes.network.record import NOTHING, Lost
from typedpipes.network.wire import NotMyTurn, Stored, Stream, Wire
from typedpipes.queues import Doom
from typedpipes.shorten import shorten_message

ORDERS: Final = Stream("\0orders", None, ())
"""Their stream. No node has such a name."""

_MOST: Final = 100  # words: all orders have to fit into one record
_LONGEST: Final = 1000  # characters of a reason


@frozen
class Sentence:
    """Why a run ends before everything has flowed out.

    Attributes:
        node: whose item failed; empty if it was aborted.
        failed: that item and its error.
        leg: the name of the leg that it was taken from.
        reason: why it was aborted.
    """

    node: str = ""
    failed: Lost | None = None
    leg: str = ""
    reason: str = ""

    def within(self, most: int) -> Sentence:
        """Return the sentence, without the item if that has more bytes."""
        if self.failed is None or len(self.failed.item) <= most:
            return self
        return evolve(self, failed=evolve(self.failed, item=NOTHING))


@frozen
class Word:
    """A doom as it travels.

    Attributes:
        reason: why, in words; the first 1000 characters are told.
        mode: as that of a doom.
        origin: the process that it comes from.
        number: tells those of one process apart.
    """

    reason: str
    mode: Literal["drain", "abort"]
    origin: str
    number: int = 0

    @property
    def doom(self) -> Doom:
        """The doom, without what a subclass had in it."""
        return Doom(self.reason, mode=self.mode)


@frozen
class Orders:
    """What all processes of a run follow.

    Attributes:
        caller: the process that has the sources; empty before it has said so.
        beat: when it last said that it is there, in seconds since the epoch by its clock.
        silence: after how many seconds without that it counts as dead, by its settings.
        words: the dooms that were put, in order; the first 100 of them.
        paused: the names of the stops that take nothing for now.
        sentence: why all is to end at once; the first one stands.
    """

    caller: str = ""
    beat: float = 0.0
    silence: float = 0.0
    words: list[Word] = field(factory=list[Word])
    paused: list[str] = field(factory=list[str])
    sentence: Sentence | None = None

    @property
    def drains(self) -> bool:
        """Whether the sources stop, and pauses are over."""
        return bool(self.words)

    def told(self, word: Word) -> Orders:
        """Return the orders after a doom. A drain ends all pauses.

        One that is there already was told by a call whose answer was lost.
        """
        word = evolve(word, reason=word.reason[:_LONGEST])
        if word in self.words:
            return self
        told = evolve(self, words=[*self.words, word][:_MOST], paused=[])
        return told.ended(Sentence(reason=word.reason)) if word.mode == "abort" else told

    def ended(self, sentence: Sentence) -> Orders:
        """Return the orders once the run is to end, unless it was before."""
        return self if self.sentence else evolve(self, sentence=sentence)

    def pausing(self, names: frozenset[str]) -> Orders:
        """Return the orders once these stops are paused, too. What drains takes no pauses."""
        if self.drains:
            return self
        return evolve(self, paused=sorted({*self.paused} | names))

    def resuming(self, names: frozenset[str]) -> Orders:
        """Return the orders once these stops go on."""
        return evolve(self, paused=sorted({*self.paused} - names))


Change: TypeAlias = Callable[[Orders], Orders]
"""Returns the orders that follow others; the same if there is nothing to change."""


def orders_of(stored: Stored) -> Orders:
    """Return the orders in the last record of their stream.

    Raises:
        NotDecoded: something else was written there.
    """
    if stored.sequence == 1:  # the opening record
        return Orders()
    try:
        return msgpack.decode(stored.data, type=Orders)
    except MsgspecError as error:
        raise NotDecoded("the orders of the run", shorten_message(error)) from error


async def orders_on(wire: Wire, patience: float = PATIENCE) -> Orders:
    """Return the orders as they stand.

    Args:
        wire: the wire of this process.
        patience: for how many seconds it may be away.
    """
    return orders_of(await insist(partial(wire.last, ORDERS.name), patience))


async def change_orders(
    wire: Wire, change: Change, *, quietly: bool = False, patience: float = PATIENCE
) -> Orders:
    """Change the orders of a run, and return what they are then.

    Args:
        wire: the wire of this process.
        change: what is changed; asked again if another process was first.
        quietly: whether the others need not look at once.
        patience: for how many seconds the wire may be away.

    Raises:
        Away: the wire was away all the time.
        Gone: there is no such run any more.
    """

    async def attempt() -> Orders | None:
        stored = await wire.last(ORDERS.name)
        before = orders_of(stored)
        after = change(before)
        if after != before:
            try:
                await wire.give(ORDERS.name, msgpack.encode(after), stored.sequence)
            except NotMyTurn:
                return None
        return after

    while True:
        orders = await insist(attempt, patience)
        if orders is not None:
            break
    if not quietly:
        await wire.tell(ORDERS.name, b"")
    return orders
