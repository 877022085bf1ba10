"""Generators: any number of results for an item, given as they come.

What a generator made before its process died is given already. Another process calls it again, for
the item that it was at, and leaves out as many results as were given: one that does not make the
same results again leaves a mixture.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Sequence
from functools import partial
from typing import Final, cast

from attrs import field, frozen

from typedpipes.engine.steps import Steps
from typedpipes.engine.timeout import Timeout
from typedpipes.errors import CoroutineCancelled
from typedpipes.network.calling import carried, entries, item_id, leave_if_cancelled
from typedpipes.network.doom import Doomsday
from typedpipes.network.equipment import Equipment
from typedpipes.network.leg import Leg
from typedpipes.network.moves import NOT_YET, TOO_LATE, Move, Verdict
from typedpipes.network.orders import Sentence
from typedpipes.network.record import Items, Losses, Lost, Made, Part, Record, Tally, lose
from typedpipes.network.stop import Stop
from typedpipes.network.trials import Stretches, Trials
from typedpipes.network.turn import Turn
from typedpipes.processor import Processor, calls_of


@frozen
class _Event:
    """A result of a generator, or the end of one, or of all for a slice.

    Attributes:
        part: how far the slice is done with it.
        raw: the result.
        lost: what failed.
        done: whether it is the end of the slice.
    """

    part: Part = field(factory=Part)
    raw: bytes | None = None
    lost: Lost | None = None
    done: bool = False


_DONE: Final = _Event(done=True)


class Generating:
    """Works on the slices of a stop whose processor is an async generator, item by item.

    Args:
        run: the name of the run.
        stop: the stop.
        longest: how many results travel together at most, and wait for that.
        equipment: the resources of the calls.
        doomsday: where the run ends if an item fails whose failure leads nowhere.
        trials: finds out which item ends its process.
    """

    def __init__(
        self,
        run: str,
        stop: Stop,
        longest: int,
        equipment: Equipment,
        doomsday: Doomsday,
        trials: Trials,
    ) -> None:
        if not isinstance(stop.part, Processor):
            raise TypeError(f"{stop.part!r} is no generator")
        self._run = run
        self._stop = stop
        self._longest = longest
        self._equipment = equipment
        self._doomsday = doomsday
        self._gate = doomsday.gate(stop.node)
        self._calls = calls_of(stop.part)
        self._trials = trials
        timeout = stop.part.timeout
        self._limit = (
            None if timeout is None else partial(Timeout, timeout, stop.name, " for a result")
        )

    async def act(self, record: Record, leg: Leg, turn: Turn) -> bool:
        """Give all results for the items of a record, in parts, each when it is its turn.

        Returns:
            Whether they are given; otherwise the run ends because of an item.
        """
        head = await turn.head()
        begin = Part() if head is None else head.of(leg.number).part(record.position)
        coming = _Coming(self._longest)
        async with asyncio.TaskGroup() as group:
            making = group.create_task(self._make(record, leg, begin, coming))
            given = await self._give(record.position, leg, turn, coming)
            making.cancel()
        return given

    async def _give(self, position: int, leg: Leg, turn: Turn, coming: _Coming) -> bool:
        while True:
            events = await coming.take()
            if events is None:
                return False
            await turn.make(self._handing_out(position, events, leg.number))
            head = await turn.head()
            if turn.is_over or (head is not None and head.of(leg.number).has(position)):
                return True  # perhaps because of another process

    def _handing_out(self, position: int, events: Sequence[_Event], number: int) -> Move:
        """Return the move that gives what of the events is not given."""

        def move(head: Record) -> Record | Verdict:
            progress = head.of(number)
            if progress.has(position):
                return TOO_LATE
            if self._stop.in_order and progress.floor != position - 1:
                return NOT_YET
            reached = progress.part(position)
            left = [each for each in events if each.part > reached]
            if _DONE in events:
                after = progress.adding(position)
            elif left:
                after = progress.reaching(position, left[-1].part)
            else:
                return TOO_LATE
            return head.followed_by(self._stop.finished(_made(left)), {number: after})

        return move

    async def _make(self, record: Record, leg: Leg, begin: Part, coming: _Coming) -> None:
        """Call the generator for each item that is not done."""
        async with self._equipment.in_hand(self._stop):
            await self._call_for_each(record, leg, begin, coming)

    async def _call_for_each(self, record: Record, leg: Leg, begin: Part, coming: _Coming) -> None:
        for place, raw, item in entries(record, leg):
            if place < begin.places:
                continue
            await self._gate.pass_through()
            given = begin.results if place == begin.places else 0
            item_id.set(f"{self._run}/{self._stop.name}/{record.position}.{place}")
            stretches = self._trials.stretches(self._stop.name, record.position, place)
            lost = await self._lost(raw, item, Part(place, given), coming, stretches)
            if lost is not None and self._stop.on_failure == "aborts":
                await self._doomsday.announce(Sentence(self._stop.node, lost, leg.name))
                coming.stop()
                return
            coming.add(_Event(Part(place + 1), lost=lost))
        coming.add(_DONE)

    async def _lost(
        self, raw: bytes, item: object, begin: Part, coming: _Coming, stretches: Stretches
    ) -> Lost | None:
        """Have a generator make its results; return how it failed, if it did."""
        lost: Exception | None = None
        try:
            await self._generate(item, begin, coming, stretches)
        except asyncio.CancelledError as error:
            lost = CoroutineCancelled(self._stop.name)
            lost.__cause__ = error
        except Exception as error:  # noqa: BLE001  # whatever the user's generator raises
            lost = error
        leave_if_cancelled()
        return None if lost is None else lose(raw, lost)

    async def _generate(
        self, item: object, begin: Part, coming: _Coming, stretches: Stretches
    ) -> None:
        async def until_it_may_go_on() -> None:
            if not coming.has_room:
                # What makes room may be another call in this process.
                await stretches.wait()
                await coming.room()
            await stretches.go_on()

        made = self._calls.coro(item)
        steps = Steps(aiter(cast(AsyncIterable[object], made)))  # as its kind says
        count = 0
        try:
            while True:
                try:
                    result = await steps.next_after(until_it_may_go_on, self._limit)
                except StopAsyncIteration:
                    return
                leave_if_cancelled()
                count += 1
                if count > begin.results:
                    coming.add(_Event(Part(begin.places, count), carried(result, self._stop)))
        finally:
            try:
                await steps.close()
            finally:
                await stretches.wait()


class _Coming:
    """What generators made that is not given yet.

    Args:
        most: how many events there may be before a generator is asked for another result.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: list[_Event] = []
        self._stopped = False
        self._added = asyncio.Event()
        self._taken = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether a generator may be asked for another result."""
        return len(self._events) < self._most

    async def room(self) -> None:
        """Wait until a generator may be asked for another result."""
        while not self.has_room:
            self._taken.clear()
            await self._taken.wait()

    def add(self, event: _Event) -> None:
        """Have one given."""
        self._events.append(event)
        self._added.set()

    def stop(self) -> None:
        """Say that nothing more is to be given."""
        self._stopped = True
        self._added.set()

    async def take(self) -> Sequence[_Event] | None:
        """Take all that there is, waiting for something; `None` once it is stopped."""
        await self._added.wait()
        if self._stopped:
            return None
        events, self._events = self._events, []
        self._added.clear()
        self._taken.set()
        return events


def _made(events: Sequence[_Event]) -> Made:
    """Return what came of some events: results and failures in their order."""
    items: Items = {}
    failures: Losses = {}
    ended = 0
    for event in events:
        place = len(items) + len(failures)
        if event.raw is not None:
            items[place] = event.raw
            continue
        ended += 1
        if event.lost is not None:
            failures[place] = event.lost
    failed = len(failures)
    tally = Tally(ended, ended - failed, failed, emitted=len(items))
    return Made(items, failures, tally, len(items) + failed)
