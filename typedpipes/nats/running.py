"""Submitting a run, and working for one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from typedpipes.arguments import bound
from typedpipes.errors import WiringError
from typedpipes.nats.broker import Broker
from typedpipes.nats.errors import BrokerAway
from typedpipes.nats.naming import run_named
from typedpipes.nats.wire import wired
from typedpipes.network.caller import run_route
from typedpipes.network.route import Route, route_of
from typedpipes.network.wire import Away, Wire
from typedpipes.network.worker import work_for
from typedpipes.outlet import Pausable
from typedpipes.plumber import Plumber
from typedpipes.report import Report
from typedpipes.shorten import shorten


async def submit(
    plumber: Plumber, broker: Broker, *, run: str = "", slice: int | None = None
) -> Report:
    """Have other processes run a drawing: those that `work` for it.

    The sources and collectors are here: items come from here, and are collected here. It waits
    for workers as long as it takes. When it is cancelled, the run is aborted. Once it is over,
    nothing of it is left on the broker.

    Args:
        plumber: the drawing.
        broker: where the items go over.
        run: the name of the run: 1 to 40 lower-case letters, digits and hyphens; by default
            made of the name of the plumber.
        slice: the most items that travel together, 1 or more, and no more than any buffer of the
            drawing; by default a quarter of the smallest buffer, an eighth of the workers of any
            processor that has several, and 100 at most.

    Returns:
        What became of every item.

    Raises:
        WiringErrors: the drawing is wrong, or cannot be run over a network. Nothing has run.
        SettingError: `run` or `slice` is out of bounds.
        RunExists: there is a run of this name on the broker.
        BrokerAway: there is no broker, or it went away for longer than a minute.
        BrokerUnfit: the broker lacks something.
        PipelineFailed: an item failed and no failures edge takes it, a source raised, or
            something cannot travel.
    """
    name = run_named(plumber.name, run)
    blueprint = plumber.blueprint()
    route = route_of(blueprint, broker.codecs, longest=bound("slice", slice))
    async with _wired(broker, name) as wire:
        return await run_route(wire, route, blueprint)


async def work(
    plumber: Plumber,
    broker: Broker,
    *,
    run: str = "",
    only: Collection[Pausable] = (),
) -> None:
    """Work for a run that another process submits, until it is over.

    Any number of processes may do so; each may come and go, or die. It waits for the run to
    begin, and then opens the resources of its processors; they are closed at the end. When it is
    cancelled, what is in hand is cancelled, and other workers get it.

    Args:
        plumber: the drawing, made by the same code as that of the caller.
        broker: where the items go over.
        run: the name of the run, as for `submit`.
        only: which processors to work for; all by default. What stands between processors, such
            as a `keep`, is worked for by those who work for all.

    Raises:
        WiringErrors: as for `submit`.
        SettingError: `run` is out of bounds.
        WiringError: `only` names something that is not in the drawing, or belongs to the caller.
        OtherDrawing: the run of this name is of another drawing.
        BrokerAway: as for `submit`.
        BrokerUnfit: as for `submit`.
        ResourceFailed: a resource that each worker of a processor has cannot be opened. Others
            go on with the run, here and below.
        Exception: whatever opening or closing another resource raises.
    """
    name = run_named(plumber.name, run)
    blueprint = plumber.blueprint()
    names = [_name_of(part, route_of(blueprint, broker.codecs)) for part in only]
    async with _wired(broker, name) as wire:
        await work_for(wire, name, blueprint, broker.codecs, names)


@asynccontextmanager
async def _wired(broker: Broker, run: str) -> AsyncGenerator[Wire]:
    try:
        async with wired(broker, run) as wire:
            yield wire
    except Away as error:
        raise BrokerAway(broker, str(error)) from error


def _name_of(part: Pausable, route: Route) -> str:
    for stop in route.stops:
        if stop.part is part and not stop.is_at_caller:
            return stop.name
    raise WiringError(
        f"no worker works for {shorten(part)} in the drawing of {route.plumber!r}. "
        "Name a processor of the drawing."
    )
