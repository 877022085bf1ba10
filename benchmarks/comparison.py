"""What peers do, where the comparison in the README says something about it: each claim is tried.

    python -m benchmarks.comparison

Needs the peers (`make environment-bench`). docs/comparison.md has what it prints.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from importlib.metadata import version

import aiostream
import anyio
import streamz

PEERS = ("aiostream", "anyio", "streamz")
MANY = 1_000
"""More items than anything that is bounded takes at once."""


class Stuck:
    """A coroutine whose calls do not return; it counts them."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, item: int) -> int:
        """Wait for ever."""
        self.calls += 1
        await asyncio.Event().wait()
        return item


async def numbers(count: int = MANY) -> AsyncIterator[int]:
    for number in range(count):
        yield number


async def slowest_first(number: int) -> int:
    await asyncio.sleep(0.02 - 0.002 * (number % 8))
    return number


async def fail_at_two(number: int) -> int:
    if number == 2:
        raise ValueError(number)
    return number


async def settle() -> None:
    """Let everything begin that can."""
    for _ in range(10 * MANY):
        await asyncio.sleep(0)


async def begun(work: Awaitable[object], stuck: Stuck) -> int:
    """Return how many calls have begun when nothing moves any more."""
    task = asyncio.ensure_future(work)
    await settle()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return stuck.calls


async def try_queue() -> str:
    queue = asyncio.Queue[int]()
    for number in range(MANY):
        queue.put_nowait(number)
    return f"{queue.qsize()} items wait, and put_nowait has not refused one"


async def try_anyio() -> str:
    send, receive = anyio.create_memory_object_stream[int]()
    with send, receive:
        try:
            send.send_nowait(1)
        except anyio.WouldBlock:
            return "the first item has to wait for its receiver"
    return "an item waits"


async def try_aiostream_without_a_limit() -> str:
    stuck = Stuck()
    flow = aiostream.stream.amap(numbers(), stuck)
    return f"{await begun(aiostream.stream.list(flow), stuck)} calls have begun"


async def try_aiostream_with_a_limit() -> str:
    stuck = Stuck()
    flow = aiostream.stream.amap(numbers(), stuck, task_limit=4)
    return f"{await begun(aiostream.stream.list(flow), stuck)} calls have begun"


async def try_aiostream_in_order() -> str:
    flow = aiostream.stream.amap(numbers(10), slowest_first, task_limit=4)
    return f"{await aiostream.stream.list(flow)}"


async def try_aiostream_with_a_failure() -> str:
    seen: list[int] = []
    flow = aiostream.stream.amap(numbers(5), fail_at_two, task_limit=1)
    try:
        async with flow.stream() as items:
            async for item in items:
                seen.append(item)  # noqa: PERF401  # what came before the failure counts
    except ValueError as error:
        return f"{seen}, then {error!r}"
    return f"{seen}"


async def try_aiostream_zip() -> str:
    odd = aiostream.stream.filter(numbers(6), lambda number: number % 2 == 1)
    return f"{await aiostream.stream.list(aiostream.stream.zip(numbers(6), odd))}"


async def emit(source: streamz.Stream, count: int) -> None:
    for number in range(count):
        await source.emit(number)


async def through_streamz(draw: Callable[[streamz.Stream], streamz.Stream], count: int) -> str:
    """Return what comes out of a graph."""
    seen: list[object] = []
    source = streamz.Stream(asynchronous=True)
    draw(source).sink(seen.append)
    await emit(source, count)
    await asyncio.sleep(0.2)
    return f"{seen}"


async def try_streamz_in_order() -> str:
    return await through_streamz(lambda items: items.map_async(slowest_first, parallelism=4), 10)


async def try_streamz_with_a_failure() -> str:
    return await through_streamz(lambda items: items.map_async(fail_at_two), 5)


async def try_streamz_zip() -> str:
    return await through_streamz(lambda items: items.zip(items.map_async(fail_at_two)), 5)


async def try_streamz_awaited() -> str:
    stuck = Stuck()
    source = streamz.Stream(asynchronous=True)
    source.map_async(stuck, parallelism=4).sink(print)
    return f"{await begun(emit(source, MANY), stuck)} calls have begun"


async def try_streamz_unawaited() -> str:
    source = streamz.Stream(asynchronous=True)
    source.map_async(Stuck(), parallelism=4).sink(print)
    before = len(asyncio.all_tasks())
    for number in range(MANY):
        source.emit(number)
    return f"{len(asyncio.all_tasks()) - before - 1} tasks wait"


CLAIMS: Sequence[tuple[str, Callable[[], Awaitable[str]]]] = [
    ("asyncio.Queue(), 1,000 items put", try_queue),
    ("anyio.create_memory_object_stream(), an item sent", try_anyio),
    ("aiostream: amap over 1,000 items, calls do not return", try_aiostream_without_a_limit),
    ("aiostream: the same with task_limit=4", try_aiostream_with_a_limit),
    ("aiostream: amap with task_limit=4, the first slowest", try_aiostream_in_order),
    ("aiostream: amap, item 2 raises", try_aiostream_with_a_failure),
    ("aiostream: zip of numbers with the odd ones of them", try_aiostream_zip),
    ("streamz: map_async with parallelism=4, the first slowest", try_streamz_in_order),
    ("streamz: map_async, item 2 raises", try_streamz_with_a_failure),
    ("streamz: zip of items with their results, item 2 raises", try_streamz_zip),
    ("streamz: 1,000 items, each emit awaited, calls do not return", try_streamz_awaited),
    ("streamz: the same, emit not awaited", try_streamz_unawaited),
]


def main() -> None:
    """Try all claims, and print what was seen."""
    logging.disable()  # streamz logs what fails
    print(", ".join(f"{peer} {version(peer)}" for peer in PEERS))
    for claim, attempt in CLAIMS:
        print(f"- {claim}: {asyncio.run(_settled(attempt))}")


async def _settled(attempt: Callable[[], Awaitable[str]]) -> str:
    seen = await attempt()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return seen


if __name__ == "__main__":
    main()
