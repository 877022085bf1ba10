"""Clusters of servers on this machine, whose leaders can be killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from attrs import frozen

from tests.network.servers import Server, free_port
from typedpipes.nats import Broker
from typedpipes.nats.connection import ApiError, connected
from typedpipes.network.patience import insist
from typedpipes.network.wire import Away

PATIENCE = 60.0  # seconds; a cluster elects leaders when it begins


@frozen
class Cluster:
    """Servers that keep the same records, by their names."""

    servers: Mapping[str, Server]

    @property
    def broker(self) -> Broker:
        """All of them."""
        urls = [f"nats://127.0.0.1:{server.port}" for server in self.servers.values()]
        return Broker(",".join(urls), replicas=len(urls), patience=PATIENCE)

    async def leader(self, stream: str, *, but: Server | None = None) -> Server:
        """Return the server that leads a stream, once one does, and another than the one named."""
        return await insist(partial(self._leader, stream, but), PATIENCE)

    async def lose_leader(self, stream: str) -> None:
        """Kill the server that leads a stream, and begin it again once another one does."""
        lost = await self.leader(stream)
        await asyncio.to_thread(lost.kill)
        await self.leader(stream, but=lost)
        lost.begin()

    async def _leader(self, stream: str, but: Server | None) -> Server:
        async with connected(self.broker) as connection:
            info = await connection.ask(f"$JS.API.STREAM.INFO.{stream}")
            if isinstance(info, ApiError):
                raise Away(info.text)
            name = info["cluster"].get("leader")
            if not name or self.servers[name] is but:
                raise Away("there is no leader")
            return self.servers[name]


def _settings(names: Sequence[str]) -> Mapping[str, Mapping[str, object]]:
    ports = {name: free_port() for name in names}
    routes = [f"nats://127.0.0.1:{port}" for port in ports.values()]
    return {
        name: {
            "server_name": name,
            "cluster": {"name": "c", "host": "127.0.0.1", "port": port, "routes": routes},
        }
        for name, port in ports.items()
    }


@asynccontextmanager
async def cluster_in(folder: Path, count: int = 3) -> AsyncGenerator[Cluster]:
    """Run a cluster beside a block, and wait until it is one."""
    names = [f"server-{number}" for number in range(count)]
    async with AsyncExitStack() as stack:
        servers: dict[str, Server] = {}
        for name, settings in _settings(names).items():
            home = folder / name
            home.mkdir(exist_ok=True)  # a disk may be there
            server = Server(home, settings)
            server.begin()
            stack.callback(server.kill)
            servers[name] = server
        cluster = Cluster(servers)
        async with connected(cluster.broker):
            yield cluster
