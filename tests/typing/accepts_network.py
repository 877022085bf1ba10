"""Runs over a network: every public name with its type."""

import asyncio
import ssl
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from signal import SIGINT, SIGTERM

from typing import assert_type

from tests.typing.stages import plumber, reverser
from typedpipes import Grace, Plumber, Report
from typedpipes.nats import (
    Broker,
    BrokerAway,
    Codec,
    RemoteError,
    RemoteRun,
    RunSummary,
    WorkerDied,
    item_id,
    runs,
    serve,
    submit,
    submitting,
    work,
)


class Money:
    cents: int = 0


class MoneyCodec:
    def encode(self, item: Money, /) -> bytes:
        return str(item.cents).encode()

    def decode(self, data: bytes, /) -> Money:
        return Money()


codec: Codec[Money] = MoneyCodec()

Broker()
Broker("tls://broker.example:4222", credentials=Path("worker.creds"), replicas=3)
Broker(tls=ssl.create_default_context(), keep_within=30.0, patience=60.0)
broker = Broker(codecs={Money: MoneyCodec()})
assert_type(broker.url, str)
assert_type(broker.urls, Sequence[str])


async def run() -> None:
    assert_type(await submit(plumber, broker), Report)
    assert_type(await submit(plumber, broker, run="crawl-1", slice=50), Report)
    await submit(plumber, broker, resume=True, signals=(SIGINT, SIGTERM), grace=30)
    await submit(plumber, broker, grace=Grace(drain=60), on_failure="drain")
    async with submitting(plumber, broker, run="crawl-1", resume=True, grace=5.0) as running:
        assert_type(running, Plumber)
    await work(plumber, broker)
    await work(plumber, broker, wait=True, signals=[SIGTERM], grace=30)
    await work(plumber, broker, run="crawl-1", only=[reverser])
    async with serve() as own:
        assert_type(own, Broker)
    async with serve(Path("store"), port=4222) as kept:
        await submit(plumber, kept)
    await asyncio.gather(submit(plumber, broker), work(plumber, broker))


async def steer() -> None:
    assert_type(await runs(broker), Sequence[RunSummary])
    run = RemoteRun(broker, "crawl-1")
    summary = await run.summary()
    assert_type(summary.silent, float)
    assert_type(summary.ended, float | None)
    assert_type(summary.is_abandoned, bool)
    await run.pause("fetch", "parse")
    await run.resume()
    await run.drain("maintenance")
    await run.abort()
    await run.forget()
    assert_type((await run.permissions())["publish"]["allow"], Sequence[str])


def calls(died: WorkerDied) -> int:
    return died.calls


assert_type(item_id, ContextVar[str])


def tell(error: RemoteError, away: BrokerAway) -> Sequence[str]:
    assert_type(away.broker, Broker)
    return [error.kind, error.message, error.trace]
