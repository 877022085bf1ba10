"""The server: puts the parts together, and stops in an orderly way.

python -m demos.web.server [--port PORT]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from demos.web import over_socketio, over_websocket, pages
from demos.web.door import HASTE, MOST_WAITING, Door
from demos.web.guard import LOOPBACK, Brief, Names, guard
from demos.web.limits import Limits
from demos.web.service import Service

SERVICE = web.AppKey("service", Service)
SIGNALS = (signal.SIGINT, signal.SIGTERM)
OTHER_FILES = 64  # the process that draws, the event loop, modules that are being imported
CLOSING = 0.5  # seconds: all clients were told, and aiohttp reads nothing more while it shuts down


def app(limits: Limits | None = None, names: Names | None = None) -> web.Application:
    """Make the application: mount it, or take from it what yours needs.

    Args:
        limits: what its clients may ask for.
        names: what browsers reach it by; only those of this machine if there are none.
    """
    limits = limits or Limits()
    application = web.Application(middlewares=[guard(names or Names())])
    service = application[SERVICE] = Service(limits)

    async def alive(_: web.Application) -> AsyncIterator[None]:
        async with service.alive():
            yield

    async def stop(_: web.Application) -> None:
        await service.stop()

    application.cleanup_ctx.append(alive)
    application.on_shutdown.append(stop)  # while the clients can still be told
    over_socketio.attach(application, service, limits)
    over_websocket.attach(application, service)
    pages.attach(application, service)
    return application


async def serve(host: str, port: int, limits: Limits, names: Names) -> None:
    """Serve until a signal comes: the first drains all runs, the second aborts them.

    A third does what the operating system does with it: it ends the process at once.
    """
    application = app(limits, names)
    runner = web.AppRunner(
        application,
        handle_signals=False,
        keepalive_timeout=HASTE,
        shutdown_timeout=CLOSING,
    )
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopping.is_set():
            for number in SIGNALS:
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_DFL)
            application[SERVICE].abort()
        stopping.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    await runner.setup()
    try:
        async with listening(runner, host, port, limits) as bound:
            print(f"typedpipes at http://{host}:{bound}/ - Ctrl-C stops", flush=True)
            await stopping.wait()
    finally:
        await runner.cleanup()


@asynccontextmanager
async def listening(
    runner: web.AppRunner, host: str, port: int, limits: Limits
) -> AsyncGenerator[int]:
    """Listen at an address, or say why that is not possible; give the port."""
    aiohttp = runner.server
    assert aiohttp is not None  # noqa: S101  # for type checkers: it is set up
    door = Door(aiohttp, lambda: aiohttp.connections, limits)
    allow_files(limits.connections + MOST_WAITING + OTHER_FILES)
    try:
        server = await asyncio.get_running_loop().create_server(door, host, port)
    except OSError as error:
        sys.exit(f"cannot listen at {host}:{port}: {error.strerror}. Take another --port.")
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        door.close()


def allow_files(needed: int) -> None:
    """Ask the operating system for as many open files as needed, or say that it has fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and needed > hard:
        sys.exit(f"{needed} open files are needed, and {hard} allowed. Lower --connections.")
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def main() -> None:
    """Run the pipelines that clients define, and send them the results."""
    parser = argparse.ArgumentParser(
        prog="python -m demos.web.server",
        description=main.__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    limits = Limits()
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one")
    parser.add_argument(
        "--name", action="append", default=[], help="another name that browsers reach it by"
    )
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="believe X-Forwarded-Host, which a proxy before the server has to set",
    )
    for option, kind, meaning in (
        ("clients", int, "how many clients may be connected at once"),
        ("connections", int, "how many connections may be open at once"),
        ("runs", int, "how many pipelines may run at once"),
        ("all_bytes", int, "how many bytes the items inside all of them may take"),
        ("items", int, "how many results a pipeline may give"),
        ("seconds", float, "how long a pipeline may run"),
        ("grace", float, "how many seconds it may take to drain then, before it is aborted"),
    ):
        default = getattr(limits, option)
        parser.add_argument(
            f"--{option.replace('_', '-')}", type=kind, default=default, help=meaning
        )
    chosen = vars(parser.parse_args())
    host, port = chosen.pop("host"), chosen.pop("port")
    allowed = {*LOOPBACK, host, *(name.lower() for name in chosen.pop("name"))}
    names = Names(allowed, forwarded=chosen.pop("behind_proxy"))
    try:
        limits = Limits(**chosen)
    except ValueError as error:
        parser.error(str(error))
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO, stream=sys.stdout)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("typedpipes").setLevel(logging.WARNING)  # the service tells of runs itself
    logging.getLogger("aiohttp.server").addFilter(Brief(HttpProcessingError))
    asyncio.run(serve(host, port, limits, names))


if __name__ == "__main__":
    main()
