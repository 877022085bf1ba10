"""Scenes of what a joint does with items: each a small graph, played while a film records it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tools.pictures.film import Film
from tools.pictures.scenes import Scenes
from typedpipes import (
    Failure,
    First,
    On,
    Plumber,
    Processor,
    Second,
    Sink,
    Source,
    switch,
)

SCENES = Scenes()

QUICKLY = [(number * 0.3, number) for number in range(1, 6)]
EVERY_SECOND = [(float(number), number) for number in range(1, 6)]


def takes(seconds: Callable[[int], float]) -> Callable[[int], Awaitable[str]]:
    """Return a coroutine function that takes a while, and gives the item with a mark."""

    async def work(item: int) -> str:
        await asyncio.sleep(seconds(item))
        return f"{item}'"

    return work


def slow_at_two(item: int) -> float:
    """Return the seconds that an item takes."""
    return 2.0 if item == 2 else 0.8


@SCENES.drawing("to")
def draw_to(film: Film, plumber: Plumber) -> None:
    """One worker: a call at a time."""
    items = plumber.connect(Source(film.come("items", QUICKLY)))
    worker = Processor(film.call("worker", takes(lambda _: 0.7)))
    items.to(worker).to(Sink(film.sees("results")))


@SCENES.drawing("workers")
def draw_workers(film: Film, plumber: Plumber) -> None:
    """Three workers, and the order is kept."""
    items = plumber.connect(Source(film.come("items", QUICKLY)))
    work = film.call("three workers", takes(slow_at_two))
    items.to(Processor(work, workers=3)).to(Sink(film.sees("results")))


@SCENES.drawing("unordered")
def draw_unordered(film: Film, plumber: Plumber) -> None:
    """The same, with `ordered=False`."""
    items = plumber.connect(Source(film.come("items", QUICKLY)))
    work = film.call("three workers", takes(slow_at_two))
    items.to(Processor(work, workers=3, ordered=False)).to(Sink(film.sees("results")))


@SCENES.drawing("buffer")
def draw_buffer(film: Film, plumber: Plumber) -> None:
    """A full edge makes its writer wait, back to the source."""
    moments = [(0.3 * number, number) for number in range(1, 7)]
    items = plumber.connect(Source(film.come("items", moments)))
    worker = Processor(film.call("worker", takes(lambda _: 1.0)), buffer=1)
    items.to(worker).to(Sink(film.sees("results")))


@SCENES.drawing("fan_out")
def draw_fan_out(film: Film, plumber: Plumber) -> None:
    """Each branch gets each item."""
    items = plumber.connect(Source(film.come("items", EVERY_SECOND[:4])))
    items.fan_out(Sink(film.sees("left")), Sink(film.sees("right")))


@SCENES.drawing("zip")
def draw_zip(film: Film, plumber: Plumber) -> None:
    """Items that belong together, as tuples."""
    items = plumber.connect(Source(film.come("items", QUICKLY)))
    slow = items.to(Processor(film.call("worker", takes(lambda _: 0.8))))

    def pair(both: tuple[int, str]) -> str:
        return f"{both[0]}, {both[1]}"

    items.zip(slow).to(Sink(film.sees("pairs", pair)))


@SCENES.drawing("merge")
def draw_merge(film: Film, plumber: Plumber) -> None:
    """Items of several inputs, as they come."""
    numbers = plumber.connect(Source(film.come("numbers", [(0.5, 1), (1.5, 2), (3.5, 3)])))
    letters = plumber.connect(Source(film.come("letters", [(1.0, "d"), (2.0, "e"), (2.5, "f")])))
    numbers.merge(letters).to(Sink(film.sees("merged")))


@SCENES.drawing("keep")
def draw_keep(film: Film, plumber: Plumber) -> None:
    """What fails the test is dropped, and its partner with it."""
    items = plumber.connect(Source(film.come("items", EVERY_SECOND[:4])))

    def is_odd(item: int) -> bool:
        if item % 2 == 0:
            film.note("kept", item, "dropped")
        return item % 2 == 1

    film.lane("kept")
    kept = items.keep(is_odd)
    kept.to(Sink(film.sees("kept")))

    def pair(both: tuple[int, int]) -> str:
        return f"{both[0]}, {both[1]}"

    kept.zip(items).to(Sink(film.sees("kept.zip(items)", pair)))


@SCENES.drawing("batch")
def draw_batch(film: Film, plumber: Plumber) -> None:
    """Lists of three, or what came within two seconds."""
    moments = [(0.5, 1), (0.8, 2), (1.1, 3), (2.0, 4), (4.5, 5)]
    items = plumber.connect(Source(film.come("items", moments)))
    items.batch(3, within=1.5).to(Sink(film.sees("lists")))


@SCENES.drawing("every")
def draw_every(film: Film, plumber: Plumber) -> None:
    """What arrives in each interval of two seconds."""
    moments = [(0.5, 1), (0.9, 2), (1.6, 3), (4.4, 4), (5.1, 5)]
    items = plumber.connect(Source(film.come("items", moments)))
    items.every(2.0).to(Sink(film.sees("lists")))


@SCENES.drawing("failures")
def draw_failures(film: Film, plumber: Plumber) -> None:
    """What raises goes another way."""
    items = plumber.connect(Source(film.come("items", EVERY_SECOND[:4])))
    worker = Processor(film.call("worker", fails_at_two))
    items.to(worker).to(Sink(film.sees("results")))

    async def see(failure: Failure[int]) -> None:
        film.note("failures", failure.item, "failed")

    film.lane("failures")
    plumber.failures(worker).to(Sink(see))


async def fails_at_two(item: int) -> str:
    """Work on an item."""
    await asyncio.sleep(0.7)
    if item == 2:
        raise ValueError(item)
    return f"{item}'"


@SCENES.drawing("outcomes")
def draw_outcomes(film: Film, plumber: Plumber) -> None:
    """Results and failures, in the order of the items."""
    items = plumber.connect(Source(film.come("items", QUICKLY)))
    worker = Processor(film.call("three workers", slow_and_fails_at_two), workers=3)
    items.to(worker)

    async def see(outcome: str | Failure[int]) -> None:
        match outcome:
            case Failure(item=item):
                film.note("outcomes", item, "failed")
            case result:
                film.note("outcomes", result)

    film.lane("outcomes")
    plumber.outcomes(worker).to(Sink(see))


async def slow_and_fails_at_two(item: int) -> str:
    """Work on an item, which takes a while before it fails."""
    await asyncio.sleep(slow_at_two(item))
    if item == 2:
        raise ValueError(item)
    return f"{item}'"


@SCENES.drawing("keyed")
def draw_keyed(film: Film, plumber: Plumber) -> None:
    """Items of one key do not overlap."""
    entries = [(0.3, "a1"), (0.6, "a2"), (0.9, "b1"), (1.2, "a3"), (1.5, "b2")]
    items = plumber.connect(Source(film.come("items", entries)))

    async def book(entry: str) -> str:
        await asyncio.sleep(1.0)
        return f"{entry}'"

    worker = Processor(film.call("many workers", book), workers=16)
    items.to(worker.keyed(lambda entry: entry[0])).to(Sink(film.sees("results")))


@SCENES.drawing("split")
def draw_split(film: Film, plumber: Plumber) -> None:
    """Each item goes one way, and they come together in their order."""
    items = plumber.connect(Source(film.come("items", QUICKLY)))

    def by_parity(item: int) -> First[int] | Second[int]:
        return First(item) if item % 2 else Second(item)

    odd, even = items.split(by_parity)
    slowly = odd.to(Processor(film.call("odd", takes(lambda _: 0.9))))
    quickly = even.to(Processor(film.call("even", takes(lambda _: 0.3))))
    slowly.rejoin(quickly).to(Sink(film.sees("rejoined")))


@SCENES.drawing("switching")
def draw_switching(film: Film, plumber: Plumber) -> None:
    """Each item through the stage of its class."""
    mixed: list[tuple[float, int | str]] = [(0.3, 1), (0.6, "b"), (0.9, "c"), (1.2, 4)]
    items = plumber.connect(Source(film.come("items", mixed)))

    async def letter(item: str) -> str:
        await asyncio.sleep(0.3)
        return item.upper() + item

    number = Processor(film.call("numbers", takes(lambda _: 0.9)))
    letters = Processor(film.call("letters", letter))
    items.to(switch(On(int, number), On(str, letters))).to(Sink(film.sees("results")))
