"""Stops that end before their inputs do: a zip, and what is only there for one.

Where all that take from a stop have ended, it ends too, back to the sources. Where some go on,
those that have ended still take what comes, and leave it: else it would hold up the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from typedpipes.network.follower import Follower
from typedpipes.network.leg import Leg
from typedpipes.network.moves import leaving
from typedpipes.network.side_by_side import Work, run_until
from typedpipes.network.stop import Stop
from typedpipes.network.take import Hand
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Wire


async def all_over(wire: Wire, names: Sequence[str]) -> None:
    """Wait until stops have ended."""
    followers = [Follower(wire, name) for name in names]
    async with AsyncExitStack() as stack:
        for follower in followers:
            await stack.enter_async_context(follower.following())
        for follower in followers:
            await follower.over()


async def end_with(
    wire: Wire, stop: Stop, turn: Turn, hands: Sequence[tuple[Leg, Hand]], *work: Work
) -> None:
    """Work for a stop until it has ended, and keep what is in hand meanwhile.

    Cancelled, it lets others have that.

    Args:
        wire: the wire of this process.
        stop: the stop.
        turn: gives its records.
        hands: what takes its inputs.
        work: what to do.
    """
    keeping = [hand.keep() for _, hand in hands]
    watching = [_leave_when_deserted(wire, stop, turn)] if stop.deserted_by else []
    try:
        await run_until(turn.over(), *work, *keeping, *watching)
    finally:
        for _, hand in hands:
            await hand.put_back()
    if stop.may_end_early:
        await _take_the_rest(wire, turn, hands)


async def _leave_when_deserted(wire: Wire, stop: Stop, turn: Turn) -> None:
    await all_over(wire, stop.deserted_by)
    await turn.make(leaving)


async def _take_the_rest(wire: Wire, turn: Turn, hands: Sequence[tuple[Leg, Hand]]) -> None:
    """Take what still comes to a stop that has ended, to the end of its inputs."""
    head = await turn.look()
    open_ = [each for each in hands if head is None or not head.of(each[0].number).closed]
    async with asyncio.TaskGroup() as group:
        for leg, hand in open_:
            over = all_over(wire, [leg.start])
            group.create_task(run_until(over, _take_and_leave(hand), hand.keep()))


async def _take_and_leave(hand: Hand) -> None:
    while True:
        await hand.done(await hand.take())
