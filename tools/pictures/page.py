"""Make the pictures of the page of a run.

    python -m tools.pictures.page

Writes docs/pictures/page.png, and page-dark.png beside it, which need Chromium with chromedriver. A
graph runs for them, in real time, so these pictures are a little different each time, and no test
compares them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from tests.observe.staged import Page, staged
from tests.web.browsers import browser, show_as
from tools.pictures.png import shrink
from typedpipes import Failure, Plumber, Processor, Sink, Source

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WIDTH = 1280
"""In pixels."""
COLOURS = 256
LOOKS = 90
"""How many looks at the run have been drawn when the picture is taken."""


async def take_orders() -> AsyncIterator[int]:
    """Yield orders without an end."""
    number = 0
    while True:
        yield (number := number + 1)


async def look_up(order: int) -> str:
    """Look a customer up."""
    await asyncio.sleep(0.004)
    return f"customer {order}"


async def price(order: int) -> float:
    """Compute a price."""
    await asyncio.sleep(0.03)
    return 1.5 * order


async def charge(order: tuple[str, float]) -> str:
    """Charge a card, which some refuse."""
    await asyncio.sleep(0.05)
    if order[1] % 37 < 2:
        raise ConnectionError
    return order[0]


async def store(_: list[str]) -> None:
    """Store a batch."""
    await asyncio.sleep(0.02)


async def send(_: str) -> None:
    """Send a mail."""
    await asyncio.sleep(0.005)


async def ask_again(_: Failure[tuple[str, float]]) -> None:
    """Ask a customer again."""
    await asyncio.sleep(0.1)


def is_new(customer: str) -> bool:
    """Whether a customer is new: one of five."""
    return customer.endswith(("3", "8"))


def draw() -> Plumber:
    """Draw a shop whose cards are charged too slowly."""
    plumber = Plumber("shop")
    charger = Processor(charge, workers=6, buffer=40)
    orders = plumber.connect(Source(take_orders, name="orders"))
    customers = orders.to(Processor(look_up, workers=4))
    charged = plumber.zip(customers, orders.to(Processor(price, workers=8))).to(charger)
    charged.batch(20, within=1).to(Sink(store))
    charged.keep(is_new).to(Sink(send))
    plumber.failures(charger).to(Sink(ask_again))
    return plumber


def picture(*, dark: bool, looks: int = LOOKS) -> bytes:
    """Run the graph, and return a picture of its page as PNG."""
    with staged(draw()) as viewer, browser() as chrome:
        show_as(chrome, width=WIDTH, dark=dark)
        page = Page(chrome, viewer)
        page.until(lambda: page.ask("return document.querySelectorAll('.spark').length") > 1)
        page.until_told("told", "'charge' is the bottleneck")
        page.until(lambda: len(page.ask(CURVE).split("L")) > looks)
        page.until(lambda: page.ask("return document.querySelectorAll('.spark').length") > 1)
        return shrink(chrome.get_screenshot_as_png(), COLOURS)


CURVE = "return document.querySelector('#history .loop').getAttribute('d')"


def main() -> None:
    """Make both pictures."""
    (PICTURES / "page.png").write_bytes(picture(dark=False))
    (PICTURES / "page-dark.png").write_bytes(picture(dark=True))


if __name__ == "__main__":
    main()
