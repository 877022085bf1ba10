"""Processors that behave as a random graph says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from attrs import frozen

from tests.properties.graphs import Step
from tests.properties.items import Made
from tests.properties.logs import Logs
from tests.properties.mishaps import befall
from tests.properties.model import results
from tests.properties.taps import tapping, with_tap, with_tap_many
from typedpipes import Doom, DoomsdayQueue, InputQueue, OutputQueue, Processor, Sink

Out = TypeVar("Out")


@frozen
class Worker:
    """The coroutines of a step; `again` puts what follows an item into a loop."""

    step: Step
    logs: Logs
    again: Callable[[object], Awaitable[None]]

    async def work(self, item: object) -> object:
        with self.logs.work(self.step.name, item) as call:
            await self._nap(item, item)
            await self._suffer(item)
            await self.again(item)
            result = Made(self.step.name, item)
            call.give(result)
            return result

    async def swallow(self, item: object) -> None:
        await self.work(item)

    async def stream(self, item: object) -> AsyncIterator[object]:
        with self.logs.work(self.step.name, item) as call:
            for result in results(self.step, item):
                await self._nap(item, result)
                call.give(result)
                try:
                    yield result
                except (GeneratorExit, asyncio.CancelledError):
                    if self.step.stays.on.befalls(item):
                        await self.step.stays.out()
                    raise
            await self._nap(item, item)
            await self._suffer(item)

    async def _nap(self, item: object, result: object) -> None:
        try:
            await self.step.naps.take(result)
        except asyncio.CancelledError:
            if not self.step.stays.on.befalls(item):
                raise
            await self.step.stays.out()
            if not self.step.stays.returns:
                raise

    async def _suffer(self, item: object) -> None:
        mishap = self.step.mishap(item)
        if mishap is not None:
            await befall(mishap.kind, mishap.number)

    async def clean_input(self, queue: InputQueue[object]) -> None:
        await self._clean("input", list(queue.drain()))

    async def clean_output(self, queue: OutputQueue[Out]) -> None:
        await self._clean("output", list[object](queue.drain()))

    async def clean_doomsday(self, queue: DoomsdayQueue[Doom]) -> None:
        await self._clean("doomsday", list[object](queue.drain()))

    async def _clean(self, kind: str, left: list[object]) -> None:
        self.logs.clean(self.step.name, kind, left)
        await asyncio.sleep(self.step.dawdles)


async def never_again(_: object) -> None:
    """Do nothing: the step is part of no loop."""


def sink(
    step: Step, logs: Logs, again: Callable[[object], Awaitable[None]] = never_again
) -> Sink[object]:
    """Make a sink."""
    worker = Worker(step, logs, again)
    made = Sink(
        with_tap(tapping(step, logs), worker.swallow),
        name=step.name,
        workers=step.workers,
        buffer=step.buffer,
        timeout=step.timeout,
    )
    return _keyed(step, made).cleanup(
        input=worker.clean_input if "input" in step.cleans else None,
        output=worker.clean_output if "output" in step.cleans else None,
        doomsday=worker.clean_doomsday if "doomsday" in step.cleans else None,
    )


Part = TypeVar("Part", Processor[object, object], Sink[object])


def _keyed(step: Step, part: Part) -> Part:
    return part.keyed(step.key) if step.keys else part


def processor(step: Step, logs: Logs) -> Processor[object, object]:
    """Make a processor that is no sink."""
    worker = Worker(step, logs, never_again)
    tap = tapping(step, logs)
    made = Processor(
        with_tap_many(tap, worker.stream)
        if step.kind == "generator"
        else with_tap(tap, worker.work),
        name=step.name,
        workers=step.workers,
        ordered=step.ordered,
        window=step.window,
        buffer=step.buffer,
        timeout=step.timeout,
    )
    return _keyed(step, made).cleanup(
        input=worker.clean_input if "input" in step.cleans else None,
        output=worker.clean_output if "output" in step.cleans else None,
        doomsday=worker.clean_doomsday if "doomsday" in step.cleans else None,
    )
