"""Those outside of a graph: they fill its feeds, and read its queues."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Iterator

from tests.properties.asking import Asker, Told
from tests.properties.graphs import Asking, End, Spring
from tests.properties.habits import NEVER
from tests.properties.insisting import insist
from tests.properties.springs import Giver
from tests.properties.world import World
from typedpipes import Feed, InputQueue, QueueClosed


def outsiders(world: World) -> Iterator[Coroutine[object, None, None]]:
    """Return what they do, each for a task of its own."""
    for end in world.ends():
        for _ in range(end.readers):
            yield _read(world, end, world.queues[end.name])
    for node in world.graph.nodes:
        if isinstance(node, Spring) and node.origin == "feed":
            feed = world.parts[node.name]
            assert isinstance(feed, Feed)
            yield Giver(node, world.logs).fill(feed)
        if isinstance(node, Asking):
            yield _ask(world, node)


async def _ask(world: World, asking: Asking) -> None:
    """Let all askers ask, and close the exchange when there are no more."""
    assert world.exchange is not None
    world.told.update({item: Told() for item in asking.items})
    async with asyncio.TaskGroup() as askers:
        for item, told in world.told.items():
            askers.create_task(Asker(asking, item).ask(world.exchange, told, world.logs))
    world.exchange.close()


async def _read(world: World, end: End, queue: InputQueue[object]) -> None:
    """Read to the end, item by item or by `async for`; of a run that failed, that raises."""

    def note(item: object) -> object:
        world.logs.lives()
        world.delivered[end.name].append(item)
        return item

    async def get() -> object:
        return note(await queue.get())

    try:
        if end.retries == NEVER:
            async for item in queue:
                await end.naps.take(note(item))
            return
        for count in itertools.count():
            hasty = end.retries.befalls(count)
            await end.naps.take(await (insist(get, turns=count % 4) if hasty else get()))
    except QueueClosed as closed:
        if closed.__cause__ is not None:
            world.reasons.append(closed.__cause__)
