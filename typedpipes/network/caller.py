"""The role of the caller: it has the sources and collectors of a run, and makes its report."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from typedpipes.blueprint import Blueprint
from typedpipes.engine.caller import Caller
from typedpipes.engine.log import Log
from typedpipes.engine.outcome import Outcome
from typedpipes.errors import ProcessorFailed, TypedpipesError
from typedpipes.fittings import Collector, Reader, items_of
from typedpipes.gauges import Gauges
from typedpipes.gauges.snapshot import RunState
from typedpipes.grace import Grace
from typedpipes.network.accounts import counts_of
from typedpipes.network.closing import clean_up
from typedpipes.network.collecting import Collecting
from typedpipes.network.doom import Doomsday
from typedpipes.network.follower import Follower
from typedpipes.network.gauging import Gauging
from typedpipes.network.heeding import Heeding, failure_of
from typedpipes.network.opening import Close, Lease, opened
from typedpipes.network.orders import Orders, Sentence, change_orders
from typedpipes.network.patience import PATIENCE, insist
from typedpipes.network.reading import Reading
from typedpipes.network.route import Route
from typedpipes.network.side_by_side import Work, run_until, single
from typedpipes.network.sourcing import Sourcing
from typedpipes.network.station import Station, at_once
from typedpipes.network.stop import Stop
from typedpipes.network.wire import Wire
from typedpipes.queues import Doom, DoomsdayQueue
from typedpipes.queues.doomsday import listen
from typedpipes.queues.home import Home
from typedpipes.report import Counts, Ending, Report


async def run_route(wire: Wire, route: Route, blueprint: Blueprint, run: str = "run") -> Report:
    """Run a drawing: have workers work for it, until everything has flowed through.

    Cancelled, it aborts the run. Nothing of the run is left on the wire, unless that is cut at the
    end for longer than it is waited for.

    Args:
        wire: the wire of this process.
        route: the route of the drawing.
        blueprint: the drawing.
        run: the name of the run.

    Raises:
        RunExists: there is a run of this name.
        PipelineFailed: an item failed and nothing takes its failure, a source raised, or something
            cannot travel.
    """
    end: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    async with opened(wire, route, run) as (lease, close):
        network_run = NetworkRun(
            wire, route, blueprint, lease, close, Grace(), DoomsdayQueue(), end
        )
        caller = Caller(network_run, end)
        network_run.begin()
        return (await caller.outcome()).result()


Explained: TypeAlias = Callable[[BaseException], BaseException]
"""Returns what users see in place of an error."""


def as_it_is(error: BaseException) -> BaseException:
    """Return an error that users see as it is."""
    return error


class NetworkRun:
    """One run, seen from its caller: for a plumber, a run as any other.

    Args:
        wire: the wire of this process.
        route: the route of the drawing.
        blueprint: the drawing.
        lease: the right to the run.
        close: gets how it ended.
        grace: how long its end may take: to flow out after a drain; the sources, to stop.
        dooms: the doomsday queue of the plumber.
        end: gets what the run came to.
        explained: returns what users see in place of an error that ends it, such as of its wire.

    Attributes:
        failures: why it has failed so far.
        home: the event loop that it lives in.
        cancel_block: called when it is aborted, and at its end if it failed.
        opening: nothing of it opens here.
    """

    def __init__(
        self,
        wire: Wire,
        route: Route,
        blueprint: Blueprint,
        lease: Lease,
        close: Close,
        grace: Grace,
        dooms: DoomsdayQueue[Doom],
        end: asyncio.Future[Outcome],
        explained: Explained = as_it_is,
    ) -> None:
        self.failures: list[TypedpipesError] = []
        self.home: Home = Home()
        self.cancel_block: Callable[[], None] = _no_block
        self.opening: asyncio.Task[None] | None = None
        self._wire = wire
        self._route = route
        self._blueprint = blueprint
        self._lease = lease
        self._close = close
        self._grace = grace
        self._dooms = dooms
        self._end = end
        self._explained = explained
        self._log = Log(blueprint.name)
        self._loop = asyncio.get_running_loop()
        self._doomsday = Doomsday(wire, self._ordered, patience=PATIENCE, entitled=lease.checked)
        self._sourcing = Sourcing(
            wire,
            route,
            blueprint.name,
            lease.heads,
            self._doomsday,
            grace,
            self._fail,
            dooms.put_nowait,
        )
        self._followers = {stop.name: Follower(wire, stop.name) for stop in route.stops}
        self._readings = {
            stop.name: Reading(wire, stop, stop.part, route.slice, self.home, self.failures)
            for stop in route.stops
            if isinstance(stop.part, Reader)
        }
        self._stage: Literal["flows", "drains", "aborts", "is over"] = "flows"
        self._ending: Ending = "finished"
        self._put: list[Doom] = []
        self._is_told = False  # the doom that is put now comes from another process
        self._told = 0  # words of the orders that were looked at
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[Outcome] | None = None
        self._heeding = Heeding(route.stops, self._followers, self._failed)
        self._gauging = Gauging(blueprint, self._followers)
        self._report: Report | None = None

    # Its life

    def begin(self) -> None:
        """Let it begin."""
        self._log.begun(len(self._route.stops))
        earlier = self._dooms.drain()
        listen(self._dooms, self._doomed, self.home)
        for doom in earlier:
            self._dooms.put_nowait(doom)
        self._task = asyncio.create_task(self._live())
        self._task.add_done_callback(self._completed)

    def _completed(self, task: asyncio.Task[Outcome]) -> None:
        self._stage = "is over"
        self._stop_timer()
        if task.cancelled():
            self._end.cancel()
        elif (error := task.exception()) is not None:
            self._ending = "failed"
            self._break_off(self._explained(error))
            self.cancel_block()
        else:
            outcome = task.result()
            self._log.ended(outcome.report)
            self._end.set_result(outcome)
            if outcome.errors:
                self.cancel_block()
        self._sourcing.close_feeds(self.home, self.failures)
        self.home.close()
        listen(self._dooms, None, None)
        self._dooms.drain()

    def _break_off(self, error: BaseException) -> None:
        """End without a report. Those who read from the run hear why, too."""
        if isinstance(error, TypedpipesError):
            self.failures.append(error)
        for reading in self._readings.values():
            reading.end()
        self._end.set_exception(error)

    async def _live(self) -> Outcome:
        """Run it to its end, and report."""
        try:
            with single():
                await run_until(self._doomsday.rule(*self._work()), self._lease.keep(self._wire))
        except asyncio.CancelledError:  # the event loop ends
            await self._doomsday.announce(Sentence(reason="the run was cancelled"))
            raise
        # The right to what follows: it removes the run.
        await change_orders(self._wire, self._lease.beat, quietly=True)
        sentence = self._doomsday.sentence
        if sentence is not None:
            for stop in self._route.stops:  # so that nothing changes while it is counted
                await insist(partial(self._wire.seal, stop.name))
            await self._heeding.catch_up(self._wire)
            if sentence.failed is not None:
                self._fail(self._failure(sentence))
        for reading in self._readings.values():
            reading.end()
        report = await self._accounts()
        for error in await clean_up(
            self._wire, self._blueprint, report.counts, report.dooms, self._grace.cleanup
        ):
            self._log.error(error)
            self.failures.append(error)
        self._report = report
        self._close(report.ending)
        self._gauging.finish(report.counts)
        return Outcome(report, tuple(self.failures))

    def _work(self) -> Sequence[Work]:
        """Return what there is to do here, and waiting for the stops elsewhere."""
        work: list[Work] = [self._sourcing.work(), *map(self._follow, self._route.stops)]
        work += [reading.work() for reading in self._readings.values()]
        for stop in self._route.stops:
            if isinstance(stop.part, Collector):
                collecting = Collecting(stop.part, *stop.legs)
                station = Station(self._wire, stop, at_once(collecting.make, collecting.collect))
                work.append(station.work())
        return work

    async def _follow(self, stop: Stop) -> None:
        """Wait for the end of a stop, and heed what fails there."""
        follower = self._followers[stop.name]
        async with follower.following():
            if stop.on_failure == "drains":
                await self._heeding.follow(stop)
            else:
                await follower.over()

    def _failure(self, sentence: Sentence) -> ProcessorFailed:
        failed = sentence.failed
        if failed is None:
            raise RuntimeError(f"the run was doomed without a failure: {sentence.reason}")
        legs = [leg for stop in self._route.stops for leg in stop.legs]
        leg = next((each for each in legs if each.name == sentence.leg), None)
        return failure_of(sentence.node, failed, leg)

    def _failed(self, error: ProcessorFailed) -> None:
        """Drain because an item failed."""
        self._fail(error)
        self._drain_everywhere("an item failed")

    def _fail(self, error: TypedpipesError) -> None:
        self._log.error(error)
        self.failures.append(error)
        self._ending = "failed"

    # What happens to it

    def _doomed(self, doom: Doom) -> None:
        """Drain or abort, as the doom says, here and in all other processes."""
        self._put.append(doom)
        self._log.doom(doom)
        if not self._is_told:
            self._doomsday.put(doom)
        if doom.mode == "abort":
            self._abort()
        else:
            self._drain(doom)

    def _ordered(self, orders: Orders) -> None:
        """Do as the orders say that other processes gave.

        Raises:
            TakenOver: they are those of another caller now.
        """
        self._lease.checked(orders)
        words, self._told = orders.words[self._told :], len(orders.words)
        for word in words:
            if word.origin != self._doomsday.origin:
                self._is_told = True
                try:
                    self._dooms.put_nowait(word.doom)
                finally:
                    self._is_told = False
        self._sourcing.pause(orders.paused)
        if orders.sentence is not None:
            self._abort()

    def drain(self) -> None:
        """Drain, because the block beside the run is over."""
        self._drain_everywhere("the block beside the run is over")

    def abort(self, reason: str) -> None:
        """Abort, unless it is aborted or over already, because the caller was stopped."""
        if self._stage != "aborts" and not self.is_over:
            self._dooms.put_nowait(Doom(reason, mode="abort"))

    def signalled(self, number: signal.Signals) -> bool:
        """Drain at the first signal, abort at the second; return whether that ended something."""
        if self._stage == "aborts" or self.is_over:
            return False
        mode: Literal["drain", "abort"] = "drain" if self._stage == "flows" else "abort"
        self._dooms.put_nowait(Doom(f"signal {number.name}", mode=mode))
        return True

    def _drain_everywhere(self, reason: str) -> None:
        """Drain without a doom, and let go on what is paused in whatever process."""
        self._doomsday.change(lambda orders: orders.resuming(frozenset(orders.paused)))
        self._drain(Doom(reason))

    def _drain(self, doom: Doom) -> None:
        """Have the sources stop, and abort when the grace is over."""
        if self._stage != "flows":
            return
        self._stage = "drains"
        if self._ending != "failed":
            self._ending = "drained"
        self._sourcing.stop(doom)
        seconds = self._grace.drain
        late = f"not everything flowed out within {seconds:g} s"
        self._timer = self._loop.call_later(seconds, partial(self.abort, late))

    def _abort(self) -> None:
        if self._stage == "aborts" or self.is_over:
            return
        self._stage = "aborts"
        self._stop_timer()
        if self._ending != "failed":
            self._ending = "aborted"
        self.cancel_block()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # What is seen of it

    @property
    def is_over(self) -> bool:
        """Whether every node has ended."""
        return self._stage == "is over"

    @property
    def is_aborted(self) -> bool:
        """Whether it was aborted, and has not failed."""
        return self._ending == "aborted"

    def pause(self, parts: Collection[object]) -> None:
        """Let these parts take nothing more, in all processes."""
        names = self._names(parts)
        if self._stage == "flows":
            self._doomsday.change(lambda orders: orders.pausing(names))

    def resume(self, parts: Collection[object]) -> None:
        """Let these parts go on, in all processes."""
        names = self._names(parts)
        if not self.is_over:
            self._doomsday.change(lambda orders: orders.resuming(names))

    def _names(self, parts: Collection[object]) -> frozenset[str]:
        return frozenset(stop.name for stop in self._route.stops if stop.part in parts)

    def leave(self, task: asyncio.Task[Any] | None) -> None:  # Any: the task of the user
        """Read no more, where only this task has read."""
        for reading in self._readings.values():
            reading.leave(task)

    def report(self) -> Report:
        """Return what has become of the items, as far as it is known here.

        Until the end it has no items in it: those that wait are on the wire.
        """
        ending = self._ending if self.is_over else "running"
        return self._report or self._report_with(self._gauging.counts(), ending)

    def gauges(self) -> Gauges:
        """Return what the run is doing, in numbers, as far as it is known here."""
        return self._gauging.gauges(
            _STATES.get(self._stage, self._ending),
            self._put,
            self._doomsday.orders.paused,
            self._doomsday.trouble,
        )

    async def _accounts(self) -> Report:
        ahead = self._sourcing.ahead
        counts = await counts_of(self._wire, self._route, ahead, self._readings)
        return self._report_with(counts, self._ending)

    def _report_with(self, counts: Sequence[Counts[object, object]], ending: Ending) -> Report:
        collectors = self._blueprint.collectors
        return Report(
            self._blueprint.name,
            counts,
            ending,
            tuple(self._put),
            self._gauging.duration,
            {key: items_of(collector) for key, collector in collectors.items()},
            [node.part for node in self._blueprint.nodes],
            self._blueprint.segments,
        )


_STATES: Final[Mapping[str, RunState]] = {
    "flows": "running",
    "drains": "draining",
    "aborts": "aborting",
}


def _no_block() -> None:
    """Do nothing: no block runs beside the run."""
