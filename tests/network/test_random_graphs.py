# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Random graphs give the same on the local engine, on the wire in memory and on NATS.

How many there are says `GRAPHS`: `GRAPHS=200 pytest tests/network/test_random_graphs.py`.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from tests.network.brokers import Connect, in_memory, on_a_server
from tests.network.drawings import RUN
from tests.network.loose import LooseForm, looks
from tests.network.mishaps import Fleet, Mishap, mishaps
from tests.properties import springs, world
from tests.properties.conftest import PHASES
from tests.properties.graphs import End, Gather, Graph, Join, Node, Spring, Step
from tests.properties.habits import NEVER
from tests.properties.logs import Logs
from tests.properties.model import Model
from tests.properties.outsiders import outsiders
from tests.properties.strategies import graphs
from tests.properties.world import World
from tests.support.clock import Clock
from typedpipes import ProcessorFailed, Report, Source
from typedpipes.network import forming
from typedpipes.network.caller import run_route
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.route import route_of
from typedpipes.network.wire import Wire
from typedpipes.network.worker import work_for

GRAPHS = int(os.environ.get("GRAPHS", "15"))
GRAPHS_ON_NATS = int(os.environ.get("GRAPHS_ON_NATS", "4"))
PATIENCE = 300.0  # seconds, of which a clock that jumps makes few; a run takes some 50
WORKERS = 3

Results = Mapping[str, Sequence[str]]


def _without_what_is_refused(node: Node) -> Node:
    """Return a node as a network takes it."""
    match node:
        case Spring():
            origin = "list" if node.origin == "loop" else node.origin
            return evolve(node, origin=origin, cleans=False, retries=NEVER)
        case Step():
            return evolve(node, keys=0, dawdles=0.0, feeds="")
        case Gather():
            return evolve(node, folds=False, within=None, every=None)
        case Join():
            return evolve(node, prefer=None)
        case _:
            return node


def _for_a_network(graph: Graph) -> Graph:
    return evolve(graph, nodes=tuple(map(_without_what_is_refused, graph.nodes)))


network_graphs = graphs().map(_for_a_network)


def _source(spring: Spring, logs: Logs) -> Source[object]:
    """Make a source without cleanup coroutines."""
    return springs._source(spring, springs.Giver(spring, logs))


@pytest.fixture(autouse=True)
def loose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forming, "Form", LooseForm)
    monkeypatch.setattr(world, "source", _source)


def results(drawn: World) -> Results:
    """Return what was collected and what was read, by the names of the ends."""
    collected = {name: each.items for name, each in drawn.collectors.items()}
    return {name: [*map(looks, items)] for name, items in {**collected, **drawn.delivered}.items()}


async def locally(graph: Graph) -> Results:
    drawn = World(graph)
    drawn.clear()
    async with asyncio.TaskGroup() as group:
        for each in outsiders(drawn):
            group.create_task(each)
        await drawn.plumber.run()
    return results(drawn)


async def at_the_caller(wire: Wire, drawn: World, longest: int) -> Report:
    smallest = min(edge.maxsize for edge in drawn.blueprint.edges)
    route = route_of(drawn.blueprint, longest=min(longest, smallest))
    async with asyncio.TaskGroup() as group:
        for each in outsiders(drawn):
            group.create_task(each)
        report = await run_route(wire, route, drawn.blueprint)
    for counts in report.counts:
        assert counts.received == counts.completed + counts.failed + counts.dropped, counts
    return report


async def over(connect: Connect, graph: Graph, longest: int) -> Results:
    """Run a graph with some workers on a broker."""

    async def work() -> None:
        async with connect() as wire:
            await work_for(wire, RUN, World(graph).blueprint)

    drawn = World(graph)
    drawn.clear()
    workers = [asyncio.create_task(work()) for _ in range(WORKERS)]
    try:
        async with connect() as wire:
            note(str(await at_the_caller(wire, drawn, longest)))
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers)
    for worker in workers:
        assert worker.cancelled() or worker.exception() is None
    return results(drawn)


async def in_the_memory(graph: Graph, longest: int) -> Results:
    async with asyncio.timeout(PATIENCE), in_memory() as connect:
        return await over(connect, graph, longest)


async def with_mishaps(graph: Graph, longest: int, planned: Sequence[Mishap]) -> Results:
    broker = MemoryBroker()
    fleet = Fleet(broker, lambda: World(graph).plumber, planned)
    drawn = World(graph)
    drawn.clear()
    async with asyncio.timeout(PATIENCE), fleet.at_work():
        await at_the_caller(MemoryWire(broker), drawn, longest)
    return results(drawn)


async def on_nats(graph: Graph, longest: int) -> Results:
    async with asyncio.timeout(60), on_a_server() as connect:
        return await over(connect, graph, longest)


def is_item_blamed(errors: ExceptionGroup, planned: Sequence[Mishap]) -> bool:
    """Whether so many processes died at one item that this is taken for its fault."""
    failed = errors.subgroup(ProcessorFailed)
    deaths = [each for each in planned if each.what.startswith("dies")]
    return failed is not None and "WorkerDied" in str(failed.exceptions) and len(deaths) >= 3


def check_equal(graph: Graph, one: Results, other: Results) -> None:
    """See that both are what plain functions say, as far as that is certain."""
    model = Model(graph)
    for end in graph.nodes:
        if not isinstance(end, End):
            continue
        stream = model.into(end)
        if stream.known and not stream.early:
            if stream.ordered:
                assert one[end.name] == other[end.name], end
            assert Counter(one[end.name]) == Counter(other[end.name]), end


@settings(max_examples=GRAPHS, deadline=None, phases=PHASES)
@given(network_graphs, st.integers(1, 4))
def test_a_graph_gives_the_same_in_memory_as_locally(graph: Graph, longest: int) -> None:
    expected = Clock().run(locally(graph))

    found = Clock().run(in_the_memory(graph, longest))

    check_equal(graph, expected, found)


@settings(max_examples=GRAPHS, deadline=None, phases=PHASES)
@given(network_graphs, st.integers(1, 4), mishaps())
def test_a_graph_gives_the_same_whatever_goes_wrong(
    graph: Graph, longest: int, planned: Sequence[Mishap]
) -> None:
    expected = Clock().run(locally(graph))

    try:
        found = Clock().run(with_mishaps(graph, longest, planned))
    except ExceptionGroup as errors:
        assume(not is_item_blamed(errors, planned))
        raise

    check_equal(graph, expected, found)


@pytest.mark.slow
@settings(
    max_examples=GRAPHS_ON_NATS,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(network_graphs, st.integers(1, 4))
def test_a_graph_gives_the_same_on_nats_as_locally(graph: Graph, longest: int) -> None:
    expected = Clock().run(locally(graph))

    found = asyncio.run(on_nats(graph, longest))

    check_equal(graph, expected, found)
