"""The role of a worker: it works for the processors of a run that another process asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import zip_longest

from attrs import frozen
from msgspec import msgpack

from typedpipes.blueprint import Blueprint
from typedpipes.errors import ResourceFailed
from typedpipes.fittings import Batch, Relay
from typedpipes.network.batching import Batching
from typedpipes.network.calling import Maker
from typedpipes.network.doom import Doomsday
from typedpipes.network.equipment import Equipment, equipped
from typedpipes.network.errors import OtherDrawing
from typedpipes.network.facts import Fact
from typedpipes.network.form import Codecs
from typedpipes.network.generating import Generating
from typedpipes.network.joining import merge
from typedpipes.network.pairing import Pairing
from typedpipes.network.route import Route, route_of
from typedpipes.network.side_by_side import Work, leaves
from typedpipes.network.station import Station, at_once
from typedpipes.network.stop import Stop
from typedpipes.network.wire import Gone, Wire
from typedpipes.offload.pools import Pools, pools
from typedpipes.processor import Processor


@frozen
class Drawing:
    """What a run is of."""

    slice: int
    lines: list[str]


def drawing_of(route: Route) -> bytes:
    """Return what a run is of, for its workers to compare."""
    return msgpack.encode(Drawing(route.slice, [*route.description()]))


async def work_for(
    wire: Wire,
    run: str,
    blueprint: Blueprint,
    codecs: Codecs | None = None,
    only: Collection[str] = (),
) -> None:
    """Work for the stops of a run until it is over.

    Waits for the run to begin, and opens the resources of its processors. Cancelled, it cancels
    what is in hand and lets others have it.

    Args:
        wire: the wire of this process.
        run: the name of the run.
        blueprint: the drawing that this process has.
        codecs: as for `route_of`.
        only: the names of the stops to work for; all but those of the caller if none is named.

    Raises:
        WiringErrors: the drawing cannot be run over a network.
        OtherDrawing: the run is of another drawing.
        ResourceFailed: a resource of each of its calls cannot be opened.
        Exception: whatever opening or closing another resource raises.
    """
    route_of(blueprint, codecs)  # what is wrong here is said before the wait
    theirs = msgpack.decode(await Fact(wire, "drawing").wait(), type=Drawing)
    route = route_of(blueprint, codecs, longest=theirs.slice)
    _refuse_other_drawing(run, theirs.lines, route.description())
    mine = [
        each for each in route.stops if not each.is_at_caller and (each.node in only or not only)
    ]
    doomsday = Doomsday(wire)
    own = Pools(sum(stop.abreast * leg.in_hand for stop in mine for leg in stop.legs) or 1)
    token = pools.set(own)
    failed: ResourceFailed | None = None
    try:
        async with equipped(mine) as equipment:
            await doomsday.rule(
                *(_work_of(wire, run, stop, route.slice, equipment, doomsday) for stop in mine)
            )
    except* Gone:
        pass  # its caller has its report, and has forgotten it
    except* ResourceFailed as group:
        failed = next(leaves(group))
    finally:
        pools.reset(token)
        await own.close()
    if failed is not None:
        raise failed


def _work_of(
    wire: Wire, run: str, stop: Stop, longest: int, equipment: Equipment, doomsday: Doomsday
) -> Work:
    """Return what a process does for a stop."""
    match stop.part:
        case Relay() if stop.how == "merge":
            return Station(wire, stop, at_once(merge)).work()
        case Relay():
            return Pairing(wire, stop).work()
        case Batch():
            return Batching(wire, stop, stop.part).work()
        case Processor(kind="generator"):
            return Station(
                wire, stop, Generating(run, stop, longest, equipment, doomsday).act
            ).work()
        case _:
            return Station(wire, stop, at_once(Maker(run, stop, equipment, doomsday).make)).work()


def _refuse_other_drawing(run: str, theirs: Sequence[str], mine: Sequence[str]) -> None:
    for their, my in zip_longest(theirs, mine, fillvalue="nothing"):
        if their != my:
            raise OtherDrawing(
                f"the run {run!r} is of another drawing: there it has {their}; here, {my}. "
                "Use the same code in all processes, or another name for the run."
            )
