# mypy: disable-error-code="misc"
"""What happens to a call in a child process happens to its item alone, also among others."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import select
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import functions
from tests.support.unchecked import unchecked
from typedpipes import (
    ChildDied,
    Doom,
    Failure,
    InputQueue,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    SettingError,
    Sink,
    Source,
    WiringError,
    in_process,
)
from typedpipes.offload.awaited import Awaited
from typedpipes.offload.job import Job

PATIENCE = 60  # seconds until what never comes makes its test fail


async def ignore(item: object) -> None: ...


def open_to_write(pipe: Path) -> TextIO:
    return pipe.open("w")


async def times_hundred(number: int) -> int:
    return 100 * number


@pytest.mark.parametrize("ordered", [True, False])
async def test_what_hangs_is_killed_and_the_rest_of_its_batch_is_done_elsewhere(
    ordered: bool,
) -> None:
    plumber = Plumber()
    hanging = Processor(in_process(functions.hang_at_37), workers=2, ordered=ordered, timeout=2.0)
    done = plumber.connect(Source(range(300))).to(hanging).collect()
    failed = plumber.failures(hanging).collect()

    await plumber.run()

    (failure,) = failed.items
    assert failure.item == 37
    assert isinstance(failure.error, TimeoutError)
    assert str(failure.error) == "'hang_at_37' took longer than its timeout of 2 s"
    items = done.items if ordered else sorted(done.items)
    assert list(items) == [number for number in range(300) if number != 37]


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (functions.abort_at_37, "died twice: it was killed by SIGABRT"),
        (functions.give_broken_at_37, "gave what cannot be unpickled: 13 is unlucky"),
        (functions.give_a_lambda_at_37, "<lambda>"),
    ],
)
async def test_one_that_cannot_be_done_fails_alone_in_its_batch(
    function: Callable[[int], object], why: str
) -> None:
    plumber = Plumber()
    processor = Processor(in_process(function), workers=2)
    done = plumber.connect(Source(range(300))).to(processor).collect()
    failed = plumber.failures(processor).collect()

    await plumber.run()

    (failure,) = failed.items
    assert failure.item == 37
    assert why in str(failure.error)
    assert list(done.items) == [number for number in range(300) if number != 37]


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (lambda: 1, "<lambda>"),
        (functions.Unwelcome(), "the child process of 'process_id' cannot unpickle its item"),
        (functions.Deadly(), "the child process that called 'process_id' died twice: it was"),
    ],
    ids=["not picklable", "not to be unpickled there", "deadly to unpickle"],
)
async def test_an_item_that_cannot_be_sent_fails_alone_in_its_batch(item: object, why: str) -> None:
    items = [*range(150), item, *range(150)]
    plumber = Plumber()
    processor = Processor(in_process(functions.process_id), workers=2)
    done = plumber.connect(Source(items)).to(processor).collect()
    failed = plumber.failures(processor).collect()

    await plumber.run()

    (failure,) = failed.items
    assert failure.item is item
    assert why in str(failure.error)
    assert len(done.items) == 300


async def test_many_items_that_cannot_be_sent_fail_one_by_one() -> None:
    plumber = Plumber()
    processor = Processor(in_process(functions.process_id), workers=2)
    plumber.connect(Source([lambda: 1] * 3000)).to(processor).collect()
    failed = plumber.failures(processor).collect()

    await plumber.run()

    assert len(failed.items) == 3000


async def test_quick_items_behind_a_slow_one_go_to_a_child_that_is_free(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    quick = [*range(300)]
    items: list[int | Path] = [*quick[:250], pipe, *quick[250:]]
    done: list[int] = []
    all_quick_ones = asyncio.Event()

    async def note(number: int) -> None:
        done.append(number)
        if len(done) == len(quick):
            all_quick_ones.set()

    plumber = Plumber()
    mixed = Processor(in_process(functions.read_from), workers=2, ordered=False)
    plumber.connect(Source(items)).to(mixed).to(Sink(note))

    async with plumber.running(), asyncio.timeout(PATIENCE):
        await all_quick_ones.wait()
        slow_one_is_at_work = len(done) == len(quick)
        await asyncio.to_thread(pipe.write_text, "999")

    assert slow_one_is_at_work
    assert sorted(done) == [*quick, 999]


async def test_big_items_travel_one_by_one_and_arrive() -> None:
    # They take longer to travel than a call usually does: no reason to send them elsewhere.
    size, count = 20_000_000, 12
    in_hand: list[int] = []

    async def look(block: functions.Block) -> None:
        counts = plumber.report().of(carrier)
        in_hand.append(counts.in_flight)
        done.append(len(block.content))

    done: list[int] = []
    plumber = Plumber()
    carrier = Processor(in_process(functions.touch), workers=2, buffer=1)
    blocks = (functions.Block(bytearray(size + number)) for number in range(count))
    plumber.connect(Source(blocks)).to(carrier).to(Sink(look))

    async with asyncio.timeout(PATIENCE):
        await plumber.run()

    assert done == [*range(size, size + count)]
    assert max(in_hand) <= 2 * 2


async def test_how_many_items_travel_together_depends_on_their_size_too() -> None:
    awaited = Awaited(Job(functions.touch), 1)

    for _ in range(5):
        await awaited.call(functions.Block(bytearray(3_000_000)))  # quick, and over a megabyte

    assert awaited._children.batch == 1
    await awaited.close()


async def test_the_start_of_a_child_does_not_count_as_the_time_of_an_item(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    timeout = 1.0
    plumber = Plumber()
    waits = partial(functions.resource_that_waits, pipe)
    processor = Processor(
        in_process(functions.take_the_first, resource=waits), name="late", timeout=timeout
    )
    done = plumber.connect(Source([1, 2, 3])).to(processor).collect()
    running = asyncio.create_task(plumber.run())
    opened = asyncio.create_task(asyncio.to_thread(open_to_write, pipe))

    file = await opened  # there is a child, and it waits for its resource
    time_is_over = asyncio.Event()
    asyncio.get_running_loop().call_later(1.5 * timeout, time_is_over.set)
    await time_is_over.wait()
    file.close()
    await running

    assert done.items == (1, 2, 3)


async def test_waiting_for_a_free_child_does_not_count_as_the_time_of_an_item() -> None:
    plumber = Plumber()
    processor = Processor(in_process(functions.nap), timeout=1.0)  # four naps take longer
    done = plumber.connect(Source(range(5))).to(processor).collect()

    await plumber.run()

    assert done.items == (0, 1, 2, 3, 4)


async def test_a_resource_is_made_once_in_each_child_and_closed_at_its_end(tmp_path: Path) -> None:
    book = tmp_path / "book"
    plumber = Plumber()
    with_book = in_process(functions.with_owner, resource=functions.Book(book).opened)
    processor = Processor(with_book, workers=2)
    done = plumber.connect(Source(range(200))).to(processor).collect()

    await plumber.run()

    owners = {owner for owner, _, _ in done.items}
    notes = Counter(book.read_text().split("\n")[:-1])
    assert [number for _, _, number in done.items] == [*range(200)]
    assert all(owner == process for owner, process, _ in done.items)
    assert {f"{what} {owner}" for owner in owners for what in ("open", "close")} <= set(notes)
    assert set(notes.values()) == {1}


async def test_a_resource_that_cannot_be_made_is_why_a_child_could_not_start() -> None:
    plumber = Plumber()
    processor = Processor(
        in_process(functions.take_the_first, resource=functions.resource_that_fails)
    )
    plumber.connect(Source([1, 2])).to(processor).to(Sink(ignore))
    failed = plumber.failures(processor).collect()

    await plumber.run()

    assert [failure.item for failure in failed.items] == [1, 2]
    assert {str(failure.error) for failure in failed.items} == {
        "the child process for 'take_the_first' could not start: ConnectionError('no model here')"
    }


async def test_a_child_is_replaced_after_as_many_calls_as_it_may_make() -> None:
    plumber = Plumber()
    processor = Processor(in_process(functions.process_id, calls_per_child=7), workers=2)
    done = plumber.connect(Source(range(40))).to(processor).collect()

    await plumber.run()

    assert len(done.items) == 40
    assert max(Counter(done.items).values()) <= 7
    assert len(set(done.items)) >= 6


async def test_the_end_of_a_child_is_seen_where_the_system_does_not_tell_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)  # Linux has it
    plumber = Plumber()
    processor = Processor(in_process(functions.abort_at_37), workers=2)
    done = plumber.connect(Source(range(100))).to(processor).collect()
    failed = plumber.failures(processor).collect()

    await plumber.run()

    assert [failure.item for failure in failed.items] == [37]
    assert len(done.items) == 99
    assert multiprocessing.active_children() == []


async def test_a_child_that_exits_is_told_by_its_exit_code() -> None:
    with pytest.raises(ChildDied, match="'exit_code_3' died twice: it exited with code 3"):
        await in_process(functions.exit_code_3)(1)


async def test_what_a_function_raises_comes_with_the_traceback_of_the_child() -> None:
    with pytest.raises(ValueError, match="1 is unlucky") as caught:
        await in_process(functions.fail)(1)

    assert "in fail\n    raise ValueError" in "".join(traceback.format_exception(caught.value))


async def test_an_answer_that_has_come_is_not_lost_by_a_cancellation() -> None:
    awaited = Awaited(Job(functions.double, None, None), 1)
    calling = asyncio.create_task(_call_and_wait(awaited))
    children = awaited._children._children
    while not children or not children[0].in_hand:  # noqa: ASYNC110  # a child has no event for it
        await asyncio.sleep(0)

    select.select([children[0]._sock], [], [], PATIENCE)  # the event loop has no turn meanwhile
    calling.cancel()

    assert await calling == 10
    await awaited.close()


async def _call_and_wait(awaited: Awaited) -> int:
    result: int = await awaited.call(5)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.Event().wait()  # it was put off, and comes here
    return result


async def test_a_call_that_is_cancelled_has_its_child_killed_and_others_go_on(
    tmp_path: Path,
) -> None:
    pipes = [tmp_path / "first", tmp_path / "second"]
    for pipe in pipes:
        os.mkfifo(pipe)
    calls: list[asyncio.Task[int]] = []
    offloaded = in_process(functions.read_from)

    async def call_all(number: int) -> None:
        asked: list[Path | int] = [*pipes, 1, 2, 3]
        calls.extend(asyncio.ensure_future(offloaded(each)) for each in asked)
        first, second = [await asyncio.to_thread(open_to_write, pipe) for pipe in pipes]
        calls[0].cancel()
        first.close()
        second.write("7")
        second.close()
        await asyncio.wait(calls)

    plumber = Plumber()
    plumber.connect(Source([0])).to(Sink(call_all))

    await plumber.run()

    assert calls[0].cancelled()
    assert [call.result() for call in calls[1:]] == [7, 1, 2, 3]
    assert multiprocessing.active_children() == []


async def test_a_coroutine_takes_over_in_the_middle_of_a_run_and_the_order_stays() -> None:
    plumber = Plumber()
    processor = Processor(in_process(functions.double), workers=2)
    done: list[int] = []

    async def replace_after_20(number: int) -> None:
        done.append(number)
        if len(done) == 20:
            processor.replace(times_hundred)

    plumber.connect(Source(range(3000))).to(processor).to(Sink(replace_after_20))

    await plumber.run()

    doubled = sum(number == 2 * place for place, number in enumerate(done))
    assert 20 <= doubled < 3000
    assert done[doubled:] == [100 * number for number in range(doubled, 3000)]


async def test_an_abort_interrupts_what_a_coroutine_has_taken_over() -> None:
    begun = asyncio.Event()

    async def hang(number: int) -> int:
        begun.set()
        await asyncio.Event().wait()
        return number

    plumber = Plumber()
    processor = Processor(in_process(functions.double), workers=2, ordered=False)
    plumber.connect(Source(range(500))).to(processor).collect()
    async with plumber.running():
        processor.replace(hang)
        await begun.wait()
        plumber.abort()
    counts = plumber.report().of(processor)

    assert counts.received == counts.completed + counts.interrupted
    assert counts.interrupted >= 1
    assert len(set(counts.unprocessed)) == len(counts.unprocessed)


async def test_no_more_than_the_window_is_in_hand() -> None:
    plumber = Plumber()
    processor = Processor(in_process(functions.double), workers=2, window=5)
    in_hand: list[int] = []
    done = 0

    async def look(number: int) -> None:
        nonlocal done
        done += 1
        counts = plumber.report().of(processor)
        in_hand.append(counts.received - done - 1)  # one may be in the edge to this sink

    plumber.connect(Source(range(200))).to(processor).to(Sink(look, buffer=1))

    await plumber.run()

    assert done == 200
    assert max(in_hand) <= 5


async def test_a_pause_takes_nothing_more_and_finishes_what_is_in_hand() -> None:
    plumber = Plumber()
    processor = Processor(in_process(functions.double), workers=2)
    done: list[int] = []
    paused = asyncio.Event()

    async def pause_at_50(number: int) -> None:
        done.append(number)
        if len(done) == 50:
            plumber.pause(processor)
            paused.set()

    plumber.connect(Source(range(5000))).to(processor).to(Sink(pause_at_50))
    running = asyncio.create_task(plumber.run())
    await paused.wait()
    received = plumber.report().of(processor).received
    while plumber.report().of(processor).in_flight:  # noqa: ASYNC110  # nor has a report
        await asyncio.sleep(0)
    still = plumber.report().of(processor).received
    plumber.resume(processor)
    await running

    assert received == still < 5000
    assert done == [2 * number for number in range(5000)]


async def test_a_zip_keeps_its_pairs_when_a_child_dies() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(100)))
    left = Processor(in_process(functions.abort_at_37), workers=2)
    right = Processor(times_hundred)
    plumber.failures(left).collect()
    pairs = plumber.zip(numbers.to(left), numbers.to(right)).collect()

    await plumber.run()

    assert list(pairs.items) == [(n, 100 * n) for n in range(100) if n != 37]


@pytest.mark.parametrize("ordered", [True, False])
async def test_outcomes_have_a_failure_in_the_place_of_its_item(ordered: bool) -> None:
    plumber = Plumber()
    processor = Processor(in_process(functions.abort_at_37), workers=2, ordered=ordered)
    plumber.connect(Source(range(100))).to(processor)
    outcomes = plumber.outcomes(processor).collect()

    await plumber.run()

    items = [each.item if isinstance(each, Failure) else each for each in outcomes.items]
    assert (items if ordered else sorted(items)) == [*range(100)]
    assert sum(isinstance(each, Failure) for each in outcomes.items) == 1


async def test_items_of_one_key_are_in_children_one_after_the_other() -> None:
    plumber = Plumber()
    processor = Processor(in_process(functions.double), workers=3).keyed(lambda number: number % 2)
    done = plumber.connect(Source(range(50))).to(processor).collect()

    await plumber.run()

    assert done.items == tuple(range(0, 100, 2))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    workers=st.integers(1, 3),
    ordered=st.booleans(),
    window=st.none() | st.integers(1, 20),
    mode=st.sampled_from(["drain", "abort"]),
    after=st.integers(0, 300),
    timeout=st.none() | st.just(30.0),
)
def test_no_item_is_lost_or_told_twice_however_a_run_ends(
    workers: int, ordered: bool, window: int | None, mode: str, after: int, timeout: float | None
) -> None:
    seen: list[int] = []
    left: list[int] = []
    processor = Processor(
        in_process(functions.abort_at_37),
        workers=workers,
        ordered=ordered,
        window=window,
        timeout=timeout,
    )

    async def take_back(queue: InputQueue[int]) -> None:
        left.extend(queue.drain())

    async def save(queue: OutputQueue[int]) -> None:
        left.extend(queue.drain())

    async def end_after(number: int) -> None:
        seen.append(number)
        if len(seen) == after + 1:
            plumber.doomsday.put_nowait(
                Doom("enough", mode="drain" if mode == "drain" else "abort")
            )

    plumber = Plumber()
    plumber.connect(Source(range(400))).to(processor.cleanup(input=take_back, output=save)).to(
        Sink(end_after)
    )
    failed = plumber.failures(processor).collect()

    report = asyncio.run(plumber.run())

    counts = report.of(processor)
    told = sorted([*seen, *left, *(failure.item for failure in failed.items)])
    # An abort leaves a failure on its edge that the collector has not taken yet.
    untold = [37] if counts.failed > len(failed.items) else []
    assert mode == "abort" or not untold
    assert sorted([*told, *untold]) == [*range(len(told) + len(untold))]
    assert counts.received == counts.completed + counts.failed + counts.interrupted
    assert ordered is False or seen == sorted(seen)
    assert multiprocessing.active_children() == []


async def test_a_failure_that_ends_the_run_leaves_no_child_and_loses_no_item() -> None:
    left: list[int] = []

    async def take_back(queue: InputQueue[int]) -> None:
        left.extend(queue.drain())

    plumber = Plumber()
    processor = Processor(in_process(functions.fail), workers=2).cleanup(input=take_back)
    plumber.connect(Source(range(300))).to(processor).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    counts = failed.value.report.of(processor)
    assert counts.received == counts.failed + counts.interrupted
    assert counts.failed >= 1
    assert len(left) == len(set(left)) == len(counts.unprocessed)
    assert multiprocessing.active_children() == []


def test_a_child_needs_calls_to_make() -> None:
    with pytest.raises(SettingError, match="calls_per_child must be a whole number of 1 or more"):
        in_process(functions.double, calls_per_child=0)


def test_a_function_that_takes_no_resource_is_refused_one() -> None:
    with pytest.raises(WiringError, match="in_process with a resource calls 'double' with 2"):
        in_process(unchecked(functions.double), resource=functions.resource_that_fails)
