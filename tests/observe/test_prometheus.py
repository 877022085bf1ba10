"""What Prometheus gets of a run, read by the two parsers of its client."""

from __future__ import annotations

import asyncio
import importlib
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import cast

import msgspec
import pytest
from prometheus_client import CollectorRegistry, parser
from prometheus_client import generate_latest as generate_plain
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics_parser

from tests.support.clock import Clock
from typedpipes import Feed, Plumber, Processor, SettingError, Sink, Source
from typedpipes.observe import prometheus
from typedpipes.observe.prometheus import Collector

GOLDEN = Path(__file__).with_name("metrics.txt")

read_modern = cast(  # theirs has no types
    "Callable[[str], Iterable[Metric]]",
    openmetrics_parser.text_string_to_metric_families,  # pyright: ignore[reportUnknownMemberType]  # as above
)

Sample = tuple[str, tuple[tuple[str, str], ...]]
Samples = Mapping[Sample, float]


async def end(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def fail_every_other(number: int) -> int:
    if number % 2:
        raise ValueError(number)
    return number


def samples(metrics: Iterable[Metric]) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in metrics
        for sample in metric.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[f"typedpipes_{name}", tuple(sorted(labels.items()))]


def make_plumber() -> Plumber:
    plumber = Plumber("numbers")
    stage = Processor(fail_every_other, name="check", workers=2)
    plumber.connect(Source(range(10), name="numbers")).to(stage).collect(name="good")
    plumber.failures(stage).collect(name="bad")
    return plumber


def registry_of(*plumbers: Plumber) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Collector(*plumbers))
    return registry


def plain(registry: CollectorRegistry) -> Samples:
    """Return what is read of the older format of text."""
    text = generate_plain(registry).decode()
    return samples(parser.text_string_to_metric_families(text))


def modern(registry: CollectorRegistry) -> Samples:
    """Return what is read of OpenMetrics."""
    encode, _ = choose_encoder("application/openmetrics-text; version=1.0.0")
    return samples(read_modern(encode(registry).decode()))


async def test_both_formats_are_read_by_their_parsers() -> None:
    plumber = make_plumber()
    registry = registry_of(plumber)
    await plumber.run()

    for found in (plain(registry), modern(registry)):
        node = {"plumber": "numbers", "processor": "check"}
        assert value(found, "processor_items_total", **node, outcome="completed") == 5
        assert value(found, "processor_items_total", **node, outcome="failed") == 5
        assert value(found, "processor_exceptions_total", **node, error_type="ValueError") == 5
        assert value(found, "processor_workers", **node) == 2
        assert value(found, "edge_limit", plumber="numbers", edge="numbers -> check") == 100
        assert value(found, "edge_items", plumber="numbers", edge="check -!> bad") == 0
        assert value(found, "run_state", plumber="numbers", state="finished") == 1
        assert value(found, "run_state", plumber="numbers", state="running") == 0


async def test_the_names_and_labels_of_metrics_do_not_change() -> None:
    plumber = make_plumber()
    await plumber.run()
    lines = {
        f"{metric.type} {sample.name} {' '.join(sorted(sample.labels))}"
        for metric in Collector(plumber).collect()
        for sample in metric.samples
        if not sample.name.endswith("_created")
    }
    described = {f"{metric.type} {metric.name}" for metric in Collector(plumber).describe()}

    assert GOLDEN.read_text().splitlines() == [*sorted(lines), "", *sorted(described)]


async def test_before_a_run_there_are_bounds_and_zeros_and_registering_asks_no_run() -> None:
    plumber = make_plumber()
    registry = registry_of(plumber, Plumber("not drawn yet"))

    found = plain(registry)

    assert value(found, "run_state", plumber="numbers", state="not begun") == 1
    assert value(found, "edge_limit", plumber="numbers", edge="numbers -> check") == 100
    assert not any("not drawn yet" in str(labels) for _, labels in found)


async def test_counters_never_fall_in_a_run_and_begin_anew_in_the_next(clock: Clock) -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source([0.1] * 50)).to(Processor(pass_on, workers=3)).to(Sink(end, name="end"))
    collector, before = Collector(plumber), dict[Sample, float]()

    for _ in range(2):
        async with plumber.running():
            async for gauges in plumber.watch(every=0.03):
                found = samples(collector.collect())
                if gauges.duration == 0:
                    before = {}
                counters = {
                    key: number for key, number in found.items() if key[0].endswith("_total")
                }
                assert all(number >= before.get(key, 0) for key, number in counters.items())
                before = counters
        node = {"plumber": "numbers", "processor": "end"}
        assert value(samples(collector.collect()), "processor_received_total", **node) == 50


async def pass_on(item: float) -> float:
    return item


async def test_a_wedge_and_a_doom_are_seen(clock: Clock) -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source(range(1000))).read()

    async with plumber.running():
        await asyncio.sleep(1)
        wedged = samples(Collector(plumber).collect())
        plumber.abort()
    found = samples(Collector(plumber).collect())

    assert value(wedged, "run_wedged", plumber="numbers") == 1
    assert value(found, "run_wedged", plumber="numbers") == 0
    assert value(found, "run_dooms_total", plumber="numbers", mode="abort") == 1


async def test_while_the_loop_is_blocked_a_scrape_gets_the_last_snapshot_and_its_age(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prometheus, "PATIENCE", 0.01)
    plumber, scraped = Plumber("numbers"), list[Samples]()
    plumber.connect(Feed[float]()).to(Sink(end))
    collector = Collector(plumber)

    async with plumber.running():
        scraped.append(samples(collector.collect()))
        thread = threading.Thread(target=lambda: scraped.append(samples(collector.collect())))
        thread.start()
        thread.join()  # blocks the loop

    first, second = scraped
    age = ("typedpipes_snapshot_age_seconds", (("plumber", "numbers"),))
    assert second[age] > first[age]
    same = [key for key in first if key != age and not key[0].endswith("_created")]
    assert [first[key] for key in same] == [second[key] for key in same]


async def test_a_scrape_in_another_thread_gets_what_the_loop_has() -> None:
    plumber = Plumber("numbers")
    plumber.connect(Feed[float]()).to(Sink(end))
    registry = registry_of(plumber)

    async with plumber.running():
        found = await asyncio.to_thread(plain, registry)

    assert value(found, "run_state", plumber="numbers", state="running") == 1


def test_two_plumbers_of_one_name_are_refused() -> None:
    with pytest.raises(SettingError, match="two plumbers are called 'numbers'"):
        Collector(Plumber("numbers"), Plumber("letters"), Plumber("numbers"))


async def test_edges_between_the_same_nodes_have_names_of_their_own() -> None:
    plumber, source = Plumber("numbers"), Source([1], name="one")
    plumber.zip(source, source).collect(name="both")

    found = samples(Collector(plumber).collect())

    assert value(found, "edge_items", plumber="numbers", edge="one -> both") == 0
    assert value(found, "edge_items", plumber="numbers", edge="one -> both (2)") == 0


def test_without_the_client_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "prometheus_client"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "typedpipes.observe.prometheus")

    with pytest.raises(ImportError, match=r"pip install 'typedpipes\[prometheus\]'"):
        importlib.import_module("typedpipes.observe.prometheus")


FILES = Path(__file__).parents[2] / "docs" / "observe"


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
def test_alerts_and_the_dashboard_ask_for_metrics_that_there_are(name: str) -> None:
    known = {
        word
        for line in GOLDEN.read_text().splitlines()
        for word in line.split()
        if word.startswith("typedpipes_")
    }

    asked = set(re.findall(r"typedpipes_\w+", (FILES / name).read_text()))

    assert len(asked) >= 5
    assert asked <= known


class Panel(msgspec.Struct, rename="camel"):
    grid_pos: dict[str, int]


class Dashboard(msgspec.Struct):
    panels: list[Panel]


def test_the_panels_of_the_dashboard_have_places_of_their_own() -> None:
    panels = msgspec.json.decode((FILES / "grafana.json").read_bytes(), type=Dashboard).panels

    places = {(panel.grid_pos["x"], panel.grid_pos["y"]) for panel in panels}
    assert len(places) == len(panels) == 9
