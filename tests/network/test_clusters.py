"""A cluster of servers that all keep each record: what it promises, and when it is too small."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from tests.network import test_wires
from tests.network.brokers import Connect, on_a_server
from tests.network.clusters import Cluster, cluster_in
from typedpipes import Plumber, Processor, Source
from typedpipes.nats import BrokerUnfit, submit
from typedpipes.nats.wire import wired
from typedpipes.network.wire import Wire

PROMISES: Sequence[Callable[[Connect], Awaitable[None]]] = [
    *(
        each
        for name, each in vars(test_wires).items()
        if name.startswith("test_") and [*inspect.signature(each).parameters] == ["connect"]
    ),
    *(partial(test_wires.test_a_record_is_not_stored_behind_any_other, after=n) for n in (0, 3)),
    *(partial(test_wires.test_a_leg_never_has_more_before_it_than_its_cap, cap=n) for n in (1, 3)),
]


async def step(number: int) -> int:
    return number


def connecting(cluster: Cluster, run: str) -> Connect:
    @asynccontextmanager
    async def connect() -> AsyncGenerator[Wire]:
        async with wired(cluster.broker, run) as wire:
            yield wire

    return connect


@pytest.mark.slow
async def test_a_cluster_promises_what_every_wire_does(tmp_path: Path) -> None:
    async with cluster_in(tmp_path) as cluster:
        for number, promise in enumerate(PROMISES):
            await promise(connecting(cluster, f"run-{number}"))

    assert len(PROMISES) > 20


@pytest.mark.slow
async def test_all_who_give_into_a_cluster_learn_that_one_record_is_on_its_way_at_a_time(
    tmp_path: Path,
) -> None:
    async with cluster_in(tmp_path) as cluster, connecting(cluster, "run")() as caller:
        await caller.open(test_wires.streams(), b"opening")
        await caller.note("drawing", b"of the run")
        worker = evolve(cluster.broker, replicas=1)  # as it is by default
        async with wired(worker, "run") as wire:
            await wire.fact("drawing")

            assert [caller.most_on_the_way, wire.most_on_the_way] == [1, 1]


async def test_who_knows_nothing_of_a_run_yet_has_one_record_on_its_way() -> None:
    async with on_a_server() as connect, connect() as caller, connect() as wire:
        await caller.open(test_wires.streams(), b"opening")
        await caller.note("drawing", b"of the run")
        before = wire.most_on_the_way

        await wire.fact("drawing")

        assert before == 1
        assert wire.most_on_the_way == caller.most_on_the_way > 1


@pytest.mark.slow
async def test_a_cluster_with_too_few_servers_for_the_replicas_is_told_how_many(
    tmp_path: Path,
) -> None:
    plumber = Plumber("small")
    plumber.connect(Source([1])).to(Processor(step)).collect(name="numbers")
    async with cluster_in(tmp_path) as cluster:
        broker = evolve(cluster.broker, replicas=5)

        with pytest.raises(BrokerUnfit, match=r"needs 5 servers .* has fewer"):
            await submit(plumber, broker)
