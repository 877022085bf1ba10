"""The page of the web demo in a browser, by the names of its parts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.web.browsers import ask
from tests.web.servers import PATIENCE, Server


class Page:
    """The page in a browser, by the names of its parts."""

    def __init__(self, chrome: Chrome, server: Server) -> None:
        self.chrome = chrome
        self.server = server
        chrome.get(server.url)
        self.until(self["run"].is_enabled)

    def __getitem__(self, name: str) -> WebElement:
        return self.chrome.find_element(By.ID, name)

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until the page is so."""
        WebDriverWait(self.chrome, PATIENCE, poll_frequency=0.02).until(lambda _: holds())

    def until_told(self, name: str, words: str) -> None:
        """Wait until one of its parts says so."""
        self.until(lambda: words in self[name].text)

    def choose(self, example: str) -> None:
        """Choose an example."""
        Select(self["examples"]).select_by_visible_text(example)

    def type_over(self, text: str) -> None:
        """Replace the definition, as someone who types."""
        self["definition"].send_keys(Keys.CONTROL, "a")
        self["definition"].send_keys(text)

    def run(self) -> None:
        """Press run as soon as the definition is right."""
        self.until(self["run"].is_enabled)
        self["run"].click()

    @property
    def text(self) -> str:
        return self["definition"].get_attribute("value") or ""

    @property
    def chosen(self) -> str:
        return Select(self["examples"]).first_selected_option.text

    @property
    def results(self) -> list[str]:
        return [each.text for each in self.chrome.find_elements(By.CSS_SELECTOR, "#results li")]

    def drawn(self) -> str:
        """Return the drawing of the graph, as it is shown."""
        return self["drawing"].get_attribute("src") or ""


def chain(*coros: str, source: str = 'coro = "numbers"') -> str:
    """Write a definition of a source, some coroutines in a row, and a sink."""
    names = ["inp", *(f"n{place}" for place in range(len(coros))), "out"]
    nodes = [
        f"[nodes.{name}]\ncoro = {coro!r}" for name, coro in zip(names[1:], coros, strict=False)
    ]
    graph = [f'{one} = ["{other}"]' for one, other in pairwise(names)]
    lines = [f"[nodes.inp]\n{source}", *nodes, "[nodes.out]\ncoro = 'emit'", "[graph]", *graph]
    return "\n".join(lines)


def selected(page: Page) -> str:
    text: str = ask(
        page.chrome,
        "return editor.value.slice(editor.selectionStart, editor.selectionEnd)",
    )
    return text
