"""Mistakes in runs over a network."""

from __future__ import annotations

from tests.typing.stages import lines, plumber, reverse
from typedpipes.nats import Broker, Codec, RemoteRun, submit, work

broker = Broker()

Broker(4222)  # refused [arg-type]: a URL
Broker("nats://127.0.0.1", credentials="worker.creds")  # refused [arg-type]: a path
Broker(replicas="3")  # refused [arg-type]: a number
Broker(["nats://a", "nats://b"])  # refused [arg-type]: a URL, with commas
broker.url = "nats://127.0.0.1"  # refused [misc]: frozen


class HalfACodec:
    def encode(self, item: int, /) -> bytes:
        return bytes(item)


codec: Codec[int] = HalfACodec()  # refused [assignment]: it does not decode


async def run() -> None:
    await submit(lines, broker)  # refused [arg-type]: a source
    await submit(plumber, "nats://127.0.0.1")  # refused [arg-type]: a URL
    await submit(plumber, broker, slice="50")  # refused [arg-type]: a number
    await submit(plumber, broker, on_failure="go on")  # refused [arg-type]: another word
    await work(plumber, broker, only=[reverse])  # refused [list-item]: a coroutine
    await work(plumber, broker, wait="always")  # refused [arg-type]: a truth value
    await work(plumber, broker, signals=15)  # refused [arg-type]: several
    await RemoteRun("nats://127.0.0.1", "crawl-1").drain()  # refused [arg-type]: a URL
    await RemoteRun(broker, "crawl-1").pause(reverse)  # refused [arg-type]: a name
