"""Gauges of a run, and what changed between two of them."""

from collections.abc import Mapping, Sequence
from typing import assert_type

from tests.typing.stages import feed, lines, measurer, plumber, reverser, screen
from typedpipes.gauges import FailureText
from typedpipes.gauges.snapshot import RunState
from aiohttp.web import Application
from typedpipes.observe import aiohttp_app, page
from typedpipes.observe.snapshot import EdgeSnapshot, Snapshot, Snapshots
from opentelemetry import metrics, trace
from typedpipes.observe.opentelemetry import instrument
from typedpipes.observe.terminal import follow
from typedpipes import Doom, EdgeGauges, Gauges, ProcessorGauges, ProcessorRates, Rates, Report

gauges = plumber.gauges()
assert_type(gauges, Gauges)
assert_type(gauges.duration, float)
assert_type(gauges.loop_busy, float)
assert_type(gauges.is_over, bool)
assert_type(gauges.dooms, Sequence[Doom])
assert_type(gauges.processors, Sequence[ProcessorGauges])
assert_type(gauges.edges, Sequence[EdgeGauges])

for part in (reverser, measurer):
    assert_type(gauges.of(part), ProcessorGauges)
assert_type(gauges.of(lines), ProcessorGauges)
assert_type(gauges.of(screen), ProcessorGauges)
assert_type(gauges.of(feed), ProcessorGauges)
assert_type(gauges.of(reverser).completed, int)
assert_type(gauges.of(reverser).backpressured, float)
assert_type(gauges.of(reverser).raised, Mapping[str, int])
assert_type(gauges.edges[0].items, int)

rates = gauges.since(gauges)
assert_type(rates, Rates)
assert_type(rates.verdict, str | None)
assert_type(rates.of("reverse"), ProcessorRates)
assert_type(rates.of("reverse").busy, float)


async def watch() -> None:
    assert_type(gauges.wedge, str | None)
    assert_type(await plumber.run(wedged_after=10), Report)
    async with plumber.running(wedged_after=0.5):
        pass
    async for seen in plumber.watch(every=0.5):
        assert_type(seen, Gauges)
        assert_type(seen.state, RunState)
    await follow(plumber)
    async with page(plumber, plumber, control=True, items=True, port=8080) as viewer:
        assert_type(viewer.url, str)
        assert_type(viewer.port, int)
    assert_type(aiohttp_app(plumber, control=True), Application)
    with plumber.failure_texts(most=5) as failures:
        assert_type(failures.of("reverse"), Sequence[FailureText])
        assert_type(failures.of("reverse")[0].message, str)
        assert_type(failures.count, int)
    instrument(plumber)
    instrument(plumber, meter=metrics.get_meter("a"), tracer=trace.get_tracer("b"))
    assert_type(instrument(plumber, spans="item", sample=0.001), None)
    instrument(plumber, spans="slice", sample=1)


snapshot = Snapshots(plumber.blueprint()).take(gauges)
assert_type(snapshot, Snapshot)
assert_type(snapshot["edges"]["a -> b"], EdgeSnapshot)
assert_type(snapshot["verdict"], str | None)


def name_of_state(one: ProcessorGauges) -> str:
    if one.state == "busy":
        return one.name
    return one.state
