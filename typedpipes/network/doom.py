"""The doom of a run, and its pauses, as one of its processes sees them."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import Final
from uuid import uuid4

from typedpipes.network.errors import NotDecoded, RecordsLost, RecordTooLarge
from typedpipes.network.gate import Gate
from typedpipes.network.health import Trouble
from typedpipes.network.orders import (
    ORDERS,
    Change,
    Orders,
    Sentence,
    Word,
    change_orders,
    orders_of,
)
from typedpipes.network.patience import FOR_EVER, LOOK_AGAIN, LOOK_RARELY
from typedpipes.network.record import NOTHING, lose
from typedpipes.network.side_by_side import Work, leaves, run_until
from typedpipes.network.wire import Away, Wire
from typedpipes.queues import Doom

_LOGGER: Final = logging.getLogger("typedpipes")


def _as_they_are(orders: Orders) -> Orders:
    """Return the orders: any process may change them."""
    return orders


def _nothing(_: Orders) -> None:
    """Do nothing about orders but what every process does."""


class Doomsday:
    """Where the end of a run is announced to all of its processes. The first sentence stands.

    Args:
        wire: the wire of this process.
        ordered: called with the orders whenever they have changed.
        patience: for how many seconds the wire may not do what it is asked for.
        entitled: called with orders that this process is to change; raises where it must not.

    Attributes:
        origin: this process, for all others.
        orders: the orders of the run, as far as this process knows.
    """

    def __init__(
        self,
        wire: Wire,
        ordered: Callable[[Orders], None] = _nothing,
        *,
        patience: float = FOR_EVER,
        entitled: Change = _as_they_are,
    ) -> None:
        self.origin: str = uuid4().hex
        self.orders: Orders = Orders()
        self._wire = wire
        self._ordered = ordered
        self._patience = patience
        self._entitled = entitled
        self._trouble: Trouble | None = None  # that was written to the log
        self._gates: dict[str, Gate] = defaultdict(Gate)
        self._changes: asyncio.Queue[Change] = asyncio.Queue()  # as many as are put
        self._numbers = count()  # of words

    @property
    def sentence(self) -> Sentence | None:
        """Why the run ends; `None` if it is not doomed, as far as this process knows."""
        return self.orders.sentence

    @property
    def trouble(self) -> str | None:
        """What the wire does not do, and for how long; `None` if it does what it is asked for."""
        trouble = self._wire.health.trouble
        return None if trouble is None else str(trouble)

    async def rule(self, *work: Work) -> None:
        """Run coroutines side by side until all have returned, or the run is doomed.

        What cannot be given or read, or is lost, dooms it.

        Raises:
            ExceptionGroup: what they raised; an `Away`, if the wire is in trouble for too long.
        """
        try:
            await run_until(self._until_doomed(*work), self._carry_out())
        except* (NotDecoded, RecordsLost, RecordTooLarge) as group:
            error = next(leaves(group))
            await self.announce(Sentence(error.node, lose(NOTHING, error)))
            await self._follow()

    async def doomed(self) -> None:
        """Wait until the run is doomed.

        Raises:
            Gone: there is no such run any more.
        """
        await self._look_first()
        await self._follow()

    async def announce(self, sentence: Sentence) -> None:
        """End the run for all processes, now and later, unless it was ended before."""
        said = sentence.within(self._wire.largest // 4)
        await self._change(lambda orders: orders.ended(said))

    def put(self, doom: Doom) -> None:
        """Tell all processes of a doom: as soon as may be, while this one works."""
        word = Word(doom.reason, doom.mode, self.origin, next(self._numbers))
        self.change(lambda orders: orders.told(word))

    def change(self, change: Change) -> None:
        """Change the orders as soon as may be, while this process works."""
        self._changes.put_nowait(change)

    def gate(self, stop: str) -> Gate:
        """Return the gate before the calls of a stop. It is closed while that is paused."""
        return self._gates[stop]

    async def _until_doomed(self, *work: Work) -> None:
        try:
            await self._look_first()
        except BaseException:
            for each in work:  # none of it has begun
                each.close()
            raise
        await run_until(self._follow(), *work)

    async def _carry_out(self) -> None:
        while True:
            await self._change(await self._changes.get())

    async def _change(self, change: Change) -> None:
        """Change the orders. This process hears of it as others do."""
        await change_orders(
            self._wire, lambda orders: change(self._entitled(orders)), patience=self._patience
        )

    async def _follow(self) -> None:
        """Follow the orders until they say that the run ends."""
        told = asyncio.Event()
        # What is told is a hint only: what is stored counts.
        async with self._wire.hear(ORDERS.name, lambda _: told.set()):
            while True:
                told.clear()
                await self._look()
                if self.sentence is not None:
                    return
                self._watch()
                try:
                    async with asyncio.timeout(LOOK_RARELY):
                        await told.wait()
                except TimeoutError:
                    continue

    async def _look_first(self) -> None:
        """Learn the orders before anything begins: it may be paused, or doomed."""
        while not await self._look():
            self._watch()
            await asyncio.sleep(LOOK_AGAIN)

    async def _look(self) -> bool:
        """Look what the orders are; return whether the wire told."""
        try:
            stored = await self._wire.last(ORDERS.name)
        except Away:
            return False
        self._learn(orders_of(stored))
        return True

    def _watch(self) -> None:
        """Say once when the wire does not do what it is asked for, and when it does again."""
        trouble = self._wire.health.trouble
        if trouble is not None and trouble.lasts > self._patience:
            raise Away(str(trouble))
        if trouble is not None and self._trouble is None:
            _LOGGER.warning("%s. It is tried again and again", trouble)
        elif trouble is None and self._trouble is not None:
            _LOGGER.warning("the broker is back after %.0f s", self._trouble.lasts)
        self._trouble = trouble

    def _learn(self, orders: Orders) -> None:
        if orders == self.orders:
            return
        self.orders = orders
        for name in {*self._gates} | {*orders.paused}:
            self._gates[name].set(is_open=name not in orders.paused)
        self._ordered(orders)
