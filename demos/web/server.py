"""The server: puts the parts together, and stops in an orderly way.

python -m demos.web.server [--port PORT]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator

from aiohttp import web

from demos.web import over_socketio, over_websocket, pages
from demos.web.limits import Limits
from demos.web.service import Service

SERVICE = web.AppKey("service", Service)
CLOSING = 0.5  # seconds: all clients were told, and aiohttp reads nothing more while it shuts down


def app(limits: Limits | None = None) -> web.Application:
    """Make the application: mount it, or take from it what yours needs."""
    application = web.Application()
    service = application[SERVICE] = Service(limits or Limits())

    async def alive(_: web.Application) -> AsyncIterator[None]:
        async with service.alive():
            yield

    async def stop(_: web.Application) -> None:
        await service.stop()

    application.cleanup_ctx.append(alive)
    application.on_shutdown.append(stop)  # while the clients can still be told
    over_socketio.attach(application, service)
    over_websocket.attach(application, service)
    pages.attach(application, service)
    return application


async def serve(host: str, port: int, limits: Limits) -> None:
    """Serve until a signal comes: the first drains all runs, the second aborts them."""
    application = app(limits)
    runner = web.AppRunner(application, handle_signals=False, shutdown_timeout=CLOSING)
    stopping = asyncio.Event()

    def stop() -> None:
        if stopping.is_set():
            application[SERVICE].abort()
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await runner.setup()
    try:
        await listen(runner, host, port)
        print(f"typedpipes at http://{host}:{runner.addresses[0][1]}/ - Ctrl-C stops", flush=True)
        await stopping.wait()
    finally:
        await runner.cleanup()


async def listen(runner: web.AppRunner, host: str, port: int) -> None:
    """Listen at an address, or say why that is not possible."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        sys.exit(f"cannot listen at {host}:{port}: {error.strerror}. Take another --port.")


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
    for option, kind, meaning in (
        ("clients", int, "how many clients may be connected at once"),
        ("runs", int, "how many pipelines may run at once"),
        ("items", int, "how many results a pipeline may give"),
        ("seconds", float, "how long a pipeline may run"),
        ("grace", float, "how many seconds it may take to drain then, before it is aborted"),
    ):
        default = getattr(limits, option)
        parser.add_argument(f"--{option}", type=kind, default=default, help=meaning)
    chosen = vars(parser.parse_args())
    host, port = chosen.pop("host"), chosen.pop("port")
    try:
        limits = Limits(**chosen)
    except ValueError as error:
        parser.error(str(error))
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO, stream=sys.stdout)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    asyncio.run(serve(host, port, limits))


if __name__ == "__main__":
    main()
