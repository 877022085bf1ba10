"""A measured call: it does what the plain one does, and its steps are timed."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import suppress

import pytest

from tests.support.clock import Clock
from typedpipes.engine.measured import Measured
from typedpipes.engine.sample import RAREST, WORTH, Sample


class Ends:
    """Keeps the measured calls that have ended."""

    def __init__(self) -> None:
        self.calls: list[Measured[object]] = []

    def __call__(self, call: Measured[object]) -> None:
        self.calls.append(call)


async def test_it_returns_what_the_call_returns_and_knows_what_it_computed(clock: Clock) -> None:
    async def work() -> str:
        clock.now += 1
        await asyncio.sleep(10)
        clock.now += 2
        await asyncio.sleep(10)
        clock.now += 4
        return "done"

    ends = Ends()

    result = await Measured(work(), ends)

    (call,) = ends.calls
    assert result == "done"
    assert call.computed == 7
    assert call.suspended


async def test_a_call_that_never_suspends_is_one_step(clock: Clock) -> None:
    async def work() -> None:
        clock.now += 3

    ends = Ends()

    await Measured(work(), ends)

    (call,) = ends.calls
    assert call.computed == 3
    assert not call.suspended


async def test_what_the_call_raises_comes_out(clock: Clock) -> None:
    async def work() -> None:
        clock.now += 3
        raise LookupError("nothing there")

    ends = Ends()

    with pytest.raises(LookupError, match="nothing there"):
        await Measured(work(), ends)

    (call,) = ends.calls
    assert call.computed == 3


async def test_a_cancellation_reaches_the_call_which_may_go_on(clock: Clock) -> None:
    async def work() -> str:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            clock.now += 5
            await asyncio.sleep(1)
        return "went on"

    async def call() -> str:
        return await Measured(work(), ends)

    ends = Ends()
    task = asyncio.create_task(call())
    await asyncio.sleep(1)
    task.cancel()

    assert await task == "went on"
    assert ends.calls[0].computed == 5


async def test_a_time_out_inside_of_the_call_is_one(clock: Clock) -> None:  # its loop
    async def work() -> None:
        async with asyncio.timeout(1):
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        await Measured(work(), Ends())


class Plain:
    """An awaitable that is no coroutine, and whose iterator has no method but the least."""

    def __await__(self) -> Generator[object, None, str]:
        yield from asyncio.sleep(1).__await__()
        return "plain"


@pytest.mark.parametrize(
    "make",
    [
        Plain,
        lambda: asyncio.create_task(asyncio.sleep(1, "plain")),
        lambda: asyncio.gather(asyncio.sleep(1, "plain")),
    ],
)
async def test_any_awaitable_may_be_measured(
    make: Callable[[], Awaitable[object]],
    clock: Clock,  # its loop
) -> None:
    ends = Ends()

    result = await Measured(make(), ends)

    assert result in ("plain", ["plain"])
    assert ends.calls[0].suspended


async def test_one_that_is_closed_closes_the_call_and_tells_of_nothing() -> None:
    async def work() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            closed.set()

    async def call() -> None:
        await Measured(work(), ends)

    ends, closed = Ends(), asyncio.Event()
    calling = call()
    calling.send(None)

    calling.close()

    assert closed.is_set()
    assert not ends.calls


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
async def test_what_is_thrown_into_the_call_is_in_no_circle() -> None:
    class Refusal(Exception):
        """An exception that may be referred to weakly."""

    async def call() -> None:
        await Measured(asyncio.sleep(10), Ends())

    calling, error = call(), Refusal()
    refusal = weakref.ref(error)
    calling.send(None)
    with suppress(Refusal):
        calling.throw(error)

    del error

    assert refusal() is None


def test_of_calls_that_compute_for_long_none_is_left_out() -> None:
    sample = Sample()

    for _ in range(100):
        sample.choose()
        sample.add(computing=2 * WORTH, seconds=4 * WORTH, others=0.0)
        assert sample.left_out == 0

    assert sample.computed == pytest.approx(100 * 2 * WORTH)


def test_of_quick_calls_many_are_left_out_and_never_the_same_number() -> None:
    sample = Sample()
    left_out: list[int] = []

    for _ in range(200):
        sample.choose()
        left_out.append(sample.left_out)
        sample.add(computing=WORTH / 1000, seconds=WORTH, others=0.0)

    assert sum(left_out) / 200 == pytest.approx(RAREST, rel=0.1)
    assert len(set(left_out)) > 50
    assert max(left_out) <= 2 * RAREST


def test_calls_that_become_long_are_noticed_with_the_next_that_is_measured() -> None:
    sample = Sample()
    for _ in range(20):
        sample.choose()
        sample.add(computing=WORTH / 1000, seconds=WORTH, others=0.0)

    sample.choose()
    sample.add(computing=100 * WORTH, seconds=100 * WORTH, others=0.0)

    assert sample.left_out == 0


def test_calls_that_are_left_out_compute_the_share_of_those_that_are_measured() -> None:
    sample = Sample()

    sample.add(computing=1.0, seconds=4.0, others=100.0)
    sample.add(computing=1.0, seconds=4.0, others=200.0)

    assert sample.computed == pytest.approx(2 + 50)


def test_it_never_computes_less_than_before() -> None:
    sample = Sample()
    sample.add(computing=1.0, seconds=1.0, others=100.0)
    before = sample.computed

    sample.add(computing=0.0, seconds=1.0, others=90.0)

    assert sample.computed >= before
