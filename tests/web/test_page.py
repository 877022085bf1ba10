"""The page of the web demo, used in a real browser as a person uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from demos.web.limits import Limits
from tests.web.browsers import ask, browser, complaints, needs_browser, show_as
from tests.web.servers import PATIENCE, Server, serving

pytestmark = pytest.mark.slow  # a browser is many processes
UNREAD = Limits().unread
# Holds back what the page says, so that nothing counts as read.
MUTE = "WebSocket.prototype.send = function () {}"


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

    @property
    def results(self) -> list[str]:
        return [each.text for each in self.chrome.find_elements(By.CSS_SELECTOR, "#results li")]

    def drawn(self) -> str:
        """Give the drawing of the graph, as it is shown."""
        return self["drawing"].get_attribute("src") or ""


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    with browser() as running:
        yield running


@pytest.fixture
def page(chrome: Chrome, server: Server) -> Iterator[Page]:
    """Open the page; whatever is done with it, the browser has nothing to complain about."""
    chrome.get("about:blank")
    yield Page(chrome, server)
    assert not complaints(chrome)


@needs_browser
def test_a_definition_is_run_and_its_results_arrive(page: Page) -> None:
    page["run"].click()
    page.until_told("state", "it ran to its end")

    assert sorted(page.results) == sorted(
        ["YREVE", "TNIOJ", "SWONK", "STI", "EPYT", "5", "5", "5", "3", "4"]
    )
    assert "coro1" in page["progress"].text
    assert page["run"].is_enabled()


@needs_browser
def test_mistakes_are_told_as_they_are_typed_with_their_lines(page: Page) -> None:
    definition = page["definition"]
    definition.send_keys(Keys.CONTROL, "a")
    definition.send_keys('[nodes.a]\ncoro = "string"\n')
    page.until_told("mistakes", "Did you mean 'strings'?")

    assert "line 2" in page["mistakes"].text
    assert page.chrome.find_element(By.CSS_SELECTOR, "#lines .wrong").text == "2"
    assert not page["run"].is_enabled()


@needs_browser
def test_the_graph_is_drawn_anew_when_the_definition_is_right(page: Page) -> None:
    before = page.drawn()
    page.choose("zip")
    page.until(lambda: page.drawn() != before)

    assert page["drawing"].is_displayed()
    assert ask(page.chrome, "return document.getElementById('drawing').height") > 100
    assert page["drawing"].get_attribute("alt") == "the graph of zip"


@needs_browser
def test_the_keyboard_is_enough_to_run_and_to_cancel(page: Page) -> None:
    page.choose("without an end")
    page.until_told("verdict", "The wiring is right.")
    page["definition"].send_keys(Keys.CONTROL, Keys.ENTER)
    page.until(lambda: page.results)
    page["definition"].send_keys(Keys.ESCAPE)
    page.until_told("state", "you cancelled it; what was inside flowed out")

    assert page["run"].is_enabled()


@needs_browser
def test_progress_is_seen_while_a_pipeline_runs(page: Page) -> None:
    page.choose("without an end")
    page.until_told("verdict", "The wiring is right.")
    page["run"].click()
    page.until_told("progress", "square")

    assert "goes on" in page["state"].text
    assert page["cancel"].is_enabled()


@needs_browser
def test_a_page_that_says_nothing_back_makes_its_pipeline_wait(chrome: Chrome) -> None:
    with serving("--seconds", "1", "--grace", "0.1") as server:
        page = Page(chrome, server)
        page.choose("without an end")
        page["definition"].send_keys(Keys.CONTROL, "a")
        page["definition"].send_keys(
            '[nodes.a]\ncoro = "numbers"\nargs = { every = 0 }\n'
            '[nodes.out]\ncoro = "emit"\n[graph]\na = ["out"]\n'
        )
        page.until_told("verdict", "The wiring is right.")
        page.until(page["run"].is_enabled)
        ask(chrome, f"document.getElementById('run').click(); {MUTE}")
        page.until_told("state", "the time limit of 1 s is reached")

        (ended,) = server.status().ended

    assert len(page.results) == ended.results <= UNREAD
    assert ended.ending == "aborted"


@needs_browser
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_the_page_fits_wide_and_narrow_screens_by_day_and_by_night(
    width: int, dark: bool, chrome: Chrome, server: Server
) -> None:
    show_as(chrome, width=width, dark=dark)
    Page(chrome, server)

    assert ask(chrome, "return document.documentElement.scrollWidth") <= width
    ground = ask(chrome, "return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(12, 15, 21)") == dark


@needs_browser
def test_the_page_connects_again_when_its_server_is_back(chrome: Chrome) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        page = Page(chrome, server)
        server.process.terminate()
        page.until_told("connection", "not connected")
        assert not page["run"].is_enabled()
        stack.enter_context(serving("--port", server.url.rpartition(":")[2]))
        page.until_told("connection", "connected")
        page.until(page["run"].is_enabled)


def test_the_page_needs_nothing_from_elsewhere(server: Server) -> None:
    for path in ("/", "/page.css", "/page.js"):
        _, content = server.get(path)

        assert b"://" not in content.replace(b"${scheme}://${location.host}", b"")
