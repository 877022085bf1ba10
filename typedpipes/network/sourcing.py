"""Sourcing: the sources of a run, and how what they make gets on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from typedpipes.errors import TypedpipesError
from typedpipes.grace import Grace
from typedpipes.network.accounts import Ahead
from typedpipes.network.doom import Doomsday
from typedpipes.network.record import OPENING, Progress, Record
from typedpipes.network.route import Route
from typedpipes.network.sending import Sender
from typedpipes.network.stop import Stop
from typedpipes.network.wire import Wire
from typedpipes.plumber import Plumber
from typedpipes.queues import Doom, InputQueue
from typedpipes.queues.home import Home
from typedpipes.report import PipelineFailed
from typedpipes.source import Feed, Source, begin_to_serve, end_to_serve


class Sourcing:
    """Runs the sources in a pipeline of this process, and sends what they make.

    So any kind of source works, at the pace of those who take what it makes.

    Args:
        wire: the wire of the caller.
        route: the route of the run.
        name: the name of the plumber.
        heads: the last records of sources that an earlier caller has given.
        doomsday: where the run ends if an item cannot travel.
        grace: how long the sources may take to stop.
        failed: called with each error of the sources.
        doomed: called with each doom that they put.
    """

    def __init__(
        self,
        wire: Wire,
        route: Route,
        name: str,
        heads: Mapping[str, Record],
        doomsday: Doomsday,
        grace: Grace,
        failed: Callable[[TypedpipesError], None],
        doomed: Callable[[Doom], None],
    ) -> None:
        self._wire = wire
        self._route = route
        self._doomsday = doomsday
        self._grace = grace
        self._failed = failed
        self._doomed = doomed
        self._plumber = Plumber(name)
        self._parts: dict[str, Source[Any]] = {}  # Any: as in a blueprint
        self._senders: dict[str, Sender] = {}
        self._queues: dict[str, InputQueue[object]] = {}
        self._passed_on: list[Doom] = []
        self._has_run = False
        for stop in route.stops:
            if isinstance(stop.part, Source):
                self._have(stop, stop.part, heads.get(stop.name, OPENING))

    def _have(self, stop: Stop, source: Source[Any], head: Record) -> None:  # Any: as above
        """Have a source run here, unless an earlier caller has given all that is in it."""
        if head.closes:
            return
        longest = self._route.slice
        self._parts[stop.name] = source
        self._queues[stop.name] = self._plumber.connect(source).read(maxsize=longest)
        self._senders[stop.name] = Sender(self._wire, stop, longest, self._doomsday, head)

    async def work(self) -> None:
        """Run the sources, each into a queue from which its sender takes.

        All are tasks, so that all are cancelled at once: what is taken after the sources have
        ended would be counted twice.
        """
        if not self._senders:
            return
        async with asyncio.TaskGroup() as group:
            for name, sender in self._senders.items():
                group.create_task(sender.send(self._queues[name]))
            group.create_task(self._run())

    async def _run(self) -> None:
        """Run the sources. What they say about the run is said of all of it."""
        self._has_run = True
        try:
            report = await self._plumber.run(grace=self._grace)
        except PipelineFailed as failed:  # what was made before flows through
            report = failed.report
            for each in failed.exceptions:
                if isinstance(each, TypedpipesError):
                    self._failed(each)
        for doom in report.dooms:
            if not any(doom is passed_on for passed_on in self._passed_on):
                self._doomed(doom)

    def stop(self, doom: Doom) -> None:
        """Have the sources stop."""
        self._passed_on.append(doom)
        self._plumber.doomsday.put_nowait(doom)

    def pause(self, names: Collection[str]) -> None:
        """Pause the sources of these names, and let all others go on."""
        for name, source in self._parts.items():
            if name in names:
                self._plumber.pause(source)
            else:
                self._plumber.resume(source)

    def close_feeds(self, home: Home, failures: list[TypedpipesError]) -> None:
        """Close the feeds that have never been taken from: who puts into them would wait for it."""
        for stop in self._route.stops:
            if isinstance(stop.part, Feed) and not (self._has_run and stop.name in self._senders):
                begin_to_serve(stop.part, home, failures)
                end_to_serve(stop.part)

    @property
    def ahead(self) -> Mapping[str, Ahead]:
        """What each source has made and not given, by what it has given."""
        return {name: partial(self._ahead, name) for name in self._senders}

    def _ahead(self, name: str, progress: Progress) -> Sequence[object]:
        source = self._parts[name]
        made = self._plumber.report().of(source).undelivered if self._has_run else ()
        return self._senders[name].ahead(progress, made)
