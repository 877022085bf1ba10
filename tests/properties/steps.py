"""Processors that behave as a random graph says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from attrs import frozen

from tests.properties.graphs import Step
from tests.properties.items import Boom, Made, number
from tests.properties.logs import Logs
from tests.properties.model import results
from typedpipes import Doom, DoomsdayQueue, InputQueue, OutputQueue, Processor, Sink

Out = TypeVar("Out")


@frozen
class Worker:
    """The coroutines of a step."""

    step: Step
    logs: Logs

    async def work(self, item: object) -> object:
        with self.logs.call(self.step.name, item) as log:
            try:
                await self._finish(item)
            except asyncio.CancelledError:
                if self.step.lingers:
                    await asyncio.sleep(0)
                raise
            result = Made(self.step.name, item)
            log.gave.append(result)
            return result

    async def swallow(self, item: object) -> None:
        await self.work(item)

    async def stream(self, item: object) -> AsyncIterator[object]:
        with self.logs.call(self.step.name, item) as log:
            for result in results(self.step, item):
                await self.step.naps.take(result)
                log.gave.append(result)
                yield result
            await self._finish(item)

    async def _finish(self, item: object) -> None:
        await self.step.naps.take(item)
        if self.step.fails.befalls(item):
            raise Boom(number(item))

    async def clean_input(self, queue: InputQueue[object]) -> None:
        self.logs.clean(self.step.name, "input", list(queue.drain()))

    async def clean_output(self, queue: OutputQueue[Out]) -> None:
        self.logs.clean(self.step.name, "output", list[object](queue.drain()))

    async def clean_doomsday(self, queue: DoomsdayQueue[Doom]) -> None:
        self.logs.clean(self.step.name, "doomsday", list[object](queue.drain()))


def sink(step: Step, logs: Logs) -> Sink[object]:
    """Make a sink."""
    worker = Worker(step, logs)
    made = Sink(
        worker.swallow,
        name=step.name,
        workers=step.workers,
        buffer=step.buffer,
        timeout=step.timeout,
    )
    return made.cleanup(
        input=worker.clean_input if "input" in step.cleans else None,
        output=worker.clean_output if "output" in step.cleans else None,
        doomsday=worker.clean_doomsday if "doomsday" in step.cleans else None,
    )


def processor(step: Step, logs: Logs) -> Processor[object, object]:
    """Make a processor that is no sink."""
    worker = Worker(step, logs)
    made = Processor(
        worker.stream if step.kind == "generator" else worker.work,
        name=step.name,
        workers=step.workers,
        ordered=step.ordered,
        window=step.window,
        buffer=step.buffer,
        timeout=step.timeout,
    )
    return made.cleanup(
        input=worker.clean_input if "input" in step.cleans else None,
        output=worker.clean_output if "output" in step.cleans else None,
        doomsday=worker.clean_doomsday if "doomsday" in step.cleans else None,
    )
