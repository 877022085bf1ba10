"""Sources of all kinds that give the same numbers and note it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from attrs import frozen

from tests.properties.graphs import Spring
from tests.properties.logs import Logs
from typedpipes import Feed, InputRig, OutputQueue, QueueClosed, Source


@frozen
class Giver:
    """Gives the numbers of a spring, in whatever way is asked for."""

    spring: Spring
    logs: Logs

    def __iter__(self) -> Iterator[object]:
        for item in self.spring.numbers:
            self._note(item)
            yield item

    async def generate(self) -> AsyncIterator[object]:
        for item in self.spring.numbers:
            await self.spring.naps.take(item)
            self._note(item)
            yield item

    async def put(self, queue: OutputQueue[object] | Feed[object]) -> None:
        for item in self.spring.numbers:
            await self.spring.naps.take(item)
            try:
                await queue.put(item)
            except (asyncio.CancelledError, QueueClosed):
                if isinstance(queue, OutputQueue):
                    self._note(item)  # what a rig began to put is the run's
                raise
            self._note(item)

    async def fill(self, feed: Feed[object]) -> None:
        """Fill a feed from outside and close it; or find that it was closed."""
        try:
            await self.put(feed)
        except QueueClosed:
            return
        feed.close()

    async def clean(self, queue: OutputQueue[object]) -> None:
        self.logs.cleaning()
        if self.spring.cleans:
            self.logs.clean(self.spring.name, "output", queue.drain())

    def _note(self, item: object) -> None:
        self.logs.give(self.spring.name, item)


def source(spring: Spring, logs: Logs) -> Source[object]:
    """Make a source; `Giver.fill` fills it if it is a feed."""
    return _source(spring, Giver(spring, logs)).cleanup(output=Giver(spring, logs).clean)


def _source(spring: Spring, giver: Giver) -> Source[object]:
    match spring.origin:
        case "list":
            return Source[object](list(spring.numbers), name=spring.name)
        case "iterable":
            return Source(giver, name=spring.name)
        case "async generator":
            return Source(giver.generate, name=spring.name)
        case "rig":
            return InputRig(giver.put, name=spring.name)
        case "feed":
            return Feed[object](maxsize=spring.maxsize, name=spring.name)
