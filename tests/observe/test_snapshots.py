# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""What a live drawing is told: a snapshot of a run, and what changed in it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observe.visiting import Json, merge
from tests.support.clock import Clock
from typedpipes import Feed, Gauges, Plumber, Processor, ProcessorGauges, Sink, Source
from typedpipes.gauges.snapshot import State
from typedpipes.observe.settings import settings_of
from typedpipes.observe.snapshot import Snapshots, changes
from typedpipes.show.live import draw_live


async def wait(number: int) -> int:
    await asyncio.sleep(1)
    return number


async def refuse(number: int) -> int:
    raise ValueError(number)


async def ignore(item: object) -> None: ...


# What JSON has, in small.
values = st.integers(0, 2) | st.sampled_from(["", "x"]) | st.lists(st.integers(0, 1), max_size=2)
inner = st.dictionaries(st.sampled_from("ab"), values)
documents = st.dictionaries(
    st.sampled_from("abc"), values | inner | st.dictionaries(st.sampled_from("ab"), inner)
)


@given(documents, documents)
def test_changes_are_a_merge_patch_from_one_to_the_other(earlier: Json, later: Json) -> None:
    assert merge(earlier, dict(changes(earlier, later))) == later


@given(documents)
def test_nothing_is_said_of_what_is_the_same(document: Json) -> None:
    assert changes(document, document) == {}


async def test_a_snapshot_has_rates_shares_and_a_verdict(clock: Clock) -> None:
    plumber = Plumber("numbers")
    waiting = Processor(wait, workers=2)
    plumber.connect(Source(range(1000), name="numbers")).to(waiting).to(Sink(ignore))
    snapshots = Snapshots(plumber.blueprint())

    async with plumber.running():
        await asyncio.sleep(10.5)
        snapshot = snapshots.take(plumber.gauges())
        plumber.abort()

    node = snapshot["nodes"]["wait"]
    assert node["rate"] == pytest.approx(2.1, abs=0.05)  # the two in hand are taken
    assert (node["busy"], node["in_flight"]) == (1.0, 2)
    assert snapshot["nodes"]["numbers"]["total"] == 1000
    waiting_for_it = snapshot["edges"]["numbers -> wait"]["items"]
    assert 50 <= waiting_for_it <= 100
    assert snapshot["inside"] == waiting_for_it + 2
    assert (snapshot["verdict"] or "").startswith("'wait' is the bottleneck")


async def test_rates_are_of_the_last_looks(clock: Clock) -> None:
    plumber = Plumber("numbers")
    feed = Feed[int](name="feed")
    plumber.connect(feed).to(Sink(ignore))
    snapshots = Snapshots(plumber.blueprint())
    rates: list[float] = []

    async with plumber.running():
        for number in range(20):
            if number < 4:
                feed.put_nowait(number)
            await asyncio.sleep(0.25)
            rates.append(snapshots.take(plumber.gauges())["edges"]["-> feed"]["rate"])

    assert rates[3] == pytest.approx(4, abs=0.1)
    assert rates[-1] == 0


async def test_once_a_run_is_over_nothing_moves(clock: Clock) -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source(range(20), name="numbers")).to(Processor(wait)).to(Sink(ignore))
    snapshots = Snapshots(plumber.blueprint())

    async with plumber.running():
        rates = [
            snapshots.take(gauges)["nodes"]["wait"]["rate"]
            async for gauges in plumber.watch(every=0.25)
        ]
    last = snapshots.take(plumber.gauges())["nodes"]["wait"]

    assert max(rates[8:]) <= 1.5  # of two seconds, at one item a second
    assert (rates[-1], last["rate"], last["busy"], last["completed"]) == (0, 0, 0, 20)


async def test_after_a_long_time_the_rates_are_those_since_the_run_began(clock: Clock) -> None:
    plumber = Plumber("numbers")
    plumber.connect(feed := Feed[int](name="feed")).to(Sink(ignore))
    snapshots = Snapshots(plumber.blueprint())

    async with plumber.running():
        snapshots.take(plumber.gauges())
        feed.put_nowait(1)
        await asyncio.sleep(10)
        snapshots.forget()
        snapshot = snapshots.take(plumber.gauges())

    assert snapshot["nodes"]["ignore"]["rate"] == pytest.approx(0.1)


async def test_the_rate_of_each_node_is_what_it_takes_whatever_it_makes_of_it(
    clock: Clock,
) -> None:
    async def items() -> AsyncIterator[int]:
        for number in range(1000):
            await asyncio.sleep(0.1)
            yield number

    def is_even(item: int) -> bool:
        return item % 2 == 0

    plumber = Plumber("numbers")
    source = plumber.connect(Source(items, name="items"))
    source.keep(is_even).to(Sink(ignore, name="even"))
    source.batch(5).to(Sink(ignore, name="lists"))
    refusing = Processor(refuse)
    source.to(refusing).to(Sink(ignore, name="nothing"))
    plumber.failures(refusing).to(Sink(ignore, name="refused"))
    snapshots = Snapshots(plumber.blueprint())

    async with plumber.running():
        await asyncio.sleep(50.05)
        nodes = snapshots.take(plumber.gauges())["nodes"]
        plumber.abort()

    rates = {name: node["rate"] for name, node in nodes.items()}
    taken = {"items": 10, "keep is_even": 10, "even": 5, "batch 5": 10, "lists": 2}
    assert rates == pytest.approx({**taken, "refuse": 10, "nothing": 0, "refused": 10}, rel=0.02)


def gauges_of(busy: float, idle: float, *, at: float, state: State = "busy") -> Gauges:
    """Return gauges of one node."""
    node = ProcessorGauges("wait", "processor", state, busy=busy, idle=idle)
    return Gauges("numbers", "running", began=1.0, duration=at, processors=[node])


def test_what_a_node_does_mostly_changes_only_when_something_else_is_clearly_ahead() -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source([1])).to(Sink(ignore, name="wait"))
    snapshots = Snapshots(plumber.blueprint())
    told: list[str] = []
    busy = idle = 0.0

    shares = [0.55] * 10 + ([0.45] * 10 + [0.55] * 10) * 2 + [0.1] * 10
    for second, share in enumerate(shares, start=1):
        busy, idle = busy + share, idle + 1 - share
        gauges = gauges_of(busy, idle, at=float(second))
        told.append(snapshots.take(gauges)["nodes"]["wait"]["mostly"])

    assert told[:50] == ["busy"] * 50
    assert told[-1] == "idle"
    assert sum(one != other for one, other in pairwise(told)) == 1


def test_a_pause_and_an_end_are_told_at_once() -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source([1])).to(Sink(ignore, name="wait"))
    snapshots = Snapshots(plumber.blueprint())
    states: list[State] = ["busy", "paused", "busy", "ended"]

    told = [
        snapshots.take(gauges_of(at, 0.0, at=at, state=state))["nodes"]["wait"]["mostly"]
        for at, state in enumerate(states, start=1)
    ]

    assert told == states


async def test_failures_go_along_their_edge(clock: Clock) -> None:
    plumber = Plumber("numbers")
    refusing = Processor(refuse)
    plumber.connect(Source([1, 2, 3], name="numbers")).to(refusing).to(Sink(ignore, name="end"))
    plumber.failures(refusing).to(Sink(ignore, name="mourn"))
    snapshots = Snapshots(plumber.blueprint())

    await plumber.run()
    snapshot = snapshots.take(plumber.gauges())

    assert snapshot["nodes"]["refuse"]["raised"] == {"ValueError": 3}
    assert snapshot["edges"]["refuse -!> mourn"]["failures"]
    assert "refuse -> end" in snapshot["edges"]


def test_names_are_those_of_the_drawing() -> None:
    plumber = Plumber("odd")
    source = plumber.connect(Source([1], name="a\nb <&>"))
    plumber.zip(source, source.to(Processor(wait, name="c"))).to(Sink(ignore, name="d"))
    plumber.zip(source, source).to(Sink(ignore, name="twice"))
    snapshot = Snapshots(plumber.blueprint()).take(plumber.gauges())

    svg = draw_live(plumber.blueprint())
    nodes = [unescape(each) for each in re.findall(r'data-node="([^"]*)"', svg)]
    edges = [unescape(each) for each in re.findall(r'data-edge="([^"]*)"', svg)]

    assert [*snapshot["nodes"]] == nodes
    assert [each.removesuffix(" (2)") for each in snapshot["edges"]] == edges
    assert "a\\nb <&> -> twice (2)" in snapshot["edges"]


def test_settings_are_those_that_a_node_has() -> None:
    plumber = Plumber("numbers")
    waiting = Processor(wait, workers=4, timeout=2.5).keyed(str)
    joint = plumber.connect(Source(range(5), name="numbers")).to(waiting)
    joint.batch(10).to(Sink(ignore))
    source, waiter, batch, _ = plumber.blueprint().nodes

    assert settings_of(source) == {"items": "5"}
    assert settings_of(waiter) == {
        "calls": "wait",
        "workers": "4",
        "ordered": "yes",
        "window": "32",
        "keyed by": "str",
        "timeout": "2.5 s",
    }
    assert settings_of(batch) == {"batch": "10"}
