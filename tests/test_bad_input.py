"""What cannot be meant is refused where it is written, in words that say what to do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Protocol, TypedDict

import pytest

from tests.support.unchecked import unchecked
from typedpipes import (
    Collector,
    Doom,
    Edge,
    Feed,
    Grace,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    QueueClosed,
    ReadOnlyError,
    RunStateError,
    SettingError,
    Sink,
    Source,
    TypedpipesError,
    WiringError,
    bind,
    in_process,
    in_thread,
    run,
)


async def double(number: int) -> int:
    return 2 * number


async def add(number: int, other: int) -> int:
    return number + other


async def nothing() -> int:
    return 0


async def count() -> AsyncIterator[int]:
    yield 1


async def repeat(number: int) -> AsyncIterator[int]:
    yield number
    yield number


async def put_one(queue: OutputQueue[int]) -> None:
    await queue.put(1)


async def ignore(item: object) -> None: ...


def plain(number: int) -> int:
    return number


def drawn() -> Plumber:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))
    return plumber


def refused(message: str) -> pytest.RaisesExc[WiringError]:
    return pytest.raises(WiringError, match=f"^{message}$")


@pytest.mark.parametrize("maxsize", [0, -1])
def test_an_edge_without_room(maxsize: int) -> None:
    with refused(f"maxsize must be a whole number of 1 or more, not {maxsize}"):
        Edge[int](maxsize)


def test_half_an_item_of_room() -> None:
    with refused("maxsize must be a whole number of 1 or more, not 1.5"):
        Edge[int](unchecked(1.5))


def test_a_feed_without_room() -> None:
    with refused("maxsize of 'f' must be a whole number of 1 or more, not 0"):
        Feed[int](maxsize=0, name="f")


def test_a_read_queue_without_room() -> None:
    joint = Plumber().connect(Source([1]))

    with refused("maxsize of read must be a whole number of 1 or more, not 0"):
        joint.read(maxsize=0)


def test_a_processor_without_workers() -> None:
    with refused("workers of 'double' must be a whole number of 1 or more, not 0"):
        Processor(double, workers=0)


def test_a_sink_without_workers() -> None:
    with refused("workers of 'ignore' must be a whole number of 1 or more, not 0"):
        Sink(ignore, workers=0)


def test_a_processor_without_a_window() -> None:
    with refused("window of 'double' must be a whole number of 1 or more, not 0"):
        Processor(double, workers=2, window=0)


def test_a_processor_without_a_buffer() -> None:
    with refused("buffer of 'double' must be a whole number of 1 or more, not 0"):
        Processor(double, buffer=0)


def test_a_processor_without_time() -> None:
    with refused("timeout of 'double' must be a number of seconds above 0, not 0"):
        Processor(double, timeout=0)


def test_a_batch_of_nothing() -> None:
    joint = Plumber().connect(Source([1]))

    with refused("the size of a batch must be a whole number of 1 or more, not 0"):
        joint.batch(0)


def test_an_interval_that_takes_no_time_or_holds_nothing() -> None:
    joint = Plumber().connect(Source([1]))

    with refused("the period of every must be a number of seconds above 0, not 0"):
        joint.every(0)
    with refused("most of 'every 60 s' must be a whole number of 1 or more, not 0"):
        joint.every(60, most=0)


def test_a_batch_without_time() -> None:
    joint = Plumber().connect(Source([1]))

    with refused("within of 'batch 3' must be a number of seconds above 0, not -1"):
        joint.batch(3, within=-1)


@pytest.mark.parametrize("grace", [0, -1.5, float("nan"), None, "3"])
async def test_a_run_without_grace(grace: object) -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))

    with refused(f"grace must be a number of seconds above 0, not {grace!r}"):
        await plumber.run(grace=unchecked(grace))


def test_a_plain_function_as_coroutine() -> None:
    with refused(
        "the processor 'plain' needs a coroutine function, but 'plain' is a plain function. "
        "Wrap it in in_thread, or make it `async def`."
    ):
        Processor(unchecked(plain))


def test_a_plain_function_as_coroutine_of_a_sink() -> None:
    with refused(
        "the processor 'print' needs a coroutine function, but 'print' is a plain function. "
        "Wrap it in in_thread, or make it `async def`."
    ):
        Sink(unchecked(print))


def test_a_coroutine_that_was_called_already() -> None:
    coroutine = double(1)
    coroutine.close()

    with refused(
        "the processor 'double' needs a coroutine function, not <coroutine object double .*>. "
        "Pass the function itself, without calling it."
    ):
        Processor(unchecked(coroutine))


def test_no_function_at_all() -> None:
    with refused("the processor 'd' needs a coroutine function, not 3"):
        Processor(unchecked(3), name="d")


def test_an_async_generator_as_coroutine_of_a_sink() -> None:
    with refused(
        "the sink 'repeat' needs a coroutine function, but 'repeat' is an async generator: "
        "what it yields would go nowhere. Use a Processor and connect its output."
    ):
        Sink(unchecked(repeat))


def test_an_async_generator_as_coroutine_of_an_input_rig() -> None:
    with refused(
        "the input rig 'repeat' puts into its queue, but 'repeat' is an async generator. "
        "Use a Source."
    ):
        InputRig(unchecked(repeat))


def test_an_async_generator_as_cleanup_coroutine() -> None:
    with refused(
        "the input cleanup of 'double' needs a coroutine function, "
        "but 'repeat' is an async generator"
    ):
        Processor(double).cleanup(input=unchecked(repeat))


def test_an_async_generator_in_place_of_a_coroutine_function() -> None:
    with refused(
        "cannot replace the coroutine of 'double': it is a coroutine function and 'repeat' is a "
        "generator function. Replace it with one of the same kind."
    ):
        Processor(double).replace(repeat)


def test_a_coroutine_function_as_source() -> None:
    with refused(
        "the source 'nothing' needs items, but 'nothing' is a coroutine function. Make it an "
        "async generator with `yield`, or an InputRig that puts into its queue."
    ):
        Source(unchecked(nothing))


def test_a_coroutine_function_that_takes_too_much() -> None:
    with refused(
        r"the processor 'add' calls 'add' with one argument, but it is "
        r"add\(number: 'int', other: 'int'\) -> 'int'. Fix the others with bind."
    ):
        Processor(unchecked(add))


def test_a_coroutine_function_that_takes_nothing() -> None:
    with refused(
        r"the processor 'nothing' calls 'nothing' with one argument, but it is "
        r"nothing\(\) -> 'int'."
    ):
        Processor(unchecked(nothing))


def test_a_source_that_takes_an_argument() -> None:
    with refused(
        r"the source 'repeat' calls 'repeat' with no arguments, but it is "
        r"repeat\(number: 'int'\) -> 'AsyncIterator\[int\]'."
    ):
        Source(unchecked(repeat))


def test_an_input_rig_that_takes_no_queue() -> None:
    with refused(
        r"the input rig 'nothing' calls 'nothing' with one argument, but it is "
        r"nothing\(\) -> 'int'."
    ):
        InputRig(unchecked(nothing))


def test_a_cleanup_coroutine_that_takes_no_queue() -> None:
    with refused(
        r"the output cleanup of 'double' calls 'nothing' with one argument, but it is "
        r"nothing\(\) -> 'int'."
    ):
        Processor(double).cleanup(output=unchecked(nothing))


def test_a_replacement_that_takes_too_much() -> None:
    with refused(
        r"the processor 'double' calls 'add' with one argument, but it is "
        r"add\(number: 'int', other: 'int'\) -> 'int'. Fix the others with bind."
    ):
        Processor(double).replace(unchecked(add))


def test_arguments_to_bind_that_do_not_exist() -> None:
    with refused("cannot bind the arguments of 'add': got an unexpected keyword argument 'factor'"):
        unchecked(bind)(add, other=1, factor=2)


@pytest.mark.parametrize("wrapper", [in_thread, in_process])
def test_a_coroutine_function_in_a_thread_or_process(wrapper: object) -> None:
    name = getattr(wrapper, "__name__", "")

    with refused(f"{name} needs a plain function, but 'double' is async. Use it as it is."):
        unchecked(wrapper)(double)


def test_a_function_that_no_process_can_get() -> None:
    with refused(
        "in_process cannot send 'lambda' to a child process: .*"
        "Define it at the top level of a module."
    ):
        in_process(lambda number: number)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Edge[int](0),
        lambda: Feed[int](maxsize=0),
        lambda: Processor(double, workers=0),
        lambda: Processor(double, window=0),
        lambda: Processor(double, buffer=0),
        lambda: Processor(double, timeout=0),
        lambda: Sink(ignore, workers=0),
        lambda: Plumber().connect(Source([1])).batch(0),
        lambda: Plumber().connect(Source([1])).batch(1, within=0),
        lambda: Plumber().connect(Source([1])).read(maxsize=0),
        lambda: Source([1], total=-1),
        lambda: Source.in_thread(lambda: [1], maxsize=0),
        lambda: Source.in_thread(lambda: [1], grace=0),
        lambda: run(drawn(), grace=0),
        lambda: run(drawn(), on_failure=unchecked("go on")),
        lambda: Grace(drain=0),
        lambda: Doom("enough", mode=unchecked("stop")),
    ],
)
def test_a_value_that_no_setting_can_have_is_a_value_error_too(
    make: Callable[[], object],
) -> None:
    with pytest.raises(ValueError, match="must be") as raised:
        make()

    assert isinstance(raised.value, SettingError)
    assert isinstance(raised.value, WiringError)


def collector() -> Collector[int]:
    return Plumber().connect(Source([1])).collect()


@pytest.mark.parametrize(
    ("thing", "name", "way_out"),
    [
        (Processor(double), "coro", "Call replace."),
        (Processor(double), "cleanups", "Call cleanup."),
        (Processor(double), "workers", "Pass it when you make the processor."),
        (Sink(ignore), "name", "Pass it when you make the processor."),
        (Source([1]), "items", "Pass it when you make the source."),
        (InputRig(put_one), "coro", "Pass it when you make the source."),
        (Feed[int](), "maxsize", "Pass it when you make the source."),
        (Source([1]), "total", "Pass it when you make the source."),
        (Source.in_thread(lambda: [1]), "grace", "Pass it when you make the source."),
        (collector(), "items", "It has what a run gives it."),
        (Plumber(), "name", "Pass it when you make the plumber."),
    ],
)
def test_an_attribute_that_is_set_says_what_to_do_instead(
    thing: object, name: str, way_out: str
) -> None:
    before = getattr(thing, name)

    with refused(
        re.escape(f"cannot set {name} of {thing!r}: it is read-only. {way_out}")
    ) as raised:
        setattr(thing, name, None)

    assert isinstance(raised.value, AttributeError)
    assert getattr(thing, name) == before


@pytest.mark.parametrize(
    "thing",
    [
        Processor(double),
        Sink(ignore),
        Source([1]),
        InputRig(put_one),
        Feed[int](),
        collector(),
        Plumber(),
    ],
    ids=repr,
)
def test_no_public_attribute_of_a_part_can_be_set(thing: object) -> None:
    names = {name for name in vars(thing) if not name.startswith("_")}
    names |= {name for name, each in vars(type(thing)).items() if isinstance(each, property)}

    for name in names:
        with pytest.raises(AttributeError):
            setattr(thing, name, getattr(thing, name))


async def test_a_subclass_of_a_processor_may_have_attributes_of_its_own() -> None:
    class Counting(Processor[int, int]):
        def __init__(self) -> None:
            self.count = 0
            super().__init__(self.add_one)

        async def add_one(self, number: int) -> int:
            self.count += 1
            return number

    plumber = Plumber()
    counting = Counting()
    plumber.connect(Source([1, 2])).to(counting).to(Sink(ignore))

    await plumber.run()

    assert counting.count == 2


def test_a_subclass_of_a_processor_may_have_a_method_called_as_an_attribute_is() -> None:
    async def coro(self: object, number: int) -> int:
        return number

    kind = unchecked(type)("Counting", (Processor,), {"coro": coro})

    assert kind(double).coro is double


async def test_an_iterable_source_that_raises() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    plumber = Plumber()
    plumber.connect(Source(broken(), name="disk")).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert str(error) == "'disk' failed: OSError('the disk is gone')"


async def test_a_feed_put_after_close() -> None:
    feed = Feed[int]()
    feed.close()

    with pytest.raises(QueueClosed, match="nothing can be put into a closed queue"):
        await feed.put(1)


async def test_a_run_while_it_runs() -> None:
    feed = Feed[int]()
    plumber = Plumber("busy")
    plumber.connect(feed).to(Sink(ignore))

    async with plumber.running():
        with pytest.raises(
            RunStateError,
            match="'busy' runs already",
        ):
            await plumber.run()


def test_the_report_of_a_plumber_that_has_not_run() -> None:
    with pytest.raises(RunStateError, match="'idle' has no report: it has not run yet"):
        Plumber("idle").report()


async def test_the_report_of_a_part_that_is_not_in_the_drawing() -> None:
    plumber = Plumber("small")
    plumber.connect(Source([1])).to(Sink(ignore))
    report = await plumber.run()

    with refused(
        r"Processor\('double'\) is not in the drawing of 'small', so its report has no counts of it"
    ):
        report.of(Processor(double))


@pytest.mark.parametrize(
    "error",
    [WiringError, SettingError, ReadOnlyError, QueueClosed, RunStateError, PipelineFailed],
    ids=lambda each: each.__name__,
)
def test_every_error_is_of_one_family(error: type[Exception]) -> None:
    assert issubclass(error, TypedpipesError)


def test_a_test_to_keep_that_is_a_coroutine_function() -> None:
    with refused(
        "keep needs a plain function, but 'double' is async. "
        "Ask it in a processor before, and test what that returns."
    ):
        Plumber().connect(Source([1])).keep(unchecked(double))


def test_a_generator_function_as_a_source() -> None:
    def count() -> Iterator[int]:
        yield 1

    with refused(
        r"the source 'count' needs items, but 'count' is a plain function. "
        r"If it gives items, call it: Source\(count\(\)\); if it blocks, "
        r"Source.in_thread\(count\)."
    ):
        Source(unchecked(count))


def test_a_mode_that_no_doom_has() -> None:
    with refused("the mode of a doom must be 'drain' or 'abort', not 'stop'"):
        Doom("enough", mode=unchecked("stop"))


@pytest.mark.parametrize("mode", ["drain", "abort"])
def test_a_mode_in_the_place_of_a_reason(mode: str) -> None:
    with refused(
        rf"Doom\('{mode}'\) names a mode in the place of the reason. "
        rf"Write Doom\('it is enough', mode='{mode}'\)\."
    ):
        Doom(mode)


@pytest.mark.parametrize("text", ["abc", b"abc"])
def test_a_text_as_the_items_of_a_source(text: str | bytes) -> None:
    with refused(
        rf"the source 'source' needs items, but {text!r} is one. Put it into a list, \[...\]; "
        r"for each of its parts, give list\(...\)."
    ):
        Source(text)


class Row(TypedDict):
    name: str


class HasName(Protocol):
    name: str


@pytest.mark.parametrize("kind", [list[int], Row, HasName, "str"])
def test_a_kind_that_cannot_be_told_from_others_at_run_time(kind: object) -> None:
    with refused(
        "only cannot recognize the items that are .*: .*. "
        "Write a function that returns a TypeIs, and pass it to narrow."
    ):
        Plumber().connect(Source([1])).only(unchecked(kind))
