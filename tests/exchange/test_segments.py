"""What may be between the requests and the replies of an exchange, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from tests.support.unchecked import unchecked
from typedpipes import (
    Exchange,
    Failure,
    First,
    InputQueue,
    Joint,
    On,
    Outlet,
    Plumber,
    Processor,
    Second,
    Sink,
    Source,
    WiringError,
    WiringErrors,
    switch,
)
from typedpipes.show import show


async def double(number: int) -> int:
    return 2 * number


async def shout(text: str) -> str:
    return text.upper()


async def ignore(_: object) -> None: ...


def doubled(numbers: Joint[int]) -> Joint[int]:
    return numbers.to(Processor(double))


async def ask_all(
    plumber: Plumber, service: Exchange[int, object], count: int = 12
) -> list[object]:
    """Ask for some numbers at once, and return the replies or what was raised."""
    async with plumber.running():
        asked = [service.ask(number) for number in range(count)]
        return list(await asyncio.gather(*asked, return_exceptions=True))


async def test_requests_go_their_ways_of_a_split_and_come_together() -> None:
    def by_parity(number: int) -> First[int] | Second[str]:
        return Second(str(number)) if number % 2 else First(number)

    def drawn(numbers: Joint[int]) -> Joint[int | str]:
        even, odd = numbers.split(by_parity)
        return even.to(Processor(double)).rejoin(odd.to(Processor(shout)))

    plumber = Plumber()
    service = plumber.exchange(drawn)

    replies = await ask_all(plumber, service)

    assert replies == [str(n) if n % 2 else 2 * n for n in range(12)]


async def test_requests_go_through_a_switch() -> None:
    plumber = Plumber()
    service: Exchange[int | str, int | str] = plumber.exchange(
        lambda items: items.to(switch(On(int, Processor(double)), On(str, Processor(shout))))
    )

    async with plumber.running():
        replies = await service.ask(3), await service.ask("a")

    assert replies == (6, "A")


async def test_a_way_that_leads_elsewhere_gives_no_reply() -> None:
    plumber = Plumber()
    taken: list[int] = []

    async def take(number: int) -> None:
        taken.append(number)

    def by_size(number: int) -> First[int] | Second[int]:
        return First(number) if number < 10 else Second(number)

    def drawn(numbers: Joint[int]) -> Joint[int]:
        small, large = numbers.split(by_size)
        large.to(Sink(take))
        return small.to(Processor(double))

    service = plumber.exchange(drawn)

    async with plumber.running():
        small = [reply async for reply in service.stream(1)]
        large = [reply async for reply in service.stream(11)]

    assert (small, large, taken) == ([2], [], [11])


async def test_a_way_of_a_split_may_fork() -> None:
    plumber = Plumber()

    def by_size(number: int) -> First[int] | Second[int]:
        return First(number) if number < 10 else Second(number)

    def drawn(numbers: Joint[int]) -> Joint[int]:
        small, large = numbers.split(by_size)
        doubled_too = small.merge(small.to(Processor(double)))
        return doubled_too.merge(large)

    service = plumber.exchange(drawn)

    async with plumber.running():
        small = [reply async for reply in service.stream(3)]
        large = [reply async for reply in service.stream(30)]

    assert sorted(small) == [3, 6]
    assert large == [30]


async def test_a_side_branch_may_be_read_and_left() -> None:
    plumber = Plumber()
    queues: list[InputQueue[int]] = []

    def drawn(numbers: Joint[int]) -> Joint[int]:
        queues.append(numbers.read())
        return numbers.to(Processor(double))

    service = plumber.exchange(drawn)

    async with plumber.running():
        replies = [await service.ask(1)]
        read = await queues[0].get()
        queues[0].close()
        replies.append(await service.ask(2))
        several = [reply async for reply in service.stream(3)]

    assert read == 1
    assert replies == [2, 4]
    assert several == [6]


async def test_merged_branches_give_several_replies(clock: Clock) -> None:
    plumber = Plumber()

    def drawn(numbers: Joint[int]) -> Outlet[int]:
        return numbers.merge(numbers.to(Processor(double)))

    service = plumber.exchange(drawn)

    async def replies(number: int) -> list[int]:
        return sorted([reply async for reply in service.stream(number)])

    async with plumber.running():
        several = await asyncio.gather(*[replies(number) for number in range(1, 9)])

    assert several == [[n, 2 * n] for n in range(1, 9)]


async def test_a_zip_inside_a_zip_keeps_the_pairs_of_requests(clock: Clock) -> None:
    plumber = Plumber()

    async def fail_on_three(number: int) -> int:
        await asyncio.sleep(number % 4)
        if number == 3:
            raise ValueError("three")
        return number

    def drawn(numbers: Joint[int]) -> Joint[tuple[tuple[int, int], int]]:
        left = numbers.to(Processor(fail_on_three, name="left", workers=4))
        right = numbers.keep(lambda number: number != 5).to(Processor(double, name="right"))
        return left.zip(right).zip(numbers.to(Processor(double, name="third")))

    service = plumber.exchange(drawn)

    replies = await ask_all(plumber, service, 8)

    assert [replies[n] for n in (0, 1, 2, 4, 6, 7)] == [
        ((n, 2 * n), 2 * n) for n in (0, 1, 2, 4, 6, 7)
    ]
    assert [type(replies[n]).__name__ for n in (3, 5)] == ["ValueError", "NoReply"]


async def test_items_of_one_key_do_not_overlap_across_requests(clock: Clock) -> None:
    overlap = 0
    inside: set[int] = set()

    async def alone(number: int) -> int:
        nonlocal overlap
        overlap += number % 3 in inside
        inside.add(number % 3)
        await asyncio.sleep(1)
        inside.discard(number % 3)
        return number

    plumber = Plumber()
    keyed = Processor(alone, workers=4).keyed(lambda number: number % 3)
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(keyed))

    replies = await ask_all(plumber, service)

    assert replies == [*range(12)]
    assert overlap == 0


async def test_a_key_that_fails_fails_its_request() -> None:
    plumber = Plumber()
    keyed = Processor(double, workers=4).keyed(lambda number: 1 // number)
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(keyed))

    replies = await ask_all(plumber, service, 3)

    assert isinstance(replies[0], ZeroDivisionError)
    assert replies[1:] == [2, 4]


async def test_a_generator_behind_a_generator_works(clock: Clock) -> None:
    async def down(number: int) -> AsyncIterator[int]:
        for each in range(number, 0, -1):
            yield each

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(down, name="a", workers=2)).to(
            Processor(down, name="b", workers=3)
        ),
        buffer=1,
    )

    async with plumber.running():
        replies = [reply async for reply in service.stream(4)]

    assert replies == [4, 3, 2, 1, 3, 2, 1, 2, 1, 1]


async def test_a_replaced_coroutine_serves_the_next_request() -> None:
    async def triple(number: int) -> int:
        return 3 * number

    plumber = Plumber()
    processor = Processor(double)
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(processor))

    async with plumber.running():
        first = await service.ask(1)
        processor.replace(triple)
        second = await service.ask(1)

    assert (first, second) == (2, 3)


async def test_a_segment_may_be_a_connection_only() -> None:
    plumber = Plumber()
    echo: Exchange[int, int] = plumber.exchange(lambda numbers: numbers)

    assert await ask_all(plumber, echo, 3) == [0, 1, 2]


async def test_a_processor_serves_several_plumbers_inside_and_outside_of_exchanges() -> None:
    shared = Processor(double)
    one, other = Plumber("one"), Plumber("other")
    service: Exchange[int, int] = one.exchange(lambda numbers: numbers.to(shared))
    collected = other.connect(Source([1, 2])).to(shared).collect()

    async with one.running(), other.running():
        reply = await service.ask(4)
        await other.ended()

    assert reply == 8
    assert collected.items == (2, 4)


async def test_outcomes_of_a_sink_are_replies() -> None:
    plumber = Plumber()
    sink = Sink(ignore)

    def drawn(numbers: Joint[int]) -> Joint[Failure[object] | None]:
        numbers.to(sink)
        return plumber.outcomes(sink)

    service = plumber.exchange(drawn)

    assert await ask_all(plumber, service, 1) == [None]


def messages(plumber: Plumber) -> str:
    with pytest.raises(WiringErrors) as wrong:
        plumber.blueprint()
    return str(wrong.value)


async def total(numbers: list[int]) -> int:
    return sum(numbers)


def test_a_batch_on_the_way_to_the_replies_is_refused() -> None:
    plumber = Plumber()

    def drawn(numbers: Joint[int]) -> Joint[int]:
        return numbers.batch(10).to(Processor(total))

    plumber.exchange(drawn, name="sums")

    assert (
        "in the exchange 'sums', 'batch 10' makes one item of several, which may be of different "
        "requests. Leave it out of the segment, or let it end a branch that does not lead to the "
        "replies."
    ) in messages(plumber)


async def test_a_batch_beside_the_way_to_the_replies_is_fine() -> None:
    plumber = Plumber()
    sums: list[int] = []

    async def note(numbers: list[int]) -> None:
        sums.append(sum(numbers))

    def drawn(numbers: Joint[int]) -> Joint[int]:
        numbers.batch(100).to(Sink(note))
        return numbers.to(Processor(double))

    service = plumber.exchange(drawn)

    replies = await ask_all(plumber, service, 4)

    assert replies == [0, 2, 4, 6]
    assert sums == [6]


@pytest.mark.parametrize("how", ["zip", "merge"])
def test_items_from_elsewhere_are_refused(how: str) -> None:
    plumber = Plumber()
    other = Source([1, 2], name="rates")

    def drawn(numbers: Joint[int]) -> Joint[object]:
        if how == "zip":
            return numbers.zip(other).to(Processor(shorten))
        return numbers.merge(other).to(Processor(shorten))

    plumber.exchange(drawn, name="service")

    assert (
        f"in the exchange 'service', the {how} before 'shorten' also takes from 'rates', which "
        "belongs to no request. Look it up in a processor, or put it into the request."
    ) in messages(plumber)


async def shorten(item: object) -> str:
    return str(item)


def test_replies_that_come_from_elsewhere_are_refused() -> None:
    plumber = Plumber()

    def drawn(numbers: Joint[int]) -> Outlet[int]:
        numbers.to(Sink(ignore))
        return Source([1, 2], name="elsewhere")

    plumber.exchange(drawn, name="service")

    assert (
        "the replies of the exchange 'service' come from 'elsewhere', which no request leads to"
    ) in messages(plumber)


def test_a_segment_that_returns_nothing_is_refused() -> None:
    def draws_only(numbers: Joint[int]) -> None:
        numbers.to(Sink(ignore))

    with pytest.raises(WiringError, match="None gives no items"):
        unchecked(Plumber()).exchange(draws_only)


def test_a_segment_that_is_a_coroutine_function_is_refused() -> None:
    with pytest.raises(WiringError, match=r"'double' is async. Draw in a plain function"):
        unchecked(Plumber()).exchange(double)


def test_branches_that_do_not_keep_step_are_refused_as_elsewhere() -> None:
    plumber = Plumber()

    def drawn(numbers: Joint[int]) -> Joint[tuple[int, int]]:
        return numbers.zip(numbers.to(Processor(double, workers=2, ordered=False)))

    plumber.exchange(drawn)

    assert "is not ordered" in messages(plumber)


def test_two_exchanges_of_one_name_are_refused() -> None:
    plumber = Plumber()
    plumber.exchange(doubled, name="service")

    with pytest.raises(WiringError, match="has that name in 'plumber' already"):
        plumber.exchange(doubled, name="service")


@pytest.mark.parametrize("setting", ["maxsize", "buffer"])
def test_a_bound_is_one_or_more(setting: str) -> None:
    with pytest.raises(WiringError, match=f"{setting} of 'service' must be"):
        unchecked(Plumber()).exchange(doubled, name="service", **{setting: 0})


def test_pictures_show_the_exchange_and_the_users_types() -> None:
    plumber = Plumber()
    plumber.exchange(doubled, name="service")

    text = show(plumber.blueprint(), "text")

    assert "service" in text
    assert "replies of service" in text
    assert "int" in text
