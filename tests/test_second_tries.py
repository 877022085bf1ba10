"""What is called again when a child process dies, and what is not."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.support import functions
from typedpipes import ChildDied, Plumber, Processor, Sink, Source, in_process

WINDOW = 40
KILLS = int(os.environ.get("KILLS", "5"))
"""How many children are killed, among a hundred times as many items; `KILLS=50` takes a minute."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a file in which functions note their calls."""
    return tmp_path / "calls"


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    pipe = tmp_path / "process id"
    os.mkfifo(pipe)
    return pipe


def noted(book: Path) -> list[str]:
    """Return the calls, in their order."""
    return book.read_text().split()


async def kill_who_tells(pipe: Path) -> None:
    """Kill the process that writes its id into the pipe, as the system does without memory."""
    os.kill(int(await asyncio.to_thread(pipe.read_text)), signal.SIGKILL)


async def test_an_item_whose_child_is_killed_is_done_in_another(book: Path, pipe: Path) -> None:
    waiting = in_process(functions.wait_the_first_time, resource=functions.Calls(book).opened)
    processor = Processor(waiting)
    plumber = Plumber()
    done = plumber.connect(Source([pipe])).to(processor).collect()

    async with plumber.running():
        await kill_who_tells(pipe)

    assert done.items == (7,)
    assert noted(book) == ["called", "called"]
    assert plumber.report().of(processor).failed == 0


async def test_without_a_second_try_it_fails_at_once(book: Path, pipe: Path) -> None:
    waiting = in_process(
        functions.wait_the_first_time, resource=functions.Calls(book).opened, second_try=False
    )
    processor = Processor(waiting)
    plumber = Plumber()
    done = plumber.connect(Source([pipe])).to(processor).collect()
    failed = plumber.failures(processor).collect()

    async with plumber.running():
        await kill_who_tells(pipe)

    (failure,) = failed.items
    assert str(failure.error) == (
        "the child process that called 'wait_the_first_time' died: it was killed by SIGKILL"
    )
    assert done.items == ()
    assert noted(book) == ["called"]


async def test_a_call_that_is_awaited_is_tried_again_as_well(book: Path, pipe: Path) -> None:
    waiting = in_process(functions.wait_the_first_time, resource=functions.Calls(book).opened)
    calling = asyncio.ensure_future(waiting(pipe))

    await kill_who_tells(pipe)

    assert await calling == 7
    assert noted(book) == ["called", "called"]
    assert multiprocessing.active_children() == []


async def test_an_item_that_takes_too_long_is_not_tried_again(book: Path) -> None:
    processor = Processor(
        in_process(functions.wait_each_time, resource=functions.Calls(book).opened), timeout=0.1
    )
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(processor).collect()
    failed = plumber.failures(processor).collect()

    await plumber.run()

    assert [type(failure.error) for failure in failed.items] == [TimeoutError, TimeoutError]
    assert noted(book) == ["1", "2"]


async def test_only_items_that_kill_their_children_fail_while_others_kill_children_at_random(
    book: Path,
) -> None:
    count = KILLS * 100
    rng = random.Random(11)
    kills = 0
    done: list[int] = []

    async def kill_now_and_then(number: int) -> None:
        # There are fewer items in hand than between two kills, so none is hit by both.
        nonlocal kills
        done.append(number)
        children = multiprocessing.active_children()
        if kills < (len(done) + 49) // 99 and children:
            os.kill(rng.choice(children).pid or 0, signal.SIGKILL)
            kills += 1

    processor = Processor(
        in_process(functions.die_at_sevens, resource=functions.Calls(book).opened),
        workers=3,
        window=WINDOW,
    )
    plumber = Plumber()
    plumber.connect(Source(range(count))).to(processor).to(Sink(kill_now_and_then, buffer=1))
    failed = plumber.failures(processor).collect()

    report = await plumber.run()

    calls = Counter(map(int, noted(book)))
    guilty = [number for number in range(count) if number % 100 == 7]
    repeated = sum(calls.values()) - len(calls)
    assert kills == KILLS
    assert sorted(failure.item for failure in failed.items) == guilty
    assert all(isinstance(failure.error, ChildDied) for failure in failed.items)
    assert done == [number for number in range(count) if number not in guilty]
    assert set(calls) == set(range(count))
    assert repeated <= WINDOW * (kills + 2 * len(guilty))
    counts = report.of(processor)
    assert (counts.received, counts.completed, counts.failed) == (count, len(done), len(guilty))
    assert multiprocessing.active_children() == []
