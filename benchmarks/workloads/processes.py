"""Plain functions in child processes, and in a thread."""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from time import perf_counter

from attrs import frozen
from typing_extensions import override

from benchmarks.contestant import Block, Contestant
from benchmarks.workload import Target, Workload, ability, check, seconds
from benchmarks.workloads.trickle import Delays

WORKERS = 2
PAUSE = 0.010
"""Seconds between two items that trickle."""

PROCESSES = frozenset(
    {
        "typedpipes",
        "loop",
        "pool",
        "pool_64",
        "executor",
        "executor_64",
        "joblib",
        "aiomultiprocess",
        "pypeln_process",
        "spdl",
    }
)
TRICKLING = frozenset({"typedpipes", "executor"})
CARRYING = frozenset({"typedpipes", "executor"})
BIG = 20_000_000
"""Bytes of a big item."""
THREADS = frozenset({"typedpipes", "loop"})


def plus_one(item: int) -> int:
    return item + 1


def busy_for_100_us(item: int) -> int:
    """Work for about so long on the machine of the README; always the same work."""
    for _ in repeat(None, 250):
        sum(range(30))
    return item + 1


def busy_for_10_ms(item: int) -> int:
    for _ in repeat(None, 100):
        busy_for_100_us(item)
    return item + 1


def touch(block: Block) -> Block:
    block.content[0] = 1
    return block


@frozen(kw_only=True)
class Computing(Workload):
    """Items through one plain function in child processes, in order.

    The time is that from the first result to the last: children take some tenths of a second to
    start and to end, which says nothing about an item. So there are many items: what a child does
    before the first result is not counted.
    """

    function: Callable[[int], int]

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        compute = ability(contestant.compute)
        received: list[int] = []
        began = ended = 0.0

        def note(result: int) -> None:
            nonlocal began, ended
            ended = perf_counter()
            if not received:
                began = ended
            received.append(result)

        await compute(range(size), self.function, note, workers=WORKERS)
        elapsed = ended - began
        check(received, range(1, size + 1), ordered=contestant.keeps_order)
        return elapsed / size * (1e6 if self.unit == "us" else 1)


@frozen(kw_only=True)
class Carrying(Workload):
    """Big items to child processes and back, in order; timed as above."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        carry = ability(contestant.carry)
        received: list[int] = []
        began = ended = 0.0

        def note(block: Block) -> None:
            nonlocal began, ended
            ended = perf_counter()
            if not received:
                began = ended
            received.append(len(block.content))

        blocks = (Block(bytearray(BIG + number)) for number in range(size))
        await carry(blocks, touch, note, workers=WORKERS)
        elapsed = ended - began
        check(received, range(BIG, BIG + size), ordered=True)
        return elapsed / size * 1_000


@frozen(kw_only=True)
class TricklingIn(Workload):
    """An item now and then: the median of the times until its result is there."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        # Results are a nanosecond more than the times that the items are: that is nothing here.
        delays = Delays(size, PAUSE)
        await ability(contestant.compute)(delays.items(), plus_one, delays.note, workers=WORKERS)
        return delays.middle()


@frozen(kw_only=True)
class Threading(Workload):
    """Calls of a plain function in a thread, one after the other."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        in_thread = ability(contestant.in_thread)
        received: list[int] = []

        async def call() -> None:
            received.extend(await in_thread(range(size), plus_one))

        elapsed = await seconds(call())
        check(received, range(1, size + 1), ordered=True)
        return elapsed / size


WORKLOADS = (
    Computing(
        name="cpu-0",
        title="in 2 processes, nothing to do",
        unit="us",
        reference=None,
        target=Target(most=5.0),
        least=50_000,
        size=200_000,
        function=plus_one,
        only=PROCESSES,
    ),
    Computing(
        name="cpu-100us",
        title="in 2 processes, 100 us each",
        target=Target(most=1 / 1.7),
        least=20_000,
        size=20_000,
        function=busy_for_100_us,
        only=PROCESSES,
    ),
    Computing(
        name="cpu-10ms",
        title="in 2 processes, 10 ms each",
        least=640,
        size=640,
        function=busy_for_10_ms,
        only=PROCESSES,
    ),
    Carrying(
        name="big-item",
        title="in 2 processes, items of 20 MB there and back",
        unit="ms",
        reference=None,
        least=6,
        size=40,
        only=CARRYING,
    ),
    TricklingIn(
        name="cpu-latency",
        title="in 2 processes, an item each 10 ms, p50",
        unit="us",
        reference=None,
        least=400,
        size=400,
        only=TRICKLING,
    ),
    Threading(
        name="thread-0",
        title="in a thread, nothing to do; 1 x is asyncio.to_thread",
        target=Target(most=1.0),
        least=400,
        size=4_000,
        only=THREADS,
    ),
)
