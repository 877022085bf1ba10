"""Askers of an exchange: each asks for a number, and some do not wait for all replies."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Literal, TypeAlias

from attrs import define, field, frozen

from tests.properties.graphs import Asking
from tests.properties.logs import Logs
from tests.properties.mishaps import mishap
from typedpipes import Exchange, NoReply, OutputQueue, QueueClosed, Source
from typedpipes.flow.request import plain

Ending: TypeAlias = Literal["all", "first", "none", "left", "failed", "closed"]
"""How it ended for an asker: with all replies, the first, or none; or otherwise."""


@define
class Told:
    """What an asker was told."""

    replies: list[object] = field(factory=list[object])
    ending: Ending = "left"


@frozen
class Asker:
    """One that asks for an item."""

    asking: Asking
    item: object

    async def ask(self, exchange: Exchange[object, object], told: Told, logs: Logs) -> None:
        """Ask, and note what comes."""
        await self.asking.naps.take(self.item)
        asked = asyncio.create_task(self._ask(exchange, told, logs))
        if self.asking.leaves.befalls(self.item):
            for _ in range(self.asking.patience):
                await asyncio.sleep(0)
            asked.cancel()
        await asyncio.wait([asked])
        logs.lives()
        if not asked.cancelled():
            told.ending = asked.result()

    async def _ask(self, exchange: Exchange[object, object], told: Told, logs: Logs) -> Ending:
        try:
            if self.asking.once.befalls(self.item):
                told.replies.append(await exchange.ask(self.item))
                return "first"
            async with aclosing(exchange.stream(self.item)) as replies:
                async for reply in replies:
                    told.replies.append(reply)
                    logs.lives()
        except NoReply:
            return "none"
        except QueueClosed:
            return "closed"
        except Exception as error:
            if mishap(error) is None:
                raise
            return "failed"
        return "all"


def noted(exchange: Exchange[object, object], name: str, logs: Logs) -> Source[object]:
    """Have the requests of an exchange noted as they enter the graph; return their source."""
    requests = exchange._requests
    put = requests.put_nowait

    def put_and_note(item: object) -> None:
        put(item)
        logs.give(name, plain(item))

    async def clean(_: OutputQueue[object]) -> None:
        logs.cleaning()

    setattr(requests, "put_nowait", put_and_note)  # noqa: B010  # checkers know it as a method
    return requests.cleanup(output=clean)
