"""Sources of all kinds that give the same items and note it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial

from attrs import frozen

from tests.properties.graphs import Spring
from tests.properties.insisting import insist
from tests.properties.items import number
from tests.properties.logs import Logs
from tests.properties.mishaps import befall, befall_at_once
from typedpipes import NO_ITEM, Feed, InputRig, OutputQueue, QueueClosed, Source


@frozen
class Giver:
    """Gives the items of a spring, in whatever way is asked for."""

    spring: Spring
    logs: Logs

    def __iter__(self) -> Iterator[object]:
        for item in self.spring.items:
            self._note(item)
            yield item
        if self.spring.breaks is not None:
            try:
                befall_at_once(self.spring.breaks, self._end)
            except BaseException as error:
                self.logs.befell(self.spring.name, NO_ITEM, error)
                raise

    async def generate(self) -> AsyncIterator[object]:
        with self.logs.call(self.spring.name, NO_ITEM):
            for item in self.spring.items:
                await self._nap(item)
                self._note(item)
                try:
                    yield item
                except (GeneratorExit, asyncio.CancelledError):
                    await self.spring.stays.out()
                    raise
            await self._break()

    async def rig(self, queue: OutputQueue[object]) -> None:
        with self.logs.call(self.spring.name, NO_ITEM):
            for item in self.spring.items:
                await self._nap(item)
                try:
                    await self._put(queue, item)
                finally:
                    self._note(item)  # what a rig began to put is the run's, also at its end
            await self._break()

    async def _put(self, queue: OutputQueue[object], item: object) -> None:
        """Put an item, in two attempts if the first takes too long."""
        if self.spring.retries.befalls(item):
            with suppress(TimeoutError):
                async with asyncio.timeout(0):
                    await queue.put(item)
                    return
        await queue.put(item)

    async def fill(self, feed: Feed[object]) -> None:
        """Fill a feed from outside and close it; or find that it was closed."""
        with suppress(QueueClosed):
            for item in self.spring.items:
                await self.spring.naps.take(item)
                if self.spring.retries.befalls(item):
                    await insist(partial(self._put_and_note, feed, item), turns=number(item) % 4)
                else:
                    await self._put_and_note(feed, item)
            feed.close()

    def start(self, feed: Feed[object]) -> None:
        """Put the first item into the feed of a loop; or find that the run has ended already."""
        with suppress(QueueClosed):
            for item in self.spring.items[:1]:
                feed.put_nowait(item)
                self._note(item)

    async def go_on(self, feed: Feed[object], item: object) -> None:
        """Put the item after this one into the feed of a loop, unless the run has ended it."""
        place = number(item) - self.spring.first + 1
        with suppress(QueueClosed):
            for following in self.spring.items[place : place + 1]:
                await self._put_and_note(feed, following)

    async def _put_and_note(self, feed: Feed[object], item: object) -> None:
        await feed.put(item)
        self._note(item)

    async def clean(self, queue: OutputQueue[object]) -> None:
        self.logs.cleaning()
        if self.spring.cleans:
            self.logs.clean(self.spring.name, "output", queue.drain())
        await asyncio.sleep(self.spring.dawdles)

    @property
    def _end(self) -> int:
        return self.spring.first + self.spring.count

    def _note(self, item: object) -> None:
        self.logs.give(self.spring.name, item)

    async def _nap(self, item: object) -> None:
        try:
            await self.spring.naps.take(item)
        except asyncio.CancelledError:
            await self.spring.stays.out()
            raise

    async def _break(self) -> None:
        if self.spring.breaks is not None:
            await befall(self.spring.breaks, self._end)


def source(spring: Spring, logs: Logs) -> Source[object]:
    """Make a source; `Giver.fill` fills it if it is a feed."""
    return _source(spring, Giver(spring, logs)).cleanup(output=Giver(spring, logs).clean)


def _source(spring: Spring, giver: Giver) -> Source[object]:
    match spring.origin:
        case "list":
            return Source[object](spring.items, name=spring.name)
        case "iterable":
            return Source(giver, name=spring.name)
        case "async generator":
            return Source(giver.generate, name=spring.name)
        case "rig":
            return InputRig(giver.rig, name=spring.name)
        case "feed":
            return Feed[object](maxsize=spring.maxsize, name=spring.name)
        case "loop":
            return Feed[object](maxsize=spring.maxsize, ends_when_idle=True, name=spring.name)
