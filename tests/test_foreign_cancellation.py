"""A `CancelledError` that the run did not cause is a failure as any other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from tests.support.unchecked import unchecked
from typedpipes import (
    CleanupFailed,
    CoroutineCancelled,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    Sink,
    Source,
)


def closed_session() -> Awaitable[None]:
    """Return what a library leaves behind that cancelled its requests."""
    request = asyncio.get_running_loop().create_future()
    request.cancel()
    return request


async def fetch(number: int) -> int:
    if number == 2:
        await closed_session()
    return number


async def fetch_all(number: int) -> AsyncIterator[int]:
    yield await fetch(number)


async def ignore(item: object) -> None: ...


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("coro", [fetch, fetch_all])
async def test_it_goes_to_the_failures_edge(
    coro: Callable[[int], Awaitable[int]], workers: int, ordered: bool
) -> None:
    plumber = Plumber()
    fetcher = Processor(coro, name="fetch", workers=workers, ordered=ordered)
    collector = plumber.connect(Source(range(5))).to(fetcher).collect()
    failures = plumber.failures(fetcher).collect()

    report = await plumber.run()

    (failure,) = failures.items
    assert report.ending == "finished"
    assert sorted(collector.items) == [0, 1, 3, 4]
    assert (failure.item, failure.processor) == (2, "fetch")
    assert isinstance(failure.error, CoroutineCancelled)
    assert isinstance(failure.error.__cause__, asyncio.CancelledError)
    assert str(failure.error) == (
        "something that 'fetch' awaited was cancelled, not by the run. "
        "Catch CancelledError where it awaits that, if it is to go on."
    )


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("coro", [fetch, fetch_all])
async def test_without_a_failures_edge_it_ends_the_run(
    coro: Callable[[int], Awaitable[int]], workers: int
) -> None:
    plumber = Plumber()
    plumber.connect(Source(range(5))).to(Processor(coro, name="fetch", workers=workers)).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert error.item == 2
    assert isinstance(error.__cause__, CoroutineCancelled)
    assert failed.value.report.ending == "failed"


def broken_iterable() -> Iterator[int]:
    yield 1
    raise asyncio.CancelledError


async def broken_generator() -> AsyncIterator[int]:
    yield 1
    await closed_session()


async def broken_rig(queue: OutputQueue[int]) -> None:
    await queue.put(1)
    await closed_session()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Source(broken_iterable()),
        lambda: Source(broken_generator),
        lambda: InputRig(broken_rig),
    ],
    ids=["iterable", "generator", "rig"],
)
async def test_in_a_source_it_fails_the_run_once_what_it_gave_has_flowed_out(
    make: Callable[[], Source[int]],
) -> None:
    plumber = Plumber()
    source = make()
    collector = plumber.connect(source).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert isinstance(error.__cause__, CoroutineCancelled)
    assert collector.items == (1,)


async def test_in_the_test_of_a_keep_it_fails_the_run() -> None:
    def broken(number: int) -> bool:
        raise asyncio.CancelledError

    plumber = Plumber()
    plumber.connect(Source([1])).keep(broken).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert isinstance(failed.value.exceptions[0].__cause__, CoroutineCancelled)


async def test_in_a_cleanup_coroutine_it_fails_that_one_only() -> None:
    cleaned: list[str] = []

    async def broken(queue: object) -> None:
        await closed_session()

    async def clean(queue: object) -> None:
        cleaned.append("doomsday")

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore).cleanup(input=broken, doomsday=clean))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error, CleanupFailed)
    assert cleaned == ["doomsday"]


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_coroutine_that_cancels_its_own_task_still_ends_the_run(workers: int) -> None:
    async def give_up(number: int) -> int:
        unchecked(asyncio.current_task()).cancel()
        await asyncio.sleep(0)
        return number

    plumber = Plumber()
    worker = Processor(give_up, workers=workers)
    plumber.connect(Source(range(20))).to(worker).collect()
    plumber.failures(worker).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    counts = failed.value.report.of(worker)
    assert counts.interrupted == counts.received
    assert len(counts.unprocessed) + counts.completed + counts.failed == 20
