"""Queues, cleanup coroutines, runs and reports: every method with its type."""

import signal
from collections.abc import Sequence

from typing import assert_type

from tests.typing.stages import (
    Fire,
    double,
    feed,
    fill,
    last_words,
    lines,
    length,
    measurer,
    plumber,
    reverse,
    reverser,
    save_texts,
    scale,
    screen,
    send_numbers,
    send_texts,
    split,
    texts,
)
from typedpipes import (
    Counts,
    Cleanup,
    Doom,
    DoomsdayQueue,
    Edge,
    Failure,
    Feed,
    Grace,
    InputQueue,
    InputRig,
    Joint,
    On,
    OutputQueue,
    Plumber,
    Processor,
    Report,
    Sink,
    Source,
    bind,
    run,
    switch,
)
from typedpipes.testing import drive, try_out

# Both ends of an edge.
edge = Edge[str](maxsize=2)
assert_type(edge.input, InputQueue[str])
assert_type(edge.output, OutputQueue[str])


async def use_an_input_queue(queue: InputQueue[str]) -> None:
    assert_type(await queue.get(), str)
    assert_type(queue.get_nowait(), str)
    assert_type(queue.drain(), Sequence[str])
    assert_type(queue.qsize(), int)
    assert_type(queue.maxsize, int)
    assert_type(queue.empty(), bool)
    assert_type(queue.full(), bool)
    assert_type(queue.closed, bool)
    async for item in queue:
        assert_type(item, str)


async def use_an_output_queue(queue: OutputQueue[str]) -> None:
    await queue.put("a")
    queue.put_nowait("a")
    queue.close()
    assert_type(queue.drain(), list[str])
    assert_type(queue.qsize(), int)
    assert_type(queue.maxsize, int)
    assert_type(queue.empty(), bool)
    assert_type(queue.full(), bool)
    assert_type(queue.closed, bool)


async def use_a_doomsday_queue(dooms: DoomsdayQueue[Doom], fires: DoomsdayQueue[Fire]) -> None:
    await dooms.put(Doom("done"))
    await dooms.put(Fire("fire", mode="abort", floor=3))
    dooms.put_nowait(Doom("done", mode="drain"))
    assert_type(await dooms.get(), Doom)
    assert_type((await fires.get()).floor, int)
    assert_type(dooms.drain(), list[Doom])
    async for fire in fires:
        assert_type(fire, Fire)


async def use_the_default_doom(dooms: DoomsdayQueue) -> None:
    assert_type(await dooms.get(), Doom)


async def feed_it() -> None:
    await feed.put("a")
    feed.put_nowait("a")
    feed.close()


# An input queue gives, so a narrower one will do.
wide: InputQueue[object] = edge.input


# Cleanup coroutines: what is returned is the stage itself.
async def save_anything(queue: InputQueue[object]) -> None: ...
async def forget(queue: InputQueue[object] | OutputQueue[str]) -> None: ...
async def send_nothing(queue: OutputQueue[None]) -> None: ...


saver: Cleanup[InputQueue[str]] = save_texts
assert_type(
    Processor(reverse).cleanup(input=save_texts, output=send_texts, doomsday=last_words),
    Processor[str, str],
)
assert_type(Processor(length).cleanup(input=saver, output=send_numbers), Processor[str, int])
assert_type(Processor(length).cleanup(input=save_anything), Processor[str, int])
assert_type(Processor(reverse).cleanup(input=forget, output=forget), Processor[str, str])
assert_type(texts.cleanup(input=save_texts, output=send_nothing), Sink[str])
assert_type(screen.cleanup(doomsday=last_words), Sink[object])
assert_type(Source(["a"]).cleanup(output=send_texts, doomsday=last_words), Source[str])
assert_type(InputRig(fill).cleanup(output=send_texts), InputRig[str])
assert_type(Feed[str]().cleanup(output=send_texts), Feed[str])

# Another coroutine of the same type.
reverser.replace(reverse)
Processor(double).replace(double)
Processor(bind(scale, 2.0)).replace(bind(scale, 3.0))


class Service(Plumber):
    """A plumber class of a user."""


async def run_it() -> None:
    assert_type(await plumber.run(), Report)
    assert_type(await plumber.run(signals=(signal.SIGINT,), grace=5.0), Report)
    assert_type(await plumber.run(grace=Grace(drain=5, cancel=1), on_failure="drain"), Report)
    assert_type(await plumber.ended(), Report)
    plumber.drain()
    plumber.abort("enough")
    async with Service().running() as service:
        assert_type(service, Service)
    async with plumber.running(grace=1.0, on_failure="drain"):
        plumber.pause()
        plumber.pause(lines, feed, reverser, measurer, texts)
        plumber.resume()
        plumber.resume(reverser)
        plumber.pause(reverser, segment="billing")
        plumber.resume(segment="billing")
    await plumber.doomsday.put(Fire("fire"))
    read_report(plumber.report())
    read_report(run(plumber))
    read_report(run(plumber, grace=Grace(cleanup=2), on_failure="abort"))
    await drive(reverser, input=edge.input, output=edge.output)
    await drive(measurer, input=edge.input, output=Edge[int]().output)
    assert_type(await try_out(measurer, ["a"]), list[int])
    assert_type(await try_out(Processor(split), ("a", "b"), within=3), list[str])
    assert_type(await try_out(texts, ["a"]), list[None])
    assert_type(await try_out(measured, ["a"]), list[int])
    assert_type(await try_out(either, mixed), list[str | int])


def measured(words: Joint[str]) -> Joint[int]:
    return words.keep(bool).to(measurer)


mixed: list[str | int] = ["a", 2]
either = switch(On(str, Processor(reverse)), On(int, Processor(double)))


def read_report(report: Report) -> None:
    assert_type(report.dooms, Sequence[Doom])
    assert_type(report.duration, float)
    assert_type(report.of_segment("billing"), Counts[object, object])
    counts = report.of(measurer)
    assert_type(counts.received, int)
    assert_type(counts.completed, int)
    assert_type(counts.failed, int)
    assert_type(counts.dropped, int)
    assert_type(counts.interrupted, int)
    assert_type(counts.unprocessed, Sequence[str])
    assert_type(counts.undelivered, Sequence[int])
    assert_type(report.of(lines).undelivered, Sequence[str])
    assert_type(report.of(feed).received, int)
    assert_type(report.of(screen).unprocessed, Sequence[object])
    assert_type(report.of(plumber.connect(lines).collect()), Counts[str, None])


def read_failure(failure: Failure[str]) -> None:
    assert_type(failure.item, str)
    assert_type(failure.error, Exception)
    assert_type(failure.processor, str)
