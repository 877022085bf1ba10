"""Runs seen from outside, on a real server: lists, orders, permissions, and what a server lacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from attrs import evolve
from msgspec import msgpack

from tests.network.servers import old_server, server_in
from typedpipes import (
    Doom,
    Feed,
    Plumber,
    Processor,
    RunStateError,
    SettingError,
    Sink,
    Source,
    WiringError,
)
from typedpipes.nats import (
    Broker,
    BrokerAway,
    BrokerUnfit,
    NotDecoded,
    RemoteRun,
    RunExists,
    connection,
    runs,
    serve,
    submit,
    submitting,
    work,
)
from typedpipes.nats.wire import NatsWire


async def double(number: int) -> int:
    return 2 * number


async def discard(_: int) -> None:
    """Do nothing."""


async def endless() -> AsyncIterator[int]:
    number = 0
    while True:
        yield number
        number += 1
        await asyncio.sleep(0.001)


def draw() -> Plumber:
    plumber = Plumber("doubling")
    doubles = plumber.connect(Source(endless, name="numbers")).to(Processor(double))
    doubles.to(Sink(discard))
    return plumber


@asynccontextmanager
async def at_work(broker: Broker, name: str = "run-1") -> AsyncGenerator[Plumber]:
    """Have a run with two workers go on beside the block, which ends it."""
    plumber = draw()
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(work(draw(), broker, run=name))
        async with submitting(plumber, broker, run=name):
            yield plumber


async def test_runs_that_go_on_are_listed_with_their_counts() -> None:
    async with serve() as broker, at_work(broker, "b") as plumber, at_work(broker, "a"):
        async for gauges in plumber.watch(every=0.01):
            if gauges.processors[-1].completed:
                break

        found = await runs(broker)

        assert [(each.name, each.plumber, each.state) for each in found] == [
            ("a", "doubling", "running"),
            ("b", "doubling", "running"),
        ]
        assert [each.name for each in found[1].counts] == ["numbers", "double", "discard"]
        assert found[1].counts[2].completed > 0
        assert not any(each.is_abandoned for each in found)


async def test_a_run_that_is_over_is_listed_as_it_ended() -> None:
    async with serve() as broker:
        async with at_work(broker) as plumber:
            plumber.abort("enough")
            await plumber.ended()

        (found,) = await runs(broker)

        assert (found.name, found.state, found.counts) == ("run-1", "aborted", ())
        assert found.ended is not None


async def test_a_broker_without_runs_has_none() -> None:
    async with serve() as broker:
        assert await runs(broker) == []
        with pytest.raises(RunStateError, match="there is no run 'run-1' on this broker"):
            await RemoteRun(broker, "run-1").summary()
        with pytest.raises(RunStateError, match="there is no run 'run-1' on this broker"):
            await RemoteRun(broker, "run-1").drain()


@pytest.mark.parametrize("how", ["drain", "abort"])
async def test_a_run_is_ended_from_outside(how: str) -> None:
    async with serve() as broker, at_work(broker) as plumber:
        run = RemoteRun(broker, "run-1")
        await (run.drain("from outside") if how == "drain" else run.abort("from outside"))
        await plumber.ended()

    report = plumber.report()
    assert report.ending == ("drained" if how == "drain" else "aborted")
    assert [doom.reason for doom in report.dooms] == ["from outside"]


async def test_a_run_is_paused_and_resumed_from_outside() -> None:
    async with serve() as broker, at_work(broker) as plumber:
        run = RemoteRun(broker, "run-1")

        await run.pause("double")

        assert (await run.summary()).paused == ["double"]
        async for gauges in plumber.watch(every=0.01):
            if gauges.processors[1].state == "paused":
                break
        await run.resume()
        assert (await run.summary()).paused == []
        before = plumber.gauges().processors[1].completed
        async for gauges in plumber.watch(every=0.01):
            if gauges.processors[1].completed > before:
                break


async def test_a_node_that_is_not_there_is_not_paused() -> None:
    async with serve() as broker, at_work(broker):
        with pytest.raises(WiringError, match="no processor or source 'triple'; it has 'numbers'"):
            await RemoteRun(broker, "run-1").pause("triple")


@pytest.mark.slow
async def test_a_pause_outlasts_a_restart_of_the_server(tmp_path: Path) -> None:
    async with server_in(tmp_path) as (server, broker), at_work(broker) as plumber:
        run = RemoteRun(broker, "run-1")
        await run.pause("double")

        await asyncio.to_thread(server.begin_anew)

        assert (await run.summary()).paused == ["double"]
        await run.drain("after the restart")
        report = await plumber.ended()
        assert report.dooms == (Doom("after the restart"),)
        assert report.counts[0].received == report.counts[2].completed


async def test_a_run_with_a_caller_is_not_forgotten() -> None:
    async with serve() as server:
        broker = evolve(server, keep_within=0.6)
        async with at_work(broker):
            with pytest.raises(RunStateError, match="has a caller, which is alive"):
                await RemoteRun(broker, "run-1").forget()


async def test_a_run_without_a_caller_is_shown_as_such_and_can_be_forgotten() -> None:
    async with serve() as server:
        broker = evolve(server, keep_within=0.3)
        await _abandon(broker)
        run = RemoteRun(broker, "run-1")
        await asyncio.sleep(0.4)  # the caller has to be silent for so long
        summary = await run.summary()
        assert summary.is_abandoned
        assert summary.silent > 0.3

        await run.forget()

        (left,) = await runs(broker)
        assert left.ended is not None
        await work(draw(), broker, run="run-1")  # it is over for workers, too


async def test_a_run_whose_caller_may_be_silent_for_longer_is_not_forgotten() -> None:
    async with serve() as server, at_work(evolve(server, keep_within=3.0)):
        with pytest.raises(RunStateError, match="has a caller, which is alive"):
            await RemoteRun(evolve(server, keep_within=0.1), "run-1").forget()


@pytest.mark.parametrize("kept", ["two nodes less", "facts only"])
async def test_a_run_that_its_caller_died_over_removing_can_be_begun_anew(
    kept: str,
) -> None:
    async with serve() as server:
        broker = evolve(server, keep_within=0.3)
        await _abandon(broker)
        await _remove_a_part(broker, kept)
        with pytest.raises(RunExists, match="resume it, or forget it"):
            await submit(draw_finite(), broker, run="run-1")

        working = asyncio.create_task(work(draw_finite(), broker, run="run-1", wait=True))
        report = await submit(draw_finite(), broker, run="run-1", resume=True)
        working.cancel()
        await asyncio.wait([working])

        assert report.counts[-1].completed == 200


async def test_what_is_left_of_a_run_that_its_caller_died_over_removing_can_be_forgotten() -> None:
    async with serve() as server:
        broker = evolve(server, keep_within=0.3)
        await _abandon(broker)
        await _remove_a_part(broker, "facts only")

        await RemoteRun(broker, "run-1").forget()

        with pytest.raises(RunStateError, match="there is no run"):
            await RemoteRun(broker, "run-1").forget()


async def _remove_a_part(broker: Broker, kept: str) -> None:
    """Remove streams of a run: all but those of the facts, or only those of two nodes."""
    async with connection.connected(broker) as connected:
        names = await connected.ask("$JS.API.STREAM.NAMES", {"subject": "tp.run-1.record.>"})
        assert not isinstance(names, connection.ApiError)
        streams: list[str] = sorted(names["streams"])
        for stream in streams if kept == "facts only" else streams[:2]:
            await connected.ask(f"$JS.API.STREAM.DELETE.{stream}")


async def test_a_run_of_another_version_hides_no_others_and_can_be_forgotten(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serve() as server:
        broker = evolve(server, keep_within=0.3)
        async with connection.connected(broker) as connected:
            wire = NatsWire(connected, broker, "a-stranger")
            await wire.open((), b"")
            await wire.note("drawing", msgpack.encode({"slices": 1}))
        await _abandon(broker)

        found = await runs(broker)

        assert [each.name for each in found] == ["run-1"]
        assert "what came from 'a-stranger' is no record of this version" in caplog.text
        with pytest.raises(NotDecoded, match="Use the same version in all processes"):
            await work(draw(), broker, run="a-stranger")
        await RemoteRun(broker, "a-stranger").forget()


@pytest.mark.parametrize("name", ["", "*", ">", "a.b", "A"])
def test_a_name_that_no_run_has_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="run must be 1 to 40 lower-case letters"):
        RemoteRun(Broker(), name)


async def test_a_worker_whose_connection_is_closed_for_good_ends(tmp_path: Path) -> None:
    async with server_in(tmp_path, {"max_subscriptions": 1}) as (_, broker):
        with pytest.raises(BrokerAway, match="maximum subscriptions exceeded"):
            await work(draw(), broker, run="run-1")


async def _abandon(broker: Broker) -> None:
    """Leave a run whose caller said nothing more, as if its process had been killed."""
    from typedpipes.nats.wire import wired
    from typedpipes.network.opening import opened
    from typedpipes.network.route import route_of
    from typedpipes.network.wire import Gone

    async with wired(broker, "run-1") as wire:
        with pytest.raises(Gone):
            async with opened(wire, route_of(draw().blueprint()), "run-1"):
                raise Gone("as if it had been killed")


async def test_workers_need_no_more_than_their_permissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER_WITHIN", 0.5)
    names = draw_finite()
    async with (
        server_in(tmp_path) as (_, broker),
        submitting(names, broker, run="run-1", grace=0.1),
    ):
        permissions = await RemoteRun(broker, "run-1").permissions()
    users = [
        {"user": "caller", "password": "c"},
        {"user": "worker", "password": "w", "permissions": permissions},
    ]
    folder = tmp_path / "second"
    folder.mkdir()
    settings = {"authorization": {"users": users}}
    async with server_in(folder, settings) as (server, _), asyncio.TaskGroup() as group:
        caller = Broker(f"nats://caller:c@127.0.0.1:{server.port}")
        worker = Broker(f"nats://worker:w@127.0.0.1:{server.port}")
        submitted = group.create_task(submit(draw_finite(), caller, run="run-1"))
        group.create_task(work(draw_finite(), worker, run="run-1"))

        report = await submitted

        assert report.counts[-1].completed == 200
        with pytest.raises(BrokerUnfit, match="may not do what a run needs: permissions violation"):
            await submit(draw_finite(), worker, run="run-2")


def draw_finite() -> Plumber:
    plumber = Plumber("doubling")
    doubles = plumber.connect(Source(range(200), name="numbers")).to(Processor(double))
    doubles.to(Sink(discard))
    return plumber


@pytest.mark.parametrize("version", ["1.4.0", "2.12.8", "2.14.1"])
async def test_a_server_that_is_too_old_is_named(version: str) -> None:
    async with old_server(version) as broker:
        with pytest.raises(BrokerUnfit, match=f"version {version}, and 2.14.2 is the oldest"):
            await submit(draw(), broker)


async def test_a_server_without_jetstream_is_named(tmp_path: Path) -> None:
    async with server_in(tmp_path, {"jetstream": False}) as (_, broker):
        with pytest.raises(BrokerUnfit, match="has no JetStream"):
            await submit(draw(), broker)


async def test_an_account_that_may_not_have_enough_streams_is_told_how_many(
    tmp_path: Path,
) -> None:
    settings = {
        "accounts": {
            "small": {
                "jetstream": {"max_streams": 4},
                "users": [{"user": "me", "password": "x"}],
            }
        }
    }
    async with server_in(tmp_path, settings) as (server, _):
        broker = Broker(f"nats://me:x@127.0.0.1:{server.port}")

        with pytest.raises(BrokerUnfit, match="needs 6 streams, and this account has 0 of the 4"):
            await submit(draw(), broker)


async def test_an_account_whose_store_is_full_makes_all_wait_and_say_so(tmp_path: Path) -> None:
    settings = {
        "accounts": {
            "small": {
                "jetstream": {"max_file": 100_000},
                "users": [{"user": "me", "password": "x"}],
            }
        }
    }
    said: list[str] = []
    feed = Feed[bytes]()
    plumber = Plumber("large")
    plumber.connect(feed).to(Sink(_keep, name="keep"))
    async with server_in(tmp_path, settings) as (server, _):
        broker = Broker(f"nats://me:x@127.0.0.1:{server.port}")
        async with submitting(plumber, broker):
            for _ in range(3):
                await feed.put(bytes(60_000))
            async for gauges in plumber.watch(every=0.05):
                if gauges.wedge is not None:
                    said.append(gauges.wedge)
                    break
            plumber.abort("it is full")

    assert "resource limits exceeded" in said[0]


async def _keep(_: bytes) -> None:
    await asyncio.Event().wait()
