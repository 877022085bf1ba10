"""What a stop makes of the items of a slice: results, nothing, or failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from attrs import define, field, frozen

from typedpipes.coroutines import awaitable
from typedpipes.engine.node import is_cancelled
from typedpipes.engine.timeout import Timeout
from typedpipes.errors import CoroutineCancelled
from typedpipes.fittings import Keep, Split
from typedpipes.network.doom import Doomsday
from typedpipes.network.equipment import Equipment
from typedpipes.network.errors import NotDecoded
from typedpipes.network.leg import Leg
from typedpipes.network.orders import Sentence
from typedpipes.network.record import Items, Losses, Lost, Made, Record, Tally, Ways, lose
from typedpipes.network.stop import Stop
from typedpipes.network.trials import Trials
from typedpipes.processor import Processor, calls_of
from typedpipes.shorten import shorten_message

item_id: ContextVar[str] = ContextVar("item_id")
"""The id of the item that the current coroutine is called for, in a run over a network.

It is the same whenever the coroutine is called again for that item, so it can serve as an
idempotency key: no other item of the run has it at this node.
"""


@frozen
class Gift:
    """What goes on for an item.

    Attributes:
        raw: that, as it travels; `None` if nothing does.
        way: the way of a split that it goes.
    """

    raw: bytes | None = None
    way: int = 0


Step: TypeAlias = Callable[[object, bytes], Awaitable[Gift | None]]
"""Works on one item, which also comes as it travels; returns `None` if it is dropped."""


def step_of(stop: Stop) -> Step:
    """Return what a stop does with each of its items."""
    match stop.part:
        case Keep():
            return _keeping(stop.part)
        case Split():
            return _sorting(stop.part, stop)
        case Processor():
            return _calling(stop.part, stop)
        case _:
            raise TypeError(f"{stop.part!r} calls nothing")


def _keeping(keep: Keep[Any]) -> Step:  # Any: the drawing has checked the item types
    async def step(item: object, raw: bytes) -> Gift | None:
        return Gift(raw) if keep.test(item) else None

    return step


def _sorting(split: Split, stop: Stop) -> Step:
    async def step(item: object, raw: bytes) -> Gift:
        way, sent = split.sort(item)
        return Gift(carried(sent, stop, way) if stop.forms else raw, way)

    return step


def _calling(processor: Processor[Any, Any], stop: Stop) -> Step:  # Any: as above
    calls = calls_of(processor)
    role = f"the processor {stop.name!r}"

    async def step(item: object, raw: bytes) -> Gift:  # noqa: ARG001  # fittings pass it on
        call: Awaitable[object] = awaitable(calls.coro(item), calls.coro, role)
        if processor.timeout is not None:
            call = Timeout(processor.timeout, stop.name).hold(call)
        result = await call
        return Gift(carried(result, stop)) if stop.forms else Gift()

    return step


@define
class _Making:
    """What has become of a slice so far."""

    items: Items = field(factory=dict[int, bytes])
    failures: Losses = field(factory=dict[int, Lost])
    ways: Ways = field(factory=dict[int, int])
    completed: int = 0
    dropped: int = 0
    stopped: bool = False

    def add(self, place: int, gift: Gift | None) -> None:
        """Note what goes on for an item."""
        self.completed += gift is not None
        self.dropped += gift is None
        if gift is not None and gift.raw is not None:
            self.items[place] = gift.raw
            if gift.way:
                self.ways[place] = gift.way

    def made(self, length: int) -> Made:
        """Return it in the order of the items, however their calls returned."""
        failed = len(self.failures)
        received = self.completed + failed + self.dropped
        tally = Tally(received, self.completed, failed, self.dropped, len(self.items))
        items = dict(sorted(self.items.items()))
        return Made(items, dict(sorted(self.failures.items())), tally, length, self.ways)


class Maker:
    """Works on slices of one stop.

    Args:
        run: the name of the run.
        stop: the stop.
        equipment: the resources of the calls.
        doomsday: where the run ends if an item fails whose failure leads nowhere.
        trials: finds out which item ends its process.
    """

    def __init__(
        self, run: str, stop: Stop, equipment: Equipment, doomsday: Doomsday, trials: Trials
    ) -> None:
        self._run = run
        self._stop = stop
        self._step = step_of(stop)
        self._equipment = equipment
        self._doomsday = doomsday
        self._gate = doomsday.gate(stop.node)
        self._trials = trials

    async def make(self, record: Record, leg: Leg) -> Made | None:
        """Call the coroutine for each item of a record, as many side by side as may be.

        Returns:
            What became of them; `None` if the run ends because of one.

        Raises:
            NotDecoded: the items are of another type.
        """
        making = _Making()
        left = iter(entries(record, leg))
        abreast = min(self._stop.abreast, len(record.items) + len(record.failures))
        if abreast <= 1:
            await self._work(record.position, left, making, leg)
        else:
            async with asyncio.TaskGroup() as group:
                for _ in range(abreast):
                    group.create_task(self._work(record.position, left, making, leg))
        if making.stopped:
            return None
        return self._stop.finished(making.made(leg.length(record)))

    async def _work(self, position: int, left: Iterator[Entry], making: _Making, leg: Leg) -> None:
        async with self._equipment.in_hand(self._stop):
            await self._call_for_each(position, left, making, leg)

    async def _call_for_each(
        self, position: int, left: Iterator[Entry], making: _Making, leg: Leg
    ) -> None:
        for place, raw, item in left:
            await self._gate.pass_through()
            item_id.set(f"{self._run}/{self._stop.name}/{position}.{place}")
            lost: Exception | None = None
            try:
                async with self._trials.call(self._stop.name, position, place):
                    making.add(place, await self._step(item, raw))
            except asyncio.CancelledError as error:
                lost = CoroutineCancelled(self._stop.name)
                lost.__cause__ = error
            except Exception as error:  # noqa: BLE001  # whatever the user's coroutine raises
                lost = error
            leave_if_cancelled()
            if lost is not None:
                await self._fail(place, raw, lost, making, leg)
            if making.stopped:
                return

    async def _fail(
        self, place: int, raw: bytes, error: Exception, making: _Making, leg: Leg
    ) -> None:
        lost = lose(raw, error)
        if self._stop.on_failure == "aborts":
            making.stopped = True
            await self._doomsday.announce(Sentence(self._stop.node, lost, leg.name))
        else:
            making.failures[place] = lost


def leave_if_cancelled() -> None:
    """Go no further if this task is to stop, whatever the user's coroutine made of that.

    The item is done again elsewhere.

    Raises:
        CancelledError: the task is to stop.
    """
    if is_cancelled():
        raise asyncio.CancelledError


Entry: TypeAlias = tuple[int, bytes, object]
"""A place of a slice, the item there as it travels, and the item."""


def entries(record: Record, leg: Leg) -> Sequence[Entry]:
    """Return what a leg takes from a record.

    Raises:
        NotDecoded: the items are of another type.
    """
    try:
        return [(place, raw, leg.form.decode(raw)) for place, raw in leg.raws(record).items()]
    except ValueError as error:
        raise NotDecoded(leg.start, shorten_message(error)) from error


def carried(item: object, stop: Stop, way: int = 0) -> bytes:
    """Return an item that a stop gives, as it travels.

    Raises:
        NotCarried: it is not what the edges are annotated with.
    """
    first, *others = stop.forms[way]
    raw = first.encode(item, stop.name)
    for form in others:  # one for each type that those who take it see
        form.encode(item, stop.name)
    return raw
