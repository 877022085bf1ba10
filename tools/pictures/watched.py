"""A run that is watched on a terminal, and the one that the README shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from io import StringIO

from rich.console import Console, RenderableType

from tools.pictures.recording import COLUMNS, Frame
from typedpipes import Failure, Plumber, Processor, Report, Sink, Source
from typedpipes.observe.terminal import Screen


async def watch(
    plumber: Plumber, *, every: float, ending: Callable[[Report], RenderableType] = str
) -> Sequence[Frame]:
    """Run a graph, and return what `typedpipes run` shows: frames of lines.

    Args:
        plumber: draws the graph.
        every: the seconds between two frames.
        ending: what is shown at the end; as it is by default, the report.
    """
    console = Console(width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    screen = Screen(plumber)
    frames: list[Frame] = []

    def show(what: RenderableType) -> None:
        frames.append(console.render_lines(what, pad=False))

    running = asyncio.create_task(plumber.run())
    await asyncio.sleep(0)
    async for gauges in plumber.watch(every=every):
        if not gauges.is_over:
            show(screen.draw(gauges, console))
    show(ending(await running))
    return frames


def pages() -> Plumber:
    """Draw the graph of the README's recording: pages are fetched, parsed, and stored."""
    plumber = Plumber("pages")

    async def fetch(number: int) -> str:
        await asyncio.sleep(0.12 + 0.01 * (number % 7))
        if number % 97 == 5:
            raise TimeoutError(number)
        return f"page {number}"

    async def parse(page: str) -> int:
        await asyncio.sleep(0.004)
        return len(page)

    async def store(_: tuple[int, int]) -> None:
        await asyncio.sleep(0.002)

    async def log(_: Failure[int]) -> None: ...

    fetcher = Processor(fetch, workers=40)
    addresses = plumber.connect(Source(range(1_500), name="addresses"))
    parsed = addresses.to(fetcher).to(Processor(parse))
    addresses.zip(parsed).to(Sink(store))
    plumber.failures(fetcher).to(Sink(log))
    return plumber
