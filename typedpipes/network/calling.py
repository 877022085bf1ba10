"""What a stop makes of the items of a slice: results, nothing, or failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from attrs import define, field

from typedpipes.coroutines import awaitable
from typedpipes.engine.node import is_cancelled
from typedpipes.engine.timeout import Timeout
from typedpipes.errors import CoroutineCancelled
from typedpipes.fittings import Keep
from typedpipes.network.doom import Doomsday, Sentence
from typedpipes.network.errors import NotDecoded
from typedpipes.network.record import Items, Lost, Made, Record, Tally, lose
from typedpipes.network.route import Leg, Stop
from typedpipes.processor import Processor, calls_of
from typedpipes.shorten import shorten_message

item_id: ContextVar[str] = ContextVar("item_id")
"""The id of the item that the current coroutine is called for, in a run over a network.

It is the same whenever the coroutine is called again for that item, so it can serve as an
idempotency key: no other item of the run has it at this node.
"""

Step: TypeAlias = Callable[[object], Awaitable[Sequence[object]]]
"""Works on one item; returns its results."""


def step_of(stop: Stop) -> Step:
    """Return what a stop does with each of its items."""
    if isinstance(stop.part, Keep):
        return _keeping(stop.part)
    if isinstance(stop.part, Processor):
        return _calling(stop.part, stop.name)
    raise TypeError(f"{stop.part!r} belongs to the caller")


def _keeping(keep: Keep[Any]) -> Step:  # Any: the drawing has checked the item types
    async def step(item: object) -> Sequence[object]:
        return (item,) if keep.test(item) else ()

    return step


def _calling(processor: Processor[Any, Any], name: str) -> Step:  # Any: as above
    calls = calls_of(processor)
    role = f"the processor {name!r}"

    async def step(item: object) -> Sequence[object]:
        call: Awaitable[object] = awaitable(calls.coro(item), calls.coro, role)
        if processor.timeout is None:
            return (await call,)
        return (await Timeout(processor.timeout, name).hold(call),)

    return step


@define
class _Making:
    """What has become of a slice so far."""

    items: Items = field(factory=dict[int, bytes])
    failures: dict[int, Lost] = field(factory=dict[int, Lost])
    completed: int = 0
    dropped: int = 0
    stopped: bool = False

    def made(self) -> Made:
        """Return it in the order of the items, however their calls returned."""
        failed = len(self.failures)
        received = self.completed + failed + self.dropped
        tally = Tally(received, self.completed, failed, self.dropped, len(self.items))
        return Made(dict(sorted(self.items.items())), dict(sorted(self.failures.items())), tally)


class Maker:
    """Works on slices of one stop.

    Args:
        run: the name of the run.
        stop: the stop.
        leg: what it takes.
        doomsday: where the run ends if an item fails whose failure leads nowhere.
    """

    def __init__(self, run: str, stop: Stop, leg: Leg, doomsday: Doomsday) -> None:
        self._run = run
        self._stop = stop
        self._leg = leg
        self._step = step_of(stop)
        self._doomsday = doomsday

    async def make(self, record: Record) -> Made | None:
        """Call the coroutine for each item of a record, as many side by side as may be.

        Returns:
            What became of them; `None` if the run ends because of one.

        Raises:
            NotDecoded: the items are of another type.
        """
        try:
            items = self._leg.items(record)
        except ValueError as error:
            raise NotDecoded(self._leg.start, shorten_message(error)) from error
        making = _Making()
        left = iter(items.items())
        abreast = min(self._stop.abreast, len(items))
        if abreast <= 1:
            await self._work(record, left, making)
        else:
            async with asyncio.TaskGroup() as group:
                for _ in range(abreast):
                    group.create_task(self._work(record, left, making))
        return None if making.stopped else making.made()

    async def _work(
        self, record: Record, left: Iterator[tuple[int, object]], making: _Making
    ) -> None:
        for place, item in left:
            item_id.set(f"{self._run}/{self._stop.name}/{record.position}.{place}")
            try:
                await self._make_one(place, item, making)
            except asyncio.CancelledError as error:
                if is_cancelled():
                    raise
                foreign = CoroutineCancelled(self._stop.name)
                foreign.__cause__ = error
                await self._fail(record, place, foreign, making)
            except Exception as error:  # noqa: BLE001  # whatever the user's coroutine raises
                await self._fail(record, place, error, making)
            if making.stopped:
                return

    async def _make_one(self, place: int, item: object, making: _Making) -> None:
        results = await self._step(item)
        if self._stop.forms:
            for result in results:
                making.items[place] = carried(result, self._stop)
        making.completed += bool(results)
        making.dropped += not results

    async def _fail(self, record: Record, place: int, error: Exception, making: _Making) -> None:
        # Of a failure that fails, there is only what had failed before.
        raw = record.failures[place].item if self._leg.failures else record.items[place]
        lost = lose(raw, error)
        if self._stop.failures_lead_on:
            making.failures[place] = lost
            return
        making.stopped = True
        await self._doomsday.announce(Sentence(self._stop.name, lost, self._leg.name))


def carried(item: object, stop: Stop) -> bytes:
    """Return an item that a stop gives, as it travels.

    Raises:
        NotCarried: it is not what the edges are annotated with.
    """
    first, *others = stop.forms
    raw = first.encode(item, stop.name)
    for form in others:  # one for each type that those who take it see
        form.encode(item, stop.name)
    return raw
