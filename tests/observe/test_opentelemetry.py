"""What OpenTelemetry gets of the numbers of a run, read by the SDK."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics.export import Gauge, Metric, Sum

from tests.support.clock import Clock
from tests.support.telemetry import Metrics, Place, at
from tests.support.unchecked import unchecked
from typedpipes import Feed, Plumber, Processor, SettingError, Sink, Source
from typedpipes.observe.opentelemetry import instrument, measuring
from typedpipes.observe.opentelemetry.measuring import Totals

GOLDEN = Path(__file__).with_name("instruments.txt")


async def end(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def fail_every_other(number: int) -> int:
    if number % 2:
        raise ValueError(number)
    return number


def make_plumber() -> Plumber:
    plumber = Plumber("numbers")
    stage = Processor(fail_every_other, name="check", workers=2)
    plumber.connect(Source(range(10), name="numbers")).to(stage).collect(name="good")
    plumber.failures(stage).collect(name="bad")
    return plumber


def kind(metric: Metric) -> str:
    if isinstance(metric.data, Gauge):
        return "gauge"
    assert isinstance(metric.data, Sum)
    return "counter" if metric.data.is_monotonic else "up-down counter"


NODE = {"plumber_name": "numbers", "processor_name": "check"}


async def test_a_reader_gets_the_gauges() -> None:
    plumber, metrics = make_plumber(), Metrics()
    instrument(plumber, meter=metrics.meter)
    await plumber.run()

    values = metrics.values()

    assert values[at("processor.items", **NODE, item_outcome="completed")] == 5
    assert values[at("processor.items", **NODE, item_outcome="failed")] == 5
    assert values[at("processor.workers", **NODE)] == 2
    assert values[at("edge.limit", plumber_name="numbers", edge_name="numbers -> check")] == 100
    assert values[at("run.state", plumber_name="numbers", run_state="finished")] == 1
    assert values[at("run.state", plumber_name="numbers", run_state="running")] == 0
    name, attributes = at("processor.exceptions", **NODE)
    assert values[name, attributes | {("error.type", "ValueError")}] == 5


async def test_the_names_units_and_attributes_of_metrics_do_not_change() -> None:
    plumber, metrics = make_plumber(), Metrics()
    instrument(plumber, meter=metrics.meter)
    await plumber.run()
    plumber.drain()
    await plumber.run()

    lines = {
        f"{kind(metric)} {metric.name} {metric.unit} {' '.join(sorted(point.attributes or ()))}"
        for metric in metrics.collect()
        for point in metric.data.data_points
    }

    assert GOLDEN.read_text().splitlines() == sorted(lines)


async def test_counters_go_on_from_run_to_run_whatever_was_collected_in_between(
    clock: Clock,
) -> None:
    plumber, metrics = make_plumber(), Metrics()
    instrument(plumber, meter=metrics.meter)
    completed = at("processor.items", **NODE, item_outcome="completed")

    await plumber.run()
    await plumber.run()
    first = metrics.values()[completed]
    await plumber.run()
    second = metrics.values()[completed]

    assert (first, second) == (10, 15)


async def test_counters_never_fall(clock: Clock) -> None:
    async def pass_on(item: float) -> float:
        return item

    plumber, metrics, before = Plumber("numbers"), Metrics(), dict[Place, float]()
    plumber.connect(Source([0.1] * 50)).to(Processor(pass_on, workers=3)).to(Sink(end, name="end"))
    instrument(plumber, meter=metrics.meter)

    for _ in range(2):
        async with plumber.running():
            async for _ in plumber.watch(every=0.03):
                counters = counts(metrics)
                assert all(value >= before.get(place, 0) for place, value in counters.items())
                before = counters

    node = {"plumber_name": "numbers", "processor_name": "end"}
    assert metrics.values()[at("processor.received", **node)] == 100


def counts(metrics: Metrics) -> dict[Place, float]:
    counters = {metric.name for metric in metrics.collect() if kind(metric) == "counter"}
    return {place: value for place, value in metrics.values().items() if place[0] in counters}


def test_a_counter_that_falls_by_rounding_stays_where_it_is() -> None:
    totals, place = Totals(), ("processor_time_seconds", ("check", "idle"))
    reached = list[float]()

    for seconds in (1.0, 0.9):
        totals.count(place, seconds)
        reached += [value for _, value in totals.all()]
    totals.begin_anew()
    totals.count(place, 0.5)

    assert reached == [1.0, 1.0]
    assert [*totals.all()] == [(place, 1.5)]


async def test_all_instruments_are_answered_from_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    plumber, metrics, looks = make_plumber(), Metrics(), list[float]()
    instrument(plumber, meter=metrics.meter)
    look = Plumber.gauges

    def count(self: Plumber, *, within: float = 10.0) -> object:
        looks.append(within)
        return look(self, within=within)

    monkeypatch.setattr(Plumber, "gauges", count)

    metrics.collect()
    metrics.collect()

    assert len(looks) == 2


async def test_a_reader_in_another_thread_asks_the_loop() -> None:
    plumber, metrics = Plumber("numbers"), Metrics()
    plumber.connect(Feed[float]()).to(Sink(end))
    instrument(plumber, meter=metrics.meter)

    async with plumber.running():
        values = await asyncio.to_thread(metrics.values)

    assert values[at("run.state", plumber_name="numbers", run_state="running")] == 1


async def test_while_the_loop_is_blocked_a_reader_gets_the_last_values_and_their_age(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "PATIENCE", 0.01)
    plumber, metrics, read = Plumber("numbers"), Metrics(), list[Mapping[Place, float]]()
    plumber.connect(Feed[float]()).to(Sink(end))
    instrument(plumber, meter=metrics.meter)

    async with plumber.running():
        read.append(metrics.values())
        thread = threading.Thread(target=lambda: read.append(metrics.values()))
        thread.start()
        thread.join()  # blocks the loop

    first, second = read
    age = at("snapshot.age", plumber_name="numbers")
    assert second[age] > first[age]
    assert {place: first[place] for place in first if place != age} == {
        place: second[place] for place in second if place != age
    }


async def test_two_plumbers_of_a_meter_share_its_instruments() -> None:
    metrics, one, other = Metrics(), make_plumber(), Plumber("letters")
    other.connect(Source(["a", "b", "c"], name="letters")).collect()
    for plumber in (one, other):
        instrument(plumber, meter=metrics.meter)
        await plumber.run()

    values = metrics.values()

    made = {"plumber_name": "letters", "processor_name": "letters"}
    assert values[at("processor.received", **made)] == 3
    assert values[at("processor.received", **NODE)] == 10
    assert len({metric.name for metric in metrics.collect()}) == len(metrics.collect())


def test_a_plumber_that_is_not_drawn_yet_has_no_values() -> None:
    metrics, plumber = Metrics(), Plumber("later")
    instrument(plumber, meter=metrics.meter)

    assert metrics.values() == {}


def test_a_plumber_that_is_gone_has_no_values_and_its_name_is_free() -> None:
    metrics, plumber = Metrics(), make_plumber()
    instrument(plumber, meter=metrics.meter)

    del plumber
    another = make_plumber()
    instrument(another, meter=metrics.meter)

    assert len({place for place in metrics.values() if place[0] == "typedpipes.run.duration"}) == 1


def test_what_cannot_be_meant_is_refused() -> None:
    metrics, plumber, namesake = Metrics(), Plumber("numbers"), Plumber("numbers")
    instrument(plumber, meter=metrics.meter)

    with pytest.raises(SettingError, match="'numbers' is instrumented already"):
        instrument(plumber, meter=Metrics().meter)
    with pytest.raises(SettingError, match="another plumber that is called 'numbers'"):
        instrument(namesake, meter=metrics.meter)
    with pytest.raises(SettingError, match="spans must be 'item' or 'slice'"):
        instrument(namesake, spans=unchecked("items"))
    for sample in (0, -1, 1.5, "1"):
        with pytest.raises(SettingError, match="sample must be a number above 0, and 1 at most"):
            instrument(namesake, sample=unchecked(sample))


def test_without_the_api_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if ".observe.opentelemetry" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(ImportError, match=r"pip install 'typedpipes\[otel\]'"):
        importlib.import_module("typedpipes.observe.opentelemetry")
