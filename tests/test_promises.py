"""What a function gives that does not say so: it is looked at when it is called."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from typing_extensions import TypeAliasType

from tests.support.unchecked import unchecked
from typedpipes import (
    CleanupFailed,
    InputRig,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    Sink,
    Source,
    WiringError,
    bind,
    in_thread,
)
from typedpipes.processor import calls_of


async def double(number: int) -> int:
    return 2 * number


async def count() -> AsyncIterator[int]:
    yield 1


async def repeat(number: int) -> AsyncIterator[int]:
    yield number
    yield number


async def gather(numbers: AsyncIterator[int]) -> list[int]:
    return [number async for number in numbers]


async def ignore(number: int) -> None: ...


Several = TypeAliasType("Several", AsyncIterator[int])


def unsaid(function: Callable[[int], object]) -> Any:  # noqa: ANN401  # it promises nothing
    """Return a function as it is, with its type forgotten."""
    return function


async def what_is_wrong(plumber: Plumber) -> str:
    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()
    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed | CleanupFailed)
    assert isinstance(error.__cause__, WiringError)
    return str(error.__cause__)


async def wrong_with(processor: Processor[int, int]) -> str:
    plumber = Plumber()
    plumber.connect(Source([3])).to(processor).collect()
    return await what_is_wrong(plumber)


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_lambda_that_gives_nothing_to_await_is_told_what_to_write(workers: int) -> None:
    coro = unsaid(lambda number: number + 1)

    wrong = await wrong_with(Processor(coro, name="next", workers=workers))

    assert wrong == (
        "the processor 'next' awaits what 'lambda' gives, but that is 4. "
        "Wrap it in in_thread, or make it `async def`."
    )


async def test_a_lambda_that_gives_an_async_generator_is_told_what_to_write() -> None:
    wrong = await wrong_with(Processor(lambda number: repeat(abs(number))))

    assert wrong.startswith(
        "the processor 'lambda' awaits what 'lambda' gives, but that is <async_generator object"
    )
    assert wrong.endswith("Pass an async generator function: `async def` with `yield`.")


async def test_a_decorator_that_gives_an_awaitable_for_a_generator_is_told_what_to_write() -> None:
    @functools.wraps(repeat)
    def wrapper(number: int) -> Awaitable[list[int]]:
        return gather(repeat(number))

    wrong = await wrong_with(unchecked(Processor)(wrapper))

    assert wrong.startswith(
        "the processor 'repeat' iterates over what 'repeat' gives, but that is <coroutine object"
    )
    assert wrong.endswith("Make it `async def`.")


async def test_what_wraps_a_generator_and_gives_an_awaitable_may_be_a_sink_or_a_cleanup() -> None:
    given: list[object] = []

    @functools.wraps(repeat)
    async def keep(item: object) -> None:
        given.append(item)

    @functools.wraps(repeat)
    def wrapper(item: object) -> Awaitable[None]:
        return keep(item)

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(wrapper).cleanup(input=wrapper, doomsday=wrapper))
    plumber.connect(InputRig[int](wrapper)).collect()
    await plumber.run()

    assert len(given) == 4


async def test_a_generator_function_may_be_replaced_by_a_lambda_that_gives_generators() -> None:
    processor = Processor(repeat)
    processor.replace(lambda number: repeat(number + 1))
    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(processor).collect()

    await plumber.run()

    assert collector.items == (2, 2)


async def test_a_replacement_is_looked_at_as_well() -> None:
    processor = Processor(double)
    processor.replace(unsaid(lambda number: number))

    assert "that is 3. Wrap it in in_thread" in await wrong_with(processor)


async def test_a_source_is_told_what_its_function_gave() -> None:
    plumber = Plumber()
    plumber.connect(Source(unchecked(lambda: double(1)), name="numbers")).collect()

    wrong = await what_is_wrong(plumber)

    assert wrong.startswith(
        "the source 'numbers' iterates over what 'lambda' gives, but that is <coroutine object"
    )


async def test_an_input_rig_is_told_what_its_function_gave() -> None:
    plumber = Plumber()
    plumber.connect(InputRig[int](unsaid(lambda _: 5))).collect()

    assert await what_is_wrong(plumber) == (
        "the input rig 'lambda' awaits what 'lambda' gives, but that is 5. Make it `async def`."
    )


async def test_a_cleanup_coroutine_is_told_what_its_function_gave() -> None:
    plumber = Plumber()
    sink = Sink(ignore, name="store")
    plumber.connect(Source([1])).to(sink.cleanup(input=unsaid(lambda _: 5)))

    assert await what_is_wrong(plumber) == (
        "the input cleanup of 'store' awaits what 'lambda' gives, but that is 5. "
        "Make it `async def`."
    )


def plain(number: int) -> int:
    return number


def steps(number: int) -> Iterator[int]:
    yield number


@pytest.mark.parametrize(
    ("make", "way_out"),
    [
        (lambda: Processor(unchecked(plain)), "Wrap it in in_thread, or make it `async def`."),
        (
            lambda: Processor(unchecked(bind(plain))),
            "Wrap it in in_thread, or make it `async def`.",
        ),
        (lambda: Processor(unchecked(steps)), "Make it `async def`."),
        (lambda: Processor(unchecked(int)), "Wrap it in in_thread, or make it `async def`."),
        (lambda: InputRig[int](unchecked(plain)), "Make it `async def`."),
        (lambda: Processor(double).cleanup(input=unchecked(plain)), "Make it `async def`."),
        (
            lambda: Source(unchecked(plain)),
            r"If it gives items, call it: Source\(plain\(\)\); if it blocks, "
            r"Source.in_thread\(plain\).",
        ),
    ],
    ids=["processor", "bound", "generator", "class", "rig", "cleanup", "source"],
)
def test_what_is_certainly_not_async_is_refused_while_drawing(
    make: Callable[[], object], way_out: str
) -> None:
    with pytest.raises(WiringError, match=f" plain (generator )?function. {way_out}$"):
        make()


async def test_an_alias_of_a_type_statement_promises_what_it_stands_for() -> None:
    def several(number: int) -> Several:
        return repeat(number)

    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(Processor(several)).collect()
    await plumber.run()

    assert collector.items == (1, 1)


async def test_annotations_that_can_only_be_read_by_type_checkers_are_no_hindrance() -> None:
    def call(number: int) -> Awaitable[int]:
        return double(number)

    call.__annotations__ = {"number": "Unknown", "return": "Awaitable[int]"}
    lost: Callable[[int], Awaitable[int]] = functools.partial(call)

    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(Processor(lost)).collect()
    await plumber.run()

    assert collector.items == (2,)


def test_what_bind_makes_is_looked_at_only_if_what_it_binds_is() -> None:
    sure = Processor(bind(double))
    unsure: Processor[int, int] = Processor(bind(unsaid(lambda number: double(abs(number)))))

    assert calls_of(sure).coro is sure.coro
    assert calls_of(unsure).coro is not unsure.coro


def test_a_decorated_coroutine_function_that_blocks_may_go_to_a_thread() -> None:
    @functools.wraps(double)
    def blocking(number: int) -> int:
        return asyncio.run(double(number))

    assert callable(in_thread(blocking))


def test_a_decorator_that_takes_as_little_as_what_it_wraps_is_refused() -> None:
    @functools.wraps(double)
    def wrapper(first: int, second: int) -> Awaitable[int]:
        return double(first + second)

    vars(wrapper)["__wrapped__"] = lambda: double(0)

    with pytest.raises(WiringError, match="calls 'double' with one argument"):
        Processor(unchecked(wrapper))
