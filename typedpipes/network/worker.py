"""The role of a worker: it works for the processors of a run that another process asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import Final

from msgspec import msgpack

from typedpipes.blueprint import Blueprint
from typedpipes.network.doom import Doomsday
from typedpipes.network.drawn import Drawing, drawing_in, refuse_other_drawing
from typedpipes.network.duty import Duty
from typedpipes.network.equipment import Equipment, equipped
from typedpipes.network.form import Codecs
from typedpipes.network.opening import Farewell
from typedpipes.network.patience import LOOK_RARELY
from typedpipes.network.route import Route, route_of
from typedpipes.network.shift import Shift
from typedpipes.network.side_by_side import enter_unless, run_until, single
from typedpipes.network.stop import Stop
from typedpipes.network.wire import ABOUT_FACTS, DRAWING, Away, Gone, Wire
from typedpipes.offload.pools import Pools, pools
from typedpipes.queues import Doom, DoomsdayQueue
from typedpipes.queues.doomsday import doomsday as doomsday_of_the_run
from typedpipes.queues.doomsday import listen
from typedpipes.queues.home import Home

_LOGGER: Final = logging.getLogger("typedpipes")


async def work_for(
    wire: Wire,
    run: str,
    blueprint: Blueprint,
    codecs: Codecs | None = None,
    only: Collection[str] = (),
    *,
    shift: Shift | None = None,
    wait: bool = False,
    ready: Callable[[], None] | None = None,
) -> None:
    """Work for the stops of a run until it is over, or the shift is.

    Waits for the run to begin, unless one of that name is over. Cancelled, it cancels what is in
    hand and lets others have it.

    Args:
        wire: the wire of this process.
        run: the name of the run.
        blueprint: the drawing that this process has.
        codecs: as for `route_of`.
        only: the names of the stops to work for; all but those of the caller if none is named.
        shift: for how long; until the end of the run by default.
        wait: whether to wait for the next run whenever one is over, until the end of the shift.
        ready: called once, when it waits for a run, or has opened what it needs and takes items.

    Raises:
        WiringErrors: the drawing cannot be run over a network.
        OtherDrawing: the run is of another drawing.
        ResourceFailed: a resource of each of its calls cannot be opened.
        Exception: whatever opening or closing another resource raises.
    """
    worker = _Worker(wire, run, blueprint, codecs or {}, only, shift or Shift(), ready)
    await worker.work(wait=wait)


class _Worker:
    """Works for runs of one name."""

    def __init__(
        self,
        wire: Wire,
        run: str,
        blueprint: Blueprint,
        codecs: Codecs,
        only: Collection[str],
        shift: Shift,
        ready: Callable[[], None] | None,
    ) -> None:
        route_of(blueprint, codecs)  # what is wrong here is said before the wait
        self._wire = wire
        self._run = run
        self._blueprint = blueprint
        self._codecs = codecs
        self._only = only
        self._shift = shift
        self._ready = ready
        self._done = ""  # the id of the run that was worked for last

    async def work(self, *, wait: bool) -> None:
        """Work for one run, or for one after the other."""
        while (drawing := await self._begun(wait=wait)) is not None:
            await self._work_for(drawing)
            self._done = drawing.id
            if not (wait and self._shift.takes_more()):
                return

    async def _begun(self, *, wait: bool) -> Drawing | None:
        """Wait for a run, and return its drawing; `None` if there is none to wait for."""
        found: list[Drawing] = []

        async def look() -> None:
            told = asyncio.Event()
            # What is told is a hint only: what is stored counts.
            async with self._wire.hear(ABOUT_FACTS + DRAWING, lambda _: told.set()):
                while not found and (wait or not await self._is_late()):
                    told.clear()
                    found.extend(await self._drawings())
                    if not found:
                        self._say_ready()
                        await _wait(told)

        with single():
            await run_until(self._shift.leaving(), look())
        return found[0] if found else None

    async def _drawings(self) -> Sequence[Drawing]:
        """Return the drawing of a run that was not worked for, if there is one now."""
        try:
            data = await self._wire.fact(DRAWING)
        except Away:
            return ()
        drawing = None if data is None else drawing_in(data, self._run)
        return () if drawing is None or drawing.id == self._done else (drawing,)

    async def _is_late(self) -> bool:
        """Whether the run is over, and none of its name was begun since."""
        try:
            data = await self._wire.farewell()
        except Away:
            return False
        if data is None:
            return False
        farewell = msgpack.decode(data, type=Farewell)
        _LOGGER.info(
            "the run %r is over already: %s. To wait for the next one: wait=True, or --wait",
            self._run,
            farewell.ending,
        )
        return True

    async def _work_for(self, drawing: Drawing) -> None:
        route = route_of(
            self._blueprint,
            self._codecs,
            longest=drawing.slice,
            on_failure=drawing.on_failure,
        )
        refuse_other_drawing(self._run, drawing, route)
        mine = [
            each
            for each in route.stops
            if not each.is_at_caller and (each.node in self._only or not self._only)
        ]
        doomsday = Doomsday(self._wire)
        own = Pools(sum(stop.abreast * leg.in_hand for stop in mine for leg in stop.legs) or 1)
        token = pools.set(own)
        dooms = DoomsdayQueue[Doom]()
        listen(dooms, doomsday.put, Home())
        before = doomsday_of_the_run.set(dooms)  # what coroutines put reaches all processes
        _LOGGER.info("works for the run %r", self._run)
        try:
            await self._equip_and_work(mine, route, doomsday)
        finally:
            doomsday_of_the_run.reset(before)
            pools.reset(token)
            await own.close()
        _LOGGER.info("no longer works for the run %r", self._run)

    async def _equip_and_work(self, mine: Sequence[Stop], route: Route, doomsday: Doomsday) -> None:
        async with AsyncExitStack() as stack:
            equipment: Equipment | None = None
            with _until_gone():
                equipment = await enter_unless(self._of_no_use(doomsday), stack, equipped(mine))
            if equipment is None:
                return
            duty = Duty(self._wire, self._run, route.slice, equipment, doomsday, self._shift)
            self._say_ready()
            with _until_gone():  # in here: what is closed has not failed
                await doomsday.rule(self._stations(duty, mine))

    async def _of_no_use(self, doomsday: Doomsday) -> None:
        """Wait until there is nothing to work for."""
        await run_until(self._shift.leaving(), doomsday.doomed())

    def _say_ready(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            ready()

    async def _stations(self, duty: Duty, stops: Sequence[Stop]) -> None:
        await run_until(self._shift.left(), *(duty.work_of(stop) for stop in stops))


@contextmanager
def _until_gone() -> Generator[None]:
    """Stop without an error if there is no such run any more: its caller has its report."""
    with suppress(Gone), single():
        yield


async def _wait(told: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_RARELY):
            await told.wait()
    except TimeoutError:
        return
