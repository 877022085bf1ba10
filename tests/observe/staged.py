"""A run and its page in a thread, for a browser; and the page in it, by the names of its parts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.observe.visiting import PATIENCE
from tests.web.browsers import ask
from typedpipes import PipelineFailed, Plumber
from typedpipes.observe import page
from typedpipes.observe.web.serving import Viewer


@contextmanager
def staged(
    plumber: Plumber, *others: Plumber, control: bool = True, items: bool = False
) -> Generator[Viewer]:
    """Run the first graph with a page of all in another thread; it is aborted at the end."""
    viewers: list[Viewer] = []
    there = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    leave = asyncio.Event()

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        async with page(plumber, *others, control=control, items=items) as viewer:
            viewers.append(viewer)
            running = asyncio.create_task(plumber.run(grace=PATIENCE))
            there.set()
            await leave.wait()
            plumber.abort("the test is over")
            with suppress(PipelineFailed):
                await running

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert there.wait(PATIENCE)
    try:
        yield viewers[0]
    finally:
        loops[0].call_soon_threadsafe(leave.set)
        thread.join(PATIENCE)
        assert not thread.is_alive()


class Page:
    """The page of a run in a browser."""

    def __init__(self, chrome: Chrome, viewer: Viewer) -> None:
        self.chrome = chrome
        self.viewer = viewer
        chrome.get(viewer.url)
        self.until(lambda: self.ask("return document.querySelectorAll('[data-state]').length"))

    def __getitem__(self, name: str) -> WebElement:
        return self.chrome.find_element(By.ID, name)

    def ask(self, script: str) -> Any:  # noqa: ANN401  # Any: what a script returns
        return ask(self.chrome, script)

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until the page is so."""
        WebDriverWait(self.chrome, PATIENCE, poll_frequency=0.02).until(lambda _: holds())

    def until_told(self, name: str, words: str) -> None:
        """Wait until one of its parts says so."""
        self.until(lambda: words in self[name].text)

    def node(self, name: str) -> WebElement:
        return self.chrome.find_element(By.CSS_SELECTOR, f'[data-node="{name}"]')

    def state(self, name: str) -> str | None:
        return self.node(name).get_attribute("data-state")

    def choose(self, name: str) -> None:
        """Click a node."""
        self.ask(
            f"document.querySelector('[data-node=\"{name}\"]')"
            ".dispatchEvent(new MouseEvent('click', { bubbles: true }))"
        )
