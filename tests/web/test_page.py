"""The page of the web demo, used in a real browser as a person uses it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.web.browsers import ask, needs_browser, show_as
from tests.web.page import Page
from tests.web.servers import Server, serving

pytestmark = pytest.mark.slow  # a browser is many processes

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
    for path in ("/", "/page.css", "/page.js", "/live/palette.css"):
        _, content = server.get(path)

        assert b"://" not in content.replace(b"${scheme}://${location.host}", b"")
