"""The doom of a run, as all of its processes see it."""

from __future__ import annotations

from attrs import frozen
from msgspec import msgpack

from typedpipes.network.errors import NotDecoded, RecordTooLarge
from typedpipes.network.facts import Fact
from typedpipes.network.record import NOTHING, Lost, lose
from typedpipes.network.side_by_side import Work, leaves, run_until
from typedpipes.network.wire import Wire


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


class Doomsday:
    """Where the end of a run is announced to all of its processes. The first doom stands.

    Args:
        wire: the wire of this process.

    Attributes:
        sentence: why the run ends; `None` if it is not doomed, as far as this process knows.
    """

    def __init__(self, wire: Wire) -> None:
        self.sentence: Sentence | None = None
        self._fact = Fact(wire, "doom")

    async def rule(self, *work: Work) -> None:
        """Run coroutines side by side until all have returned, or the run is doomed.

        What cannot be given or read dooms it.
        """
        try:
            await run_until(self._wait(), *work)
        except* (NotDecoded, RecordTooLarge) as group:
            error = next(leaves(group))
            await self.announce(Sentence(error.node, lose(NOTHING, error)))
            await self._wait()

    async def announce(self, sentence: Sentence) -> None:
        """End the run for all processes, now and later, unless it was ended before."""
        await self._fact.announce(msgpack.encode(sentence))

    async def _wait(self) -> None:
        self.sentence = msgpack.decode(await self._fact.wait(), type=Sentence)
