"""The spans that OpenTelemetry gets of a run: what they are for, and how they hang together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

from tests.support.functions import double
from tests.support.gate import Gate
from tests.support.telemetry import Metrics, Tracing, attribute, key, links, parent, trace_of
from typedpipes import (
    First,
    Joint,
    PipelineFailed,
    Plumber,
    Processor,
    Second,
    Sink,
    Source,
    in_process,
)
from typedpipes.engine import tracking
from typedpipes.observe.opentelemetry import instrument
from typedpipes.observe.opentelemetry.spans import Spans

SECRET = "a secret"  # noqa: S105  # none


async def ignore(item: object) -> None: ...


async def pass_on(item: int) -> int:
    return item


async def note(item: int) -> int:
    """Note an item in the current span, to know in a test what that is for."""
    trace.get_current_span().set_attribute("item", item)
    return item


async def end(item: object) -> None:
    trace.get_current_span().set_attribute("item", str(item))


def is_even(item: int) -> bool:
    return item % 2 == 0


def item_of(span: ReadableSpan) -> object:
    return attribute(span, "item")


def in_turn(*answers: bool) -> Callable[[Spans], bool]:
    """Return what says of each item in turn whether it is sampled."""
    rest = iter(answers)

    def is_sampled(_: Spans) -> bool:
        return next(rest)

    return is_sampled


def traced(plumber: Plumber) -> Tracing:
    """Have all items of a plumber traced."""
    tracing = Tracing()
    instrument(plumber, meter=Metrics().meter, tracer=tracing.tracer, spans="item", sample=1)
    return tracing


def parents(tracing: Tracing, name: str, before: str) -> Sequence[tuple[object, object]]:
    """Return for each span of a name what it is for, and what its parent is for."""
    spans = {key(span): item_of(span) for span in tracing.spans(before)}
    return [
        (item_of(span), spans[parent(span) or 0]) for span in tracing.spans(name) if not links(span)
    ]


# Sampled items


async def test_a_sampled_item_has_a_span_in_each_processor_below_the_one_before() -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source(range(3), name="numbers")).to(Processor(note)).to(Sink(end))
    tracing = traced(plumber)

    await plumber.run()

    made, noted, ended = (
        tracing.spans(name) for name in ("create numbers", "process note", "process end")
    )
    assert len(made) == len(noted) == len(ended) == 3
    assert [parent(span) for span in made] == [None] * 3
    assert [parent(span) for span in noted] == [key(span) for span in made]
    assert [parent(span) for span in ended] == [key(span) for span in noted]
    assert len({trace_of(span) for span in tracing.spans()}) == 3
    assert {attribute(span, "typedpipes.plumber.name") for span in made} == {"numbers"}
    assert len({attribute(span, "typedpipes.run.id") for span in tracing.spans()}) == 1


async def test_only_sampled_items_have_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    plumber = Plumber()
    monkeypatch.setattr(Spans, "_is_sampled", in_turn(True, False, False, True, False))
    plumber.connect(Source(range(5), name="numbers")).to(Processor(note)).to(Sink(ignore))
    tracing = traced(plumber)

    await plumber.run()

    assert [item_of(span) for span in tracing.spans("process note")] == [0, 3]
    assert len(tracing.spans("create numbers")) == len(tracing.spans("process ignore")) == 2


async def test_results_of_many_workers_keep_their_spans_whichever_is_ready_first() -> None:
    async def first_last(item: int) -> int:
        await note(item)
        if item == 0:
            await last.wait()
        elif item == 3:
            last.set()
        return item

    last, plumber = asyncio.Event(), Plumber()
    plumber.connect(Source(range(4))).to(Processor(first_last, name="pool", workers=4)).to(
        Processor(note, name="behind")
    ).to(Sink(ignore))
    tracing = traced(plumber)

    await plumber.run()

    assert parents(tracing, "process behind", "process pool") == [(n, n) for n in range(4)]


async def test_items_that_wait_for_their_key_keep_their_spans() -> None:
    plumber, gate = Plumber(), Gate[int]()

    async def hold(item: int) -> int:
        await note(item)
        return await gate(item)

    keyed = Processor(hold, workers=3).keyed(is_even)
    plumber.connect(Source(range(6), name="numbers")).to(Processor(note)).to(keyed).collect()
    tracing = traced(plumber)

    async with plumber.running():
        await gate.next_arrival()
        gate.open()

    assert sorted(map(str, parents(tracing, "process hold", "process note"))) == [
        str((number, number)) for number in range(6)
    ]


async def test_each_result_of_a_generator_is_below_its_span() -> None:
    async def twice(item: int) -> AsyncIterator[int]:
        await note(item)
        yield item
        yield item

    plumber = Plumber()
    plumber.connect(Source(range(3))).to(Processor(twice, workers=2)).to(
        Processor(note, name="behind")
    ).to(Sink(ignore))
    tracing = traced(plumber)

    await plumber.run()

    expected = [(number, number) for number in (0, 0, 1, 1, 2, 2)]
    assert parents(tracing, "process behind", "process twice") == expected


def sort(item: int) -> First[int] | Second[int]:
    return First(item) if is_even(item) else Second(item)


async def test_items_keep_their_spans_through_keep_split_and_rejoin() -> None:
    plumber = Plumber()
    start = plumber.connect(Source(range(8))).to(Processor(note)).keep(lambda item: item != 3)
    even, odd = start.split(sort)
    even.to(Processor(note, name="even")).rejoin(odd).to(Processor(note, name="last")).collect()
    tracing = traced(plumber)

    await plumber.run()

    assert parents(tracing, "process even", "process note") == [(n, n) for n in (0, 2, 4, 6)]
    before = {
        key(span): item_of(span)
        for name in ("process note", "process even")
        for span in tracing.spans(name)
    }
    last = tracing.spans("process last")
    assert [(item_of(span), before[parent(span) or 0]) for span in last] == [
        (number, number) for number in (0, 1, 2, 4, 5, 6, 7)
    ]
    assert trace_of(last[0]) == trace_of(tracing.spans("process even")[0])


async def test_items_keep_their_spans_through_a_merge() -> None:
    plumber = Plumber()
    one = plumber.connect(Source(range(5), name="one")).to(Processor(note, name="some"))
    other = plumber.connect(Source(range(100, 105), name="other")).keep(is_even)
    merged = plumber.merge(one, other)  # it goes two ways, so a node of its own passes it on
    merged.to(Processor(note, name="here")).collect()
    merged.to(Processor(note, name="there")).collect(name="more")
    tracing = traced(plumber)

    await plumber.run()

    made = [key(span) for span in tracing.spans("create other")]
    for name in ("process here", "process there"):
        found = {item_of(span): links(span) for span in tracing.spans(name)}
        assert [found[number] for number in (100, 102, 104)] == [{made[n]} for n in (0, 2, 4)]
        for span in tracing.spans("process some"):
            assert found[item_of(span)] == {key(span)}


# Links


async def test_on_each_branch_of_a_fork_there_is_a_trace_with_a_link() -> None:
    plumber = Plumber()
    start = plumber.connect(Source([1])).to(Processor(note))
    start.to(Sink(ignore, name="one"))
    start.to(Sink(ignore, name="other"))
    tracing = traced(plumber)

    await plumber.run()

    (before,) = tracing.spans("process note")
    branches = [*tracing.spans("process one"), *tracing.spans("process other")]
    assert [parent(span) for span in branches] == [None, None]
    assert [links(span) for span in branches] == [{key(before)}] * 2
    assert len({trace_of(span) for span in (before, *branches)}) == 3


async def test_a_source_that_forks_samples_each_item_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plumber = Plumber()
    monkeypatch.setattr(Spans, "_is_sampled", in_turn(True, False, True))
    source = plumber.connect(Source(range(3), name="numbers"))
    for name in ("one", "other"):
        source.to(Processor(note, name=name)).collect(name=f"all of {name}")
    tracing = traced(plumber)

    await plumber.run()

    made = [key(span) for span in tracing.spans("create numbers")]
    for name in ("process one", "process other"):
        assert [item_of(span) for span in tracing.spans(name)] == [0, 2]
        assert [links(span) for span in tracing.spans(name)] == [{each} for each in made]


async def test_behind_a_zip_there_is_a_link_to_the_span_of_each_part() -> None:
    plumber = Plumber()
    one = plumber.connect(Source(range(2), name="some")).to(Processor(note, name="one"))
    other = plumber.connect(Source(range(2), name="others")).to(Processor(note, name="other"))
    plumber.zip(one, other).to(Sink(ignore))
    tracing = traced(plumber)

    await plumber.run()

    pairs = zip(tracing.spans("process one"), tracing.spans("process other"), strict=True)
    ended = tracing.spans("process ignore")
    assert [links(span) for span in ended] == [{key(a), key(b)} for a, b in pairs]
    assert [parent(span) for span in ended] == [None] * 2


async def test_a_tuple_that_a_zip_leaves_out_shifts_no_links() -> None:
    plumber = Plumber()
    start = plumber.connect(Source(range(5)))
    one = start.to(Processor(note, name="one")).keep(is_even)
    other = start.to(Processor(note, name="other"))
    plumber.zip(one, other).to(Sink(end))
    tracing = traced(plumber)

    await plumber.run()

    spans = {key(span): item_of(span) for span in tracing.spans()}
    found = {
        item_of(span): [spans[each] for each in links(span)]
        for span in tracing.spans("process end")
    }
    assert found == {"(0, 0)": [0, 0], "(2, 2)": [2, 2], "(4, 4)": [4, 4]}


async def test_behind_a_batch_there_is_a_link_to_the_span_of_each_item() -> None:
    plumber = Plumber()
    plumber.connect(Source(range(5))).to(Processor(note)).batch(2).to(Sink(end))
    tracing = traced(plumber)

    await plumber.run()

    noted = [key(span) for span in tracing.spans("process note")]
    ended = tracing.spans("process end")
    assert [links(span) for span in ended] == [{*noted[:2]}, {*noted[2:4]}, {*noted[4:]}]
    assert [item_of(span) for span in ended] == ["[0, 1]", "[2, 3]", "[4]"]


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_failure_is_below_the_span_in_which_it_was_raised(workers: int) -> None:
    async def fail_every_other(item: int) -> int:
        await note(item)
        if item % 2:
            raise ValueError(SECRET)
        return item

    plumber = Plumber()
    stage = Processor(fail_every_other, name="stage", workers=workers)
    plumber.connect(Source(range(6))).to(stage).to(Sink(ignore, name="good"))
    plumber.failures(stage).to(Sink(ignore, name="bad"))
    tracing = traced(plumber)

    await plumber.run()

    stages = {item_of(span): span for span in tracing.spans("process stage")}
    good, bad = tracing.spans("process good"), tracing.spans("process bad")
    assert [parent(span) for span in good] == [key(stages[number]) for number in (0, 2, 4)]
    assert [parent(span) for span in bad] == [key(stages[number]) for number in (1, 3, 5)]
    assert attribute(stages[1], "error.type") == "ValueError"
    assert not stages[1].status.is_ok
    assert stages[0].status.is_unset


async def test_the_outcomes_of_a_processor_are_below_their_spans() -> None:
    async def fail_every_other(item: int) -> int:
        await note(item)
        if item % 2:
            raise ValueError(SECRET)
        return item

    plumber = Plumber()
    stage = Processor(fail_every_other, name="stage")
    plumber.connect(Source(range(4))).to(stage)
    plumber.outcomes(stage).to(Sink(ignore))
    tracing = traced(plumber)

    await plumber.run()

    before = [key(span) for span in tracing.spans("process stage")]
    assert [parent(span) for span in tracing.spans("process ignore")] == before


# Slices


async def test_with_slices_there_is_a_span_for_what_is_worked_on_in_one_go() -> None:
    plumber, tracing = Plumber(), Tracing()
    plumber.connect(Source(range(1000))).to(Processor(pass_on)).to(Sink(ignore))
    instrument(plumber, meter=Metrics().meter, tracer=tracing.tracer, spans="slice", sample=1)

    with tracing.tracer.start_as_current_span("around"):
        await plumber.run()

    passed = tracing.spans("process pass_on")
    counts = [attribute(span, "messaging.batch.message_count") for span in passed]
    assert sum(map(int, map(str, counts))) == 1000
    assert len(passed) < 1000
    (around,) = tracing.spans("around")
    assert [links(span) for span in passed] == [{key(around)}] * len(passed)
    linked = {each for span in tracing.spans("process ignore") for each in links(span)}
    assert linked == {key(span) for span in passed}


async def test_a_slice_is_linked_once_to_each_slice_that_its_items_come_from() -> None:
    plumber, tracing, gate = Plumber(), Tracing(), Gate[int]()
    plumber.connect(Source(range(4))).to(Processor(gate, name="one", workers=4)).to(
        Processor(pass_on)
    ).to(Sink(ignore))
    instrument(plumber, meter=Metrics().meter, tracer=tracing.tracer, spans="slice", sample=1)

    async with plumber.running():
        await gate.next_arrival()
        gate.open()
        await plumber.ended()

    calls, slices = tracing.spans("process one"), tracing.spans("process pass_on")
    assert len(calls) == 4
    assert sorted(len(links(span)) for span in slices) == sorted(len(span.links) for span in slices)
    assert {each for span in slices for each in links(span)} == {key(span) for span in calls}


async def test_a_slice_in_which_an_item_fails_says_so_and_the_failure_is_linked_to_it() -> None:
    async def fail(item: int) -> None:
        if item == 2:
            raise ValueError(SECRET)

    plumber, tracing = Plumber(), Tracing()
    stage = Sink(fail)
    plumber.connect(Source(range(4))).to(stage)
    plumber.failures(stage).to(Sink(ignore, name="bad"))
    instrument(plumber, meter=Metrics().meter, tracer=tracing.tracer, spans="slice", sample=1)

    await plumber.run()

    (failed,) = [span for span in tracing.spans("process fail") if not span.status.is_unset]
    (bad,) = tracing.spans("process bad")
    assert attribute(failed, "error.type") == "ValueError"
    assert links(bad) == {key(failed)}


# The current span, and what it is not in


async def test_spans_of_the_user_are_inside_and_the_run_is_linked_to_where_it_began() -> None:
    plumber, tracing = Plumber(), Tracing()

    async def work(item: int) -> None:
        with tracing.tracer.start_as_current_span("own"):
            await asyncio.sleep(0)

    plumber.connect(Source(range(2), name="numbers")).to(Sink(work, workers=2))
    instrument(plumber, meter=Metrics().meter, tracer=tracing.tracer, spans="item", sample=1)

    with tracing.tracer.start_as_current_span("around"):
        await plumber.run()

    (around,) = tracing.spans("around")
    assert {parent(span) for span in tracing.spans("own")} == {
        key(span) for span in tracing.spans("process work")
    }
    assert [links(span) for span in tracing.spans("create numbers")] == [{key(around)}] * 2


async def test_with_spans_a_run_has_as_few_tasks_as_without() -> None:
    async def most_tasks(*, with_spans: bool) -> int:
        seen = list[int]()

        async def count(item: int) -> int:
            seen.append(len(asyncio.all_tasks()))
            return item

        plumber = Plumber()
        joint = plumber.connect(Source(range(50)))
        for place in range(10):
            joint = joint.to(Processor(count, name=f"stage {place}"))
        joint.to(Sink(ignore))
        if with_spans:
            traced(plumber)
        await plumber.run()
        return max(seen)

    assert await most_tasks(with_spans=True) == await most_tasks(with_spans=False) < 10


async def test_no_item_and_no_text_of_an_exception_is_in_any_span_or_metric() -> None:
    class Item(str):
        __slots__ = ()

    async def fail(item: str) -> str:
        raise ValueError(f"cannot take {item}")

    plumber, metrics, tracing = Plumber(), Metrics(), Tracing()
    stage = Processor(fail)
    plumber.connect(Source([Item(SECRET)])).to(stage).to(Sink(ignore, name="good"))
    plumber.failures(stage).to(Sink(ignore, name="bad"))
    instrument(plumber, meter=metrics.meter, tracer=tracing.tracer, spans="item", sample=1)

    await plumber.run()

    told = "".join(span.to_json() for span in tracing.spans())
    assert "ValueError" in told
    assert SECRET not in told
    assert SECRET not in str(metrics.collect())


async def test_a_run_that_fails_ends_its_spans() -> None:
    async def fail(item: int) -> None:
        raise ValueError(item)

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(fail))
    tracing = traced(plumber)

    with pytest.raises(PipelineFailed):
        await plumber.run()

    assert len(tracing.spans("process fail")) == 1


async def test_a_call_that_is_cancelled_has_a_span_that_says_so() -> None:
    plumber, gate = Plumber(), Gate[int]()
    plumber.connect(Source([1])).to(Sink(gate.hold, name="hold"))
    tracing = traced(plumber)

    async with plumber.running():
        await gate.next_arrival()
        plumber.abort()

    (span,) = tracing.spans("process hold")
    assert attribute(span, "error.type") == "CancelledError"
    assert span.status.is_unset


# What is left, and what is not traced


async def test_what_is_left_of_a_run_is_what_was_made() -> None:
    plumber, gate, left = Plumber(), Gate[int](), list[int]()
    pool = Processor(pass_on, workers=4)
    plumber.connect(Source(range(20))).to(pool).keep(bool, buffer=1).to(Sink(gate.hold, buffer=1))
    tracing = traced(plumber)

    async with plumber.running():
        await gate.next_arrival()
        plumber.abort()

    report = plumber.report()
    left += report.of(pool).undelivered
    assert left
    assert all(type(item) is int for item in left)
    assert tracing.spans("process pass_on")


async def test_what_is_asked_and_what_children_do_has_no_spans_and_works_as_ever() -> None:
    def segment(numbers: Joint[int]) -> Joint[int]:
        return numbers.to(Processor(pass_on, name="asked"))

    plumber, got = Plumber(), list[int]()

    async def store(item: int) -> None:
        got.append(item)

    exchange = plumber.exchange(segment)
    plumber.connect(Source(range(5))).to(Processor(in_process(double), name="children")).to(
        Sink(store)
    )
    tracing = traced(plumber)

    async with plumber.running():
        assert await exchange.ask(7) == 7

    assert got == [0, 2, 4, 6, 8]
    assert not tracing.spans("process asked")
    assert not tracing.spans("process children")


async def test_without_spans_a_run_is_made_as_without_an_instrument(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plumber = Plumber()
    plumber.connect(Source(range(3))).to(Sink(ignore))
    instrument(plumber, meter=Metrics().meter)
    monkeypatch.setattr(tracking, "TracedItems", None)  # what a run with spans is made with

    report = await plumber.run()

    assert report.ending == "finished"
