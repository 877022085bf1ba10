"""What is said when a call takes longer than the `timeout` of its processor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.functions import wait_for_ever
from typedpipes import (
    Failure,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    Sink,
    Source,
    in_process,
)


async def wait(number: int) -> int:
    await asyncio.Event().wait()
    return number


async def wait_as_sink(number: int) -> None:
    await asyncio.Event().wait()


async def give_and_wait(number: int) -> AsyncIterator[int]:
    yield number
    await asyncio.Event().wait()


async def ignore(item: object) -> None: ...


MAKERS: list[Callable[[], Processor[int, int]]] = [
    lambda: Processor(wait, name="slow", timeout=0.001),
    lambda: Processor(wait, name="slow", timeout=0.001, workers=3),
    lambda: Processor(wait, name="slow", timeout=0.001, workers=3, ordered=False),
    lambda: Processor(give_and_wait, name="slow", timeout=0.001),
    lambda: Processor(give_and_wait, name="slow", timeout=0.001, workers=3),
]
every_kind = pytest.mark.parametrize(
    "make", MAKERS, ids=["one", "many", "unordered", "generator", "generators"]
)
LATE = "'slow' took longer than its timeout of 0.001 s"


async def failures_of(processor: Processor[int, int], sinks: int = 1) -> list[Failure[int]]:
    plumber = Plumber()
    results = plumber.connect(Source([1, 2])).to(processor)
    results.fan_out(*(Sink(ignore) for _ in range(sinks)))
    failures = plumber.failures(processor).collect()
    await plumber.run()
    return list(failures.items)


@every_kind
async def test_a_timeout_says_which_limit_of_which_processor(
    make: Callable[[], Processor[int, int]],
) -> None:
    failures = await failures_of(make())

    assert sorted(failure.item for failure in failures) == [1, 2]
    for failure in failures:
        assert type(failure.error) is TimeoutError
        assert str(failure.error).removesuffix(" for a result") == LATE
        assert isinstance(failure.error.__cause__, asyncio.CancelledError)


async def test_a_timeout_before_a_fork_says_so_too() -> None:
    failures = await failures_of(Processor(wait, name="slow", timeout=0.001), sinks=2)

    assert [str(failure.error) for failure in failures] == [LATE, LATE]


@every_kind
async def test_a_timeout_that_ends_the_run_is_the_cause_of_its_failure(
    make: Callable[[], Processor[int, int]],
) -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(make()).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert isinstance(error.__cause__, TimeoutError)
    assert f"'slow' failed on 1: TimeoutError(\"{LATE}" in str(error)


async def test_the_timeout_of_a_sink_is_named_as_the_sink_is_in_the_run() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1]))
    numbers.to(Sink(wait_as_sink, workers=2))
    numbers.to(Sink(wait_as_sink, timeout=0.001))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert str(error.__cause__) == "'wait_as_sink-2' took longer than its timeout of 0.001 s"


async def test_the_timeout_of_a_child_process_is_named(tmp_path: Path) -> None:
    pipe = tmp_path / "process id"
    os.mkfifo(pipe)  # it has no reader
    plumber = Plumber()
    slow = Sink(in_process(wait_for_ever), name="slow", timeout=0.001)
    plumber.connect(Source([pipe])).to(slow)
    failures = plumber.failures(slow).collect()

    await plumber.run()

    assert [str(failure.error) for failure in failures.items] == [LATE]


async def give_up(number: int) -> int:
    raise TimeoutError("of a user")


async def give_up_inside(number: int) -> int:
    async with asyncio.timeout(0):
        return await wait(number)


async def give_up_when_cancelled(number: int) -> int:
    try:
        return await wait(number)
    except asyncio.CancelledError:
        raise TimeoutError("of a user") from None


async def give_and_give_up(number: int) -> AsyncIterator[int]:
    yield number
    raise TimeoutError("of a user")


@pytest.mark.parametrize(
    ("processor", "message"),
    [
        (Processor(give_up, timeout=60), "of a user"),
        (Processor(give_up_inside, timeout=60), ""),
        (Processor(give_up_when_cancelled, timeout=0.001), "of a user"),
        (Processor(give_up_when_cancelled, timeout=0.001, workers=3), "of a user"),
        (Processor(give_and_give_up, timeout=60), "of a user"),
    ],
)
async def test_a_timeout_error_of_a_user_stays_as_it_is(
    processor: Processor[int, int], message: str
) -> None:
    failures = await failures_of(processor)

    assert [(type(each.error), str(each.error)) for each in failures] == 2 * [
        (TimeoutError, message)
    ]
