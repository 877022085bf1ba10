"""What failed lately, as text."""

from __future__ import annotations

import pytest

from tests.support.clock import Clock
from typedpipes import PipelineFailed, Plumber, Processor, SettingError, Sink, Source


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


async def refuse(number: int) -> int:
    raise ValueError(f"{number}\x1b[31m")


async def ignore(item: object) -> None: ...


def draw(*numbers: int, workers: int = 1) -> tuple[Plumber, Processor[int, int]]:
    plumber = Plumber("numbers")
    refusing = Processor(refuse, workers=workers)
    plumber.connect(Source(numbers)).to(refusing).to(Sink(ignore, name="end"))
    plumber.failures(refusing).to(Sink(ignore, name="mourn"))
    return plumber, refusing


@pytest.mark.parametrize("workers", [1, 4])
async def test_the_last_failures_are_kept_as_text(workers: int, clock: Clock) -> None:
    plumber, _ = draw(*range(30), workers=workers)

    with plumber.failure_texts(most=3) as failures:
        await plumber.run()

    assert failures.count == 30
    assert [each.item for each in failures.of("refuse")] == ["27", "28", "29"]
    assert [each.error for each in failures.of("refuse")] == ["ValueError"] * 3
    assert failures.of("refuse")[-1].message == "'29\\x1b[31m'"
    assert failures.of("end") == ()
    assert [*failures.all()] == ["refuse"]


async def test_an_error_and_an_item_are_shortened_and_need_no_text(clock: Clock) -> None:
    plumber, refusing = draw(1)

    async def fail(number: int) -> int:
        raise Unspeakable("x" * 1000)

    refusing.replace(fail)
    with plumber.failure_texts() as failures:
        await plumber.run()

    (text,) = failures.of("refuse")
    assert text.error == "Unspeakable"
    assert text.message.startswith("Unspeakable('xxx")
    assert len(text.message) == 200


async def test_a_run_begins_without_those_of_the_last_one(clock: Clock) -> None:
    plumber, _ = draw(1, 2)

    with plumber.failure_texts() as failures:
        await plumber.run()
        await plumber.run()

    assert (failures.count, len(failures.of("refuse"))) == (4, 2)


async def test_a_failure_that_ends_the_run_is_kept_as_well(clock: Clock) -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source([1])).to(Processor(refuse)).to(Sink(ignore))

    with plumber.failure_texts() as failures, pytest.raises(PipelineFailed):
        await plumber.run()

    assert [each.item for each in failures.of("refuse")] == ["1"]


async def test_outside_of_the_block_nothing_is_kept(clock: Clock) -> None:
    plumber, _ = draw(1, 2)
    with plumber.failure_texts() as failures:
        pass

    await plumber.run()

    assert failures.count == 0


def test_less_than_one_cannot_be_kept() -> None:
    plumber, _ = draw(1)

    with pytest.raises(SettingError, match=r"most of failure_texts must be .* 1 or more, not 0"):
        plumber.failure_texts(0).__enter__()
