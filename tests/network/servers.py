"""Servers that can be killed and begun again, or that lack something."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from typedpipes.nats import Broker
from typedpipes.nats.serve import _program


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Server:
    """A server that can be killed and begun again, with the same store and address.

    Attributes:
        port: where it listens.
        begun: how often it was begun.
    """

    def __init__(self, folder: Path, settings: Mapping[str, object] | None = None) -> None:
        self.port = free_port()
        config = {
            "host": "127.0.0.1",
            "port": self.port,
            "jetstream": {"store_dir": str(folder / "store")},
            **(settings or {}),
        }
        self._config = folder / "server.json"
        self._config.write_text(json.dumps(config))
        self.begun = 0

    def begin(self) -> None:
        self._process = subprocess.Popen(
            [_program(), "--config", str(self._config)], stderr=subprocess.DEVNULL
        )
        self.begun += 1

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def begin_anew(self) -> None:
        self.kill()
        self.begin()


@asynccontextmanager
async def server_in(
    folder: Path, settings: Mapping[str, object] | None = None
) -> AsyncGenerator[tuple[Server, Broker]]:
    server = Server(folder, settings)
    server.begin()
    try:
        yield server, Broker(f"nats://127.0.0.1:{server.port}")
    finally:
        server.kill()


@asynccontextmanager
async def old_server(version: str) -> AsyncGenerator[Broker]:
    """Run something that says of itself that it is a server of that version."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        info = {"server_id": "old", "version": version, "max_payload": 1048576, "headers": True}
        writer.write(f"INFO {json.dumps(info)}\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"PING"):
                writer.write(b"PONG\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Broker(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}")
