"""How many items edges hold: as a user asks, or else 100, and more where that is of use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import Doom, Joint, Plumber, Processor, SettingError, Sink, Source, in_process


async def double(number: int) -> int:
    return 2 * number


async def ignore(item: object) -> None: ...


def is_even(number: int) -> bool:
    return number % 2 == 0


def doubler(name: str, workers: int = 1, window: int | None = None) -> Processor[int, int]:
    return Processor(double, name=name, workers=workers, window=window)


def bounds(plumber: Plumber) -> dict[tuple[str, str], int]:
    return {(edge.start, edge.end): edge.maxsize for edge in plumber.blueprint().edges}


def drawn() -> tuple[Plumber, Joint[int]]:
    plumber = Plumber()
    return plumber, plumber.connect(Source(range(10_000), name="n"))


ENDS: list[Callable[[Joint[tuple[int, int]]], object]] = [
    lambda pairs: pairs.to(Sink(ignore)),
    lambda pairs: pairs.collect(),
    lambda pairs: pairs.read(),
    lambda pairs: pairs.batch(2).collect(),
    lambda pairs: pairs.fan_out(Sink(ignore), Sink(ignore)),
]


@pytest.mark.parametrize("end", ENDS, ids=["sink", "collect", "read", "batch", "fork"])
async def test_all_workers_between_a_fork_and_its_zip_work_at_once(
    end: Callable[[Joint[tuple[int, int]]], object],
) -> None:
    gate = Gate[int]()
    waiting = Processor(gate, workers=300)
    plumber, numbers = drawn()
    end(plumber.zip(numbers, numbers.to(waiting)))

    async with plumber.running():
        report = await stillness(plumber)
        plumber.doomsday.put_nowait(Doom("seen", mode="abort"))

    assert report.of(waiting).in_flight == 300


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("buffer", [1, 3])
@pytest.mark.parametrize("waits", [False, True])
async def test_generators_without_an_order_hold_a_result_for_each_worker_at_most(
    workers: int, buffer: int, waits: bool
) -> None:
    gate = Gate[int]()
    made: list[int] = []
    ahead: list[int] = []

    async def expand(number: int) -> AsyncIterator[int]:
        for part in range(20):
            if waits:
                await asyncio.sleep(0)
            made.append(100 * number + part)
            ahead.append(len(made) - len(gate.arrived))
            yield made[-1]

    plumber, numbers = drawn()
    expanding = Processor(expand, workers=workers, ordered=False)
    numbers.to(expanding).to(Sink(gate.hold, buffer=buffer))

    async with plumber.running():
        full = await stillness(plumber)
        gate.open()
        for _ in range(50):
            await gate.next_arrival()
        plumber.doomsday.put_nowait(Doom("seen", mode="abort"))

    assert len(full.of(expanding).undelivered) <= buffer + workers
    assert max(ahead) <= buffer + workers


async def test_a_bound_that_was_asked_for_before_a_zip_is_kept() -> None:
    gate = Gate[int]()
    waiting = Processor(gate, workers=300)
    plumber, numbers = drawn()
    plumber.zip(numbers, numbers.to(waiting)).to(Sink(ignore, buffer=7))

    async with plumber.running():
        report = await stillness(plumber)
        plumber.doomsday.put_nowait(Doom("seen", mode="abort"))

    assert report.of(waiting).in_flight == 7


def test_an_edge_into_a_zip_has_room_for_the_windows_of_the_other_branches() -> None:
    plumber, numbers = drawn()
    first = numbers.to(doubler("a", workers=20)).to(doubler("b")).to(doubler("c", 9, window=50))
    second = numbers.to(doubler("d", 100, window=150)).keep(is_even)
    plumber.zip(numbers, first, second).to(Sink(ignore, name="z"))

    assert bounds(plumber) == {
        ("n", "a"): 100,
        ("a", "b"): 100,
        ("b", "c"): 100,
        ("n", "d"): 100,
        ("d", "keep is_even"): 100,
        ("n", "z"): 8 * 20 + 50,
        ("c", "z"): 150,
        ("keep is_even", "z"): 8 * 20 + 50,
    }


def test_what_stands_before_the_fork_needs_no_room_behind_it() -> None:
    plumber, numbers = drawn()
    doubled = numbers.to(doubler("a", workers=100))
    plumber.zip(doubled, doubled.to(doubler("b"))).to(Sink(ignore, name="z"))

    assert set(bounds(plumber).values()) == {100}


def test_a_zip_of_zips_has_room_for_all_between_it_and_the_fork() -> None:
    plumber, numbers = drawn()
    inner = plumber.zip(numbers, numbers.to(doubler("a", workers=20)))
    last = inner.to(Processor(double_first, name="b", workers=30))
    plumber.zip(numbers, last).to(Sink(ignore, name="z"))

    assert bounds(plumber)["n", "b"] == 8 * 20
    assert bounds(plumber)["n", "z"] == 8 * 20 + 8 * 30


async def double_first(pair: tuple[int, int]) -> int:
    return 2 * pair[0]


def test_branches_that_come_from_no_common_fork_need_no_more_room() -> None:
    plumber, numbers = drawn()
    others = Source(range(10_000), name="m")
    plumber.zip(numbers, plumber.connect(others).to(doubler("a", workers=100))).collect()
    plumber.merge(numbers, numbers.to(doubler("b", workers=100))).collect()

    assert set(bounds(plumber).values()) == {100}


def halve(number: int) -> int:
    return number // 2


def test_the_edges_beside_child_processes_hold_a_batch_unless_the_user_says_otherwise() -> None:
    plumber, numbers = drawn()
    halves = numbers.to(Processor(in_process(halve)))
    halves.to(Processor(double)).to(Processor(in_process(halve), name="again", buffer=7)).collect()

    assert bounds(plumber) == {
        ("n", "halve"): 256,
        ("halve", "double"): 256,
        ("double", "again"): 7,
        ("again", "collect again"): 256,
    }


def test_every_fitting_takes_a_bound_for_the_edges_that_lead_to_it() -> None:
    plumber, numbers = drawn()
    numbers.keep(is_even, buffer=2).collect(name="even", buffer=3)
    numbers.only(int, buffer=4).batch(5, buffer=6).collect(name="lists")
    numbers.read(maxsize=7)
    plumber.zip(numbers, numbers, buffer=8).collect(name="pairs", buffer=9)
    either = plumber.merge(numbers, numbers, buffer=10)
    either.collect(name="one", buffer=11)
    either.collect(name="other")

    assert bounds(plumber) == {
        ("n", "keep is_even"): 2,
        ("keep is_even", "even"): 3,
        ("n", "only int"): 4,
        ("only int", "batch 5"): 6,
        ("batch 5", "lists"): 100,
        ("n", "read"): 7,
        ("n", "pairs"): 8,  # those of the zip: there is no other edge
        ("n", "merge"): 10,
        ("merge", "one"): 11,
        ("merge", "other"): 100,
    }


BAD: list[tuple[str, Callable[[Joint[int], Plumber], object]]] = [
    ("buffer of 'keep is_even'", lambda joint, _: joint.keep(is_even, buffer=0)),
    ("buffer of 'only int'", lambda joint, _: joint.only(int, buffer=-1)),
    ("buffer of 'batch 2'", lambda joint, _: joint.batch(2, buffer=0)),
    ("buffer of 'all'", lambda joint, _: joint.collect(name="all", buffer=0)),
    ("buffer of 'collect'", lambda joint, _: joint.collect(buffer=0)),
    ("buffer of zip", lambda joint, plumber: plumber.zip(joint, joint, buffer=0)),
    ("buffer of merge", lambda joint, plumber: plumber.merge(joint, joint, buffer=0)),
    ("maxsize of read", lambda joint, _: joint.read(maxsize=0)),
    ("buffer of 'double'", lambda _, __: Processor(double, buffer=0)),
]


@pytest.mark.parametrize(("what", "connect"), BAD, ids=[what for what, _ in BAD])
def test_a_bound_without_room_is_refused(
    what: str, connect: Callable[[Joint[int], Plumber], object]
) -> None:
    plumber, numbers = drawn()

    with pytest.raises(SettingError, match=f"^{what} must be a whole number of 1 or more, not "):
        connect(numbers, plumber)
