"""Promise 3: cleanup coroutines run once, in order, however the run ends."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.cleanups import ABORT, ended_by, ignore, noting, pass_on
from tests.support.gate import Gate
from tests.support.unchecked import unchecked
from typedpipes import (
    Doom,
    DoomsdayQueue,
    InputQueue,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    QueueClosed,
    Sink,
    Source,
    WiringError,
)


async def test_every_cleanup_runs_once_upstream_to_downstream_input_output_doomsday() -> None:
    calls: list[str] = []
    plumber = Plumber()
    source = Source([1]).cleanup(
        output=noting("source output", calls), doomsday=noting("source doomsday", calls)
    )
    first, second = (
        Processor(pass_on).cleanup(
            doomsday=noting(f"{name} doomsday", calls),
            output=noting(f"{name} output", calls),
            input=noting(f"{name} input", calls),
        )
        for name in ("first", "second")
    )
    sink = Sink(ignore).cleanup(input=noting("sink input", calls))
    # Drawn from its end, so that the order of the calls is not that of the drawing.
    plumber.connect(second).to(sink)
    plumber.connect(first).to(second)
    plumber.connect(source).to(first)

    await plumber.run()

    assert calls == [
        "source output",
        "source doomsday",
        "first input",
        "first output",
        "first doomsday",
        "second input",
        "second output",
        "second doomsday",
        "sink input",
    ]


@pytest.mark.parametrize("ending", ["finished", "drained", "aborted", "failed", "cancelled"])
async def test_every_cleanup_runs_once_however_the_run_ends(ending: str) -> None:
    calls: list[str] = []
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def work(number: int) -> None:
        arrived.set()
        await go_on.wait()
        if ending == "failed":
            raise ValueError("unlucky")

    plumber = Plumber()
    sink = Sink(work).cleanup(input=noting("input", calls), doomsday=noting("doomsday", calls))
    plumber.connect(Source([1])).to(sink)
    running = asyncio.create_task(plumber.run())
    await arrived.wait()

    if ending in {"drained", "aborted"}:
        plumber.doomsday.put_nowait(Doom("end", mode="drain" if ending == "drained" else "abort"))
    elif ending == "cancelled":
        running.cancel()
    go_on.set()
    await asyncio.wait((running,))

    assert calls == ["input", "doomsday"]
    assert running.cancelled() == (ending == "cancelled")
    if not running.cancelled():
        assert isinstance(running.exception(), PipelineFailed) == (ending == "failed")


async def test_a_cleanup_may_read_its_queue_in_a_loop_which_ends() -> None:
    left: list[int] = []
    gate = Gate[int]()

    async def read(queue: InputQueue[int]) -> None:
        left.extend([item async for item in queue])

    plumber = Plumber()
    plumber.connect(Source(range(3))).to(Sink(gate.hold).cleanup(input=read))

    await ended_by(ABORT, plumber, gate)

    assert left == [0, 1, 2]


async def test_a_cleanup_cannot_put_into_its_queue() -> None:
    refused: list[str] = []

    async def put(queue: OutputQueue[int]) -> None:
        with pytest.raises(QueueClosed) as closed:
            await queue.put(7)
        refused.append(str(closed.value))

    plumber = Plumber()
    plumber.connect(Source([1]).cleanup(output=put)).to(Sink(ignore))

    await plumber.run()

    assert refused == ["nothing can be put into a closed queue"]


async def test_the_doomsday_cleanup_gets_all_dooms_in_order() -> None:
    got: list[Doom] = []
    gate = Gate[int]()

    async def read(dooms: DoomsdayQueue) -> None:
        got.extend([doom async for doom in dooms])

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(gate.hold).cleanup(doomsday=read))

    async with plumber.running():
        await gate.next_arrival()
        plumber.doomsday.put_nowait(Doom("tired"))
        plumber.doomsday.put_nowait(ABORT)

    assert got == [Doom("tired"), ABORT]


async def test_a_cleanup_given_later_joins_those_of_other_kinds() -> None:
    calls: list[str] = []
    sink = Sink(ignore).cleanup(doomsday=noting("doomsday", calls))
    plumber = Plumber()
    plumber.connect(Source([1])).to(sink.cleanup(input=noting("input", calls)))

    await plumber.run()

    assert calls == ["input", "doomsday"]


@pytest.mark.parametrize("kind", ["input", "output", "doomsday"])
async def test_a_second_cleanup_of_a_kind_is_refused_and_the_first_stays(kind: str) -> None:
    calls: list[str] = []
    processor = Processor(pass_on)
    unchecked(processor).cleanup(**{kind: noting("first", calls)})

    with pytest.raises(WiringError, match=f"the {kind} cleanup of 'pass_on' is already 'note'"):
        unchecked(processor).cleanup(**{kind: noting("second", calls)})

    plumber = Plumber()
    plumber.connect(Source([1])).to(processor).to(Sink(ignore))
    await plumber.run()
    assert calls == ["first"]


def test_a_refused_cleanup_sets_nothing() -> None:
    source = Source([1]).cleanup(doomsday=noting("first", []))

    with pytest.raises(WiringError, match="the doomsday cleanup of 'source' is already 'note'"):
        source.cleanup(output=noting("output", []), doomsday=noting("second", []))

    assert source.cleanups.output is None
