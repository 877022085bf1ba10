"""What a run writes to the logger `typedpipes`."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys

import pytest

from typedpipes import Doom, Feed, PipelineFailed, Plumber, Processor, Sink, Source


async def ignore(item: object) -> None: ...


async def parse(line: str) -> int:
    return int(line)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "typedpipes")
    return caplog


def told(lines: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return the level and the text of each line, without what takes its time."""
    return [
        (record.levelname, record.getMessage().split(" after ")[0])
        for record in lines.records
        if record.name == "typedpipes"
    ]


async def test_a_run_that_ends_by_itself(lines: pytest.LogCaptureFixture) -> None:
    plumber = Plumber("words")
    plumber.connect(Source(["a", "b"])).to(Sink(ignore))

    await plumber.run()

    assert told(lines) == [("INFO", "words: run begun, 2 nodes"), ("INFO", "words: finished")]
    assert lines.records[-1].getMessage().endswith(" s, 0 failed, 0 interrupted, 0 never taken")


async def test_a_drain_and_an_abort(lines: pytest.LogCaptureFixture) -> None:
    plumber = Plumber("words")
    plumber.connect(Feed[str]()).to(Sink(ignore))
    plumber.doomsday.put_nowait(Doom("enough"))
    plumber.doomsday.put_nowait(Doom("at once", mode="abort"))

    await plumber.run()

    assert told(lines)[1:3] == [
        ("INFO", "words: drain: enough"),
        ("WARNING", "words: abort: at once"),
    ]


async def test_a_failure_that_ends_the_run_without_the_item(
    lines: pytest.LogCaptureFixture,
) -> None:
    plumber = Plumber("words")
    plumber.connect(Source(["secret"])).to(Processor(parse)).collect()

    with pytest.raises(PipelineFailed):
        await plumber.run()

    assert told(lines)[1:] == [
        ("ERROR", "words: 'parse' failed: ValueError"),
        ("INFO", "words: failed"),
    ]
    assert not any("secret" in record.getMessage() for record in lines.records)


async def test_failures_on_their_edge_are_for_those_who_debug(
    lines: pytest.LogCaptureFixture,
) -> None:
    plumber, parser = Plumber("words"), Processor(parse)
    plumber.connect(Source(["1", "two", "three"])).to(parser).collect()
    plumber.failures(parser).collect()

    await plumber.run()

    assert told(lines)[1:3] == [("DEBUG", "words: 'parse' failed: ValueError")] * 2


async def test_a_cleanup_coroutine_that_fails(lines: pytest.LogCaptureFixture) -> None:
    async def broken(queue: object) -> None:
        raise OSError("the disk is gone")

    plumber = Plumber("words")
    plumber.connect(Source(["a"])).to(Sink(ignore).cleanup(input=broken))

    with pytest.raises(PipelineFailed):
        await plumber.run()

    assert told(lines)[1] == (
        "ERROR",
        "words: the input cleanup coroutine of 'ignore' failed: OSError",
    )


@pytest.mark.usefixtures("clock")
async def test_a_coroutine_that_hangs(lines: pytest.LogCaptureFixture) -> None:
    released = asyncio.Event()

    async def never(item: object) -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    plumber = Plumber("words")
    plumber.connect(Source(["a"])).to(Sink(never))
    asyncio.get_running_loop().call_later(1, plumber.abort, "enough")

    with pytest.raises(PipelineFailed):
        await plumber.run()

    assert told(lines)[2] == ("ERROR", "words: 'never' hangs since it was cancelled")
    released.set()


def test_nothing_is_written_where_logging_is_not_set_up() -> None:
    program = (
        "from typedpipes import *\n"
        "async def fail(item: int) -> None: raise ValueError\n"
        "plumber = Plumber()\n"
        "plumber.connect(Source([1])).to(Sink(fail))\n"
        "try: run(plumber)\n"
        "except PipelineFailed: pass\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("", "")
