"""A cut between a worker and the server, in which both live on and hear nothing of each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from attrs import evolve

from typedpipes import Plumber, Processor, Source
from typedpipes.nats import Broker, serve, submit, work


class Cable:
    """What goes to a server and back. While it is cut, nothing does, and nothing is closed."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._whole = asyncio.Event()
        self._whole.set()

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._server)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, back))
                group.create_task(self._carry(there, writer))
        finally:
            back.close()
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):  # one end has let go of it with something on its way
            while data := await reader.read(65536):
                await self._whole.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def cable_to(broker: Broker) -> AsyncGenerator[tuple[Cable, Broker]]:
    """Have a cable to a broker, and where its other end is."""
    url = urlsplit(broker.url)
    cable = Cable(url.hostname or "", url.port or 0)
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield cable, evolve(broker, url=f"nats://{url.username}@127.0.0.1:{port}")
    finally:
        server.close()


class Cutting:
    """A worker's coroutine that has its cable cut with an item in hand, and mended much later."""

    def __init__(self, cable: Cable | None = None) -> None:
        self.called: list[int] = []
        self._cable = cable
        self._mending: asyncio.TimerHandle | None = None

    async def double(self, number: int) -> int:
        self.called.append(number)
        if self._cable is not None and number >= 50 and self._mending is None:
            self._cable.cut()
            loop = asyncio.get_running_loop()
            self._mending = loop.call_later(2.0, self._cable.mend)
        await asyncio.sleep(0.001)
        return 2 * number

    def draw(self) -> Plumber:
        plumber = Plumber("cut")
        doubles = plumber.connect(Source(range(400))).to(Processor(self.double, workers=6))
        doubles.collect(name="doubles")
        return plumber


async def test_a_worker_that_was_cut_off_changes_nothing_when_it_is_back() -> None:
    async with serve() as server:
        broker = evolve(server, keep_within=0.5)
        async with cable_to(broker) as (cable, far):
            cut_off, others = Cutting(cable), Cutting()
            async with asyncio.TaskGroup() as group:
                group.create_task(work(cut_off.draw(), far))
                group.create_task(work(others.draw(), broker))

                report = await submit(Cutting().draw(), broker)

                cable.mend()

    assert report.collected["doubles"] == [2 * number for number in range(400)]
    assert set(cut_off.called) & set(others.called)  # what was in hand, others have done too
    assert {each.received for each in report.counts} == {400}
