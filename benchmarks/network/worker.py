"""A worker process: `python -m benchmarks.network.worker CASE URL`; it prints its notes."""

from __future__ import annotations

import asyncio
import sys

import msgspec

from benchmarks.network.case import CASES, draw
from benchmarks.network.notes import Notes
from typedpipes.nats import Broker, work


async def main(name: str, url: str) -> None:
    """Work for a case until all of it is done."""
    notes = Notes()
    drawing = draw(next(each for each in CASES if each.name == name), note=notes.add)
    await work(drawing.plumber, Broker(url), only=[drawing.hop])
    sys.stdout.buffer.write(msgspec.json.encode(notes))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
