"""What a network run refuses when it is made: every refusal by name, all of them at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from typedpipes import (
    Feed,
    Fold,
    Joint,
    OutputQueue,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringErrors,
)
from typedpipes.network.route import route_of
from typedpipes.processor import Failure


async def step(number: int) -> int:
    return number


async def vague(number):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201  # pyright: ignore[reportUnknownParameterType, reportMissingParameterType]  # what is tested
    return number  # pyright: ignore[reportUnknownVariableType]  # as above


async def locate(number: int) -> Path:
    return Path(str(number))


async def discard(_: object) -> None:
    """Do nothing."""


async def clean(_: OutputQueue[int]) -> None:
    """Do nothing."""


def beating(plumber: Plumber) -> None:
    plumber.connect(Source([1])).every(2).to(Sink(discard))


class Distinct(Fold[int, int]):
    def __init__(self) -> None:
        self.seen: set[int] = set()

    def take(self, item: int, /) -> list[int]:
        new = [] if item in self.seen else [item]
        self.seen.add(item)
        return new


def folding(plumber: Plumber) -> None:
    plumber.connect(Source([1])).to(Processor.folding(Distinct)).to(Sink(discard))


def asked(plumber: Plumber) -> None:
    plumber.exchange(_stepping)


def _stepping(asked: Joint[int]) -> Joint[int]:
    return asked.to(Processor(step))


def going_round(plumber: Plumber) -> None:
    plumber.connect(Feed[int](ends_when_idle=True)).to(Sink(discard))


def keyed(plumber: Plumber) -> None:
    plumber.connect(Source([1])).to(Processor(step, workers=2).keyed(abs)).to(Sink(discard))


def cleaned(plumber: Plumber) -> None:
    plumber.connect(Source([1]).cleanup(output=clean)).to(Sink(discard))


def preferring(plumber: Plumber) -> None:
    plumber.merge(Source([1], name="a"), Source([2], name="b"), prefer=1).to(Sink(discard))


@pytest.mark.parametrize(
    ("draw", "what"),
    [
        (
            asked,
            "'replies of exchange' answers those who ask an exchange, which does not work",
        ),
        (
            going_round,
            "'feed' is filled by its own run until that is idle, which does not work",
        ),
    ],
)
def test_what_does_not_work_is_refused_by_name(
    draw: Callable[[Plumber], object], what: str
) -> None:
    plumber = Plumber("drawing")
    draw(plumber)

    with pytest.raises(WiringErrors) as caught:
        route_of(plumber.blueprint())

    whole = f"{what} over a network. Run this drawing with `plumber.run()`, in one process."
    assert whole in [str(each) for each in caught.value.exceptions]


@pytest.mark.parametrize(
    ("draw", "whole"),
    [
        (
            preferring,
            "no process sees what waits for the others, so 'discard' cannot prefer an input of its "
            "merge over a network. Leave out `prefer`.",
        ),
        (
            beating,
            "each process has a clock of its own, so 'every 2 s' cannot make a list at each "
            "interval over a network. Use `batch` with `within`, which counts from the first item "
            "of each list.",
        ),
        (
            folding,
            "the state of 'Distinct' would be lost with the process that has it, so folds do not "
            "work over a network. Read what it takes with `read`, and fold it in the process that "
            "submits the run.",
        ),
        (
            keyed,
            "no process sees the keys that the others have in hand, so 'step' cannot work by keys "
            "with several workers over a network. Give it one worker; or split the items by key to "
            "several processors of one worker each, and rejoin them.",
        ),
        (
            cleaned,
            "the cleanup coroutines of the source 'source' are not called over a network. Set them "
            "on the processors that it leads to: what these never took goes to their input "
            "cleanup.",
        ),
    ],
)
def test_what_works_in_another_way_is_refused_with_that_way(
    draw: Callable[[Plumber], object], whole: str
) -> None:
    plumber = Plumber("drawing")
    draw(plumber)

    with pytest.raises(WiringErrors) as caught:
        route_of(plumber.blueprint())

    assert [str(each) for each in caught.value.exceptions] == [whole]


def test_an_edge_whose_items_cannot_travel_is_refused_with_both_ends_and_the_type() -> None:
    plumber = Plumber("drawing")
    plumber.connect(Source([1])).to(Processor(locate)).to(Sink(discard))

    with pytest.raises(WiringErrors) as caught:
        route_of(plumber.blueprint())

    assert [str(each) for each in caught.value.exceptions] == [
        "the edge 'locate' -> 'discard' cannot go over a network: it carries Path, and it is of "
        "the class Path. Annotate it with a type that can travel (numbers, text, bytes, times, "
        "containers and dataclasses of them), or pass a codec for the class."
    ]


def test_an_edge_without_annotations_is_refused() -> None:
    plumber = Plumber("drawing")
    plumber.connect(Source(iter([1]))).to(Processor(vague)).collect()  # pyright: ignore[reportUnknownArgumentType]  # as above

    with pytest.raises(WiringErrors) as caught:
        route_of(plumber.blueprint())

    assert [str(each).partition(". ")[0] for each in caught.value.exceptions] == [
        "the edge 'source' -> 'vague' cannot go over a network: it has no annotation",
        "the edge 'vague' -> 'collect vague' cannot go over a network: it has no annotation",
    ]


def test_a_slice_is_no_longer_than_any_buffer() -> None:
    plumber = Plumber("drawing")
    plumber.connect(Source([1])).to(Processor(step, buffer=10)).to(Sink(discard))

    with pytest.raises(WiringErrors) as caught:
        route_of(plumber.blueprint(), longest=11)

    assert [str(each) for each in caught.value.exceptions] == [
        "slice=11 is more than the buffer of 10 that an edge of 'drawing' has. "
        "Make the slice shorter, or the buffer longer."
    ]


@pytest.mark.parametrize(
    ("workers", "buffer", "longest", "size", "in_hand", "abreast", "cap"),
    [
        (1, 100, None, 25, 1, 1, 4),
        (1, 1, None, 1, 1, 1, 1),
        (4, 100, None, 1, 4, 1, 100),
        (80, 1000, None, 10, 8, 10, 100),
        (4, 100, 50, 50, 1, 4, 2),
        (40, 100, 20, 20, 2, 20, 5),
    ],
)
def test_calls_and_bounds_are_kept_whatever_the_slice(
    workers: int, buffer: int, longest: int | None, size: int, in_hand: int, abreast: int, cap: int
) -> None:
    plumber = Plumber("drawing")
    plumber.connect(Source([1])).to(Processor(step, workers=workers, buffer=buffer)).to(
        Sink(discard, buffer=buffer)
    )

    route = route_of(plumber.blueprint(), longest=longest)

    source, processor, _ = route.stops
    assert processor.leg is not None
    assert (route.slice, processor.leg.in_hand, processor.abreast, source.cap) == (
        size,
        in_hand,
        abreast,
        cap,
    )
    assert processor.leg.in_hand * processor.abreast <= workers
    assert (source.cap or 0) * route.slice <= buffer


def test_the_failures_of_a_processor_travel_as_the_items_that_failed() -> None:
    async def bury(_: Failure[int]) -> None:
        await asyncio.sleep(0)

    plumber = Plumber("drawing")
    processor = Processor(step)
    plumber.connect(Source([1])).to(processor).to(Sink(discard))
    plumber.failures(processor).to(Sink(bury))

    route = route_of(plumber.blueprint())

    assert "failures of 'step' -> 'bury': Failure[int]" in route.description()
