"""A run lives in the thread of its event loop. What others may do, and how they do the rest."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    DoomsdayQueue,
    Feed,
    InputRig,
    OutputQueue,
    Plumber,
    Processor,
    QueueClosed,
    Report,
    RunStateError,
    Sink,
    Source,
    abort,
    in_thread,
)
from typedpipes.queues import home as home_of_runs
from typedpipes.queues.doomsday import listen
from typedpipes.queues.home import Home

T = TypeVar("T")

REFUSED = "belongs to the thread of its event loop. In this one, call "


async def ignore(item: object) -> None: ...


async def in_another(function: Callable[[], T]) -> T:
    """Call a function in a thread of its own."""
    return await asyncio.get_running_loop().run_in_executor(None, function)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Have threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def accounts_hold(report: Report) -> bool:
    """Whether a chain of nodes agrees on what went from one to the next."""
    return all(
        giver.emitted == taker.received + len(taker.unprocessed) - taker.interrupted
        for giver, taker in zip(report.counts, report.counts[1:], strict=False)
    )


@pytest.mark.usefixtures("hasty_threads")
async def test_reports_from_other_threads_hold_while_the_run_goes_on() -> None:
    def odd(number: int) -> bool:
        return number % 2 == 1

    async def pause_now_and_then(number: int) -> int:
        if number % 50 == 1:
            await asyncio.sleep(0)
        return number

    plumber = Plumber()
    plumber.connect(Source(range(20_000))).keep(odd).to(Processor(pause_now_and_then)).collect()
    running = asyncio.create_task(plumber.run())
    await asyncio.sleep(0)

    def report_on_and_on() -> list[bool]:
        held: list[bool] = []
        while not running.done():
            held.append(accounts_hold(plumber.report()))
        return held

    held = await asyncio.gather(*(in_another(report_on_and_on) for _ in range(2)))

    assert (await running).ending == "finished"
    assert all(all(each) for each in held)
    assert all(held)


def test_who_asks_when_the_run_ends_is_answered_though_the_event_loop_has_no_other_turn() -> None:
    answers: list[str] = []

    async def main() -> None:
        home = Home()
        asking = threading.Thread(target=lambda: answers.append(home.ask(lambda: "it is over")))
        asking.start()
        while not home._questions:
            pass
        home.close()
        asking.join()

    asyncio.run(main())

    assert answers == ["it is over"]


def sees_for_itself(home: Home) -> bool:
    """Whether another thread that asks makes the answer itself. Blocks until that has it."""
    answers: list[bool] = []

    def ask() -> None:
        answers.append(home.ask(threading.get_ident) == threading.get_ident())

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return answers.pop()


def test_when_the_run_is_over_any_thread_sees_for_itself() -> None:
    async def main() -> bool:
        home = Home()
        home.close()
        return sees_for_itself(home)

    assert asyncio.run(main())


def test_when_the_event_loop_is_closed_any_thread_sees_for_itself() -> None:
    async def main() -> Home:
        return Home()

    assert sees_for_itself(asyncio.run(main()))


async def test_who_asks_a_blocked_event_loop_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_of_runs, "PATIENCE", 0.01)
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))
    told: list[str] = []

    def ask() -> None:
        try:
            plumber.report()
        except RunStateError as error:
            told.append(str(error))

    async with plumber.running():
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join()  # it blocks the event loop

    assert told == [
        "the event loop of the run had no turn for 0.01 s: something blocks it, or it was stopped. "
        "What blocks belongs in in_thread."
    ]


async def test_what_goes_wrong_there_is_raised_here() -> None:
    home = Home()

    def fail() -> None:
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"):
        await in_another(lambda: home.ask(fail))


async def test_a_feed_is_filled_from_another_thread_in_its_own() -> None:
    seen: list[int] = []

    async def see(number: int) -> None:
        seen.append(number)

    loop = asyncio.get_running_loop()
    plumber, feed = Plumber(), Feed[int](maxsize=2)
    plumber.connect(feed).to(Sink(see))

    def fill() -> None:
        for number in range(10):
            asyncio.run_coroutine_threadsafe(feed.put(number), loop).result()
        loop.call_soon_threadsafe(feed.close)

    async with plumber.running():
        await in_another(fill)
        await plumber.ended()

    assert seen == list(range(10))


def put_at_once(feed: Feed[int]) -> None:
    feed.put_nowait(1)


def put_in_a_loop_of_its_own(feed: Feed[int]) -> None:
    asyncio.run(feed.put(1))


def close(feed: Feed[int]) -> None:
    feed.close()


@pytest.mark.parametrize(
    ("call", "way_out"),
    [
        (put_at_once, "run_coroutine_threadsafe(feed.put(item), loop)"),
        (put_in_a_loop_of_its_own, "run_coroutine_threadsafe(feed.put(item), loop)"),
        (close, "loop.call_soon_threadsafe(feed.close)"),
    ],
)
async def test_a_feed_refuses_other_threads_and_says_what_to_call(
    call: Callable[[Feed[int]], None], way_out: str
) -> None:
    plumber, feed = Plumber(), Feed[int]()
    fed = plumber.connect(feed).collect()

    async with plumber.running():
        with pytest.raises(RunStateError) as refused:
            await in_another(partial(call, feed))
        feed.put_nowait(2)

    assert str(refused.value).startswith(f"a feed of a run {REFUSED}")
    assert way_out in str(refused.value)
    assert fed.items == (2,)


async def test_the_queue_of_a_rig_refuses_a_callback_in_another_thread() -> None:
    refused: list[str] = []

    async def fill(queue: OutputQueue[int]) -> None:
        def called_back() -> None:
            queue.put_nowait(1)

        with pytest.raises(RunStateError) as caught:
            await in_another(called_back)
        refused.append(str(caught.value))
        await queue.put(2)

    plumber = Plumber()
    rigged = plumber.connect(InputRig(fill)).collect()

    await plumber.run()

    assert "`asyncio.run_coroutine_threadsafe(queue.put(item), loop).result()`" in refused[0]
    assert rigged.items == (2,)


async def test_a_queue_is_read_from_another_thread_in_its_own() -> None:
    loop = asyncio.get_running_loop()
    plumber = Plumber()
    numbers = plumber.connect(Source(range(4))).read()

    async def read_there() -> list[int]:
        return [number async for number in numbers]

    calls: list[Callable[[], object]] = [
        numbers.get_nowait,
        numbers.drain,
        numbers.close,
        lambda: asyncio.run(numbers.get()),
        lambda: asyncio.run(read_there()),
    ]
    async with plumber.running():
        await stillness(plumber)
        for call in calls:
            with pytest.raises(RunStateError, match=REFUSED):
                await in_another(call)
        reading = partial(asyncio.run_coroutine_threadsafe, numbers.get(), loop)
        first = await in_another(lambda: reading().result())
        rest = await read_there()

    assert [first, *rest] == [0, 1, 2, 3]


async def test_before_and_after_a_run_its_queues_may_be_used_in_any_thread() -> None:
    plumber, feed = Plumber(), Feed[int]()
    numbers = plumber.connect(feed).read()
    await in_another(lambda: feed.put_nowait(1))
    await in_another(lambda: feed.put_nowait(2))

    async with plumber.running():
        await numbers.get()
        await stillness(plumber)

    assert await in_another(numbers.drain) == [2]
    with pytest.raises(QueueClosed):
        await in_another(lambda: feed.put_nowait(3))


async def test_any_thread_may_end_a_run() -> None:
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await asyncio.sleep(0)

    await in_another(partial(plumber.drain, "from afar"))

    report = await running
    assert [doom.reason for doom in report.dooms] == ["from afar"]
    assert report.ending == "drained"


async def test_a_function_in_a_thread_may_end_the_run_that_it_works_for() -> None:
    def give_up(number: int) -> None:
        abort("it is enough")

    plumber = Plumber()
    plumber.connect(Source(range(1000))).to(Sink(in_thread(give_up)))

    report = await plumber.run()

    assert report.ending == "aborted"
    assert {doom.reason for doom in report.dooms} == {"it is enough"}


async def test_a_doom_from_a_thread_that_comes_too_late_does_not_end_the_next_run() -> None:
    dooms, home = DoomsdayQueue[Doom](), Home()
    heard: list[Doom] = []
    listen(dooms, heard.append, home)

    late = threading.Thread(target=partial(dooms.put_nowait, Doom("too late")))
    late.start()
    late.join()
    listen(dooms, None, None)  # the run is over before the event loop has a turn
    await asyncio.sleep(0)

    assert dooms.drain() == heard == []


async def test_who_waits_for_dooms_waits_in_the_thread_of_the_run() -> None:
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))

    async def get(dooms: DoomsdayQueue) -> None:
        await dooms.get()

    async with plumber.running():
        with pytest.raises(RunStateError, match=REFUSED):
            await in_another(lambda: asyncio.run(get(plumber.doomsday)))


def test_a_doom_cannot_reach_a_run_whose_event_loop_is_closed() -> None:
    async def main() -> Home:
        return Home()

    home = asyncio.run(main())

    with pytest.raises(RunStateError, match="it broke off when its event loop was closed"):
        home.send(lambda: None)


async def test_any_thread_may_pause_and_resume() -> None:
    asyncio.get_running_loop().set_debug(True)  # then it refuses other threads
    gate = Gate[int]()
    gate.open()
    plumber, feed = Plumber(), Feed[int]()
    sink = Sink(gate.hold)
    plumber.connect(feed).to(sink)

    async with plumber.running():
        await in_another(partial(plumber.pause, sink))
        await feed.put(1)
        await stillness(plumber)
        before = list(gate.arrived)
        await in_another(partial(plumber.resume, sink))
        await gate.next_arrival()

    assert before == []
    assert gate.arrived == [1]


async def test_the_end_is_awaited_in_the_thread_of_the_run() -> None:
    loop = asyncio.get_running_loop()
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))

    async def wait() -> Report:
        return await plumber.ended()

    async with plumber.running():
        with pytest.raises(RunStateError, match=REFUSED):
            await in_another(lambda: asyncio.run(wait()))
        ending = in_another(asyncio.run_coroutine_threadsafe(wait(), loop).result)
        plumber.drain()
        report = await ending

    assert report.ending == "drained"
    assert await in_another(lambda: asyncio.run(wait())) == report
