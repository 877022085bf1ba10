"""What is under way for one request, and what its asker is told."""

from __future__ import annotations

import asyncio

import pytest

from typedpipes.flow.request import Request, Tagged, Withdrawn


def a_request(gone: list[Request] | None = None, *, room: int = 1) -> Request:
    return Request(room, {"a": {"b"}}, (gone if gone is not None else []).append)


async def test_it_is_over_when_nothing_is_under_way() -> None:
    request = a_request()

    request.reply("first")
    request.add(-1)

    assert await request.next() == "first"
    with pytest.raises(StopAsyncIteration):
        await request.next()


async def test_of_several_errors_the_first_counts() -> None:
    request = a_request()

    request.fail("b", ValueError("first"))
    request.fail("b", ValueError("second"))

    with pytest.raises(ValueError, match="first"):
        await request.next()


async def test_what_is_beyond_a_failure_comes_before_it() -> None:
    request = a_request()
    request.add(1)

    request.fail("a", ValueError("at a"))
    request.add(-1)
    wanted = request.is_wanted("a"), request.is_wanted("b")
    asking = asyncio.ensure_future(request.next())
    await asyncio.sleep(0)
    request.reply("made before")
    request.add(-1)

    assert wanted == (False, True)
    assert await asking == "made before"
    with pytest.raises(ValueError, match="at a"):
        await request.next()


async def test_it_is_gone_when_its_asker_has_left_and_nothing_is_under_way() -> None:
    left_first: list[Request] = []
    left_last: list[Request] = []
    one, other = a_request(left_first), a_request(left_last)

    one.leave()
    before = [*left_first]
    one.add(-1)
    other.add(-1)
    between = [*left_last]
    other.leave()

    assert (before, left_first) == ([], [one])
    assert (between, left_last) == ([], [other])


async def test_a_call_is_cancelled_where_it_is_not_wanted_any_more() -> None:
    request = a_request()
    begun = asyncio.Event()

    async def call(node: str) -> str:
        async with request.call(node):
            begun.set()
            await asyncio.Event().wait()
        return "returned"

    calling = asyncio.ensure_future(call("a"))
    await begun.wait()
    request.leave()

    with pytest.raises(Withdrawn):
        await calling
    assert calling.cancelling() == 0
    with pytest.raises(Withdrawn):
        await call("b")


async def test_a_cancellation_from_elsewhere_goes_through_a_call() -> None:
    request = a_request()

    async def call() -> None:
        async with request.call("a"):
            await asyncio.Event().wait()

    calling = asyncio.ensure_future(call())
    await asyncio.sleep(0)
    request.leave()
    calling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await calling


async def test_a_call_is_cancelled_once_however_often_it_is_withdrawn() -> None:
    request = a_request()
    cancellations: list[int] = []
    go_on = asyncio.Event()

    async def call() -> None:
        async with request.call("a"):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancellations.append(1)
                await go_on.wait()
                raise

    calling = asyncio.ensure_future(call())
    await asyncio.sleep(0)
    request.fail("c", ValueError("at c"))
    for _ in range(3):
        await asyncio.sleep(0)
    request.leave()
    for _ in range(3):
        await asyncio.sleep(0)
    go_on.set()

    with pytest.raises(Withdrawn):
        await calling
    assert cancellations == [1]


async def test_room_is_waited_for_until_a_reply_is_taken_or_nothing_is_wanted() -> None:
    request = a_request(room=1)
    behind = request.behind("a", None)
    request.reply("first")

    taken = asyncio.ensure_future(request.wait_for_room("a", behind))
    await asyncio.sleep(0)
    waits = not taken.done()
    await request.next()
    await taken
    request.reply("second")
    left = asyncio.ensure_future(request.wait_for_room("a", behind))
    await asyncio.sleep(0)
    request.leave()
    await left

    assert waits


async def test_what_is_on_its_way_behind_a_generator_takes_room_until_it_is_gone() -> None:
    request = a_request(room=2)
    first = request.behind("a", None)
    second = request.behind("b", first)
    made = [Tagged(number, request, second) for number in range(2)]
    for each in made:
        each.add(1)

    waiting = [
        asyncio.ensure_future(request.wait_for_room("a", first)),
        asyncio.ensure_future(request.wait_for_room("b", second)),
    ]
    await asyncio.sleep(0)
    wait = not any(each.done() for each in waiting)
    made[0].become("another").add(-1)
    await asyncio.gather(*waiting)

    assert wait
    assert request.behind("b", first) is second


async def test_the_end_of_the_run_is_no_error_for_what_is_over() -> None:
    over, under_way = a_request(), a_request()
    over.add(-1)

    for request in (over, under_way):
        request.end(RuntimeError("the run is over"))

    with pytest.raises(StopAsyncIteration):
        await over.next()
    with pytest.raises(RuntimeError, match="the run is over"):
        await under_way.next()
