"""Drawings that are bound to wedge: a warning says so before they run."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import suppress
from math import prod
from random import Random

import pytest

from tests.support.clock import Clock
from typedpipes import (
    Joint,
    PipelineFailed,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringWarning,
)


async def ignore(item: object) -> None: ...


async def pass_on(item: int) -> int:
    return item


async def generate(item: int) -> AsyncIterator[int]:
    yield item


def two_sources(plumber: Plumber) -> tuple[Joint[int], Joint[int]]:
    return (
        plumber.connect(Source(range(10**5), name="numbers")),
        plumber.connect(Source(range(10**5), name="others")),
    )


def warned(plumber: Plumber) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plumber.blueprint()
    return [str(each.message) for each in caught]


def test_zips_whose_inputs_run_apart_are_named() -> None:
    plumber = Plumber()
    numbers, others = two_sources(plumber)
    plumber.zip(numbers, others.batch(200)).to(Sink(ignore, name="pairs"))
    plumber.zip(numbers, others).to(Sink(ignore, name="both"))

    with pytest.warns(WiringWarning, match=r"the zip before '(pairs|both)'") as told:
        plumber.blueprint()

    assert str(told[0].message) == (
        "the zip before 'pairs' takes an item of 'numbers' with each of 'batch 200', but because "
        "of the zip before 'both' it would have to be 200. Once the edges between them are full, "
        "nothing can move any more. Batch both inputs, or draw one of the zips from sources of "
        "its own."
    )
    assert told[0].filename == __file__


async def test_what_is_warned_of_comes_true(clock: Clock) -> None:
    """In rings of zips, some of which agree about how many items go with another, and some not."""
    random, outcomes = Random(3), set[bool]()
    for _ in range(40):
        sources = random.randint(2, 4)
        sizes = [random.choice([1, 1, 2, 3]) for _ in range(2 * sources)]
        if random.random() < 0.5:
            sizes[sources:] = random.sample(sizes[:sources], sources)
        plumber = ring_of_zips(random, sizes[:sources], sizes[sources:])

        told = warned(plumber)
        wedged = await is_wedged(plumber)

        assert wedged is bool(told), sizes
        assert wedged is (prod(sizes[:sources]) != prod(sizes[sources:]))
        outcomes.add(wedged)
    assert outcomes == {True, False}


def ring_of_zips(random: Random, left: list[int], right: list[int]) -> Plumber:
    """Zip each source with the next one, in lists of these sizes."""
    plumber = Plumber()
    joints = [
        plumber.connect(Source(range(1000), name=f"source {place}")) for place in range(len(left))
    ]
    for place, (one, other) in enumerate(zip(left, right, strict=True)):
        parts = (batched(joints[place], one), batched(joints[(place + 1) % len(left)], other))
        plumber.zip(*parts, buffer=random.randint(1, 4)).to(Sink(ignore, name=f"zip {place}"))
    return plumber


def batched(joint: Joint[int], size: int) -> Joint[object]:
    return joint if size == 1 else joint.batch(size)


async def is_wedged(plumber: Plumber) -> bool:
    with suppress(PipelineFailed):
        await plumber.run(wedged_after=1)
    return plumber.report().ending == "failed"


def test_what_may_go_well_is_not_warned_of() -> None:
    plumber = Plumber()
    numbers, others = two_sources(plumber)
    plumber.zip(numbers, others).collect(name="both")
    plumber.zip(numbers.batch(2), others.batch(2)).collect(name="lists")
    plumber.zip(numbers, others.batch(2, within=1)).collect(name="in time")
    plumber.zip(numbers, others.keep(bool).batch(2)).collect(name="kept")
    plumber.zip(numbers, others.to(Processor(generate)).batch(2)).collect(name="generated")
    plumber.merge(numbers.batch(3), others).collect(name="merged")
    may_fail = Processor(pass_on, name="may fail")
    plumber.zip(numbers, others.to(may_fail).batch(2)).collect(name="what went well")
    plumber.failures(may_fail).collect(name="what failed")

    assert warned(plumber) == []


def test_one_zip_alone_takes_what_it_gets() -> None:
    plumber = Plumber()
    numbers, others = two_sources(plumber)
    plumber.zip(numbers, others.batch(200)).collect()

    assert warned(plumber) == []
