"""The page of the web demo, used in a real browser as a person uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise

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


# The contrast of the borders and texts of the page with what is behind them.
CONTRASTS = """
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const linear = (each) => each <= 10 ? each / 3294 : ((each / 255 + .055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = channels(getComputedStyle(each).backgroundColor);
            if (colour.length === 3) return colour;
        }
        return [255, 255, 255];
    };
    const contrast = (one, other) => {
        const [darker, lighter] = [light(one), light(other)].sort((a, b) => a - b);
        return (lighter + .05) / (darker + .05);
    };
    const found = {};
    const borders = ["section", "#run", "select", ".editor", "#results", "kbd"];
    for (const part of borders) {
        const element = document.querySelector(part);
        const border = channels(getComputedStyle(element).borderTopColor);
        const [inside, outside] = [behind(element), behind(element.parentElement)];
        // A button that is filled with its border's colour is seen by its ground.
        const seen = Math.min(contrast(border, inside), contrast(border, outside));
        found[`border of ${part}`] = Math.max(seen, contrast(inside, outside));
    }
    const texts = ["h1", "header p", "#connection", "h2", "label", "select", "#definition",
        "#lines span", "#keys", "#verdict", "summary", "#state", "#run"];
    for (const part of texts) {
        const element = document.querySelector(part);
        const colour = channels(getComputedStyle(element).color);
        found[`text of ${part}`] = contrast(colour, behind(element));
    }
    return found;
"""


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
        """Give the drawing of the graph, as it is shown."""
        return self["drawing"].get_attribute("src") or ""


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    with browser() as running:
        yield running


@pytest.fixture
def page(chrome: Chrome, server: Server) -> Iterator[Page]:
    """Open the page; whatever is done with it, the browser has nothing to complain about."""
    chrome.get(server.url)
    ask(chrome, "sessionStorage.clear()")
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


def chain(*coros: str, source: str = 'coro = "numbers"') -> str:
    """Write a definition of a source, some coroutines in a row, and a sink."""
    names = ["inp", *(f"n{place}" for place in range(len(coros))), "out"]
    nodes = [
        f"[nodes.{name}]\ncoro = {coro!r}" for name, coro in zip(names[1:], coros, strict=False)
    ]
    graph = [f'{one} = ["{other}"]' for one, other in pairwise(names)]
    lines = [f"[nodes.inp]\n{source}", *nodes, "[nodes.out]\ncoro = 'emit'", "[graph]", *graph]
    return "\n".join(lines)


@needs_browser
def test_whole_numbers_are_shown_to_the_last_digit(page: Page) -> None:
    page.type_over(chain("square", "square", "square", "square", "square"))
    page.run()
    page.until(lambda: len(page.results) > 10)
    page["cancel"].click()
    page.until_told("state", "you cancelled it")

    assert page.results[:10] == [str(number**32) for number in range(1, 11)]


@needs_browser
def test_what_was_typed_survives_another_choice(page: Page) -> None:
    first, second = "# my first text", "# my second text"
    page.type_over(first)
    assert page.chosen == "yours 1 (fork and merge)"
    page.choose("zip")
    page.type_over(second)
    assert page.chosen == "yours 2 (zip)"
    page.choose("failures")

    page.choose("yours 1 (fork and merge)")
    assert page.text == first
    page.choose("yours 2 (zip)")
    assert page.text == second
    page.choose("zip")
    assert page.text.startswith("# Several inputs")


@needs_browser
@pytest.mark.parametrize("typed", ["# mine", ""])
def test_what_was_typed_survives_a_refresh(typed: str, page: Page) -> None:
    page.type_over("# earlier")
    page.choose("zip")
    page["definition"].send_keys(Keys.CONTROL, "a")
    page["definition"].send_keys(typed or Keys.DELETE)
    page.chrome.refresh()
    page.until(lambda: page.chosen == "yours 2 (zip)")

    assert page.text == typed
    page.choose("yours 1 (fork and merge)")
    assert page.text == "# earlier"


@needs_browser
def test_a_refresh_shows_the_example_that_was_chosen(page: Page) -> None:
    page.choose("failures")
    page.chrome.refresh()
    page.until(page["run"].is_enabled)

    assert page.chosen == "failures"
    assert page.text.startswith("# What fails")


@needs_browser
@pytest.mark.parametrize("current", ["example", "draft"])
def test_a_choice_that_is_no_longer_there_is_forgotten_but_no_text_is(
    current: str, page: Page
) -> None:
    page.type_over("# mine")
    spoil = f"texts.current = {{{current}: 99}}; texts.remember()"
    ask(page.chrome, spoil)
    page.chrome.refresh()
    page.until(page["run"].is_enabled)

    assert page.chosen == "fork and merge"
    page.choose("yours 1 (fork and merge)")
    assert page.text == "# mine"


@needs_browser
def test_a_failure_names_its_node_and_leads_to_its_line(page: Page) -> None:
    page.type_over(
        chain("shout", "square", "reverse", source='coro = "strings"')
        .replace("square", "avoid")
        .replace("'avoid'", "'avoid'\nargs = {word = 'X'}")
        .replace('"strings"', '"strings"\nargs = {strings = ["x"]}')
    )
    page.run()
    page.until_told("state", "it failed")

    assert "'n1' failed on 'X'" in page["failures"].text
    row = page.chrome.find_element(By.CSS_SELECTOR, "#progress tr.bad")
    assert row.text.startswith("n1 ")
    page.chrome.find_element(By.CSS_SELECTOR, "#failures button").click()
    assert selected(page) == "[nodes.n1]"


@needs_browser
def test_a_failure_leads_nowhere_once_the_definition_has_changed(page: Page) -> None:
    page.type_over(
        '[nodes.a]\ncoro = "strings"\nargs = {strings = ["x"], every = 0.5}\n'
        '[nodes.b]\ncoro = "avoid"\nargs = {word = "x"}\n'
        '[nodes.c]\ncoro = "slowly"\n'
        '[nodes.out]\ncoro = "emit"\n[graph]\na = ["c"]\nc = ["b"]\nb = ["out"]\n'
    )
    page.run()
    page["definition"].send_keys("# changed")
    page.until_told("state", "it failed")

    assert "'b' failed on 'x'" in page["failures"].text
    assert not page.chrome.find_elements(By.CSS_SELECTOR, "#failures button")


def selected(page: Page) -> str:
    text: str = ask(
        page.chrome,
        "return editor.value.slice(editor.selectionStart, editor.selectionEnd)",
    )
    return text


@needs_browser
def test_bars_show_how_full_the_edges_before_a_node_are(page: Page) -> None:
    page.type_over(
        '[nodes.a]\ncoro = "strings"\nargs = {strings = ["x"], times = 1000}\n'
        '[nodes.b]\ncoro = "slowly"\nargs = {seconds = 10}\nbuffer = 7\n'
        '[nodes.out]\ncoro = "emit"\n[graph]\na = ["b"]\nb = ["out"]\n'
    )
    page.run()
    page.until_told("progress", "7 of 7")

    bars = ask(
        page.chrome, "return [...document.querySelectorAll('meter')].map(m => [m.value, m.max])"
    )
    assert bars == [[7, 7], [0, 100]]
    page["cancel"].click()
    page["cancel"].click()
    page.until_told("state", "you cancelled it")


@needs_browser
def test_progress_is_seen_while_results_come_as_fast_as_they_are_read(page: Page) -> None:
    page.type_over(chain("square", source='coro = "numbers"\nargs = {every = 0}'))
    page.run()
    page.until_told("progress", "of 100")

    assert "goes on" in page["state"].text
    page["cancel"].click()
    page.until_told("state", "you cancelled it")


@needs_browser
def test_mistakes_and_ends_are_in_live_regions(page: Page) -> None:
    live = ask(
        page.chrome,
        """return ["verdict", "mistakes", "state", "failures", "connection"]
        .map(id => document.getElementById(id).closest("[role=status]") !== null)""",
    )

    assert live == [True] * 5


@needs_browser
def test_a_large_graph_can_be_read_and_scrolled(page: Page) -> None:
    names = [f"n{number}" for number in range(12)]
    node = "aggregate_inputs = false\nbuffer = 1"
    nodes = "".join(f"[nodes.{name}]\ncoro = 'reverse'\n{node}\n" for name in names[1:])
    graph = "".join(f"{n} = {[*names[place + 1 :], 'out']}\n" for place, n in enumerate(names))
    page.type_over(
        f"[nodes.n0]\ncoro = 'strings'\nargs = {{strings = ['x']}}\n{nodes}"
        f"[nodes.out]\ncoro = 'emit'\n{node}\n[graph]\n{graph}"
    )
    page.until_told("verdict", "The wiring is right.")
    page.until(
        lambda: ask(page.chrome, "return document.getElementById('drawing').naturalHeight") > 1000
    )

    shown, whole, inside, outside = ask(
        page.chrome,
        """
        const drawing = document.getElementById("drawing");
        const graph = document.getElementById("graph");
        return [drawing.height, drawing.naturalHeight, graph.scrollHeight, graph.clientHeight];""",
    )
    assert shown / whole == pytest.approx(0.6, abs=0.01)
    assert inside > outside


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
    for part, ratio in ask(chrome, CONTRASTS).items():
        assert ratio >= (4.5 if part.startswith("text") else 3), part
    ground = ask(chrome, "return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(12, 15, 21)") == dark


@needs_browser
def test_a_page_keeps_saying_what_became_of_its_run_when_the_server_stops(chrome: Chrome) -> None:
    with serving() as server:
        page = Page(chrome, server)
        page.choose("without an end")
        page.run()
        page.until(lambda: page.results)
        server.process.terminate()
        page.until_told("connection", "the server is stopping; not connected")

    page.until_told("state", "the server is stopping; what was inside flowed out")


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
