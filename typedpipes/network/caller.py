"""The role of the caller: it has the sources and collectors of a run, and makes its report."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from typedpipes.blueprint import Blueprint
from typedpipes.errors import NO_ITEM, ProcessorFailed, TypedpipesError
from typedpipes.fittings import Collector, begin_to_collect, items_of
from typedpipes.network.accounts import counts_of
from typedpipes.network.calling import entries
from typedpipes.network.doom import Doomsday, Sentence
from typedpipes.network.facts import Fact
from typedpipes.network.leg import Leg
from typedpipes.network.patience import insist
from typedpipes.network.record import NOTHING, OPENING, Made, Progress, Record, Tally, encode
from typedpipes.network.route import Route
from typedpipes.network.sending import Sender
from typedpipes.network.side_by_side import Work
from typedpipes.network.station import Station, at_once
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Away, Wire
from typedpipes.network.worker import drawing_of
from typedpipes.plumber import Plumber
from typedpipes.queues import InputQueue
from typedpipes.report import Ending, PipelineFailed, Report
from typedpipes.source import Source


async def run_route(wire: Wire, route: Route, blueprint: Blueprint) -> Report:
    """Run a drawing: have workers work for it, until everything has flowed through.

    Cancelled, it aborts the run. Nothing of the run is left on the wire, unless that is cut at the
    end for longer than it is waited for.

    Args:
        wire: the wire of this process.
        route: the route of the drawing.
        blueprint: the drawing.

    Raises:
        RunExists: there is a run of this name.
        PipelineFailed: an item failed and nothing takes its failure, a source raised, or something
            cannot travel.
    """
    await wire.open(route.streams(), encode(OPENING))
    try:
        await Fact(wire, "drawing").announce(drawing_of(route))
        return await _Run(wire, route, blueprint).report()
    finally:
        with suppress(Away):  # then it stays, and so does what is raised
            await insist(wire.forget)


class _Run:
    """One run, seen from its caller.

    The sources run in a pipeline of this process: any kind of source works, at the pace of those
    who take what it makes.
    """

    def __init__(self, wire: Wire, route: Route, blueprint: Blueprint) -> None:
        self._wire = wire
        self._route = route
        self._blueprint = blueprint
        self._doomsday = Doomsday(wire)
        self._sources = Plumber(blueprint.name)
        self._senders: dict[str, Sender] = {}
        self._queues: dict[str, InputQueue[object]] = {}
        for stop in route.stops:
            if isinstance(stop.part, Source):
                joint = self._sources.connect(stop.part)
                self._queues[stop.name] = joint.read(maxsize=route.slice)
                self._senders[stop.name] = Sender(wire, stop, route.slice, self._doomsday)
        self._errors: list[TypedpipesError] = []
        self._began = monotonic()

    async def report(self) -> Report:
        """Run it to its end, and report."""
        try:
            await self._doomsday.rule(self._send(), *self._work())
        except asyncio.CancelledError:
            with suppress(Away):
                await self._doomsday.announce(Sentence(reason="the run was cancelled"))
            raise
        sentence = self._doomsday.sentence
        if sentence is not None:
            for stop in self._route.stops:  # so that nothing changes while it is counted
                await insist(partial(self._wire.seal, stop.name))
            self._errors.append(self._failure(sentence))
        report = await self._accounts()
        if self._errors:
            raise PipelineFailed(report, self._errors)
        return report

    async def _send(self) -> None:
        """Run the sources, each into a queue from which its sender takes.

        All are tasks, so that all are cancelled at once: what is taken after the sources have
        ended would be counted twice.
        """
        async with asyncio.TaskGroup() as group:
            for name, sender in self._senders.items():
                group.create_task(sender.send(self._queues[name]))
            group.create_task(self._run_sources())

    async def _run_sources(self) -> None:
        try:
            await self._sources.run()
        except PipelineFailed as failed:  # what was made before flows through
            self._errors += [
                each for each in failed.exceptions if isinstance(each, TypedpipesError)
            ]

    def _work(self) -> Sequence[Work]:
        """Return what else there is to do: collecting, and waiting for the stops elsewhere."""
        work: list[Work] = []
        for stop in self._route.stops:
            if isinstance(stop.part, Collector):
                collecting = _Collecting(stop.part, *stop.legs)
                station = Station(self._wire, stop, at_once(collecting.make, collecting.collect))
                work.append(station.work())
            else:
                work.append(_end_of(Turn(self._wire, stop.name, in_order=stop.in_order)))
        return work

    def _failure(self, sentence: Sentence) -> ProcessorFailed:
        failed = sentence.failed
        if failed is None:
            raise RuntimeError(f"the run was doomed without a failure: {sentence.reason}")
        legs = [leg for stop in self._route.stops for leg in stop.legs]
        leg = next((each for each in legs if each.name == sentence.leg), None)
        item: object = NO_ITEM
        if leg is not None and failed.item != NOTHING:
            item = leg.form.decode(failed.item)
        return ProcessorFailed(sentence.node, item, failed.error)

    async def _accounts(self) -> Report:
        ahead = {
            stop.name: partial(self._ahead, stop.name, stop.part)
            for stop in self._route.stops
            if isinstance(stop.part, Source)
        }
        collectors = self._blueprint.collectors
        return Report(
            self._blueprint.name,
            await counts_of(self._wire, self._route, ahead),
            self._ending(),
            (),
            monotonic() - self._began,
            {key: items_of(collector) for key, collector in collectors.items()},
            [node.part for node in self._blueprint.nodes],
        )

    def _ahead(
        self, name: str, source: Source[Any], progress: Progress
    ) -> Sequence[object]:  # Any: its items are only counted and shown
        in_hand = self._senders[name].ahead(progress)
        return (*in_hand, *self._sources.report().of(source).undelivered)

    def _ending(self) -> Ending:
        return "failed" if self._errors else "finished"


async def _end_of(turn: Turn) -> None:
    async with turn.followed():
        await turn.over()


class _Collecting:
    """Collects what reaches a collector, each slice once."""

    def __init__(self, collector: Collector[Any], leg: Leg) -> None:  # Any: as in a blueprint
        self._items: list[object] = begin_to_collect(collector)
        self._leg = leg
        self._next = 0

    async def make(self, record: Record, leg: Leg) -> Made:
        """Return what became of the items: all are collected."""
        count = len(entries(record, leg))
        return Made(tally=Tally(received=count, completed=count))

    def collect(self, record: Record) -> None:
        """Keep the items of a record, unless it came before."""
        if record.position == self._next:
            self._items += self._leg.items(record).values()
            self._next += 1
