"""Scenes of what begins and ends within a run: resources, states, requests, and a loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from tools.pictures.film import Film
from tools.pictures.scenes import Scenes
from typedpipes import Feed, Fold, Joint, Plumber, Processor, Resource, Sink, Source

SCENES = Scenes()


@SCENES.drawing("resource")
def draw_resource(film: Film, plumber: Plumber) -> None:
    """One for the run, and one for each worker."""

    @asynccontextmanager
    async def open_session() -> AsyncGenerator[str]:
        async with film.open("of the run", "session"):
            await asyncio.sleep(0.5)
            yield "session"

    @asynccontextmanager
    async def connect(_: str) -> AsyncGenerator[str]:
        async with film.open("of each worker", "connection"):
            await asyncio.sleep(0.4)
            yield "connection"

    async def ask(number: int, _: str) -> str:
        await asyncio.sleep(0.9)
        return f"{number}'"

    film.lane("items")
    film.lane("of the run")
    film.lane("of each worker")
    session = Resource(open_session)
    connection = Resource(session.into_first(connect), per="worker")
    items = plumber.connect(Source(film.come("items", [(0.5, 1), (0.8, 2), (1.1, 3), (1.4, 4)])))
    worker = Processor(film.call("two workers", connection.into(ask)), workers=2)
    items.to(worker).to(Sink(film.sees("results")))


class Totals(Fold[int, str]):
    """Gives the total at each tick, and at the end."""

    def __init__(self) -> None:
        self.total = 0

    def take(self, item: int, /) -> Sequence[str]:
        """Add an item."""
        self.total += item
        return ()

    def tick(self) -> Sequence[str]:
        """Return the total."""
        return (f"total {self.total}",)

    def end(self) -> Sequence[str]:
        """Return the total."""
        return self.tick()


class Highest(Fold[int, str]):
    """Gives each item that is higher than all before it."""

    def __init__(self) -> None:
        self.highest = 0

    def take(self, item: int, /) -> Sequence[str]:
        """Return an item that is higher."""
        if item <= self.highest:
            return ()
        self.highest = item
        return (f"{item}",)


@SCENES.drawing("fold")
def draw_fold(film: Film, plumber: Plumber) -> None:
    """A state takes the items, and gives results when it has some."""
    moments = [(0.5, 1), (1.0, 3), (1.6, 2), (2.6, 4), (5.2, 2)]
    items = plumber.connect(Source(film.come("items", moments)))
    items.to(Processor.folding(Highest)).to(Sink(film.sees("highest so far"), name="highest"))
    items.to(Processor.folding(Totals, every=2)).to(Sink(film.sees("every 2 s"), name="totals"))


@SCENES.scene("exchange")
async def play_exchange(film: Film, plumber: Plumber) -> None:
    """Three askers share two workers, and the second leaves."""
    film.lane("askers")

    async def answer(number: int) -> str:
        await asyncio.sleep(1.5)
        return f"{number}'"

    worker = Processor(film.call("two workers", answer), workers=2)

    def draw(numbers: Joint[int]) -> Joint[str]:
        return numbers.to(worker)

    exchange = plumber.exchange(draw)

    async def ask(number: int, at: float, patience: float) -> None:
        await asyncio.sleep(at)
        try:
            async with asyncio.timeout(patience):
                film.note("replies", await film.call("askers", exchange.ask)(number))
        except TimeoutError:
            film.note("replies", number, "dropped")

    async with plumber.running(), asyncio.TaskGroup() as askers:
        for number, at, patience in ((1, 0.3, 9.0), (2, 0.6, 0.8), (3, 0.9, 9.0)):
            askers.create_task(ask(number, at, patience))


@SCENES.scene("loop")
async def play_loop(film: Film, plumber: Plumber) -> None:
    """What is found is put in front again, until nothing goes round."""
    links = {"a": "bc", "b": "", "c": "d", "d": ""}
    pages = Feed[str](ends_when_idle=True, maxsize=None)
    known = {"a"}

    async def fetch(page: str) -> str:
        await asyncio.sleep(0.9 if page == "c" else 0.6)
        return links[page]

    async def follow(found: str) -> None:
        for page in found:
            if page not in known:
                known.add(page)
                film.note("feed", page)
                await pages.put(page)

    film.note("feed", "a")
    pages.put_nowait("a")
    fetcher = Processor(film.call("two workers", fetch), workers=2)
    plumber.connect(pages).to(fetcher).to(Sink(follow))
    async with film.open("the run", "the run"):
        await plumber.run()
