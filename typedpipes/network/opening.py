"""Opening a run on a wire, going on with one whose caller died, and saying farewell to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from time import monotonic, time
from typing import TypeAlias
from uuid import uuid4

from attrs import evolve, field, frozen
from msgspec import msgpack

from typedpipes.fittings import Collector, Reader
from typedpipes.network.drawn import drawing_in, drawing_of, refuse_other_drawing
from typedpipes.network.errors import NotResumed, RunExists, TakenOver
from typedpipes.network.facts import Fact
from typedpipes.network.orders import ORDERS, Orders, change_orders, orders_on
from typedpipes.network.patience import LOOK_AGAIN, insist
from typedpipes.network.record import OPENING, Record, decode, encode
from typedpipes.network.route import Route
from typedpipes.network.side_by_side import to_its_end
from typedpipes.network.wire import DRAWING, Away, Gone, Wire
from typedpipes.report import Ending
from typedpipes.source import Source


@frozen
class Farewell:
    """What is left of a run once it is over, for those who come too late.

    Attributes:
        plumber: the name of its drawing.
        ending: how it ended.
        ended: when, in seconds since the epoch by the clock of its caller.
    """

    plumber: str
    ending: Ending
    ended: float


@frozen
class Lease:
    """A caller's right to a run: that of the one who has opened it, or has taken it over.

    Attributes:
        run: the name of the run.
        caller: the process that has it.
        heads: the last record of each source, as it was found.
    """

    run: str
    caller: str
    heads: Mapping[str, Record] = field(factory=dict[str, Record])

    async def keep(self, wire: Wire) -> None:
        """Say again and again that the caller is there; goes on until it is cancelled.

        Raises:
            TakenOver: another process is the caller now.
        """
        while True:
            await asyncio.sleep(wire.keep_within / 3)
            with suppress(Away):  # the others cannot see that it is not said, either
                await change_orders(wire, self.beat, quietly=True, patience=0.0)

    def beat(self, orders: Orders) -> Orders:
        """Return the orders once more with the time.

        Raises:
            TakenOver: as for `keep`.
        """
        return evolve(self.checked(orders), beat=time())

    def checked(self, orders: Orders) -> Orders:
        """Return the orders, which are those of this caller.

        Raises:
            TakenOver: as for `keep`.
        """
        if orders.caller != self.caller:
            raise TakenOver(
                f"another process has taken over the run {self.run!r}, and goes on with it. "
                "Submit it in one process at a time."
            )
        return orders


Close: TypeAlias = Callable[[Ending], None]
"""Called with how a run has ended, before it is forgotten."""


@asynccontextmanager
async def opened(
    wire: Wire,
    route: Route,
    run: str,
    *,
    paused: Collection[str] = (),
    resume: bool = False,
) -> AsyncGenerator[tuple[Lease, Close]]:
    """Have a run on the wire for as long as the block runs. Then nothing of it is left there.

    It stays if the wire is cut for longer than it is waited for, or another process has taken it
    over.

    Args:
        wire: the wire of the caller.
        route: the route of the drawing.
        run: the name of the run.
        paused: the stops that are paused from the start.
        resume: whether to go on with the run of this name, if there is one whose caller is gone.

    Raises:
        RunExists: there is a run of this name, and it is not to be resumed, or has a caller.
        OtherDrawing: the run that is to be resumed is of another drawing.
        NotResumed: something of the run was only in the process that died.
    """
    caller = uuid4().hex
    lease = await _taken_over(wire, route, run, caller) if resume else None
    if lease is None:
        lease = Lease(run, caller)
        await _open(wire, route, resume=resume)
    ending: Ending = "aborted"

    def close(how: Ending) -> None:
        nonlocal ending
        ending = how

    stays = False
    try:
        if not lease.heads:
            await _begin(wire, route, lease, paused)
        yield lease, close
    except BaseException as error:
        # Where the caller was cancelled meanwhile, that is what is raised, because of the other.
        stays = any(isinstance(each, Away | TakenOver | Gone) for each in (error, error.__cause__))
        raise
    finally:
        if not stays:
            farewell = msgpack.encode(Farewell(route.plumber, ending, time()))
            with suppress(Away):  # then it stays, and so does what is raised
                await to_its_end(insist(partial(wire.forget, farewell)))


async def _open(wire: Wire, route: Route, *, resume: bool) -> None:
    streams = [*route.streams(), ORDERS]
    try:
        await wire.open(streams, encode(OPENING))
    except RunExists:
        # One that came to an end while it opened the run has left no drawing.
        if not resume or await _appears(Fact(wire, DRAWING), within=wire.keep_within):
            raise
        await insist(wire.forget)  # that one: the wire is of it
        await wire.open(streams, encode(OPENING))


async def _appears(fact: Fact, within: float) -> bool:
    try:
        async with asyncio.timeout(within):
            await fact.wait()
    except TimeoutError:
        return False
    return True


async def _begin(wire: Wire, route: Route, lease: Lease, paused: Collection[str]) -> None:
    """Say who the caller is, and let workers see the drawing."""

    def begin(orders: Orders) -> Orders:
        return evolve(
            orders,
            caller=lease.caller,
            beat=time(),
            silence=wire.keep_within,
            # A drain may have come already, and takes no pauses.
            paused=[] if orders.drains else sorted(paused),
        )

    await change_orders(wire, begin)
    await Fact(wire, DRAWING).announce(drawing_of(route))


async def _taken_over(wire: Wire, route: Route, run: str, caller: str) -> Lease | None:
    """Take over a run from a caller that died; `None` if there is no such run."""
    theirs = await insist(partial(wire.fact, DRAWING))
    if theirs is None:
        return None
    refuse_other_drawing(run, drawing_in(theirs, run), route)
    before = await silent_orders(wire, run)
    try:
        await _heads(wire, route, run)  # what cannot be resumed is refused before it is taken over
    except Gone:
        before = None
    if before is None:  # its caller died while it removed the run: that is over
        await insist(wire.forget)
        return None
    last = before

    def take(orders: Orders) -> Orders:
        if orders.caller != last.caller:
            raise RunExists(f"another process has just resumed the run {run!r}. Let it go on.")
        if orders.beat != last.beat:  # a server that led no more has kept that to itself
            raise _alive(run)
        return evolve(orders, caller=caller, beat=time(), silence=wire.keep_within)

    await change_orders(wire, take)
    # Once more: the caller before may have been frozen, and may have given something since.
    return Lease(run, caller, await _heads(wire, route, run))


async def silent_orders(wire: Wire, run: str) -> Orders | None:
    """Return the orders once their caller has said nothing for so long that it counts as dead.

    Returns:
        The orders; `None` if they are gone, because their caller died while it removed the run.

    Raises:
        RunExists: it says something, or removes them, meanwhile.
    """
    first = await _orders_if_any(wire)
    silence = wire.keep_within if first is None else max(wire.keep_within, first.silence)
    end = monotonic() + silence
    while monotonic() < end:
        await asyncio.sleep(LOOK_AGAIN)
        if _sign_of_life(await _orders_if_any(wire)) != _sign_of_life(first):
            raise _alive(run)
    return first


def _alive(run: str) -> RunExists:
    return RunExists(
        f"the run {run!r} has a caller, which is alive. End that process first, or choose "
        "another name."
    )


async def _orders_if_any(wire: Wire) -> Orders | None:
    try:
        return await orders_on(wire)
    except Gone:
        return None


def _sign_of_life(orders: Orders | None) -> tuple[str, float]:
    return ("", 0.0) if orders is None else (orders.caller, orders.beat)


async def _heads(wire: Wire, route: Route, run: str) -> Mapping[str, Record]:
    """Return the last record of each source; refuse what cannot be had again.

    Raises:
        Gone: a part of the run is no longer there.
    """
    heads: dict[str, Record] = {}
    for stop in route.stops:
        head = decode((await insist(partial(wire.last, stop.name))).data, stop.name)
        if isinstance(stop.part, Source):
            heads[stop.name] = head
        elif isinstance(stop.part, Collector | Reader) and head.tally.received:
            raise NotResumed(
                f"the run {run!r} cannot be resumed: its caller had collected or read "
                f"{head.tally.received} items in {stop.name!r}, and they are gone with it. Have a "
                "sink store what is to outlast the caller, and forget this run."
            )
    return heads
