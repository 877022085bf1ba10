"""What goes wrong in the processes of a run: cut wires, and deaths at any moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias

from attrs import frozen
from hypothesis import strategies as st

from tests.network.drawings import RUN, Draw
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.worker import work_for

What: TypeAlias = Literal["none", "before", "after", "dies before", "dies after"]

VERBS = ["give", "last", "take", "keep", "done", "tell", "fact"]
WORKERS = 3


@frozen
class Mishap:
    """What goes wrong, in one worker, when it uses a verb for the nth time.

    The wire is cut for that one verb, before or after it is done; or the worker dies there.
    """

    worker: int
    verb: str
    nth: int
    what: What


def mishaps() -> st.SearchStrategy[Sequence[Mishap]]:
    """Return lists of mishaps."""
    whats: st.SearchStrategy[What] = st.sampled_from(
        ("before", "after", "dies before", "dies after")
    )
    one = st.builds(
        Mishap, st.integers(0, WORKERS - 1), st.sampled_from(VERBS), st.integers(1, 12), whats
    )
    return st.lists(one, max_size=12)


class Fleet:
    """The workers of a run. One that dies is followed by another.

    Attributes:
        deaths: how many died.
    """

    def __init__(self, broker: MemoryBroker, draw: Draw, planned: Sequence[Mishap]) -> None:
        self.deaths = 0
        self._broker = broker
        self._draw = draw
        self._planned: Mapping[tuple[int, str, int], What] = {
            (each.worker, each.verb, each.nth): each.what for each in planned
        }
        self._used: Counter[tuple[int, str]] = Counter()
        self._working: set[int] = set()

    @asynccontextmanager
    async def at_work(self) -> AsyncGenerator[None]:
        """Work beside the block. All that worked for its run have to end with it."""
        lives = [asyncio.create_task(self._life(number)) for number in range(WORKERS)]
        try:
            yield
        finally:
            # In the time of the clock: what is lost is found again within some seconds.
            await asyncio.wait(lives, timeout=60.0)
            too_late = [life for life in lives if not life.done()]
            for life in too_late:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)
        assert not self._working
        for life in lives:
            assert life in too_late or life.exception() is None

    async def _life(self, number: int) -> None:
        """Work as one process after the other, until one lives to see the end."""
        while await self._dies(number):
            self.deaths += 1

    async def _dies(self, number: int) -> bool:
        death = asyncio.Event()

        def fault(verb: str) -> Fault:
            if verb == "take":
                self._working.add(number)
            what = self._next(number, verb)
            if what.startswith("dies"):
                wire.cut()
                death.set()
            return "none" if what == "none" else "before" if "before" in what else "after"

        wire = MemoryWire(self._broker, fault)
        working = asyncio.create_task(work_for(wire, RUN, self._draw().blueprint()))
        dying = asyncio.create_task(death.wait())
        try:
            await asyncio.wait((working, dying), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (working, dying):
                task.cancel()
            await asyncio.wait((working, dying))
        self._working.discard(number)
        if not working.cancelled():
            working.result()
        return working.cancelled()

    def _next(self, number: int, verb: str) -> What:
        """Return what goes wrong in the next use of a verb."""
        self._used[number, verb] += 1
        return self._planned.get((number, verb, self._used[number, verb]), "none")


class FreezingWire(MemoryWire):
    """The wire of a process that is stopped for a while when it uses a verb for the nth time.

    It knows nothing of the time that has passed when it goes on, and has in hand what it had.
    """

    def __init__(self, broker: MemoryBroker, nth: int, seconds: float) -> None:
        super().__init__(broker)
        self._left = nth
        self._seconds = seconds
        self._frozen = asyncio.Event()
        self._frozen.set()

    @asynccontextmanager
    async def _verb(self, name: str) -> AsyncGenerator[None]:
        self._left -= 1
        if self._left == 0:
            self._frozen.clear()
            asyncio.get_running_loop().call_later(self._seconds, self._frozen.set)
        await self._frozen.wait()
        async with super()._verb(name):
            yield
        await self._frozen.wait()
